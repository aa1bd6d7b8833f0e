#include "harness/compare/judged.hpp"

#include <fmt/format.h>

#include <functional>

#include "harness/evidence/database.hpp"

namespace haetae::compare {
namespace {

using evidence::Statement;

Opinion opinion(const Statement& row, int column) {
  // A word that is not known is taken for the worst that it can be.
  return {.verdict = verdict_from(row.view(column)).value_or(Verdict::inconclusive),
          .cause = cause_from(row.view(column + 1)).value_or(Cause::tool),
          .reason = {row.text(column + 2), row.text(column + 3)}};
}

Result<void> each(sqlite3* database, const char* sql, std::int64_t revision,
                  const std::function<void(const Statement&)>& take) {
  auto statement = Statement::prepare(database, sql);
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, revision);
  int code = SQLITE_ROW;
  while ((code = statement->step()) == SQLITE_ROW) take(*statement);
  if (code == SQLITE_DONE) return {};
  return tl::unexpected(evidence::database_error(database, code, "reading verdicts"));
}

}  // namespace

const Judged::Criterion* Judged::criterion(const std::string& id) const {
  const auto found = criteria.find(id);
  return found == criteria.end() ? nullptr : &found->second;
}

Result<Judged> stored(sqlite3* database, std::int64_t revision) {
  Judged out;
  auto done = each(database,
                   "SELECT item, selected, verdict, cause, reason_ko, reason_en FROM verdict_item "
                   "WHERE revision = ?1",
                   revision, [&](const Statement& row) {
                     auto& item = out.items[row.text(0)];
                     static_cast<Opinion&>(item) = opinion(row, 2);
                     item.selected = row.text(1);
                   });
  if (done) {
    done = each(database,
                "SELECT criterion, item, verdict, cause, reason_ko, reason_en FROM "
                "verdict_criterion WHERE revision = ?1",
                revision, [&](const Statement& row) {
                  auto& criterion = out.criteria[row.text(0)];
                  static_cast<Opinion&>(criterion) = opinion(row, 2);
                  criterion.item = row.text(1);
                });
  }
  if (done) {
    done = each(database,
                "SELECT criterion, subject, verdict, cause, reason_ko, reason_en FROM "
                "verdict_subject WHERE revision = ?1",
                revision, [&](const Statement& row) {
                  out.criteria[row.text(0)].subjects[row.text(1)] = opinion(row, 2);
                });
  }
  if (done) {
    done = each(database,
                "SELECT criterion, subject, key, says_ko, says_en FROM finding WHERE revision = ?1",
                revision, [&](const Statement& row) {
                  out.criteria[row.text(0)].findings[{row.text(1), row.text(2)}] = {row.text(3),
                                                                                    row.text(4)};
                });
  }
  if (!done) return tl::unexpected(done.error());
  return out;
}

Judged judged(const judge::Judgement& judgement) {
  Judged out;
  for (const auto& from : judgement.items) {
    auto& item = out.items[from.item];
    static_cast<Opinion&>(item) = {from.verdict, from.cause, from.reason};
    item.selected = from.selected;
  }
  for (const auto& from : judgement.criteria) {
    auto& criterion = out.criteria[from.criterion];
    static_cast<Opinion&>(criterion) = {from.verdict, from.cause, from.reason};
    criterion.item = from.item;
    for (const auto& subject : from.subjects) {
      criterion.subjects[subject.subject] = {subject.verdict, subject.cause, subject.reason};
    }
    for (const auto& finding : from.findings) {
      criterion.findings[{finding.subject, finding.key}] = finding.says;
    }
  }
  return out;
}

}  // namespace haetae::compare
