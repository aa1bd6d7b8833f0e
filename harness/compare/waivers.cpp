#include "harness/compare/waivers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "harness/evidence/database.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/finding.hpp"
#include "harness/xml/xml.hpp"

namespace haetae::compare {
namespace {

using xml::Element;
using xml::Times;

constexpr std::size_t kMost = 1000;

bool is_code(std::string_view text) {
  return text.size() == 14 && text.starts_with("F-") &&
         std::ranges::all_of(text.substr(2), [](char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
         });
}

/// digits() reads `count` digits at `at`; nothing if there is anything else.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  const char* const begin = text.data() + at;
  const auto read = std::from_chars(begin, begin + count, value);
  const bool plain =
      std::ranges::all_of(text.substr(at, count), [](char c) { return c >= '0' && c <= '9'; });
  if (!plain || read.ec != std::errc() || read.ptr != begin + count) return std::nullopt;
  return value;
}

std::optional<std::chrono::minutes> zone(std::string_view text) {
  if (text == "Z") return std::chrono::minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::minutes((text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes));
}

Waiver read_waiver(const Element& element) {
  element.check({.required = {"target", "reason", "author", "approver", "expires"},
                 .optional = {},
                 .children = {}});
  Waiver out{.target = element.filled("target"),
             .reason = element.filled("reason"),
             .author = element.filled("author"),
             .approver = element.filled("approver"),
             .expires = element.filled("expires"),
             .until = {},
             .line = element.line()};
  if (!out.author.empty() && out.author == out.approver) {
    element.problem_at(
        "approver",
        fmt::format("'{}' wrote this waiver; another person has to approve it", out.author));
  }
  if (out.target.starts_with("F-") && !is_code(out.target)) {
    element.problem_at("target", fmt::format("'{}' is no finding; allowed: F- and 12 hexadecimal "
                                             "digits in lower case, or an item such as 1.2",
                                             out.target));
  }
  const auto until = parse_moment(out.expires);
  if (!until && !out.expires.empty()) {
    element.problem_at("expires", fmt::format("'{}' is no moment with a time zone; allowed: "
                                              "2026-12-31T23:59:59+09:00 or 2026-12-31T14:59:59Z",
                                              out.expires));
  }
  out.until = until.value_or(WallTime{});
  return out;
}

struct Matched {
  std::set<std::string> codes, items;
};

Matched targets_of(const judge::Judgement& judgement) {
  Matched out;
  for (const auto& criterion : judgement.criteria) {
    for (const auto& finding : criterion.findings) {
      out.codes.insert(finding_code(criterion.criterion, finding.subject, finding.key));
    }
  }
  for (const auto& item : judgement.items) {
    const bool holds = item.verdict == Verdict::pass || item.verdict == Verdict::not_applicable;
    if (item.selected == "planned" && !holds) out.items.insert(item.item);
  }
  return out;
}

bool matches(const Waiver& waiver, const Matched& matched) {
  return matched.codes.contains(waiver.target) || matched.items.contains(waiver.target);
}

}  // namespace

std::optional<WallTime> parse_moment(std::string_view text) {
  const bool shape = text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                     text[13] == ':' && text[16] == ':';
  if (!shape) return std::nullopt;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  const auto offset = zone(text.substr(19));
  if (!year || !month || !day || !hour || !minute || !second || !offset) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1970 || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second) - *offset;
}

Result<Waivers> load_waivers_text(std::string_view text, const std::string& name) {
  xml::Problems problems;
  Waivers out{.name = std::filesystem::path(name).filename().string(),
              .text = std::string(text),
              .signer = {},
              .list = {}};
  const auto document = xml::Document::parse(text, name, problems);
  if (document) {
    const Element root = document->root();
    if (root.name() != "waivers") {
      root.problem(fmt::format("unknown root element <{}>; allowed: waivers", root.name()));
    } else {
      root.check({.required = {}, .optional = {}, .children = {{"waiver", Times::some}}});
    }
    std::set<std::string> seen;
    for (const Element& element : root.children("waiver")) {
      out.list.push_back(read_waiver(element));
      if (!seen.insert(out.list.back().target).second) {
        element.problem_at(
            "target", fmt::format("'{}' is waived twice; allowed: once", out.list.back().target));
      }
    }
    if (out.list.size() > kMost) root.problem(fmt::format("too many waivers; allowed: {}", kMost));
  }
  if (!problems.empty()) return tl::unexpected(problems.error());
  return out;
}

Result<Waivers> load_waivers(const std::filesystem::path& file,
                             const std::optional<std::filesystem::path>& key) {
  const auto text = xml::read_file(file);
  if (!text) return tl::unexpected(text.error());
  std::error_code ignored;
  const bool is_signed = std::filesystem::exists(file.string() + ".sig", ignored);
  std::string signer;
  if (is_signed || key) {
    auto checked = check_signature(file, *text, key);
    if (!checked) return tl::unexpected(checked.error());
    signer = std::move(*checked);
  }
  auto out = load_waivers_text(*text, file.string());
  if (out) out->signer = std::move(signer);
  return out;
}

Result<void> check_targets(const Waivers& waivers, const catalogue::Catalogue& catalogue) {
  std::string wrong;
  for (const Waiver& waiver : waivers.list) {
    if (is_code(waiver.target) || catalogue.item(waiver.target) != nullptr) continue;
    wrong += fmt::format("{}{}:{}: no item '{}' in the catalogue {}", wrong.empty() ? "" : "\n",
                         waivers.name, waiver.line, printable(waiver.target), catalogue.id);
  }
  if (wrong.empty()) return {};
  return fail(ErrorKind::invalid_input,
              wrong + "; allowed: a finding (F-…) or an item of that catalogue");
}

std::vector<const Waiver*> unmatched(const Waivers& waivers, const judge::Judgement& judgement) {
  const Matched matched = targets_of(judgement);
  std::vector<const Waiver*> out;
  for (const Waiver& waiver : waivers.list) {
    if (matches(waiver, matched)) continue;
    const auto item = std::ranges::find(judgement.items, waiver.target, &judge::ItemVerdict::item);
    const bool unknown = is_code(waiver.target)
                             ? !judgement.whole
                             : item != judgement.items.end() && item->selected != "planned";
    if (!unknown) out.push_back(&waiver);
  }
  return out;
}

Error unmatched_error(const Waivers& waivers, const std::vector<const Waiver*>& unmatched) {
  std::string text;
  for (const Waiver* const waiver : unmatched) {
    text += fmt::format("{}{}:{}: {} is waived, and {}", text.empty() ? "" : "\n", waivers.name,
                        waiver->line, printable(waiver->target),
                        is_code(waiver->target) ? "no such finding stands in this judgement"
                                                : "that item has nothing to be waived");
  }
  return {ErrorKind::invalid_input,
          text + "; take it out of the file, then: haetae judge RUN --waivers FILE", nullptr};
}

Result<void> store_waivers(evidence::RunFile& run, const Waivers& waivers,
                           const judge::Judgement& judgement, WallTime now) {
  const Matched matched = targets_of(judgement);
  auto transaction = run.begin("waivers");
  if (!transaction) return tl::unexpected(transaction.error());
  auto row = (*transaction)
                 ->insert("document", {{"kind", std::string("waivers")},
                                       {"name", waivers.name},
                                       {"sha256", to_hex(sha256(as_bytes(waivers.text)))},
                                       {"text", waivers.text}});
  if (!row) return tl::unexpected(row.error());
  const auto revision = evidence::one_integer(run.handle(), "SELECT max(id) FROM main.revision");
  if (!revision) return tl::unexpected(revision.error());
  for (const Waiver& waiver : waivers.list) {
    if (!matches(waiver, matched)) continue;
    row = (*transaction)
              ->insert("waiver",
                       {{"revision", *revision},
                        {"target", waiver.target},
                        {"reason", waiver.reason},
                        {"author", waiver.author},
                        {"approver", waiver.approver},
                        {"expires", waiver.expires},
                        {"state", std::string(waiver.in_force(now) ? "in-force" : "expired")},
                        {"signer", waivers.signer}});
    if (!row) return tl::unexpected(row.error());
  }
  return (*transaction)->commit();
}

}  // namespace haetae::compare
