#include <fmt/format.h>

#include "harness/compare/judged.hpp"
#include "harness/evidence/database.hpp"
#include "harness/evidence/fact_roles.hpp"
#include "harness/judge/sandbox.hpp"
#include "harness/xml/xml.hpp"

namespace haetae::compare {
namespace {

using evidence::Database;
using evidence::Statement;

/// kNeeded are the engine's tables that the judge reads beside the facts.
constexpr std::string_view kNeeded[] = {"coverage", "plan_procedure", "procedure_state"};

judge::Question question_of(const evidence::RunFile& run) {
  return {.type = run.value("type"),
          .only = xml::split(run.value("only")),
          .tested_at = run.value("started")};
}

Result<Judged> judge_by(sqlite3* database, const catalogue::Catalogue& catalogue,
                        const evidence::RunFile& asked) {
  judge::Question question = question_of(asked);
  // Items that the other catalogue does not have cannot be asked of it.
  std::erase_if(question.only, [&](const auto& id) { return catalogue.item(id) == nullptr; });
  const auto judgement = judge::judge(database, catalogue, question);
  if (!judgement) return tl::unexpected(judgement.error());
  return judged(*judgement);
}

/// attach() makes a run file readable as the schema `name`, without a way to change it.
Result<void> attach(sqlite3* database, const evidence::RunFile& run, const std::string& name) {
  auto statement = Statement::prepare(database, fmt::format("ATTACH DATABASE ?1 AS \"{}\"", name));
  if (!statement) return tl::unexpected(statement.error());
  std::string uri = "file:";
  for (const unsigned char letter : std::filesystem::absolute(run.path()).string()) {
    const bool plain = std::isalnum(letter) != 0 || letter == '/' || letter == '.' ||
                       letter == '-' || letter == '_';
    uri += plain ? std::string(1, static_cast<char>(letter)) : fmt::format("%{:02X}", letter);
  }
  uri += "?mode=ro";
  statement->bind(1, uri);
  if (const int code = statement->step(); code != SQLITE_DONE) {
    return tl::unexpected(
        evidence::database_error(database, code, "opening " + run.path().string()));
  }
  return {};
}

Result<void> copy(sqlite3* database, const std::string& table, const char* from) {
  return evidence::execute(
      database, fmt::format("CREATE TABLE main.\"{0}\" AS SELECT * FROM {1}.\"{0}\"", table, from),
      "copying the table " + table);
}

/// mixed() is a database in memory that holds the facts of the old run with what is declared in the
/// new one.
Result<Database> mixed(const Side& before, const Side& after) {
  auto database = evidence::open_database(
      ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI);
  if (!database) return database;
  sqlite3* const handle = database->get();
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 2);
  auto done = attach(handle, *before.run, "old");
  if (done) done = attach(handle, *after.run, "new");
  for (const std::string_view table : kNeeded) {
    if (done) done = copy(handle, std::string(table), "old");
  }
  if (done) {
    done = evidence::execute(handle, "CREATE TABLE main.evidence AS SELECT id FROM old.evidence",
                             "copying the evidence");
  }
  const auto newer = judge::fact_tables(after.run->handle());
  for (const std::string& table : judge::fact_tables(before.run->handle())) {
    const bool exchanged = declared(table) && newer.contains(table);
    if (done) done = copy(handle, table, exchanged ? "new" : "old");
    if (done && exchanged) {
      // Its evidence lies in the other run; any id of this one keeps the row judgeable.
      done = evidence::execute(
          handle,
          fmt::format("UPDATE main.\"{}\" SET evidence = (SELECT min(id) FROM main.evidence)",
                      table),
          "copying what is declared");
    }
  }
  if (done) done = evidence::execute(handle, "DETACH old", "detaching");
  if (done) done = evidence::execute(handle, "DETACH new", "detaching");
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  if (!done) return tl::unexpected(done.error());
  return database;
}

}  // namespace

bool declared(std::string_view table) {
  return table.starts_with("declared_") || table == "statement";
}

Result<std::vector<Step>> chain(const Side& before, const Side& after, const Difference& heads,
                                bool declared_changed) {
  std::vector<Step> out;
  const auto add = [&out](Why why, Result<Judged> judged) -> Result<void> {
    if (!judged) return tl::unexpected(judged.error());
    out.push_back({why, std::move(*judged)});
    return {};
  };
  auto done = add(Why::engine, stored(before.run->handle(), heads.before.revision));
  if (done && heads.before.tool != heads.after.tool) {
    done = add(Why::engine, judge_by(before.run->handle(), before.catalogue.value, *before.run));
  }
  if (done && heads.catalogue_changed) {
    done = add(Why::catalogue, judge_by(before.run->handle(), after.catalogue.value, *before.run));
  }
  if (done && declared_changed) {
    const auto database = mixed(before, after);
    if (!database) return tl::unexpected(database.error());
    done = add(Why::declaration, judge_by(database->get(), after.catalogue.value, *before.run));
  }
  if (done) done = add(Why::device, stored(after.run->handle(), heads.after.revision));
  if (!done) return tl::unexpected(done.error());
  return out;
}

}  // namespace haetae::compare
