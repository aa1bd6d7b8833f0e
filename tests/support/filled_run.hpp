#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"

/// A run file with rows in every table, and an editor that no trigger stops. Test-only.
namespace haetae::test {

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "haetae-tamper-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

/// Raw is a connection as an editor of the file has it: no triggers stop it, nothing is checked.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& file) {
    REQUIRE(sqlite3_open(file.c_str(), &database_) == SQLITE_OK);
    run("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON; PRAGMA synchronous=OFF");
  }
  ~Raw() { sqlite3_close(database_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  void run(const std::string& sql) {
    char* message = nullptr;
    const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message);
    INFO(sql << ": " << (message != nullptr ? message : ""));
    REQUIRE(code == SQLITE_OK);
  }
  std::vector<std::vector<std::string>> rows(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    INFO(sql);
    REQUIRE(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::vector<std::vector<std::string>> out;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      auto& row = out.emplace_back();
      for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        const auto* text = sqlite3_column_text(statement, column);
        row.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
      }
    }
    sqlite3_finalize(statement);
    return out;
  }
  std::string one(const std::string& sql) { return rows(sql).at(0).at(0); }

  /// edit() changes rows of a table and leaves its triggers as they were.
  void edit(const std::string& table, const std::string& sql) {
    const auto triggers = rows(
        "SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='" + table + "'");
    REQUIRE(triggers.size() == 3);
    std::string script = "BEGIN;";
    for (const auto& trigger : triggers) script += "DROP TRIGGER " + trigger[0] + ";";
    script += sql + ";";
    for (const auto& trigger : triggers) script += trigger[1] + ";";
    run(script + "COMMIT");
  }

 private:
  sqlite3* database_ = nullptr;
};

struct Column {
  std::string name, type;
};

inline std::vector<Column> columns_of(Raw& raw, const std::string& table) {
  std::vector<Column> out;
  for (const auto& row : raw.rows("SELECT name, type FROM pragma_table_info('" + table + "')")) {
    out.push_back({row[0], row[1]});
  }
  return out;
}

inline std::vector<std::string> tables_of(Raw& raw) {
  std::vector<std::string> out;
  for (const auto& row :
       raw.rows("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")) {
    out.push_back(row[0]);
  }
  return out;
}

/// changed_value() is an SQL expression of the same type with another value.
inline std::string changed_value(const Column& column) {
  if (column.type == "TEXT") return column.name + " || 'x'";
  if (column.type == "INTEGER" || column.type == "REAL") return column.name + " + 1000000";
  return fmt::format(
      "CAST((CASE substr({0}, 1, 1) WHEN x'5a' THEN x'a5' ELSE x'5a' END) || substr({0}, 2) AS "
      "BLOB)",
      column.name);
}

/// Filled is one sealed run file with rows in every table; copy() is a fresh one to tamper with.
class Filled {
 public:
  Filled();
  std::filesystem::path copy() {
    const auto file = folder_.path / "copy.haetae";
    std::filesystem::copy_file(original_, file, std::filesystem::copy_options::overwrite_existing);
    return file;
  }
  const Bytes& key() const { return key_; }
  const std::filesystem::path& folder() const { return folder_.path; }

 private:
  Folder folder_;
  std::filesystem::path original_ = folder_.path / "original.haetae";
  Bytes key_;
};

}  // namespace haetae::test
