#include "harness/evidence/run_file.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

using namespace haetae;
using namespace haetae::evidence;

namespace {

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "haetae-run-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

const std::string kFacts = HAETAE_SOURCE_DIR "/testcases/facts";

Result<RunFile> make(const std::filesystem::path& file) {
  auto facts = load_fact_tables(kFacts);
  REQUIRE(facts);
  return RunFile::create(
      file, *facts,
      [](Transaction& first) -> Result<void> {
        auto done =
            first.insert("run", {{"name", std::string("tool")}, {"value", std::string("x")}});
        if (!done) return tl::unexpected(done.error());
        return {};
      },
      system_clock());
}

std::int64_t count(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  const std::int64_t value = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return value;
}

StoredEvidence some_evidence(EvidenceId id, std::size_t size) {
  StoredEvidence evidence{.id = id,
                          .procedure = "tls",
                          .kind = "transcript",
                          .subject = "lan",
                          .label = "hello",
                          .media_type = "application/x-haetae-transcript",
                          .at = WallTime{},
                          .content = Bytes(size),
                          .cut = 0};
  for (std::size_t index = 0; index < size; ++index) {
    evidence.content[index] = static_cast<std::uint8_t>(index * 31 + index / 251);
  }
  return evidence;
}

Cells port_cells(EvidenceId evidence, const std::string& subject) {
  return {{"evidence", evidence},
          {"subject", subject},
          {"transport", std::string("tcp")},
          {"number", std::int64_t{443}},
          {"state", std::string("open")},
          {"over_ipv4", std::string("open")},
          {"over_ipv6", std::string("not-asked")}};
}

}  // namespace

TEST_CASE("a run file keeps what was committed and nothing else") {
  const Folder folder;
  const auto file = folder.path / "a.haetae";
  {
    auto run = make(file);
    REQUIRE(run);
    CHECK(run->value("tool") == "x");
    CHECK(run->value("absent").empty());
    CHECK(run->next_evidence() == 1);
    auto writer = run->begin("procedure discovery");
    REQUIRE(writer);
    CHECK_FALSE(run->begin("a second one"));
    // The fact may come before its evidence: both are there at the commit.
    REQUIRE((*writer)->insert("port", port_cells(1, "lan:tcp/443")));
    REQUIRE((*writer)->insert(some_evidence(1, 3 * 1024 * 1024 + 7)));
    REQUIRE((*writer)->insert(some_evidence(2, 0)));
    REQUIRE((*writer)->insert(StoredSecret{.id = 1, .kind = "password", .value = "hunter2"}));
    REQUIRE((*writer)->commit());
    CHECK_FALSE((*writer)->commit());
    writer->reset();
    {
      auto undone = run->begin("never committed");
      REQUIRE(undone);
      REQUIRE((*undone)->insert("port", port_cells(1, "lan:tcp/80")));
    }
    CHECK(count(run->handle(), "SELECT count(*) FROM port") == 1);
    REQUIRE(run->finish());
  }
  CHECK_FALSE(std::filesystem::exists(file.string() + "-wal"));
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::group_all) ==
        std::filesystem::perms::none);
  auto run = RunFile::open(file, true, system_clock());
  REQUIRE(run);
  CHECK(run->content(1).value() == some_evidence(1, 3 * 1024 * 1024 + 7).content);
  CHECK(run->content(2).value().empty());
  CHECK(run->content(3).error().kind == ErrorKind::not_found);
  CHECK(run->secret(1).value() == "hunter2");
  CHECK(run->secret(2).error().kind == ErrorKind::not_found);
  CHECK(run->next_evidence() == 3);
  CHECK(run->next_secret() == 2);
  CHECK(count(run->handle(), "SELECT max(n) FROM link") == 2);
  auto writer = run->begin("judge");
  REQUIRE(writer);
  REQUIRE((*writer)->commit());
  CHECK(count(run->handle(), "SELECT max(n) FROM link") == 3);
}

TEST_CASE("a row that breaks the schema is our bug and undoes its transaction") {
  const Folder folder;
  auto run = make(folder.path / "a.haetae");
  REQUIRE(run);
  const auto refused = [&](std::string_view table, const Cells& cells) {
    auto writer = run->begin("test");
    REQUIRE(writer);
    auto done = (*writer)->insert(table, cells);
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::internal);
    CHECK_FALSE((*writer)->commit());
  };
  auto word = port_cells(1, "lan:tcp/1");
  word[4].second = std::string("ajar");
  refused("port", word);
  refused("no_such_table", port_cells(1, "lan:tcp/1"));
  refused("link", {{"what", std::string("forged")}});
  refused("evidence", {{"label", std::string("forged")}});
  refused("log", {{"id", std::int64_t{7}}});
  refused("log", {{"text\" --", std::string("x")}});
  auto type = port_cells(1, "lan:tcp/1");
  type[3].second = std::string("not a number");
  refused("port", type);
  // Evidence that never comes is found at the commit.
  auto writer = run->begin("test");
  REQUIRE(writer);
  REQUIRE((*writer)->insert("port", port_cells(99, "lan:tcp/1")));
  CHECK((*writer)->commit().error().kind == ErrorKind::internal);
  writer->reset();
  CHECK(count(run->handle(), "SELECT count(*) FROM port") == 0);
  CHECK(count(run->handle(), "SELECT max(n) FROM link") == 1);
}

TEST_CASE("every table refuses update, delete and replace") {
  const Folder folder;
  const auto file = folder.path / "a.haetae";
  auto key = SigningKey::load(folder.path / "keys" / "key.pem", true);
  REQUIRE(key);
  auto run = make(file);
  REQUIRE(run);
  auto writer = run->begin("fill");
  REQUIRE(writer);
  REQUIRE((*writer)->insert(some_evidence(1, 10)));
  REQUIRE((*writer)->insert(StoredSecret{.id = 1, .kind = "password", .value = "x"}));
  REQUIRE((*writer)->insert("port", port_cells(1, "lan:tcp/443")));
  REQUIRE((*writer)->commit());
  writer->reset();
  REQUIRE(run->seal(*key));
  for (const std::string table :
       {"link", "leaf", "seal", "run", "document", "evidence", "evidence_salt", "evidence_chunk",
        "secret", "secret_value", "port"}) {
    INFO(table);
    CHECK(sqlite3_exec(run->handle(), ("DELETE FROM " + table).c_str(), nullptr, nullptr,
                       nullptr) == SQLITE_CONSTRAINT_TRIGGER);
    const std::string replace = "INSERT OR REPLACE INTO " + table + " SELECT * FROM " + table;
    CHECK(sqlite3_exec(run->handle(), replace.c_str(), nullptr, nullptr, nullptr) ==
          SQLITE_CONSTRAINT_TRIGGER);
  }
  CHECK(sqlite3_exec(run->handle(), "UPDATE port SET state = 'closed'", nullptr, nullptr,
                     nullptr) == SQLITE_CONSTRAINT_TRIGGER);
  CHECK(
      sqlite3_exec(run->handle(),
                   "INSERT OR REPLACE INTO port SELECT id + 1, link, evidence, subject, transport, "
                   "number, 'closed', over_ipv4, over_ipv6 FROM port",
                   nullptr, nullptr, nullptr) == SQLITE_CONSTRAINT_TRIGGER);
}

TEST_CASE("what is no run file says so") {
  const Folder folder;
  const auto file = folder.path / "a";
  CHECK(RunFile::open(file, false, system_clock()).error().kind == ErrorKind::not_found);
  CHECK(RunFile::open(folder.path, false, system_clock()).error().kind == ErrorKind::invalid_input);
  std::ofstream(file)
      << "this is a text and no database, and long enough to be taken for one..............."
         "..........................................................................";
  auto opened = RunFile::open(file, false, system_clock());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().text.find("is no run file") != std::string::npos);
  std::filesystem::remove(file);
  std::ofstream(file).close();
  CHECK(RunFile::open(file, true, system_clock()).error().kind == ErrorKind::invalid_input);
  CHECK(make(file).error().kind == ErrorKind::invalid_input);  // it exists
  CHECK(make(folder.path / "none" / "b").error().kind == ErrorKind::storage);
  // A failure in the first transaction leaves no file behind.
  auto broken = RunFile::create(
      folder.path / "c", {},
      [](Transaction&) -> Result<void> { return fail(ErrorKind::stopped, "no"); }, system_clock());
  CHECK(broken.error().kind == ErrorKind::stopped);
  CHECK_FALSE(std::filesystem::exists(folder.path / "c"));
}

TEST_CASE("a signing key is made once and private") {
  const Folder folder;
  const auto file = folder.path / "keys" / "key.pem";
  CHECK(SigningKey::load(file, false).error().kind == ErrorKind::not_found);
  auto key = SigningKey::load(file, true);
  REQUIRE(key);
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  CHECK(SigningKey::load(file, true)->public_key() == key->public_key());
  const auto pem = folder.path / "public.pem";
  std::ofstream(pem) << key->public_pem();
  CHECK(public_key_from_pem(pem).value() == key->public_key());
  CHECK(public_key_from_pem(file).error().kind == ErrorKind::invalid_input);
  CHECK(public_key_from_pem(folder.path / "none").error().kind == ErrorKind::not_found);
  std::ofstream(folder.path / "junk.pem") << "junk";
  CHECK(SigningKey::load(folder.path / "junk.pem", true).error().kind == ErrorKind::invalid_input);
}

TEST_CASE("two writers cannot meet in one file, and a reader does not disturb") {
  const Folder folder;
  const auto file = folder.path / "a.haetae";
  auto first = make(file);
  REQUIRE(first);
  auto second = RunFile::open(file, true, system_clock());
  REQUIRE(second);
  sqlite3_busy_timeout(second->handle(), 1);
  auto writer = first->begin("procedure discovery");
  REQUIRE(writer);
  REQUIRE((*writer)->insert(some_evidence(1, 100)));
  const auto refused = second->begin("procedure tls");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::storage);
  CHECK(refused.error().text.find("another program") != std::string::npos);
  // What is not committed is not seen, neither by a reader nor by verify.
  CHECK(second->content(1).error().kind == ErrorKind::not_found);
  auto verification = verify(file, std::nullopt);
  REQUIRE(verification);
  CHECK((verification->intact() && verification->links == 1));
  REQUIRE((*writer)->commit());
  writer->reset();
  CHECK(second->content(1).value() == some_evidence(1, 100).content);
  verification = verify(file, std::nullopt);
  REQUIRE(verification);
  CHECK((verification->intact() && verification->links == 2));
  // The second one goes on behind what the first has written.
  auto next = second->begin("procedure tls");
  REQUIRE(next);
  REQUIRE((*next)->commit());
  next->reset();
  CHECK(count(first->handle(), "SELECT max(n) FROM link") == 3);
}
