#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"
#include "tests/support/filled_run.hpp"

using namespace haetae;
using namespace haetae::evidence;
using namespace haetae::test;

namespace {

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

/// expected_place() is where verify must point when a cell of a row was changed.
std::string expected_place(const std::string& table, const std::string& column,
                           const std::string& id) {
  const auto plus = [&id] { return std::to_string(std::stoll(id) + 1000000); };
  const bool key = column == "id" || column == "n";
  if (table == "link") return key ? "link " + plus() : "link " + id + " cell " + column;
  if (table == "seal" || table == "stamp") return table + " " + (column == "id" ? plus() : id);
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
  REQUIRE(verification.stamps.size() == 2);
  CHECK(verification.stamps[1].seal == 2);
  CHECK_FALSE(verification.stamps[1].checked.known);
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
    } else if (table == "seal" || table == "stamp") {
      CHECK(names(verification, table + " 2"));
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
            values += "90000";
          } else if (column.name == "link") {
            values += beyond ? "777" : "2";
          } else if (column.type == "TEXT" && column.name != "at") {
            values += column.name + " || 'z'";
          } else {
            values +=
                (column.type == "INTEGER" || column.type == "REAL") && column.name != "evidence"
                    ? column.name + " + 70"
                    : column.name;
          }
        }
        raw.edit(table, fmt::format("INSERT INTO {0} SELECT {1} FROM {0} ORDER BY {2} LIMIT 1",
                                    table, values, columns[0].name));
      }
      const auto verification = check(file);
      INFO(table << (beyond ? " beyond" : "") << all(verification));
      if (table == "link") {
        CHECK(names(verification, "link 90000"));
      } else if (table == "seal" || table == "stamp") {
        CHECK(names(verification, table + " 90000"));
      } else {
        CHECK(names_some(verification, table + " row 90000"));
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
    if (table == "link" || table == "seal" || table == "stamp") {
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
  CHECK(names(verification, "stamp 1"));  // the stamp still tells of the seal
  {
    Raw raw(file);
    remove(raw, "stamp", "1");
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
    remove(raw, "stamp", "id = 2");
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
