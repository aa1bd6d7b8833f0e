#include "harness/judge/stored.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <functional>
#include <sstream>

namespace haetae::judge {
namespace {

/// Row reads the columns of a statement that stands on a row.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::string text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return text == nullptr
               ? std::string()
               : std::string(text,
                             static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_, column);
  }

 private:
  sqlite3_stmt* statement_;
};

Result<void> each_row(sqlite3* database, const char* sql, const std::function<void(Row)>& take) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) {
    return fail(ErrorKind::storage, fmt::format("this is no run file that can be judged: {}",
                                                sqlite3_errmsg(database)));
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) take(Row(statement));
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) {
    return fail(ErrorKind::storage,
                fmt::format("the run file cannot be read: {}", sqlite3_errmsg(database)));
  }
  return {};
}

bool exists(sqlite3* database, std::string_view table) {
  bool found = false;
  (void)each_row(database, "SELECT name FROM main.sqlite_schema WHERE type = 'table'",
                 [&](const Row& row) { found = found || row.text(0) == table; });
  return found;
}

/// state_from() takes a word that it does not know for the worst.
CoverageState state_from(std::string_view word) {
  if (word == "complete") return CoverageState::complete;
  return word == "partial" ? CoverageState::partial : CoverageState::tainted;
}

Cause known_cause(std::string_view word) {
  const Cause cause = cause_from(word).value_or(Cause::tool);
  return cause == Cause::none ? Cause::tool : cause;
}

Result<void> read_coverage(sqlite3* database, Stored& out) {
  return each_row(database, "SELECT topic, subject, state, cause, why FROM main.coverage",
                  [&out](const Row& row) {
                    out.coverage[{row.text(0), row.text(1)}] = {.state = state_from(row.text(2)),
                                                                .cause = known_cause(row.text(3)),
                                                                .why = row.text(4)};
                  });
}

Result<void> read_procedures(sqlite3* database, Stored& out) {
  std::map<std::string, Stored::Procedure> states;
  auto read = each_row(
      database, "SELECT procedure, state, cause, reason FROM main.procedure_state ORDER BY id",
      [&states](const Row& row) {
        Stored::Procedure& last = states[row.text(0)];
        last.state = row.text(1);
        last.cause = known_cause(row.text(2));
        last.state_reason = row.text(3);
      });
  if (!read) return read;
  return each_row(database, "SELECT procedure, topics, state, reason FROM main.plan_procedure",
                  [&](const Row& row) {
                    Stored::Procedure procedure = states[row.text(0)];
                    procedure.id = row.text(0);
                    procedure.plan = row.text(2);
                    procedure.reason = row.text(3);
                    std::istringstream topics(row.text(1));
                    for (std::string topic; topics >> topic;) {
                      out.procedures[topic].push_back(procedure);
                    }
                  });
}

/// has_column() tells a file of an earlier version, whose answers had no second person.
bool has_column(sqlite3* database, std::string_view table, std::string_view column) {
  bool found = false;
  (void)each_row(database, fmt::format("PRAGMA main.table_info('{}')", table).c_str(),
                 [&](const Row& row) { found = found || row.text(1) == column; });
  return found;
}

Result<void> read_answers(sqlite3* database, Stored& out) {
  if (!exists(database, "answer")) return {};
  const std::string second = has_column(database, "answer", "second") ? "second" : "''";
  auto done = each_row(database,
                       fmt::format("SELECT criterion, outcome, who, {}, text, revision, evidence "
                                   "FROM main.answer ORDER BY revision, id",
                                   second)
                           .c_str(),
                       [&out](const Row& row) {
                         out.answers[row.text(0)] = {.outcome = row.text(1),
                                                     .who = row.text(2),
                                                     .second = row.text(3),
                                                     .text = row.text(4),
                                                     .revision = row.integer(5),
                                                     .evidence = row.integer(6)};
                       });
  if (!done) return done;
  if (exists(database, "answer_attachment")) {
    done = each_row(
        database,
        "SELECT criterion, revision, evidence FROM main.answer_attachment ORDER BY position, id",
        [&out](const Row& row) {
          const auto answer = out.answers.find(row.text(0));
          if (answer == out.answers.end() || answer->second.revision != row.integer(1)) return;
          answer->second.attachments.push_back(row.integer(2));
        });
    if (!done) return done;
  }
  if (!exists(database, "document_hit")) return {};
  return each_row(database, "SELECT criterion, evidence FROM main.document_hit",
                  [&out](const Row& row) { out.hits[row.text(0)].insert(row.integer(1)); });
}

}  // namespace

Result<Stored> Stored::read(sqlite3* database) {
  Stored out;
  if (auto done = read_coverage(database, out); !done) {
    return tl::unexpected<Error>(std::move(done.error()));
  }
  if (auto done = read_procedures(database, out); !done) {
    return tl::unexpected<Error>(std::move(done.error()));
  }
  auto ids = each_row(database, "SELECT id FROM main.evidence",
                      [&out](const Row& row) { out.evidence.insert(row.integer(0)); });
  if (!ids) return tl::unexpected<Error>(std::move(ids.error()));
  if (exists(database, "statement")) {
    auto done =
        each_row(database, "SELECT item, applies, reason, evidence FROM main.statement",
                 [&out](const Row& row) {
                   out.statements[row.text(0)] = {
                       .applies = row.text(1), .reason = row.text(2), .evidence = row.integer(3)};
                 });
    if (!done) return tl::unexpected<Error>(std::move(done.error()));
  }
  if (auto done = read_answers(database, out); !done) {
    return tl::unexpected<Error>(std::move(done.error()));
  }
  return out;
}

const Stored::Looked* Stored::looked(const std::string& topic, const std::string& subject) const {
  const auto found = coverage.find({topic, subject});
  return found == coverage.end() ? nullptr : &found->second;
}

}  // namespace haetae::judge
