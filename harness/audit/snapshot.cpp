#include "harness/audit/snapshot.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace haetae::audit {
namespace {

using evidence::Database;
using evidence::Statement;

/// kNotRead are the tables that no judgement looks at: contents, custody, and what was judged.
constexpr std::array<std::string_view, 17> kNotRead{"link",
                                                    "leaf",
                                                    "seal",
                                                    "stamp",
                                                    "evidence_salt",
                                                    "evidence_chunk",
                                                    "secret_value",
                                                    "document",
                                                    "log",
                                                    "revision",
                                                    "verdict_item",
                                                    "finding",
                                                    "citation",
                                                    "report",
                                                    "report_file",
                                                    "verdict_subject",
                                                    "verdict_criterion"};

struct Table {
  std::string name, sql;
};

bool plain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
  });
}

Result<std::vector<Table>> read_tables(sqlite3* database) {
  auto statement = Statement::prepare(
      database,
      "SELECT m.name, m.sql FROM sqlite_master m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM "
      "pragma_table_info(m.name) c WHERE c.name = 'link') ORDER BY m.name");
  if (!statement) return tl::unexpected(statement.error());
  std::vector<Table> out;
  int code = SQLITE_ROW;
  while ((code = statement->step()) == SQLITE_ROW) {
    const std::string name = statement->text(0);
    if (!plain(name) || std::ranges::find(kNotRead, name) != kNotRead.end()) continue;
    out.push_back({.name = name, .sql = statement->text(1)});
  }
  if (code != SQLITE_DONE) {
    return tl::unexpected(evidence::database_error(database, code, "cannot read the schema"));
  }
  return out;
}

/// only_tables() lets the texts of the file make tables and nothing else.
int only_tables(void*, int action, const char*, const char*, const char*, const char*) {
  switch (action) {
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_INDEX:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_READ:
    case SQLITE_FUNCTION: return SQLITE_OK;
    default: return SQLITE_DENY;
  }
}

Result<void> make_table(sqlite3* memory, const Table& table) {
  sqlite3_set_authorizer(memory, &only_tables, nullptr);
  auto made = evidence::execute(memory, table.sql, "cannot make table " + table.name);
  sqlite3_set_authorizer(memory, nullptr, nullptr);
  return made;
}

Result<void> copy(sqlite3* from, sqlite3* to, const Table& table, std::int64_t n) {
  auto rows =
      Statement::prepare(from, fmt::format("SELECT * FROM \"{}\" WHERE link < ?", table.name));
  if (!rows) return tl::unexpected(rows.error());
  rows->bind(1, n);
  const int columns = sqlite3_column_count(rows->get());
  std::string places = "?";
  for (int column = 1; column < columns; ++column) places += ",?";
  auto insert =
      Statement::prepare(to, fmt::format("INSERT INTO \"{}\" VALUES ({})", table.name, places));
  if (!insert) return tl::unexpected(insert.error());
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) {
    for (int column = 0; column < columns; ++column) {
      sqlite3_bind_value(insert->get(), column + 1, sqlite3_column_value(rows->get(), column));
    }
    if (const int done = insert->step(); done != SQLITE_DONE) {
      return tl::unexpected(evidence::database_error(to, done, "cannot copy " + table.name));
    }
    insert->reset();
  }
  if (code == SQLITE_DONE) return {};
  return tl::unexpected(evidence::database_error(from, code, "cannot read " + table.name));
}

}  // namespace

Result<bool> grew_after(sqlite3* database, std::int64_t n) {
  const auto tables = read_tables(database);
  if (!tables) return tl::unexpected(tables.error());
  for (const Table& table : *tables) {
    const auto found = evidence::one_integer(
        database,
        fmt::format("SELECT EXISTS (SELECT 1 FROM \"{}\" WHERE link >= {})", table.name, n));
    if (!found) return tl::unexpected(found.error());
    if (*found != 0) return true;
  }
  return false;
}

Result<Database> snapshot(sqlite3* database, std::int64_t n) {
  const auto tables = read_tables(database);
  if (!tables) return tl::unexpected(tables.error());
  auto memory = evidence::open_database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!memory) return memory;
  auto ready = evidence::execute(memory->get(),
                                 "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON",
                                 "cannot make a database in memory");
  for (const Table& table : *tables) {
    if (ready) ready = make_table(memory->get(), table);
  }
  if (ready) ready = evidence::execute(memory->get(), "BEGIN", "cannot copy");
  for (const Table& table : *tables) {
    if (ready) ready = copy(database, memory->get(), table, n);
  }
  if (ready) ready = evidence::execute(memory->get(), "COMMIT", "cannot copy");
  if (!ready) return tl::unexpected(ready.error());
  return memory;
}

}  // namespace haetae::audit
