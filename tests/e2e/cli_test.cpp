#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

#include "tests/support/cli_bench.hpp"

/// What a person gets for bad input: a clear message, the right exit code, nothing lost.
namespace {

using namespace haetae;
namespace fs = std::filesystem;
using Bench = test::CliBench;
using test::holds;
using test::kSource;

}  // namespace

TEST_CASE("a declaration that is wrong is refused with file, line and what is allowed", "[e2e]") {
  const Bench bench(10);
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"<device format=\"1\">", "<device format=\"1\""},
      {"<identity ", "<identity colour=\"red\" "},
      {"<services>", "<servces>"},
      {"type=\"standard\"", "type=\"premium\""},
      {"id=\"stream\"", "id=\"web\""},
      {"<network>127.45.0.10/32", "<network>127.45.9.0/24"},
  };
  for (const auto& [from, to] : wrong) {
    const std::string file =
        bench.folder.write("bad.xml", test::replaced(bench.declaration, from, to));
    const auto result = bench.run(file);
    INFO(to << "\n" << result.output);
    CHECK(result.exit_code == 64);
    CHECK(holds(result, "bad.xml:"));
    CHECK_FALSE(fs::exists(bench.folder.path() / "run.haetae"));
  }
  const auto absent = bench.run("/nonexistent/device.xml");
  CHECK(absent.exit_code == 64);
  CHECK(holds(absent, "/nonexistent/device.xml"));
}

TEST_CASE("a selection that plans nothing is an error", "[e2e]") {
  const Bench bench(11);
  const std::string file = bench.folder.write("device.xml", bench.declaration);
  const auto unknown = bench.haetae({"run", file, "--only", "9.9"});
  CHECK(unknown.exit_code == 64);
  CHECK(holds(unknown, "no item '9.9'; allowed: 1.1"));
  // 7.6 is no part of the lite type.
  const auto empty = bench.haetae({"run", file, "--type", "lite", "--only", "7.6"});
  CHECK(empty.exit_code == 64);
  CHECK(holds(empty, "nothing is selected"));
  CHECK(bench.haetae({"run", file, "--permit", "everything"}).exit_code == 64);
  CHECK(bench.haetae({"frobnicate"}).exit_code == 64);
}

TEST_CASE("a device that is not there is a fault of the laboratory, and nothing passes", "[e2e]") {
  const Bench bench(12);
  const std::string file = bench.folder.write("device.xml", bench.declaration);
  const auto result = bench.run(file);
  INFO(result.output);
  CHECK(result.exit_code == 3);
  CHECK(holds(result, "the device was never reached"));
  const auto verdicts = bench.haetae(
      {"facts", bench.folder.file("run.haetae"),
       "SELECT count(*) FROM verdict_criterion v JOIN plan_criterion p "
       "ON p.criterion = v.criterion WHERE v.verdict = 'pass' AND p.source = 'probe'"});
  INFO(verdicts.output);
  CHECK(holds(verdicts, "\n0\n"));
}

TEST_CASE("an authorisation that has ended lets nothing be sent", "[e2e]") {
  const Bench bench(13, true);
  const std::string file = bench.folder.write(
      "device.xml",
      test::replaced(bench.declaration, "until=\"2099-12-31\"", "until=\"2026-01-02\""));
  const auto result = bench.run(file);
  CHECK(result.exit_code == 64);
  CHECK(holds(result, "nothing was sent"));
  CHECK(bench.camera->connections() == 0);
}

TEST_CASE("a catalogue with a broken query is refused before anything is sent", "[e2e]") {
  const Bench bench(14, true);
  const std::string device = bench.folder.write("device.xml", bench.declaration);
  const fs::path copy = bench.folder.path() / "catalogue";
  fs::copy(kSource / "testcases/catalogue", copy, fs::copy_options::recursive);
  std::ifstream stream(copy / "kisa-cic.xml");
  std::string text((std::istreambuf_iterator<char>(stream)), {});
  std::ofstream(copy / "kisa-cic.xml") << test::replaced(std::move(text), "FROM port", "FROM prot");
  const auto result = bench.haetae(
      {"run", device, "--catalogue", (copy / "kisa-cic.xml").string(), "--profile", "none"});
  INFO(result.output);
  CHECK(result.exit_code == 64);
  CHECK(holds(result, "kisa-cic.xml:"));
  CHECK(holds(result, "prot"));
  CHECK(bench.camera->connections() == 0);
}

TEST_CASE("a file that is no run file, or was changed, is told apart from an intact one", "[e2e]") {
  const Bench bench(15, true);
  const std::string device = bench.folder.write("device.xml", bench.declaration);
  const std::string no_run = bench.folder.write("text.haetae", "this is no database");
  const auto refused = bench.haetae({"verify", no_run});
  CHECK(refused.exit_code == 64);
  CHECK(holds(refused, "text.haetae"));

  const auto run = bench.run(device);
  INFO(run.output);
  REQUIRE((run.exit_code == 2));
  const std::string file = bench.folder.file("run.haetae");
  CHECK(holds(bench.haetae({"verify", file}), "intact"));

  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
  char* error = nullptr;
  sqlite3_exec(database, "UPDATE port SET state = 'closed'", nullptr, nullptr, &error);
  REQUIRE(error != nullptr);  // the triggers refuse it
  sqlite3_free(error);
  std::string trigger;
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database,
                     "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = "
                     "'port' AND sql LIKE '%UPDATE%'",
                     -1, &statement, nullptr);
  REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  const std::string name = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  const std::string sql = reinterpret_cast<const char*>(sqlite3_column_text(statement, 1));
  sqlite3_finalize(statement);
  for (const std::string& command :
       {"DROP TRIGGER \"" + name + "\"",
        std::string("UPDATE port SET state = 'closed' WHERE number = 443"), sql}) {
    REQUIRE(sqlite3_exec(database, command.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  sqlite3_close(database);
  const auto changed = bench.haetae({"verify", file});
  CHECK(changed.exit_code == 1);
  CHECK(holds(changed, "port"));
  CHECK(holds(changed, "state"));
}

TEST_CASE("two runs do not meet on one device", "[e2e]") {
  const Bench bench(16, true);
  const std::string device = bench.folder.write("device.xml", bench.declaration);
  fs::create_directories(bench.folder.path() / "state/locks");
  const auto lock = net::DeviceLock::acquire(bench.folder.path() / "state/locks" / bench.address);
  REQUIRE(lock);
  const auto result = bench.run(device);
  CHECK(result.exit_code == 3);
  CHECK(holds(result, std::to_string(::getpid())));
  CHECK(bench.camera->connections() == 0);
}

TEST_CASE("a full disk is told, and what was committed stays", "[e2e]") {
  const Bench bench(17, true);
  const std::string device = bench.folder.write("device.xml", bench.declaration);
  const std::string file = bench.folder.file("run.haetae");
  // The file size limit of the shell stands for the disk: writing beyond it fails like ENOSPC.
  const auto result =
      test::run_tool({"/bin/bash", "-c",
                      "ulimit -f 6000; trap '' XFSZ; exec env HAETAE_STATE_DIR=\"$1\" \"$2\" run "
                      "\"$3\" -o \"$4\" --lang en",
                      "bash", bench.folder.file("state"), test::kHaetae, device, file},
                     std::chrono::seconds(120));
  INFO(result.output);
  CHECK(result.exit_code == 3);
  const auto verified = bench.haetae({"verify", file});
  INFO(verified.output);
  CHECK(holds(verified, "intact"));
}

TEST_CASE("a run goes on only with the same question", "[e2e]") {
  const Bench bench(18, true);
  const std::string device = bench.folder.write("device.xml", bench.declaration);
  REQUIRE(bench.run(device).exit_code == 2);
  const std::string other = bench.folder.write(
      "other.xml", test::replaced(bench.declaration, "firmware=\"1.4.2\"", "firmware=\"1.4.3\""));
  const auto result = bench.run(other, {"--resume"});
  CHECK(result.exit_code == 64);
  CHECK(holds(result, "cannot be resumed"));
}

TEST_CASE("every command says what it does", "[e2e]") {
  const Bench bench(19);
  const auto version = bench.haetae({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(holds(version, "haetae 0.1.0 (commit "));
  for (const std::string command : {"run", "plan", "judge", "report", "verify", "facts", "evidence",
                                    "catalogue", "device", "simulate"}) {
    const auto help = bench.haetae({command, "--help"});
    CHECK(help.exit_code == 0);
    CHECK(holds(help, "Usage"));
  }
  const auto plan =
      bench.haetae({"plan", bench.folder.write("device.xml", bench.declaration), "--lang", "en"});
  INFO(plan.output);
  CHECK(plan.exit_code == 0);
  CHECK(holds(plan, "Nothing was sent"));
  const auto fresh = bench.haetae({"device", "new", bench.folder.file("new.xml")});
  CHECK(fresh.exit_code == 0);
  CHECK(bench.haetae({"device", "check", bench.folder.file("new.xml")}).exit_code == 0);
  CHECK(bench.haetae({"device", "new", bench.folder.file("new.xml")}).exit_code == 64);
  CHECK(holds(bench.haetae({"catalogue", "check", "--profile", "ip-camera"}), "sound"));
}
