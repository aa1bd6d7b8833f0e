#include "harness/judge/judge.hpp"

namespace haetae::judge {
namespace {

using evidence::Cells;
using evidence::Transaction;

/// insert() is a row of which the id does not matter.
Result<void> insert(Transaction& transaction, std::string_view table, const Cells& cells) {
  auto id = transaction.insert(table, cells);
  if (!id) return tl::unexpected<Error>(std::move(id.error()));
  return {};
}

Result<void> store_items(Transaction& transaction, std::int64_t revision,
                         const Judgement& judgement) {
  for (const ItemVerdict& item : judgement.items) {
    auto done = insert(transaction, "verdict_item",
                       {{"revision", revision},
                        {"item", item.item},
                        {"selected", item.selected},
                        {"verdict", std::string(word(item.verdict))},
                        {"cause", std::string(word(item.cause))},
                        {"reason_ko", item.reason.ko},
                        {"reason_en", item.reason.en}});
    if (!done) return done;
  }
  return {};
}

Result<void> cite(Transaction& transaction, std::int64_t revision, const std::string& criterion,
                  const std::string& subject, std::int64_t finding,
                  const std::vector<EvidenceId>& evidence) {
  for (const EvidenceId id : evidence) {
    auto done = insert(transaction, "citation",
                       {{"revision", revision},
                        {"criterion", criterion},
                        {"subject", subject},
                        {"finding", finding},
                        {"evidence", id}});
    if (!done) return done;
  }
  return {};
}

Result<void> store_subjects(Transaction& transaction, std::int64_t revision,
                            const CriterionVerdict& criterion) {
  for (const SubjectVerdict& subject : criterion.subjects) {
    auto done = insert(transaction, "verdict_subject",
                       {{"revision", revision},
                        {"criterion", criterion.criterion},
                        {"subject", subject.subject},
                        {"verdict", std::string(word(subject.verdict))},
                        {"cause", std::string(word(subject.cause))},
                        {"reason_ko", subject.reason.ko},
                        {"reason_en", subject.reason.en}});
    if (!done) return done;
    done = cite(transaction, revision, criterion.criterion, subject.subject, 0, subject.cites);
    if (!done) return done;
  }
  return {};
}

Result<void> store_findings(Transaction& transaction, std::int64_t revision,
                            const CriterionVerdict& criterion) {
  for (const Finding& finding : criterion.findings) {
    auto id = transaction.insert("finding", {{"revision", revision},
                                             {"criterion", criterion.criterion},
                                             {"subject", finding.subject},
                                             {"key", finding.key},
                                             {"says_ko", finding.says.ko},
                                             {"says_en", finding.says.en},
                                             {"remedy_ko", finding.remedy.ko},
                                             {"remedy_en", finding.remedy.en},
                                             {"replay", finding.replay}});
    if (!id) return tl::unexpected<Error>(std::move(id.error()));
    auto done =
        cite(transaction, revision, criterion.criterion, finding.subject, *id, finding.evidence);
    if (!done) return done;
  }
  return {};
}

Result<void> store_criteria(Transaction& transaction, std::int64_t revision,
                            const Judgement& judgement) {
  for (const CriterionVerdict& criterion : judgement.criteria) {
    auto done = insert(transaction, "verdict_criterion",
                       {{"revision", revision},
                        {"item", criterion.item},
                        {"criterion", criterion.criterion},
                        {"verdict", std::string(word(criterion.verdict))},
                        {"cause", std::string(word(criterion.cause))},
                        {"reason_ko", criterion.reason.ko},
                        {"reason_en", criterion.reason.en}});
    if (done) done = store_subjects(transaction, revision, criterion);
    if (done) done = store_findings(transaction, revision, criterion);
    if (!done) return done;
  }
  return {};
}

}  // namespace

Result<void> store(evidence::RunFile& run, const catalogue::Catalogue& catalogue,
                   const std::string& catalogue_sha256, const Question& question,
                   const Judgement& judgement, std::string_view reason, std::string_view tool,
                   Clock& clock) {
  auto transaction = run.begin("judge");
  if (!transaction) return tl::unexpected<Error>(std::move(transaction.error()));
  Transaction& rows = **transaction;
  auto revision =
      rows.insert("revision", {{"at", iso8601(clock.wall())},
                               {"tested_at", judgement.tested_at},
                               {"catalogue", catalogue.id},
                               {"edition", catalogue.edition},
                               {"sha256", catalogue_sha256},
                               {"profile", catalogue.profile ? catalogue.profile->id : ""},
                               {"type", question.type},
                               {"tool", std::string(tool)},
                               {"root", run.root()},
                               {"whole", std::int64_t{judgement.whole ? 1 : 0}},
                               {"headline", std::string(word(judgement.headline))},
                               {"reason", std::string(reason)}});
  if (!revision) return tl::unexpected<Error>(std::move(revision.error()));
  auto done = store_items(rows, *revision, judgement);
  if (done) done = store_criteria(rows, *revision, judgement);
  if (!done) return done;
  return rows.commit();
}

}  // namespace haetae::judge
