#include "harness/cli/comparing.hpp"

#include "harness/cli/judging.hpp"

namespace haetae::cli {
namespace {

using compare::Way;
using reports::BaselineChange;

std::string why_of(const std::vector<compare::Why>& why) {
  std::string out;
  for (const compare::Why one : why) {
    out += out.empty() ? "" : ", ";
    out += compare::word(one);
  }
  return out;
}

std::string way_of(Way way) {
  return way == Way::worse ? "regression" : way == Way::better ? "fixed" : "changed";
}

/// turned() says how a verdict changed, in both languages.
catalogue::Text turned(const compare::VerdictChange& change) {
  const auto ko = [](std::optional<Verdict> verdict) {
    return verdict ? std::string(korean(*verdict)) : std::string("시험하지 않음");
  };
  const auto en = [](std::optional<Verdict> verdict) {
    return verdict ? std::string(word(*verdict)) : std::string("not tested");
  };
  const std::string what = change.criterion + (change.subject.empty() ? "" : " " + change.subject);
  const std::string head = what.empty() ? what : what + ": ";
  return {head + ko(change.before) + " → " + ko(change.after) + " · " + change.reason.ko,
          head + en(change.before) + " → " + en(change.after) + " · " + change.reason.en};
}

}  // namespace

Result<Opened> open_judged(const std::filesystem::path& file) {
  auto run = evidence::RunFile::open(file, false, system_clock());
  if (!run) return tl::unexpected(run.error());
  auto catalogue = stored_catalogue(*run);
  if (!catalogue) return fail(file.string(), catalogue.error());
  return Opened{.run = std::move(*run), .catalogue = std::move(*catalogue)};
}

Result<Compared> compare_runs(const Opened& before, const Opened& after) {
  const auto old_side = before.side(), new_side = after.side();
  auto difference = compare::diff(old_side, new_side, system_clock().wall());
  if (!difference) return tl::unexpected(difference.error());
  const auto change = compare::change_between(*difference, new_side);
  if (!change) return tl::unexpected(change.error());
  auto retest = compare::retest(old_side, *change);
  if (!retest) return tl::unexpected(retest.error());
  return Compared{.difference = std::move(*difference), .retest = std::move(*retest)};
}

Result<void> put_baseline(const std::filesystem::path& baseline, const std::filesystem::path& run,
                          reports::Report& report) {
  const auto before = open_judged(baseline);
  if (!before) return tl::unexpected(before.error());
  const auto after = open_judged(run);
  if (!after) return tl::unexpected(after.error());
  const auto compared = compare_runs(*before, *after);
  if (!compared) return tl::unexpected(compared.error());
  const auto& difference = compared->difference;
  reports::Baseline out{.run = difference.before.uuid,
                        .root = difference.before.root,
                        .regressions = difference.regressions(false),
                        .beyond_waivers = difference.regressions(true),
                        .changes = {}};
  for (const auto& finding : difference.findings) {
    out.changes.push_back({.item = finding.item,
                           .code = finding.code,
                           .way = way_of(finding.way),
                           .why = why_of(finding.why),
                           .until = finding.way == Way::worse ? finding.waived : "",
                           .says = finding.says});
  }
  for (const auto* const list : {&difference.items, &difference.criteria, &difference.subjects}) {
    for (const auto& change : *list) {
      if (change.way == Way::worse && !change.regression) continue;
      if (change.way == Way::changed) continue;
      out.changes.push_back({.item = change.item,
                             .code = {},
                             .way = way_of(change.way),
                             .why = why_of(change.why),
                             .until = change.way == Way::worse ? change.waived : "",
                             .says = turned(change)});
    }
  }
  for (const auto& known : difference.known) {
    out.changes.push_back({.item = known.item,
                           .code = known.code,
                           .way = "known",
                           .why = {},
                           .until = known.waived,
                           .says = known.says});
  }
  report.baseline = std::move(out);
  return {};
}

Result<std::optional<compare::Waivers>> asked_waivers(const std::filesystem::path& file,
                                                      const std::filesystem::path& key,
                                                      const catalogue::Catalogue& catalogue) {
  if (file.empty()) {
    if (key.empty()) return std::optional<compare::Waivers>();
    return fail(ErrorKind::invalid_input, "--waiver-key needs --waivers FILE");
  }
  auto waivers = compare::load_waivers(
      file, key.empty() ? std::nullopt : std::optional<std::filesystem::path>(key));
  if (!waivers) return tl::unexpected(waivers.error());
  if (auto known = compare::check_targets(*waivers, catalogue); !known) {
    return tl::unexpected(known.error());
  }
  return std::optional<compare::Waivers>(std::move(*waivers));
}

}  // namespace haetae::cli
