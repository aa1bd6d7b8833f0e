#include "harness/compare/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/compare/judged.hpp"
#include "harness/compare/notes.hpp"
#include "harness/compare/pair.hpp"
#include "harness/compare/waivers.hpp"
#include "harness/evidence/database.hpp"
#include "harness/judge/sandbox.hpp"
#include "harness/model/finding.hpp"

namespace haetae::compare {
namespace {

using evidence::Statement;

bool good(std::optional<Verdict> verdict) {
  return verdict == Verdict::pass || verdict == Verdict::not_applicable;
}

bool open(std::optional<Verdict> verdict) { return !good(verdict) && verdict != Verdict::fail; }

void add(std::vector<Why>& list, Why why) {
  if (std::ranges::find(list, why) == list.end()) list.push_back(why);
}

void add(std::vector<Why>& list, const std::vector<Why>& more) {
  for (const Why why : more) add(list, why);
}

bool same_sources(const catalogue::Loaded& left, const catalogue::Loaded& right) {
  return std::ranges::equal(left.sources, right.sources, [](const auto& a, const auto& b) {
    return a.name == b.name && a.text == b.text;
  });
}

/// Builder puts a difference together.
class Builder {
 public:
  Builder(const Side& before, const Side& after, WallTime now, Difference& out)
      : before_(before), after_(after), now_(now), out_(out) {}
  Result<void> build();

 private:
  [[nodiscard]] const Judged& old() const { return steps_.front().judged; }
  [[nodiscard]] const Judged& now() const { return steps_.back().judged; }
  Result<void> read();
  Result<void> read_tables();
  void explain(RowChange& row) const;
  [[nodiscard]] std::string procedure_of(const evidence::RunFile& run, EvidenceId id) const;
  void compare_items();
  void compare_item(const std::string& id);
  void compare_criterion(const std::string& id);
  void compare_subjects(const std::string& id, const Judged::Criterion* before,
                        const Judged::Criterion* after);
  void compare_findings(const std::string& id, const Judged::Criterion* before,
                        const Judged::Criterion* after);
  [[nodiscard]] bool looked_again(const Judged::Criterion* after, const std::string& id,
                                  const std::string& subject) const;
  template <class See>
  [[nodiscard]] std::vector<Why> causes(const std::string& criterion, const std::string& subject,
                                        const See& see) const;
  [[nodiscard]] std::vector<Why> residue(const std::string& criterion,
                                         const std::string& subject) const;
  [[nodiscard]] std::string waived(const std::vector<WaiverLine>& waivers,
                                   const std::string& target) const;
  [[nodiscard]] const catalogue::Criterion* criterion(const std::string& id) const;

  const Side& before_;
  const Side& after_;
  WallTime now_;
  Difference& out_;
  Notes notes_before_, notes_after_;
  std::vector<Step> steps_;
  std::map<std::string, std::set<std::string>> tables_;  ///< that a criterion reads
  std::map<std::string, const catalogue::Criterion*> criteria_;
  std::map<std::string, const catalogue::Item*> items_;
};

const catalogue::Criterion* Builder::criterion(const std::string& id) const {
  const auto found = criteria_.find(id);
  return found == criteria_.end() ? nullptr : found->second;
}

std::string Builder::waived(const std::vector<WaiverLine>& waivers,
                            const std::string& target) const {
  for (const WaiverLine& waiver : waivers) {
    if (waiver.target == target && waiver.state == "in-force") return waiver.expires;
  }
  return {};
}

Result<void> Builder::build() {
  if (auto done = read(); !done) return done;
  auto rows = pair_all(before_.run->handle(), after_.run->handle());
  if (!rows) return tl::unexpected(rows.error());
  bool declared_changed = false;
  for (RowChange& row : *rows) {
    explain(row);
    declared_changed = declared_changed || declared(row.change.table);
    out_.facts.push_back(std::move(row.change));
  }
  auto steps = chain(before_, after_, out_, declared_changed);
  if (!steps) return tl::unexpected(steps.error());
  steps_ = std::move(*steps);
  compare_items();
  return {};
}

Result<void> Builder::read() {
  auto before = head_of(*before_.run);
  if (!before) return tl::unexpected(before.error());
  auto after = head_of(*after_.run);
  if (!after) return tl::unexpected(after.error());
  out_.before = std::move(*before);
  out_.after = std::move(*after);
  out_.declaration_changed =
      before_.run->value("declaration-sha256") != after_.run->value("declaration-sha256");
  out_.catalogue_changed = !same_sources(before_.catalogue, after_.catalogue);
  // What was in force then counts for the old run: a waiver that ran out since is news.
  auto notes = read_notes(*before_.run, out_.before.revision, WallTime::min());
  if (!notes) return tl::unexpected(notes.error());
  notes_before_ = std::move(*notes);
  notes = read_notes(*after_.run, out_.after.revision, now_);
  if (!notes) return tl::unexpected(notes.error());
  notes_after_ = std::move(*notes);
  out_.engine_changed =
      out_.before.tool != out_.after.tool || notes_before_.versions != notes_after_.versions;
  out_.flaky = notes_after_.flaky;
  out_.waivers = notes_after_.waivers;
  for (const auto* const side : {&before_, &after_}) {
    for (const auto& item : side->catalogue.value.items) {
      items_[item.id] = &item;
      for (const auto& one : item.criteria) criteria_[one.id] = &one;
    }
  }
  return read_tables();
}

/// read_tables() asks SQLite which tables the queries of each criterion read.
Result<void> Builder::read_tables() {
  judge::Sandbox sandbox(after_.run->handle(), after_.catalogue.value,
                         after_.run->value("started"));
  if (auto opened = sandbox.open(); !opened) return opened;
  for (const auto& item : after_.catalogue.value.items) {
    for (const auto& one : item.criteria) {
      auto& tables = tables_[one.id];
      for (const auto* const query : {&one.subjects, &one.lacks, &one.breach, &one.cites}) {
        if (query->empty()) continue;
        // A query over a table that this run does not have was told as such when it was judged.
        if (const auto described = sandbox.describe(*query)) {
          tables.insert(described->tables.begin(), described->tables.end());
        }
      }
    }
  }
  return {};
}

std::string Builder::procedure_of(const evidence::RunFile& run, EvidenceId id) const {
  if (id == 0) return {};
  auto statement =
      Statement::prepare(run.handle(), "SELECT procedure FROM main.evidence WHERE id = ?1");
  if (!statement) return {};
  statement->bind(1, id);
  return statement->step() == SQLITE_ROW ? statement->text(0) : std::string();
}

/// explain() says whose doing the change of one row is.
void Builder::explain(RowChange& row) const {
  FactChange& change = row.change;
  if (change.key.empty()) return;  // a whole table: engine
  if (change.table == "coverage") {
    std::string cause;
    for (const CellChange& cell : change.cells) {
      if (cell.column == "cause") cause = cell.after;
    }
    change.why = cause == "lab"           ? Why::lab
                 : cause == "declaration" ? Why::declaration
                 : cause == "tool"        ? Why::engine
                 : cause == "operator"    ? Why::operator_
                                          : Why::device;
    return;
  }
  const std::pair row_name{change.table, change.key};
  if (declared(change.table)) {
    change.why = Why::declaration;
  } else if (change.table == "answer") {
    change.why = Why::operator_;
  } else if (notes_before_.unstable.contains(row_name) ||
             notes_after_.unstable.contains(row_name)) {
    change.why = Why::flake;
  } else {
    std::string procedure = procedure_of(*after_.run, row.after);
    if (procedure.empty()) procedure = procedure_of(*before_.run, row.before);
    const auto was = notes_before_.versions.find(procedure);
    const auto is = notes_after_.versions.find(procedure);
    const bool both = was != notes_before_.versions.end() && is != notes_after_.versions.end();
    if (both && was->second != is->second) change.why = Why::engine;
  }
}

/// residue() is what is behind a change that neither catalogue, declaration nor engine explain: the
/// facts that the criterion reads, those of the subject first.
std::vector<Why> Builder::residue(const std::string& id, const std::string& subject) const {
  const auto tables = tables_.find(id);
  const catalogue::Criterion* const known = criterion(id);
  std::vector<Why> close, far;
  for (const FactChange& change : out_.facts) {
    if (change.table == "coverage") {
      const auto about = [&](const std::string& topic) {
        return change.key.starts_with("topic=" + topic + " ");
      };
      if (known == nullptr || (std::ranges::none_of(known->universe, about) &&
                               std::ranges::none_of(known->coverage, about))) {
        continue;
      }
    } else if (tables == tables_.end() || !tables->second.contains(change.table)) {
      continue;
    }
    if (declared(change.table)) continue;  // has its own step
    add(!subject.empty() && change.subject == subject ? close : far, change.why);
  }
  std::vector<Why> out = close.empty() ? far : close;
  if (out.empty()) {
    const auto* const after = now().criterion(id);
    const Cause cause = after == nullptr ? Cause::none : after->cause;
    const bool not_run = after != nullptr && after->verdict == Verdict::not_run;
    out.push_back(cause == Cause::lab || (not_run && cause == Cause::none) ? Why::lab
                  : cause == Cause::tool                                   ? Why::engine
                  : cause == Cause::declaration                            ? Why::declaration
                  : cause == Cause::operator_                              ? Why::operator_
                                                                           : Why::device);
  }
  // A flake beside a real change does not explain it.
  if (out.size() > 1) std::erase(out, Why::flake);
  return out;
}

/// causes() follows what `see` shows of a criterion along the chain; each step at which it turns is
/// a cause.
template <class See>
std::vector<Why> Builder::causes(const std::string& id, const std::string& subject,
                                 const See& see) const {
  std::vector<Why> out;
  for (std::size_t index = 1; index < steps_.size(); ++index) {
    if (see(steps_[index - 1].judged.criterion(id)) == see(steps_[index].judged.criterion(id))) {
      continue;
    }
    if (steps_[index].why == Why::device) {
      add(out, residue(id, subject));
    } else {
      add(out, steps_[index].why);
    }
  }
  if (out.empty()) out.push_back(Why::device);
  return out;
}

void Builder::compare_items() {
  std::vector<std::string> ids;
  for (const auto& item : after_.catalogue.value.items) ids.push_back(item.id);
  for (const auto& item : before_.catalogue.value.items) {
    if (after_.catalogue.value.item(item.id) == nullptr) ids.push_back(item.id);
  }
  for (const std::string& id : ids) compare_item(id);
}

std::optional<Verdict> shown(const Judged::Item* item) {
  if (item == nullptr || item->selected != "planned") return std::nullopt;
  return item->verdict;
}

void Builder::compare_item(const std::string& id) {
  const auto find = [&](const Judged& judged) -> const Judged::Item* {
    const auto found = judged.items.find(id);
    return found == judged.items.end() ? nullptr : &found->second;
  };
  const Judged::Item* const was = find(old());
  const Judged::Item* const is = find(now());
  const std::size_t before_criteria = out_.criteria.size();
  const std::size_t before_findings = out_.findings.size();
  const std::size_t before_subjects = out_.subjects.size();
  std::set<std::string> ids;
  for (const auto* const judged : {&old(), &now()}) {
    for (const auto& [criterion, value] : judged->criteria) {
      if (value.item == id) ids.insert(criterion);
    }
  }
  for (const std::string& criterion : ids) compare_criterion(criterion);

  const auto before = shown(was), after = shown(is);
  const bool below = out_.criteria.size() > before_criteria ||
                     out_.findings.size() > before_findings ||
                     out_.subjects.size() > before_subjects;
  if (before == after) {
    if (!below && after) ++out_.same_items;
    return;
  }
  VerdictChange change{.item = id,
                       .criterion = {},
                       .subject = {},
                       .title = items_.contains(id) ? items_.at(id)->title : Text{},
                       .before = before,
                       .after = after,
                       .way = way_of(before, after),
                       .why = {},
                       .reason = is == nullptr ? Text{} : is->reason,
                       .waived = waived(out_.waivers, id),
                       .regression = false};
  for (std::size_t index = before_criteria; index < out_.criteria.size(); ++index) {
    add(change.why, out_.criteria[index].why);
  }
  if (change.why.empty()) {
    const bool both = was != nullptr && is != nullptr;
    change.why.push_back(!both                           ? Why::catalogue
                         : was->selected != is->selected ? Why::lab
                                                         : Why::device);
  }
  if (change.why.size() > 1) std::erase(change.why, Why::flake);
  const bool worse_below = std::any_of(
      out_.criteria.begin() + static_cast<std::ptrdiff_t>(before_criteria), out_.criteria.end(),
      [](const VerdictChange& one) { return one.way == Way::worse && one.after; });
  change.regression = change.way == Way::worse && !worse_below && was != nullptr && is != nullptr;
  out_.items.push_back(std::move(change));
}

void Builder::compare_criterion(const std::string& id) {
  const auto* const was = old().criterion(id);
  const auto* const is = now().criterion(id);
  const std::size_t findings = out_.findings.size();
  const std::size_t subjects = out_.subjects.size();
  compare_findings(id, was, is);
  compare_subjects(id, was, is);
  const auto verdict = [](const Judged::Criterion* one) {
    return one == nullptr ? std::nullopt : std::optional(one->verdict);
  };
  if (verdict(was) == verdict(is)) return;
  const std::string item = is != nullptr ? is->item : was->item;
  VerdictChange change{.item = item,
                       .criterion = id,
                       .subject = {},
                       .title = criterion(id) == nullptr ? Text{} : criterion(id)->title,
                       .before = verdict(was),
                       .after = verdict(is),
                       .way = way_of(verdict(was), verdict(is)),
                       .why = causes(id, "", verdict),
                       .reason = is == nullptr ? Text{} : is->reason,
                       .waived = waived(out_.waivers, item),
                       .regression = false};
  const auto worse = [](const auto& one) { return one.way == Way::worse; };
  const bool below = std::any_of(out_.findings.begin() + static_cast<std::ptrdiff_t>(findings),
                                 out_.findings.end(), worse) ||
                     std::any_of(out_.subjects.begin() + static_cast<std::ptrdiff_t>(subjects),
                                 out_.subjects.end(), worse);
  change.regression = change.way == Way::worse && !below && is != nullptr;
  out_.criteria.push_back(std::move(change));
}

/// compare_subjects() finds subjects that are no longer shown to hold. A breach has its own entry.
void Builder::compare_subjects(const std::string& id, const Judged::Criterion* before,
                               const Judged::Criterion* after) {
  if (before == nullptr || after == nullptr) return;
  std::set<std::string> names;
  for (const auto* const side : {before, after}) {
    for (const auto& [name, value] : side->subjects) names.insert(name);
  }
  for (const std::string& name : names) {
    const auto find = [&](const Judged::Criterion* one) -> std::optional<Verdict> {
      if (one == nullptr) return std::nullopt;
      const auto found = one->subjects.find(name);
      if (found == one->subjects.end()) return std::nullopt;
      return found->second.verdict;
    };
    const auto was = find(before), is = find(after);
    if (was == is) continue;
    Way way = way_of(was, is);
    if (!was) {
      // New subjects: a pass is no news for the worse, a gap is one unless there was one before.
      way = good(is) ? Way::changed : open(is) && open(before->verdict) ? Way::changed : Way::worse;
    }
    if (!is) way = good(after->verdict) || after->verdict == Verdict::fail ? Way::changed : way;
    VerdictChange change{.item = after->item,
                         .criterion = id,
                         .subject = name,
                         .title = criterion(id) == nullptr ? Text{} : criterion(id)->title,
                         .before = was,
                         .after = is,
                         .way = way,
                         .why = causes(id, name, find),
                         .reason = is ? after->subjects.at(name).reason : after->reason,
                         .waived = waived(out_.waivers, after->item),
                         .regression = way == Way::worse && is != Verdict::fail};
    out_.subjects.push_back(std::move(change));
  }
}

/// looked_again() is whether the absence of a breach in the new run says that it is gone.
bool Builder::looked_again(const Judged::Criterion* after, const std::string& id,
                           const std::string& subject) const {
  if (after == nullptr) return false;
  if (good(after->verdict)) return true;
  if (after->verdict != Verdict::fail) return false;
  const auto found = after->subjects.find(subject);
  if (found != after->subjects.end() && found->second.verdict != Verdict::fail) {
    return good(found->second.verdict);
  }
  const bool gap = std::ranges::any_of(after->subjects,
                                       [](const auto& one) { return open(one.second.verdict); });
  if (found == after->subjects.end()) return !gap;
  // The subject fails for another breach: only complete coverage tells that this one is gone.
  const catalogue::Criterion* const known = criterion(id);
  if (known == nullptr) return false;
  for (const std::string& topic : known->coverage) {
    auto statement = Statement::prepare(
        after_.run->handle(), "SELECT state FROM main.coverage WHERE topic = ?1 AND subject = ?2");
    if (!statement) return false;
    statement->bind(1, topic);
    statement->bind(2, subject);
    if (statement->step() != SQLITE_ROW || statement->view(0) != "complete") return false;
  }
  return !gap;
}

void Builder::compare_findings(const std::string& id, const Judged::Criterion* before,
                               const Judged::Criterion* after) {
  std::map<std::pair<std::string, std::string>, Text> all;
  for (const auto* const side : {before, after}) {
    if (side == nullptr) continue;
    for (const auto& [name, says] : side->findings) all[name] = says;
  }
  const std::string item = after != nullptr ? after->item : before != nullptr ? before->item : "";
  for (const auto& [name, says] : all) {
    const bool was = before != nullptr && before->findings.contains(name);
    const bool is = after != nullptr && after->findings.contains(name);
    FindingChange change{.code = finding_code(id, name.first, name.second),
                         .item = item,
                         .criterion = id,
                         .subject = name.first,
                         .key = name.second,
                         .says = says,
                         .what = is ? "new" : "gone",
                         .way = Way::worse,
                         .why = {},
                         .waived = {}};
    change.waived = waived(out_.waivers, change.code);
    if (change.waived.empty()) change.waived = waived(out_.waivers, item);
    if (was && is) {
      std::string earlier = waived(notes_before_.waivers, change.code);
      if (earlier.empty()) earlier = waived(notes_before_.waivers, item);
      out_.known.push_back({change.code, item, change.waived, says});
      if (earlier.empty() == change.waived.empty()) continue;
      change.what = "waiver";
      change.way = change.waived.empty() ? Way::worse : Way::changed;
      change.why = {Why::waiver};
    } else {
      if (!is) change.way = looked_again(after, id, name.first) ? Way::better : Way::changed;
      change.why = causes(id, name.first, [&, &breach = name](const Judged::Criterion* one) {
        return one != nullptr && one->findings.contains(breach);
      });
    }
    out_.findings.push_back(std::move(change));
  }
}

}  // namespace

Way way_of(std::optional<Verdict> before, std::optional<Verdict> after) {
  if (good(before)) return good(after) ? Way::changed : Way::worse;
  if (good(after)) return before ? Way::better : Way::changed;
  return open(before) && after == Verdict::fail ? Way::worse : Way::changed;
}

bool Difference::equal() const {
  return items.empty() && criteria.empty() && subjects.empty() && findings.empty() && facts.empty();
}

std::size_t Difference::regressions(bool beyond_waivers) const {
  const auto counted = [&](bool regression, const std::string& waived) {
    return regression && !(beyond_waivers && !waived.empty());
  };
  std::size_t out = 0;
  for (const auto& finding : findings) {
    if (counted(finding.way == Way::worse, finding.waived)) ++out;
  }
  for (const auto* const list : {&items, &criteria, &subjects}) {
    for (const VerdictChange& change : *list) {
      if (counted(change.regression, change.waived)) ++out;
    }
  }
  return out;
}

Result<Difference> diff(const Side& before, const Side& after, WallTime now) {
  Difference out;
  if (auto done = Builder(before, after, now, out).build(); !done) {
    return tl::unexpected(done.error());
  }
  return out;
}

int exit_status(const Difference& difference) {
  if (difference.equal()) return 0;
  return difference.regressions(false) > 0 ? 1 : 2;
}

bool gate_holds(const Difference& difference) { return difference.regressions(true) == 0; }

}  // namespace haetae::compare
