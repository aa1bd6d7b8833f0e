#include "harness/audit/verdict_rows.hpp"

#include <functional>

#include <fmt/format.h>

#include "harness/evidence/database.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::audit {
namespace {

using evidence::Statement;

constexpr std::size_t kMostDifferences = 200;

std::string decided(std::string_view verdict, std::string_view cause) {
  if (cause.empty() || cause == "none") return std::string(verdict);
  return fmt::format("{} ({})", verdict, cause);
}

std::string item_place(std::string_view item) { return fmt::format("item {}", item); }
std::string criterion_place(std::string_view criterion) {
  return fmt::format("criterion {}", criterion);
}
std::string subject_place(std::string_view criterion, std::string_view subject) {
  return fmt::format("criterion {}, subject {}", criterion, subject);
}
std::string finding_place(std::string_view criterion, std::string_view subject,
                          std::string_view key) {
  return fmt::format("criterion {}, subject {}, finding {}", criterion, subject, key);
}
/// A citation of what a verdict rests on has no finding.
std::string citation_place(const std::string& place, std::int64_t evidence) {
  return fmt::format("{}, evidence {}", place, evidence);
}

using Take = std::function<void(const Statement&)>;

Result<void> each(sqlite3* database, std::string_view sql, std::int64_t revision,
                  const Take& take) {
  auto statement = Statement::prepare(database, sql);
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, revision);
  int code = SQLITE_ROW;
  while ((code = statement->step()) == SQLITE_ROW) take(*statement);
  if (code == SQLITE_DONE) return {};
  return tl::unexpected(evidence::database_error(database, code, "cannot read the verdicts"));
}

Result<void> read_verdicts(sqlite3* database, std::int64_t revision, VerdictRows& out) {
  auto done = each(database,
                   "SELECT item, selected, verdict, cause, reason_ko, reason_en FROM verdict_item "
                   "WHERE revision = ?",
                   revision, [&](const Statement& row) {
                     const std::string what = decided(row.view(2), row.view(3));
                     out[item_place(row.view(0))] = {
                         row.view(1) == "planned" ? what : fmt::format("{}, {}", row.view(1), what),
                         {row.text(4), row.text(5)}};
                   });
  if (!done) return done;
  done = each(database,
              "SELECT criterion, item, verdict, cause, reason_ko, reason_en FROM verdict_criterion "
              "WHERE revision = ?",
              revision, [&](const Statement& row) {
                out[criterion_place(row.view(0))] = {
                    fmt::format("{} of item {}", decided(row.view(2), row.view(3)), row.view(1)),
                    {row.text(4), row.text(5)}};
              });
  if (!done) return done;
  return each(database,
              "SELECT criterion, subject, verdict, cause, reason_ko, reason_en FROM "
              "verdict_subject WHERE revision = ?",
              revision, [&](const Statement& row) {
                out[subject_place(row.view(0), row.view(1))] = {decided(row.view(2), row.view(3)),
                                                                {row.text(4), row.text(5)}};
              });
}

Result<void> read_findings(sqlite3* database, std::int64_t revision, VerdictRows& out) {
  std::map<std::int64_t, std::string> places;
  auto done =
      each(database,
           "SELECT id, criterion, subject, key, says_ko, says_en, remedy_ko, remedy_en, "
           "replay FROM finding WHERE revision = ?",
           revision, [&](const Statement& row) {
             std::string place = finding_place(row.view(1), row.view(2), row.view(3));
             out[place] = {"", {row.text(4), row.text(5), row.text(6), row.text(7), row.text(8)}};
             places[row.integer(0)] = std::move(place);
           });
  if (!done) return done;
  return each(
      database, "SELECT criterion, subject, finding, evidence FROM citation WHERE revision = ?",
      revision, [&](const Statement& row) {
        const std::int64_t finding = row.integer(2);
        const auto found = places.find(finding);
        const std::string place =
            finding == 0            ? subject_place(row.view(0), row.view(1))
            : found != places.end() ? found->second
                                    : fmt::format("{}, finding number {}",
                                                  subject_place(row.view(0), row.view(1)), finding);
        out[citation_place(place, row.integer(3))] = {};
      });
}

void add_criterion(const judge::CriterionVerdict& criterion, VerdictRows& out) {
  out[criterion_place(criterion.criterion)] = {
      fmt::format("{} of item {}", decided(word(criterion.verdict), word(criterion.cause)),
                  criterion.item),
      {criterion.reason.ko, criterion.reason.en}};
  for (const judge::SubjectVerdict& subject : criterion.subjects) {
    const std::string place = subject_place(criterion.criterion, subject.subject);
    out[place] = {decided(word(subject.verdict), word(subject.cause)),
                  {subject.reason.ko, subject.reason.en}};
    for (const EvidenceId id : subject.cites) out[citation_place(place, id)] = {};
  }
  for (const judge::Finding& finding : criterion.findings) {
    const std::string place = finding_place(criterion.criterion, finding.subject, finding.key);
    out[place] = {
        "",
        {finding.says.ko, finding.says.en, finding.remedy.ko, finding.remedy.en, finding.replay}};
    for (const EvidenceId id : finding.evidence) out[citation_place(place, id)] = {};
  }
}

void differ(Rejudged& out, const std::string& place, std::string text) {
  ++out.differing;
  if (out.differences.size() >= kMostDifferences) return;
  out.differences.push_back({.place = printable(place, 400), .text = printable(text, 400)});
}

std::string shown(const VerdictRow& row, std::string_view otherwise) {
  return row.decided.empty() ? std::string(otherwise) : row.decided;
}

}  // namespace

Result<VerdictRows> stored_rows(sqlite3* database, std::int64_t revision) {
  VerdictRows out;
  auto done = read_verdicts(database, revision, out);
  if (done) done = read_findings(database, revision, out);
  if (!done) return tl::unexpected(done.error());
  return out;
}

VerdictRows rows_of(const judge::Judgement& judgement) {
  VerdictRows out;
  for (const judge::ItemVerdict& item : judgement.items) {
    const std::string what = decided(word(item.verdict), word(item.cause));
    out[item_place(item.item)] = {
        item.selected == "planned" ? what : fmt::format("{}, {}", item.selected, what),
        {item.reason.ko, item.reason.en}};
  }
  for (const judge::CriterionVerdict& criterion : judgement.criteria) add_criterion(criterion, out);
  return out;
}

void compare(const VerdictRows& stored, const VerdictRows& follows, Rejudged& out) {
  for (const auto& [place, row] : stored) {
    const auto found = follows.find(place);
    if (found == follows.end()) {
      differ(out, place, fmt::format("stored {}, does not follow", shown(row, "in the file")));
    } else if (found->second.decided != row.decided) {
      differ(out, place, fmt::format("stored {}, follows {}", row.decided, found->second.decided));
    } else if (out.wording && found->second.words != row.words) {
      differ(out, place, "its words are not those that follow");
    }
  }
  for (const auto& [place, row] : follows) {
    if (!stored.contains(place)) {
      differ(out, place, fmt::format("not stored, follows {}", shown(row, "from the facts")));
    }
  }
}

}  // namespace haetae::audit
