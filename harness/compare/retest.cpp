#include "harness/compare/retest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/compare/judged.hpp"
#include "harness/evidence/database.hpp"
#include "harness/judge/sandbox.hpp"
#include "harness/model/bytes.hpp"
#include "harness/xml/xml.hpp"

namespace haetae::compare {
namespace {

using evidence::Statement;

/// uses() is whether a query names something, such as :limit or ref_table, as a whole word.
bool uses(const catalogue::Criterion& criterion, const std::string& name) {
  const auto in_word = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
  };
  for (const auto* const query :
       {&criterion.subjects, &criterion.lacks, &criterion.breach, &criterion.cites}) {
    for (std::size_t at = query->find(name); at != std::string::npos;
         at = query->find(name, at + 1)) {
      const std::size_t end = at + name.size();
      if (end >= query->size() || !in_word((*query)[end])) return true;
    }
  }
  return false;
}

bool same_text(const catalogue::Criterion& left, const catalogue::Criterion& right) {
  const auto step = [](const catalogue::Criterion& one) {
    return one.step ? one.step->task.en + '\0' + one.step->task.ko + '\0' + one.step->look.en +
                          '\0' + one.step->look.ko
                    : std::string();
  };
  return left.source == right.source && left.kind == right.kind && left.planned == right.planned &&
         left.title == right.title && left.universe == right.universe &&
         left.coverage == right.coverage && left.subjects == right.subjects &&
         left.lacks == right.lacks && left.breach == right.breach && left.cites == right.cites &&
         step(left) == step(right);
}

/// same_rule() is whether a criterion asks the same in both catalogues, limits and reference
/// tables included.
bool same_rule(const catalogue::Catalogue& before, const catalogue::Criterion& was,
               const catalogue::Catalogue& after, const catalogue::Criterion& is) {
  if (!same_text(was, is)) return false;
  for (const auto& parameter : after.parameters) {
    if (!uses(is, ":" + catalogue::parameter_binding(parameter.name))) continue;
    const auto* const other = before.parameter(parameter.name);
    if (other == nullptr || other->value != parameter.value) return false;
  }
  for (const auto& reference : after.references) {
    if (!uses(is, "ref_" + reference.name)) continue;
    const auto* const other = before.reference(reference.name);
    if (other == nullptr || other->rows != reference.rows) return false;
  }
  return true;
}

const catalogue::Criterion* find(const catalogue::Catalogue& catalogue, const std::string& item,
                                 const std::string& criterion) {
  const auto* const known = catalogue.item(item);
  if (known == nullptr) return nullptr;
  const auto found = std::ranges::find(known->criteria, criterion, &catalogue::Criterion::id);
  return found == known->criteria.end() ? nullptr : &*found;
}

/// Planner finds the reasons of one item after the other.
class Planner {
 public:
  Planner(const Side& baseline, const Change& change) : base_(baseline), change_(change) {}
  Result<Retest> plan();

 private:
  Result<void> read();
  Result<void> read_evidence();
  Result<void> read_tables();
  RetestItem look(const catalogue::Item& item) const;
  void look_at(const catalogue::Criterion& criterion, const catalogue::Item& item,
               std::set<std::string>& procedures, RetestItem& out) const;
  static void add(RetestItem& out, std::string word, Text says) {
    const auto same = [&](const RetestReason& one) { return one.says == says; };
    if (std::ranges::none_of(out.reasons, same))
      out.reasons.push_back({std::move(word), std::move(says)});
  }

  const Side& base_;
  const Change& change_;
  Judged judged_;
  std::map<std::string, std::int64_t> versions_;
  std::multimap<std::string, std::string> by_topic_;   ///< topic → procedure
  std::map<std::string, std::set<EvidenceId>> cited_;  ///< by criterion
  std::map<std::string, std::set<std::string>> cited_procedures_;
  std::map<std::string, std::set<std::string>> tables_;  ///< by criterion
  std::set<std::string> unstable_;                       ///< tables
};

Result<void> Planner::read() {
  const auto revision =
      evidence::one_integer(base_.run->handle(), "SELECT max(id) FROM main.revision");
  if (!revision) return tl::unexpected(revision.error());
  auto judged = stored(base_.run->handle(), *revision);
  if (!judged) return tl::unexpected(judged.error());
  judged_ = std::move(*judged);
  auto rows = Statement::prepare(base_.run->handle(),
                                 "SELECT procedure, version, topics FROM main.plan_procedure");
  if (!rows) return tl::unexpected(rows.error());
  while (rows->step() == SQLITE_ROW) {
    versions_[rows->text(0)] = rows->integer(1);
    for (const std::string& topic : xml::split(rows->view(2)))
      by_topic_.emplace(topic, rows->text(0));
  }
  rows = Statement::prepare(base_.run->handle(), "SELECT DISTINCT tbl FROM main.unstable");
  if (!rows) return tl::unexpected(rows.error());
  while (rows->step() == SQLITE_ROW) unstable_.insert(rows->text(0));
  if (auto done = read_evidence(); !done) return done;
  return read_tables();
}

Result<void> Planner::read_evidence() {
  auto rows = Statement::prepare(
      base_.run->handle(),
      "SELECT c.criterion, c.evidence, e.procedure FROM main.citation c JOIN main.evidence e ON "
      "e.id = c.evidence WHERE c.revision = (SELECT max(id) FROM main.revision)");
  if (!rows) return tl::unexpected(rows.error());
  while (rows->step() == SQLITE_ROW) {
    cited_[rows->text(0)].insert(rows->integer(1));
    cited_procedures_[rows->text(0)].insert(rows->text(2));
  }
  return {};
}

Result<void> Planner::read_tables() {
  judge::Sandbox sandbox(base_.run->handle(), *change_.catalogue, base_.run->value("started"));
  if (auto opened = sandbox.open(); !opened) return opened;
  for (const auto& item : change_.catalogue->items) {
    for (const auto& criterion : item.criteria) {
      for (const auto* const query : {&criterion.subjects, &criterion.lacks, &criterion.breach,
                                      &criterion.cites, &item.applies}) {
        if (query->empty()) continue;
        const auto described = sandbox.describe(*query);
        // A table that the baseline never had: its criterion could not hold there.
        if (!described) continue;
        tables_[criterion.id].insert(described->tables.begin(), described->tables.end());
      }
    }
  }
  return {};
}

void Planner::look_at(const catalogue::Criterion& criterion, const catalogue::Item& item,
                      std::set<std::string>& procedures, RetestItem& out) const {
  const auto* const before = find(base_.catalogue.value, item.id, criterion.id);
  if (before == nullptr ||
      !same_rule(base_.catalogue.value, *before, *change_.catalogue, criterion)) {
    add(out, "catalogue",
        {fmt::format("기준 {}이(가) 바뀌었습니다", criterion.id),
         fmt::format("criterion {} is another one", criterion.id)});
  }
  if (const auto found = cited_.find(criterion.id); found != cited_.end()) {
    out.evidence.insert(out.evidence.end(), found->second.begin(), found->second.end());
    const auto& from = cited_procedures_.at(criterion.id);
    procedures.insert(from.begin(), from.end());
  }
  for (const auto* const topics : {&criterion.universe, &criterion.coverage}) {
    for (const std::string& topic : *topics) {
      const auto [begin, end] = by_topic_.equal_range(topic);
      for (auto at = begin; at != end; ++at) procedures.insert(at->second);
    }
  }
  const auto tables = tables_.find(criterion.id);
  if (tables == tables_.end()) return;
  for (const FactChange& fact : change_.facts) {
    if (fact.why == Why::flake || !tables->second.contains(fact.table)) continue;
    const std::string row = fact.table + (fact.key.empty() ? "" : " " + printable(fact.key, 120));
    const bool said = declared(fact.table);
    add(out, said ? "declared" : "fact",
        {fmt::format("{}: {}", said ? "신고한 내용이 바뀌었습니다" : "관찰한 사실이 바뀌었습니다",
                     row),
         fmt::format("{}: {}", said ? "what is declared changed" : "what was seen changed", row)});
    if (out.reasons.size() > 20) return;
  }
  for (const std::string& table : tables->second) {
    if (!unstable_.contains(table)) continue;
    add(out, "unstable",
        {fmt::format("{}에 안정적이지 않은 사실이 있습니다", table),
         fmt::format("{} holds facts that were not stable", table)});
  }
}

RetestItem Planner::look(const catalogue::Item& item) const {
  RetestItem out{.item = item.id, .title = item.title, .reasons = {}, .last = {}, .evidence = {}};
  const auto found = judged_.items.find(item.id);
  if (found == judged_.items.end() || found->second.selected != "planned") {
    add(out, "new", {"기준 시험에 없던 항목입니다", "the earlier run did not test it"});
  } else {
    out.last = found->second.verdict;
    if (*out.last != Verdict::pass && *out.last != Verdict::not_applicable) {
      add(out, "not-held",
          {fmt::format("지난 판정이 {}입니다", korean(*out.last)),
           fmt::format("its last verdict is {}", word(*out.last))});
    }
  }
  for (const FactChange& fact : change_.facts) {
    if (fact.table != "declared_identity") continue;
    for (const std::string& field : item.retest) {
      if (fact.key != "field=" + field) continue;
      add(out, "identity",
          {fmt::format("{} 변경 뒤에는 항상 다시 시험합니다", field),
           fmt::format("always tested again when the {} changes", field)});
    }
  }
  std::set<std::string> procedures;
  for (const auto& criterion : item.criteria) look_at(criterion, item, procedures, out);
  for (const std::string& procedure : procedures) {
    const auto was = versions_.find(procedure);
    const auto is = change_.versions.find(procedure);
    if (was == versions_.end()) continue;
    if (is != change_.versions.end() && is->second == was->second) continue;
    add(out, "procedure",
        {fmt::format("절차 {}이(가) 바뀌었습니다", procedure),
         fmt::format("procedure {} is another version", procedure)});
  }
  std::ranges::sort(out.evidence);
  out.evidence.erase(std::unique(out.evidence.begin(), out.evidence.end()), out.evidence.end());
  return out;
}

Result<Retest> Planner::plan() {
  if (auto done = read(); !done) return tl::unexpected(done.error());
  Retest out{.run = base_.run->value("uuid"),
             .root = base_.run->root(),
             .file = base_.run->path().string(),
             .items = {}};
  const judge::Question question{.type = change_.type, .only = change_.only, .tested_at = {}};
  for (const auto& item : change_.catalogue->items) {
    if (judge::selection(item, question) == "planned") out.items.push_back(look(item));
  }
  return out;
}

}  // namespace

std::vector<std::string> Retest::again() const {
  std::vector<std::string> out;
  for (const RetestItem& one : items) {
    if (!one.reasons.empty()) out.push_back(one.item);
  }
  return out;
}

std::vector<std::string> Retest::carried() const {
  std::vector<std::string> out;
  for (const RetestItem& one : items) {
    if (one.reasons.empty()) out.push_back(one.item);
  }
  return out;
}

Result<Retest> retest(const Side& baseline, const Change& change) {
  return Planner(baseline, change).plan();
}

Result<std::map<std::string, std::int64_t>> versions_of(const evidence::RunFile& run) {
  std::map<std::string, std::int64_t> out;
  auto rows =
      Statement::prepare(run.handle(), "SELECT procedure, version FROM main.plan_procedure");
  if (!rows) return tl::unexpected(rows.error());
  while (rows->step() == SQLITE_ROW) out[rows->text(0)] = rows->integer(1);
  return out;
}

Result<Change> change_between(const Difference& difference, const Side& after) {
  auto versions = versions_of(*after.run);
  if (!versions) return tl::unexpected(versions.error());
  return Change{.catalogue = &after.catalogue.value,
                .type = difference.after.type,
                .only = xml::split(difference.after.only),
                .facts = difference.facts,
                .versions = std::move(*versions)};
}

}  // namespace haetae::compare
