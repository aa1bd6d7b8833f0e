#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"
#include "harness/evidence/transcript.hpp"

using namespace haetae;
using namespace haetae::evidence;

namespace {

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

std::vector<Column> columns_of(Raw& raw, const std::string& table) {
  std::vector<Column> out;
  for (const auto& row : raw.rows("SELECT name, type FROM pragma_table_info('" + table + "')")) {
    out.push_back({row[0], row[1]});
  }
  return out;
}

StoredEvidence evidence_of(EvidenceId id, std::size_t size) {
  return {.id = id,
          .procedure = "tls",
          .kind = "transcript",
          .subject = "lan:tcp/443",
          .label = "hello",
          .media_type = std::string(kTranscriptMediaType),
          .at = WallTime{},
          .content = Bytes(size, static_cast<std::uint8_t>(id)),
          .cut = 0};
}

/// Words that the CHECK lists of the engine's own tables allow.
std::string word_for(const std::string& table, const std::string& column) {
  static const std::map<std::string, std::string> kWords{{"document.kind", "declaration"},
                                                         {"plan_item.selected", "planned"},
                                                         {"plan_criterion.source", "probe"},
                                                         {"plan_procedure.state", "planned"},
                                                         {"procedure_state.state", "finished"},
                                                         {"procedure_state.cause", "none"},
                                                         {"coverage.state", "complete"},
                                                         {"coverage.cause", "none"},
                                                         {"log.level", "info"},
                                                         {"revision.headline", "incomplete"},
                                                         {"verdict_item.selected", "planned"},
                                                         {"verdict_item.verdict", "pass"},
                                                         {"verdict_criterion.verdict", "pass"},
                                                         {"verdict_subject.verdict", "fail"}};
  const auto found = kWords.find(table + "." + column);
  return found == kWords.end() ? "unknown" : found->second;
}

/// fill() puts two rows into every table that takes plain rows, each in its own link.
void fill(RunFile& run, Raw& raw) {
  // Parents first; every other table follows in name order.
  std::vector<std::string> tables{"plan_item", "plan_procedure", "plan_criterion", "revision"};
  for (const auto& row :
       raw.rows("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")) {
    static const std::set<std::string> kOther{"link",     "leaf",          "seal",
                                              "evidence", "evidence_salt", "evidence_chunk",
                                              "secret",   "secret_value"};
    if (!kOther.contains(row[0]) &&
        std::find(tables.begin(), tables.end(), row[0]) == tables.end()) {
      tables.push_back(row[0]);
    }
  }
  for (std::int64_t round = 1; round <= 2; ++round) {
    auto writer = run.begin(fmt::format("procedure fill {}", round));
    REQUIRE(writer);
    REQUIRE((*writer)->insert(evidence_of(round, round == 1 ? 2 * 1024 * 1024 + 5 : 9)));
    REQUIRE((*writer)->insert(
        StoredSecret{.id = round, .kind = "password", .value = fmt::format("hunter{}", round)}));
    for (const std::string& table : tables) {
      Cells cells;
      const auto columns = columns_of(raw, table);
      const bool fact = columns.size() > 2 && columns[2].name == "evidence";
      for (const Column& column : columns) {
        if (column.name == "id" || column.name == "link") continue;
        const std::string word = word_for(table, column.name);
        const std::string sql = raw.one("SELECT sql FROM sqlite_master WHERE name='" + table + "'");
        const bool listed = sql.find("CHECK (" + column.name + " IN") != std::string::npos;
        const bool reference = column.name == "procedure" || column.name == "item";
        if (column.type == "INTEGER") {
          cells.emplace_back(column.name, column.name == "whole" ? 1 : round);
        } else if (listed && !fact) {
          cells.emplace_back(column.name, word);
        } else if (listed) {
          // Two rows of a table whose key is one word need two words: the first and 'unknown'.
          const auto at = sql.find("CHECK (" + column.name + " IN ('") + column.name.size() + 13;
          cells.emplace_back(column.name,
                             round == 1 ? "unknown" : sql.substr(at, sql.find('\'', at) - at));
        } else {
          cells.emplace_back(column.name, reference ? fmt::format("parent-{}", round)
                                                    : fmt::format("{} {}", column.name, round));
        }
      }
      INFO(table);
      auto done = (*writer)->insert(table, cells);
      INFO((done ? "" : done.error().message()));
      REQUIRE(done);
    }
    auto done = (*writer)->commit();
    INFO((done ? "" : done.error().message()));
    REQUIRE(done);
  }
}

/// Filled is one sealed run file with rows in every table; copy() is a fresh one to tamper with.
class Filled {
 public:
  Filled() {
    auto facts = load_fact_tables(HAETAE_SOURCE_DIR "/testcases/facts");
    REQUIRE(facts);
    auto made = SigningKey::load(folder_.path / "key.pem", true);
    REQUIRE(made);
    key_ = made->public_key();
    auto run = RunFile::create(original_, *facts, nullptr, system_clock());
    REQUIRE(run);
    {
      Raw raw(original_);
      fill(*run, raw);
    }
    REQUIRE(run->seal(*made));
    auto writer = run->begin("judge");
    REQUIRE(writer);
    REQUIRE((*writer)->insert("log", {{"at", std::string("now")},
                                      {"level", std::string("info")},
                                      {"text", std::string("judged")}}));
    REQUIRE((*writer)->commit());
    writer->reset();
    REQUIRE(run->seal(*made));
    REQUIRE(run->finish());
  }
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

Filled& filled() {
  static Filled one;
  return one;
}

std::string all(const Verification& verification) {
  std::string out;
  for (const Damage& damage : verification.damages)
    out += "\n  " + damage.place + ": " + damage.text;
  return out.empty() ? "\n  (none)" : out;
}

Verification check(const std::filesystem::path& file) {
  auto verification = verify(file, filled().key());
  REQUIRE(verification);
  return std::move(*verification);
}

bool names(const Verification& verification, const std::string& place) {
  return std::any_of(verification.damages.begin(), verification.damages.end(),
                     [&](const Damage& damage) { return damage.place == place; });
}

bool names_some(const Verification& verification, const std::string& start) {
  return std::any_of(verification.damages.begin(), verification.damages.end(),
                     [&](const Damage& damage) { return damage.place.starts_with(start); });
}

std::vector<std::string> tables_of(Raw& raw) {
  std::vector<std::string> out;
  for (const auto& row :
       raw.rows("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")) {
    out.push_back(row[0]);
  }
  return out;
}

std::string changed_value(const Column& column) {
  if (column.type == "TEXT") return column.name + " || 'x'";
  if (column.type == "INTEGER") return column.name + " + 1000";
  return fmt::format(
      "CAST((CASE substr({0}, 1, 1) WHEN x'5a' THEN x'a5' ELSE x'5a' END) || substr({0}, 2) AS "
      "BLOB)",
      column.name);
}

/// expected_place() is where verify must point when a cell of a row was changed.
std::string expected_place(const std::string& table, const std::string& column,
                           const std::string& id) {
  const auto plus = [&id] { return std::to_string(std::stoll(id) + 1000); };
  const bool key = column == "id" || column == "n";
  if (table == "link") return key ? "link " + plus() : "link " + id + " cell " + column;
  if (table == "seal") return "seal " + (column == "id" ? plus() : id);
  if (table == "evidence_salt" && column == "salt") return "evidence " + id + " content";
  if (table == "secret_value" && (column == "salt" || column == "value")) {
    return "secret " + id + " content";
  }
  if (table == "evidence_chunk") {
    const std::string owner = std::to_string(std::stoll(id) >> 20);
    if (column == "bytes") return "evidence " + owner + " content";
    if (column == "id") return "evidence_chunk row " + plus() + " cell id";
    return "evidence_chunk row " + id + " cell " + (column == "n" ? "id" : column);
  }
  if (column == "secret" && table == "secret_value")
    return "secret_value row " + plus() + " cell secret";
  if (column == "evidence" && table == "evidence_salt") {
    return "evidence_salt row " + plus() + " cell evidence";
  }
  if (table == "leaf" && column == "id") return "leaf row " + id;  // it is missing there
  return fmt::format("{} row {} cell {}", table, column == "id" ? plus() : id, column);
}

}  // namespace

TEST_CASE("an untouched run file is intact and sealed to its last link") {
  const auto verification = check(filled().copy());
  INFO(all(verification));
  CHECK(verification.intact());
  CHECK(verification.links == 4);
  CHECK(verification.sealed_to == 4);
  CHECK(verification.signer == filled().key());
  CHECK(verification.signer_known);
  CHECK(verification.withheld == 0);
  CHECK(verification.root.size() == 64);
  const auto unknown = verify(filled().copy(), std::nullopt);
  REQUIRE(unknown);
  CHECK_FALSE(unknown->signer_known);
  CHECK(unknown->sealed_to == 4);
  const auto foreign = verify(filled().copy(), Bytes(32, 7));
  REQUIRE(foreign);
  CHECK_FALSE(foreign->signer_known);
  CHECK(foreign->intact());
}

TEST_CASE("every changed cell of every table is found and named") {
  std::vector<std::string> tables;
  {
    Raw raw(filled().copy());
    tables = tables_of(raw);
  }
  REQUIRE(tables.size() > 40);
  std::size_t cells = 0;
  for (const std::string& table : tables) {
    Raw raw(filled().copy());
    const auto columns = columns_of(raw, table);
    const auto row =
        raw.rows(fmt::format("SELECT {0} FROM {1} ORDER BY {0} LIMIT 1", columns[0].name, table));
    INFO("no row in " << table);
    REQUIRE(row.size() == 1);
    for (const Column& column : columns) {
      const auto file = filled().copy();
      {
        Raw editor(file);
        editor.edit(table, fmt::format("UPDATE {} SET {} = {} WHERE {} = {}", table, column.name,
                                       changed_value(column), columns[0].name, row[0][0]));
      }
      const auto verification = check(file);
      INFO(table << "." << column.name << all(verification));
      CHECK(names(verification, expected_place(table, column.name, row[0][0])));
      ++cells;
    }
  }
  CHECK(cells > 300);
}

TEST_CASE("every removed row is found and named") {
  std::vector<std::string> tables;
  {
    Raw raw(filled().copy());
    tables = tables_of(raw);
  }
  for (const std::string& table : tables) {
    const auto file = filled().copy();
    std::string id;
    {
      Raw raw(file);
      const std::string key = columns_of(raw, table)[0].name;
      id = raw.one(fmt::format("SELECT min({}) FROM {}", key, table));
      raw.edit(table, fmt::format("DELETE FROM {} WHERE {} = {}", table, key, id));
    }
    const auto verification = check(file);
    INFO(table << all(verification));
    if (table == "secret_value") {
      CHECK(verification.withheld == 1);  // that is what redaction looks like
      CHECK(verification.intact());
    } else if (table == "seal") {
      CHECK(names(verification, "seal 2"));
    } else if (table == "link") {
      CHECK(names(verification, "link 1"));
    } else if (table == "evidence_salt" || table == "evidence_chunk") {
      CHECK(names(verification, "evidence 1 content"));
    } else {
      CHECK(names(verification, table + " row " + id));
    }
  }
}

TEST_CASE("every added row is found and named, in an old link and beyond the last") {
  std::vector<std::string> tables;
  {
    Raw raw(filled().copy());
    tables = tables_of(raw);
  }
  for (const std::string& table : tables) {
    for (const bool beyond : {false, true}) {
      const auto file = filled().copy();
      std::string id;
      {
        Raw raw(file);
        const auto columns = columns_of(raw, table);
        std::string values;
        for (const Column& column : columns) {
          const bool first = column.name == columns[0].name;
          if (!values.empty()) values += ", ";
          if (first) {
            values += "900";
          } else if (column.name == "link") {
            values += beyond ? "777" : "2";
          } else if (column.type == "TEXT" && column.name != "at") {
            values += column.name + " || 'z'";
          } else {
            values += column.type == "INTEGER" && column.name != "evidence" ? column.name + " + 70"
                                                                            : column.name;
          }
        }
        raw.edit(table, fmt::format("INSERT INTO {0} SELECT {1} FROM {0} ORDER BY {2} LIMIT 1",
                                    table, values, columns[0].name));
      }
      const auto verification = check(file);
      INFO(table << (beyond ? " beyond" : "") << all(verification));
      if (table == "link") {
        CHECK(names(verification, "link 900"));
      } else if (table == "seal") {
        CHECK(names(verification, "seal 900"));
      } else {
        CHECK(names_some(verification, table + " row 900"));
      }
    }
  }
}

TEST_CASE("swapped rows are found and named") {
  std::vector<std::string> tables;
  {
    Raw raw(filled().copy());
    tables = tables_of(raw);
  }
  for (const std::string& table : tables) {
    const auto file = filled().copy();
    std::string first, second;
    {
      Raw raw(file);
      const std::string key = columns_of(raw, table)[0].name;
      const auto ids =
          raw.rows(fmt::format("SELECT {0} FROM {1} ORDER BY {0} DESC LIMIT 2", key, table));
      INFO(table);
      REQUIRE(ids.size() == 2);
      first = ids[0][0];
      second = ids[1][0];
      raw.edit(table,
               fmt::format("UPDATE {0} SET {1} = -5 WHERE {1} = {2}; UPDATE {0} SET {1} = {2} "
                           "WHERE {1} = {3}; UPDATE {0} SET {1} = {3} WHERE {1} = -5",
                           table, key, first, second));
    }
    const auto verification = check(file);
    INFO(table << " " << first << " " << second << all(verification));
    if (table == "link" || table == "seal") {
      CHECK(names_some(verification, table + " " + first));
    } else if (table == "leaf" || table == "evidence_chunk") {
      CHECK((names_some(verification, table + " row " + first) ||
             names_some(verification, table + " row " + second)));
    } else {
      CHECK(names_some(verification, table + " row " + first));
      CHECK(names_some(verification, table + " row " + second));
    }
  }
}

TEST_CASE("a changed, added or removed part of the schema is found and named") {
  const auto after = [](const std::string& sql, const std::string& place) {
    const auto file = filled().copy();
    { Raw(file).run(sql); }
    const auto verification = check(file);
    INFO(sql << all(verification));
    CHECK(names(verification, place));
  };
  after("DROP TRIGGER port_no_update", "schema of trigger port_no_update");
  after("CREATE TRIGGER quiet BEFORE INSERT ON port BEGIN SELECT 1; END",
        "schema of trigger quiet");
  after("CREATE TABLE extra (id INTEGER PRIMARY KEY, link INTEGER)", "schema of table extra");
  after("CREATE VIEW verdicts AS SELECT 'pass'", "schema of view verdicts");
  after("CREATE INDEX fast ON port(state)", "schema of index fast");
  after("DROP TABLE tls_suite", "schema of table tls_suite");
  after("ALTER TABLE port ADD COLUMN note TEXT", "schema of table port");
  after("ALTER TABLE port RENAME TO harbour", "schema of table port");
  after(
      "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = replace(sql, 'closed', 'Closed') "
      "WHERE name = 'port'",
      "schema of table port");
  after(
      "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = replace(sql, 'append-only', 'x') "
      "WHERE name = 'leaf_no_delete'",
      "schema of trigger leaf_no_delete");
  after("ANALYZE", "schema of table sqlite_stat1");
  after("PRAGMA application_id = 7", "application_id");
  after("PRAGMA user_version = 7", "user_version");
  // A view in the place of a table is not read: it could run without end.
  after(
      "DROP TABLE evidence_chunk; CREATE VIEW evidence_chunk AS WITH RECURSIVE r(id) AS (SELECT 1 "
      "UNION ALL SELECT id FROM r) SELECT id, id AS link, id AS evidence, id AS n, id AS bytes "
      "FROM r",
      "schema of view evidence_chunk");
}

TEST_CASE("cutting off the tail shows in the seal") {
  const std::string cut =
      "BEGIN; DROP TRIGGER {0}_no_delete; DELETE FROM {0} WHERE {1}; {2}; COMMIT";
  const auto remove = [&](Raw& raw, const std::string& table, const std::string& where) {
    const std::string trigger =
        raw.one("SELECT sql FROM sqlite_master WHERE name='" + table + "_no_delete'");
    raw.run(fmt::format(fmt::runtime(cut), table, where, trigger));
  };
  const auto cut_tail = [&](Raw& raw) {
    for (const auto& row :
         raw.rows("SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c "
                  "WHERE m.type='table' AND c.name='link'")) {
      remove(raw, row[0], "link = 4");
    }
    remove(raw, "link", "n = 4");
  };
  // With the seal over it, the loss of the last link is seen.
  const auto file = filled().copy();
  {
    Raw raw(file);
    cut_tail(raw);
  }
  auto verification = check(file);
  INFO(all(verification));
  CHECK(names(verification, "seal 2"));
  CHECK(verification.sealed_to == 3);
  CHECK(verification.links == 3);
  // Without any seal nothing vouches for the end, and that is said.
  {
    Raw raw(file);
    remove(raw, "seal", "1");
  }
  verification = check(file);
  INFO(all(verification));
  CHECK(verification.intact());
  CHECK(verification.sealed_to == 0);
  CHECK_FALSE(verification.signer_known);
  // Only the last seal removed: link 4 is there, but not sealed.
  const auto unsealed = filled().copy();
  {
    Raw raw(unsealed);
    remove(raw, "seal", "id = 2");
  }
  verification = check(unsealed);
  CHECK(verification.intact());
  CHECK(verification.sealed_to == 3);
  CHECK(verification.links == 4);
}

TEST_CASE("a redacted copy still verifies and says how much is withheld") {
  const auto file = filled().copy();
  {
    Raw raw(file);
    raw.edit("evidence_salt", "DELETE FROM evidence_salt WHERE evidence = 1");
    raw.edit("evidence_chunk", "DELETE FROM evidence_chunk WHERE evidence = 1");
    raw.edit("secret_value", "DELETE FROM secret_value");
  }
  const auto verification = check(file);
  INFO(all(verification));
  CHECK(verification.intact());
  CHECK(verification.withheld == 3);
  CHECK(verification.sealed_to == 4);
}

TEST_CASE("who rewrites the whole file cannot sign it") {
  const auto file = filled().copy();
  auto other = SigningKey::load(filled().folder() / "other.pem", true);
  REQUIRE(other);
  auto run = RunFile::open(file, true, system_clock());
  REQUIRE(run);
  auto writer = run->begin("judge");
  REQUIRE(writer);
  REQUIRE((*writer)->commit());
  writer->reset();
  REQUIRE(run->seal(*other));
  REQUIRE(run->finish());
  const auto verification = check(file);
  INFO(all(verification));
  CHECK(verification.intact());
  CHECK(verification.links == 5);
  CHECK(verification.sealed_to == 4);  // the trusted key vouches no further
  CHECK(verification.signer == filled().key());
  const auto theirs = verify(file, other->public_key());
  REQUIRE(theirs);
  CHECK(theirs->sealed_to == 5);
}

TEST_CASE("damage below SQLite and files that are something else") {
  const auto file = filled().copy();
  const auto size = std::filesystem::file_size(file);
  for (const auto kept : {size - 4096, size / 2, std::uintmax_t{4096}, std::uintmax_t{200}}) {
    filled().copy();
    std::filesystem::resize_file(file, kept);
    const auto verification = verify(file, filled().key());
    INFO(kept << (verification ? all(*verification) : verification.error().message()));
    CHECK((verification ? !verification->intact() : true));
    if (verification) CHECK_FALSE(verification->damages.front().text.empty());
  }
  filled().copy();
  std::ofstream(file, std::ios::app) << "more";
  CHECK(names(check(file), "file"));
  // One flipped byte anywhere in the pages is found; free space inside a page holds nothing.
  std::size_t missed = 0, flips = 0;
  for (std::uintmax_t at = 8192 + 2048; at < size; at += size / 40) {
    filled().copy();
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(static_cast<char>(byte ^ 0x5a));
    stream.close();
    const auto verification = verify(file, filled().key());
    ++flips;
    if (verification && verification->intact()) missed += byte == 0 ? 0 : 1;
  }
  CHECK(flips > 30);
  CHECK(missed == 0);
  const auto other = filled().folder() / "other";
  CHECK(verify(other, std::nullopt).error().kind == ErrorKind::not_found);
  std::ofstream(other) << "PNG or so";
  CHECK(verify(other, std::nullopt).error().kind == ErrorKind::invalid_input);
  std::filesystem::remove(other);
  { Raw(other).run("CREATE TABLE t (x)"); }
  CHECK(verify(other, std::nullopt).error().text.find("is no run file") != std::string::npos);
}
