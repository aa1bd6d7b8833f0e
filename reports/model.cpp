#include "reports/model.hpp"

#include <algorithm>
#include <regex>
#include <set>

#include <fmt/format.h>

#include "harness/catalogue/phrases.hpp"
#include "harness/judge/judge.hpp"
#include "harness/model/finding.hpp"
#include "reports/rows.hpp"

namespace haetae::reports {

using evidence::Statement;

void Rows::remember(Error error) {
  constexpr std::size_t kMost = 20;
  const auto same = [&](const Error& one) { return one.text == error.text; };
  if (errors_.size() < kMost && std::none_of(errors_.begin(), errors_.end(), same))
    errors_.push_back(std::move(error));
}

void Rows::each(std::string_view sql, const Visit& visit, std::int64_t first, std::int64_t second) {
  auto statement = Statement::prepare(database_, sql);
  if (!statement) return remember(statement.error());
  const int places = sqlite3_bind_parameter_count(statement->get());
  if (places > 0) statement->bind(1, first);
  if (places > 1) statement->bind(2, second);
  int code = SQLITE_ROW;
  while ((code = statement->step()) == SQLITE_ROW) visit(*statement);
  if (code != SQLITE_DONE)
    remember(evidence::database_error(database_, code, "cannot read the run"));
}

bool Rows::has(std::string_view table) {
  bool found = false;
  each("SELECT name FROM sqlite_master WHERE type = 'table'",
       [&](const Statement& row) { found = found || row.view(0) == table; });
  return found;
}

void Rows::each_of(std::string_view table, std::string_view columns_and_rest, const Visit& visit) {
  if (has(table)) each(columns_and_rest, visit);
}

std::vector<EvidenceId> Item::evidence() const {
  std::set<EvidenceId> out;
  for (const Criterion& criterion : criteria) {
    for (const Subject& subject : criterion.subjects) {
      out.insert(subject.cites.begin(), subject.cites.end());
    }
    for (const Finding& finding : criterion.findings) {
      out.insert(finding.evidence.begin(), finding.evidence.end());
    }
  }
  return {out.begin(), out.end()};
}

std::string Report::run_value(std::string_view name) const {
  const auto found = std::find_if(run.begin(), run.end(),
                                  [name](const NameValue& entry) { return entry.name == name; });
  return found == run.end() ? std::string() : found->value;
}

const EvidenceEntry* Report::evidence_entry(EvidenceId id) const {
  const auto found =
      std::lower_bound(evidence.begin(), evidence.end(), id,
                       [](const EvidenceEntry& entry, EvidenceId key) { return entry.id < key; });
  return found != evidence.end() && found->id == id ? &*found : nullptr;
}

namespace {

/// A word that this version does not know must not look like a pass.
Verdict verdict_of(std::string_view word) {
  return verdict_from(word).value_or(Verdict::inconclusive);
}

Cause cause_of(std::string_view word) { return cause_from(word).value_or(Cause::tool); }

Headline headline_of(std::string_view text) {
  for (const Headline headline : {Headline::conformant, Headline::non_conformant}) {
    if (word(headline) == text) return headline;
  }
  return Headline::incomplete;
}

Text two(const Statement& row, int column) { return {row.text(column), row.text(column + 1)}; }

std::string value_text(const Value& value) {
  return std::visit([](const auto& plain) { return fmt::format("{}", plain); }, value);
}

/// limits_of() is the parameters that the queries of a criterion bind.
std::vector<Limit> limits_of(const catalogue::Catalogue& catalogue,
                             const catalogue::Criterion& criterion) {
  static const std::regex kBound(":([a-z][a-z0-9_]*)");
  std::set<std::string> bound;
  for (const std::string* query :
       {&criterion.subjects, &criterion.lacks, &criterion.breach, &criterion.cites}) {
    for (std::sregex_iterator at(query->begin(), query->end(), kBound), end; at != end; ++at) {
      bound.insert((*at)[1]);
    }
  }
  std::vector<Limit> out;
  for (const auto& parameter : catalogue.parameters) {
    if (!bound.contains(catalogue::parameter_binding(parameter.name))) continue;
    // A text is a name that a query binds (the subject of the whole device), not a limit.
    if (std::holds_alternative<std::string>(parameter.value)) continue;
    out.push_back({.name = parameter.name,
                   .value = value_text(parameter.value),
                   .unit = catalogue::phrase(catalogue, parameter.unit),
                   .source = catalogue::phrase(catalogue, parameter.source),
                   .title = parameter.title});
  }
  std::sort(out.begin(), out.end(), [](const Limit& a, const Limit& b) { return a.name < b.name; });
  return out;
}

std::vector<ChangedLimit> changed_limits_of(const catalogue::Catalogue& catalogue) {
  std::vector<ChangedLimit> out;
  for (const auto& changed : catalogue.changed) {
    const auto* const now = catalogue.parameter(changed.name);
    if (now == nullptr) continue;
    out.push_back({.name = changed.name,
                   .before = value_text(changed.before),
                   .value = value_text(now->value),
                   .unit = catalogue::phrase(catalogue, now->unit),
                   .title = now->title});
  }
  return out;
}

Criterion criterion_of(const catalogue::Catalogue& catalogue, const catalogue::Item& item,
                       const catalogue::Criterion& from) {
  Criterion out{.id = from.id,
                .item = item.id,
                .source = from.source,
                .title = from.title,
                .absent = from.kind == catalogue::Kind::absent,
                .planned = from.planned,
                .reason = {"판정이 저장되지 않았습니다.", "No verdict was stored."},
                .subjects = {},
                .findings = {},
                .limits = limits_of(catalogue, from),
                .rule = {},
                .universe = from.universe,
                .coverage = from.coverage,
                .step = from.step};
  out.cause = Cause::tool;
  for (const auto& [name, text] : {std::pair("subjects", &from.subjects),
                                   {"lacks", &from.lacks},
                                   {"breach", &from.breach},
                                   {"cites", &from.cites}}) {
    if (!text->empty()) out.rule.push_back({name, *text});
  }
  return out;
}

Item item_of(const catalogue::Catalogue& catalogue, const catalogue::Item& from) {
  Item out{.id = from.id,
           .code = from.code,
           .domain = from.domain,
           .official = from.official,
           .optional = from.optional,
           .lite = from.lite,
           .basic = from.basic,
           .standard = from.standard,
           .methods = from.methods,
           .title = from.title,
           .requirement = from.requirement,
           .remedy = from.remedy,
           .selected = "planned",
           .verdict = Verdict::inconclusive,
           .cause = Cause::tool,
           .reason = {"판정이 저장되지 않았습니다.", "No verdict was stored."},
           .criteria = {}};
  for (const auto& criterion : from.criteria)
    out.criteria.push_back(criterion_of(catalogue, from, criterion));
  return out;
}

/// Reader puts the verdicts of one revision onto the items of its catalogue.
class Reader {
 public:
  Reader(Rows& rows, Report& report, std::int64_t revision)
      : rows_(rows), report_(report), revision_(revision) {
    for (Item& item : report_.items) {
      items_[item.id] = &item;
      for (Criterion& criterion : item.criteria) criteria_[criterion.id] = &criterion;
    }
  }
  void verdicts();
  void findings();
  [[nodiscard]] const std::string& stranger() const { return stranger_; }

 private:
  template <class T>
  T* known(const std::map<std::string, T*>& all, const std::string& id) {
    const auto found = all.find(id);
    if (found != all.end()) return found->second;
    if (stranger_.empty()) stranger_ = id;
    return nullptr;
  }
  template <class T>
  static void judge(T& what, const Statement& row, int column) {
    what.verdict = verdict_of(row.view(column));
    what.cause = cause_of(row.view(column + 1));
    what.reason = two(row, column + 2);
  }

  Rows& rows_;
  Report& report_;
  std::int64_t revision_;
  std::map<std::string, Item*> items_;
  std::map<std::string, Criterion*> criteria_;
  std::string stranger_;
};

void Reader::verdicts() {
  rows_.each(
      "SELECT item, selected, verdict, cause, reason_ko, reason_en FROM verdict_item "
      "WHERE revision = ?1 ORDER BY id",
      [&](const Statement& row) {
        Item* item = known(items_, row.text(0));
        if (item == nullptr) return;
        item->selected = row.text(1);
        judge(*item, row, 2);
        if (item->selected == "planned") return;
        for (Criterion& criterion : item->criteria) {  // they were never asked
          criterion.verdict = item->verdict;
          criterion.cause = item->cause;
          criterion.reason = item->reason;
        }
      },
      revision_);
  rows_.each(
      "SELECT criterion, verdict, cause, reason_ko, reason_en FROM verdict_criterion "
      "WHERE revision = ?1 ORDER BY id",
      [&](const Statement& row) {
        if (Criterion* criterion = known(criteria_, row.text(0))) judge(*criterion, row, 1);
      },
      revision_);
  rows_.each(
      "SELECT criterion, subject, verdict, cause, reason_ko, reason_en FROM verdict_subject "
      "WHERE revision = ?1 ORDER BY id",
      [&](const Statement& row) {
        Criterion* criterion = known(criteria_, row.text(0));
        if (criterion == nullptr) return;
        Subject& subject = criterion->subjects.emplace_back();
        subject.subject = row.text(1);
        judge(subject, row, 2);
      },
      revision_);
}

void Reader::findings() {
  std::map<std::int64_t, std::pair<Criterion*, std::size_t>> by_id;
  rows_.each(
      "SELECT id, criterion, subject, key, says_ko, says_en, remedy_ko, remedy_en, replay FROM "
      "finding "
      "WHERE revision = ?1 ORDER BY id",
      [&](const Statement& row) {
        Criterion* criterion = known(criteria_, row.text(1));
        if (criterion == nullptr) return;
        by_id[row.integer(0)] = {criterion, criterion->findings.size()};
        criterion->findings.push_back({.code = finding_code(row.view(1), row.view(2), row.view(3)),
                                       .subject = row.text(2),
                                       .key = row.text(3),
                                       .says = two(row, 4),
                                       .remedy = two(row, 6),
                                       .replay = row.text(8),
                                       .evidence = {}});
      },
      revision_);
  rows_.each(
      "SELECT criterion, subject, finding, evidence FROM citation WHERE revision = ?1 "
      "ORDER BY evidence",
      [&](const Statement& row) {
        Criterion* criterion = known(criteria_, row.text(0));
        if (criterion == nullptr) return;
        if (const auto found = by_id.find(row.integer(2)); found != by_id.end()) {
          found->second.first->findings[found->second.second].evidence.push_back(row.integer(3));
          return;
        }
        for (Subject& subject : criterion->subjects) {
          if (subject.subject == row.view(1)) subject.cites.push_back(row.integer(3));
        }
      },
      revision_);
}

void count_verdicts(const catalogue::Catalogue& catalogue, Report& report) {
  for (const auto& domain : catalogue.domains) {
    report.domains.push_back({.id = domain.id, .title = domain.title, .items = {}});
  }
  for (std::size_t index = 0; index < report.items.size(); ++index) {
    const Item& item = report.items[index];
    const auto domain = std::find_if(report.domains.begin(), report.domains.end(),
                                     [&](const Domain& one) { return one.id == item.domain; });
    if (domain == report.domains.end()) continue;
    domain->items.push_back(index);
    if (item.selected != "planned") {
      ++domain->outside;
      continue;
    }
    ++domain->counts[static_cast<std::size_t>(item.verdict)];
    ++report.counts[static_cast<std::size_t>(item.verdict)];
  }
}

/// mark_damages() lists what is not as it was written. No damaged run is shown as conformant.
void mark_damages(const Rows& rows, Report& report) {
  if (report.verification) {
    for (const auto& damage : report.verification->damages)
      report.damages.push_back(damage.place + ": " + damage.text);
  }
  for (const Error& error : rows.errors()) report.damages.push_back(error.message());
  if (!report.damages.empty() && report.revision.headline == Headline::conformant)
    report.revision.headline = Headline::incomplete;
}

Result<std::int64_t> find_revision(Rows& rows, std::int64_t wanted, Revision& out) {
  rows.each("SELECT count(*) FROM revision",
            [&](const Statement& row) { out.of = row.integer(0); });
  rows.each(
      "SELECT id, at, tested_at, catalogue, edition, sha256, profile, type, tool, whole, headline, "
      "reason FROM revision WHERE id = CASE ?1 WHEN 0 THEN (SELECT max(id) FROM revision) ELSE "
      "?1 END",
      [&](const Statement& row) {
        out.number = row.integer(0);
        out.at = row.text(1);
        out.tested_at = row.text(2);
        out.catalogue = row.text(3);
        out.edition = row.text(4);
        out.sha256 = row.text(5);
        out.profile = row.text(6);
        out.type = row.text(7);
        out.tool = row.text(8);
        out.whole = row.integer(9) == 1;
        out.headline = headline_of(row.view(10));
        out.reason = row.text(11);
      },
      wanted);
  if (out.number == 0 && !rows.errors().empty()) return tl::unexpected(rows.errors().front());
  if (out.number == 0) {
    return fail(ErrorKind::not_found, wanted == 0 ? "the run was not judged yet: use haetae judge"
                                                  : fmt::format("there is no revision {}", wanted));
  }
  return out.number;
}

}  // namespace

Result<std::vector<catalogue::SourceText>> sources_of(const evidence::RunFile& run,
                                                      std::int64_t revision) {
  return judge::sources_of(run.handle(), revision);
}

Result<catalogue::Catalogue> catalogue_of(const evidence::RunFile& run, std::int64_t revision) {
  Rows rows(run.handle());
  Revision judged;
  if (auto found = find_revision(rows, revision, judged); !found) {
    return tl::unexpected(found.error());
  }
  const auto sources = sources_of(run, judged.number);
  if (!sources) return tl::unexpected(sources.error());
  return catalogue::load_sources(*sources);
}

Result<Report> read(const evidence::RunFile& run, const catalogue::Catalogue& catalogue,
                    std::optional<evidence::Verification> verification, const Wanted& wanted) {
  Report report;
  Rows rows(run.handle());
  if (auto found = find_revision(rows, wanted.revision, report.revision); !found) {
    return tl::unexpected(found.error());
  }
  report.catalogue_title = catalogue.title;
  report.legal_base = catalogue.legal_base;
  if (catalogue.profile) report.profile_title = catalogue.profile->title;
  report.changed_limits = changed_limits_of(catalogue);
  report.verification = std::move(verification);
  for (const auto& item : catalogue.items) report.items.push_back(item_of(catalogue, item));
  Reader reader(rows, report, report.revision.number);
  reader.verdicts();
  reader.findings();
  if (!reader.stranger().empty()) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("the run holds a verdict of {}, which the catalogue {} {} does not have",
                    reader.stranger(), catalogue.id, catalogue.edition));
  }
  count_verdicts(catalogue, report);
  rows.each("SELECT name, value FROM run ORDER BY id", [&](const Statement& row) {
    report.run.push_back({row.text(0), row.text(1)});
  });
  read_records(rows, report);
  read_inventories(rows, report);
  read_issues(rows, report, wanted.issue);
  read_latency(rows, report);
  read_answers(rows, report);
  read_contents(rows, report);
  list_not_tested(catalogue, report);
  if (!wanted.issue.empty() && !report.issue) {
    return fail(ErrorKind::not_found,
                fmt::format("no report {} was issued from this run", wanted.issue));
  }
  mark_damages(rows, report);
  return report;
}

}  // namespace haetae::reports
