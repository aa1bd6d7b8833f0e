#include "harness/judge/judge.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "harness/judge/criterion.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::judge {
namespace {

/// observed() asks the item's `applies` query what shows that the item applies.
struct Observed {
  std::string subject;
  std::vector<EvidenceId> evidence;
};
Result<Observed> observed(const Bench& bench, const catalogue::Item& item) {
  Observed out;
  if (item.applies.empty()) return out;
  auto answer = bench.sandbox.run(item.applies);
  if (!answer) return tl::unexpected<Error>(std::move(answer.error()));
  for (const auto& row : answer->rows) {
    auto subject = text_cell(*answer, row, "subject");
    auto evidence = evidence_cell(*answer, row, bench.stored);
    if (!subject) return tl::unexpected<Error>(std::move(subject.error()));
    if (!evidence) return tl::unexpected<Error>(std::move(evidence.error()));
    if (out.subject.empty() || *subject < out.subject) out.subject = *subject;
    out.evidence.push_back(*evidence);
  }
  std::ranges::sort(out.evidence);
  out.evidence.erase(std::unique(out.evidence.begin(), out.evidence.end()), out.evidence.end());
  return out;
}

/// Overruling is what takes the place of verdicts other than fail: a breach that was seen stands,
/// whatever was declared.
struct Overruling {
  Opinion opinion;
  std::vector<EvidenceId> evidence;
};

bool queried(const catalogue::Criterion& criterion) {
  return !criterion.planned && !catalogue::asked(criterion);
}

/// add_subjects() takes subjects that were judged and held: who says that an item that everybody
/// must meet does not apply, yet has what it is about, is not believed.
void add_subjects(const catalogue::Item& item, const std::vector<CriterionVerdict>& criteria,
                  Observed& out) {
  for (std::size_t index = 0; index < criteria.size(); ++index) {
    if (!queried(item.criteria[index])) continue;
    for (const SubjectVerdict& subject : criteria[index].subjects) {
      if (subject.verdict != Verdict::pass) continue;
      if (out.subject.empty() || subject.subject < out.subject) out.subject = subject.subject;
      out.evidence.insert(out.evidence.end(), subject.cites.begin(), subject.cites.end());
    }
  }
  std::ranges::sort(out.evidence);
  out.evidence.erase(std::unique(out.evidence.begin(), out.evidence.end()), out.evidence.end());
}

Overruling declared_not_applicable(const Bench& bench, const catalogue::Item& item,
                                   const Stored::Statement& statement,
                                   const std::vector<CriterionVerdict>& criteria) {
  auto seen = observed(bench, item);
  if (seen && !item.optional) add_subjects(item, criteria, *seen);
  if (!seen) {
    const std::string why = printable(seen.error().message(), 500);
    return {{.verdict = Verdict::inconclusive,
             .cause = Cause::tool,
             .reason = sentence(Sentence::query_failed, {{"why", why}})},
            {}};
  }
  if (!seen->evidence.empty()) {
    return {
        {.verdict = Verdict::inconclusive,
         .cause = Cause::declaration,
         .reason = sentence(Sentence::declared_but_seen, {{"subject", printable(seen->subject)}})},
        std::move(seen->evidence)};
  }
  std::vector<EvidenceId> evidence;
  if (statement.evidence > 0) evidence.push_back(statement.evidence);
  return {{.verdict = Verdict::not_applicable,
           .cause = Cause::none,
           .reason = sentence(Sentence::declared_not_applicable,
                              {{"reason", printable(statement.reason, 1000)}})},
          std::move(evidence)};
}

std::optional<Overruling> overruling(const Bench& bench, const catalogue::Item& item,
                                     const std::vector<CriterionVerdict>& criteria) {
  const auto found = bench.stored.statements.find(item.id);
  const bool declared = found != bench.stored.statements.end();
  if (declared && found->second.applies == "no") {
    return declared_not_applicable(bench, item, found->second, criteria);
  }
  if (item.optional && (!declared || found->second.applies != "yes")) {
    return Overruling{{.verdict = Verdict::inconclusive,
                       .cause = Cause::declaration,
                       .reason = sentence(Sentence::not_declared)},
                      {}};
  }
  return std::nullopt;
}

/// stands() is whether a criterion keeps its verdict whatever was declared of its item: a breach
/// always, and on an item that everybody must meet also an observation that could not be made,
/// since nothing then confirms the declaration.
bool stands(const catalogue::Item& item, const catalogue::Criterion& criterion, Verdict verdict,
            const Overruling& overruled) {
  if (verdict == Verdict::fail) return true;
  return overruled.opinion.verdict == Verdict::not_applicable && !item.optional &&
         queried(criterion) && verdict != Verdict::not_applicable;
}

void conclude_item(const std::vector<CriterionVerdict>& criteria, ItemVerdict& out) {
  std::vector<Verdict> verdicts;
  for (const CriterionVerdict& criterion : criteria) verdicts.push_back(criterion.verdict);
  out.verdict = reduce(verdicts);
  const auto first = std::ranges::find(criteria, out.verdict, &CriterionVerdict::verdict);
  if (first == criteria.end()) return;
  out.cause = first->cause;
  out.reason = first->reason;
  const auto count = std::ranges::count(criteria, Verdict::pass, &CriterionVerdict::verdict);
  if (out.verdict == Verdict::pass && count > 1) {
    out.reason = sentence(Sentence::criteria_hold, {{"count", fmt::format("{}", count)}});
  }
}

ItemVerdict judge_item(const Bench& bench, const catalogue::Item& item,
                       std::vector<CriterionVerdict>& all) {
  ItemVerdict out{.item = item.id,
                  .selected = "planned",
                  .verdict = Verdict::inconclusive,
                  .cause = Cause::tool,
                  .reason = {}};
  std::vector<CriterionVerdict> criteria;
  for (const catalogue::Criterion& criterion : item.criteria) {
    criteria.push_back(judge_criterion(bench, item, criterion));
  }
  if (const auto overruled = overruling(bench, item, criteria)) {
    for (std::size_t index = 0; index < criteria.size(); ++index) {
      if (stands(item, item.criteria[index], criteria[index].verdict, *overruled)) continue;
      everywhere(criteria[index], overruled->opinion, overruled->evidence);
    }
  }
  conclude_item(criteria, out);
  std::ranges::move(criteria, std::back_inserter(all));
  return out;
}

ItemVerdict not_planned(const catalogue::Item& item, const std::string& selected,
                        const Question& question) {
  const bool outside = selected == "outside-type";
  return {.item = item.id,
          .selected = selected,
          .verdict = Verdict::not_run,
          .cause = Cause::none,
          .reason = outside ? sentence(Sentence::outside_type, {{"type", question.type}})
                            : sentence(Sentence::excluded)};
}

Result<void> check_question(const catalogue::Catalogue& catalogue, const Question& question) {
  if (question.type != "lite" && question.type != "basic" && question.type != "standard") {
    return fail(ErrorKind::invalid_input,
                fmt::format("unknown type '{}'; allowed: lite, basic, standard", question.type));
  }
  for (const std::string& id : question.only) {
    if (catalogue.item(id) == nullptr) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("no item '{}' in the catalogue {}", id, catalogue.id));
    }
  }
  const auto planned = [&](const catalogue::Item& item) {
    return selection(item, question) == "planned";
  };
  if (std::ranges::none_of(catalogue.items, planned)) {
    return fail(ErrorKind::invalid_input, "the selection is empty: no item is left to judge");
  }
  return {};
}

}  // namespace

std::string selection(const catalogue::Item& item, const Question& question) {
  const bool inside = question.type == "lite"    ? item.lite
                      : question.type == "basic" ? item.basic
                                                 : item.standard;
  if (!inside) return "outside-type";
  const bool chosen =
      question.only.empty() || std::ranges::find(question.only, item.id) != question.only.end();
  return chosen ? "planned" : "excluded";
}

namespace {

/// OneView makes everything that is asked while it lives one view of the file: another program
/// cannot change it in between, and SQLite need not look at each query whether one did.
class OneView {
 public:
  explicit OneView(sqlite3* database) : database_(database) {
    sqlite3_exec(database_, "SAVEPOINT judged", nullptr, nullptr, nullptr);
  }
  ~OneView() { sqlite3_exec(database_, "RELEASE judged", nullptr, nullptr, nullptr); }
  OneView(const OneView&) = delete;
  OneView& operator=(const OneView&) = delete;

 private:
  sqlite3* database_;
};

}  // namespace

Result<Judgement> judge(sqlite3* database, const catalogue::Catalogue& catalogue,
                        const Question& question) {
  if (auto sound = check_question(catalogue, question); !sound) {
    return tl::unexpected<Error>(std::move(sound.error()));
  }
  const OneView view(database);
  const auto stored = Stored::read(database);
  if (!stored) return tl::unexpected<Error>(stored.error());
  std::string address = device_address(database);
  Sandbox sandbox(database, catalogue, question.tested_at);
  if (auto opened = sandbox.open(); !opened) {
    return tl::unexpected<Error>(std::move(opened.error()));
  }
  const ReplayPlaces places = replay_places(std::move(address), catalogue, sandbox);
  const Bench bench{
      .catalogue = catalogue, .stored = *stored, .sandbox = sandbox, .places = places};
  Judgement out{.tested_at = question.tested_at,
                .whole = question.only.empty(),
                .headline = Headline::incomplete,
                .items = {},
                .criteria = {}};
  std::vector<Verdict> verdicts;
  for (const catalogue::Item& item : catalogue.items) {
    const std::string selected = selection(item, question);
    if (selected == "planned") {
      out.items.push_back(judge_item(bench, item, out.criteria));
      verdicts.push_back(out.items.back().verdict);
    } else {
      out.items.push_back(not_planned(item, selected, question));
    }
  }
  out.headline = headline(verdicts, out.whole);
  return out;
}

}  // namespace haetae::judge
