#include <fstream>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/support/daemon.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/judged_run.hpp"

// haetae-verify is for people who have nothing else of Haetae: what it needs, and that it says the
// same as haetae verify.

using namespace haetae;
using namespace haetae::test;

namespace {

ToolResult program(const std::string& name, std::vector<std::string> words) {
  words.insert(words.begin(), HAETAE_BINARY_DIR "/" + name);
  return run_tool(words);
}

std::set<std::string> needed_by(const std::string& file) {
  const ToolResult shown = run_tool({find_tool("readelf"), "-d", file});
  REQUIRE(shown.exit_code == 0);
  std::set<std::string> out;
  std::istringstream lines(shown.output);
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find('['), end = line.find(']');
    if (line.find("(NEEDED)") != std::string::npos)
      out.insert(line.substr(begin + 1, end - begin - 1));
  }
  return out;
}

}  // namespace

TEST_CASE("haetae-verify needs SQLite, OpenSSL's crypto and what every system has") {
  const std::set<std::string> allowed{"libsqlite3.so.0", "libcrypto.so.3", "libstdc++.so.6",
                                      "libm.so.6",       "libgcc_s.so.1",  "libc.so.6"};
  const auto needed = needed_by(HAETAE_BINARY_DIR "/haetae-verify");
  CHECK(needed.contains("libsqlite3.so.0"));
  CHECK(needed.contains("libcrypto.so.3"));
  for (const std::string& library : needed) {
    INFO(library);
    CHECK((allowed.contains(library) || library.starts_with("ld-linux")));
  }
  CHECK(needed_by(HAETAE_BINARY_DIR "/haetae").size() > needed.size());
}

TEST_CASE("haetae-verify says what haetae verify says, with the same exit code") {
  const Folder folder;
  const std::string file = folder.path / "run.haetae";
  const auto key = evidence::SigningKey::load(folder.path / "key.pem", true);
  const auto other = evidence::SigningKey::load(folder.path / "other.pem", true);
  REQUIRE((key && other));
  std::ofstream(folder.path / "key.pub.pem") << key->public_pem();
  std::ofstream(folder.path / "other.pub.pem") << other->public_pem();
  std::ofstream(folder.path / "report.pdf") << "the report";
  std::ofstream(folder.path / "other.pdf") << "no report";
  JudgedRun run(file);
  run.judge();
  run.report("2026-001", "", "the report");
  run.finish();
  const std::string trusted = folder.path / "key.pub.pem";
  const auto same = [&](std::vector<std::string> words, int exit_code, const std::string& part) {
    const ToolResult own = program("haetae-verify", words);
    words.insert(words.begin(), "verify");
    const ToolResult full = program("haetae", words);
    INFO(own.output << "\n" << full.output);
    CHECK(own.exit_code == exit_code);
    CHECK(full.exit_code == exit_code);
    CHECK(own.output.find(part) != std::string::npos);
    std::string text = own.output;
    if (const auto at = text.find("haetae-verify: "); at != std::string::npos)
      text.replace(at, 15, "haetae: ");
    CHECK(text == full.output);
  };
  same({file, "--lang", "en"}, 2, "not sealed");
  run.seal(*key);
  run.finish();
  same({file, "--lang", "en"}, 0, "unknown: give --key");
  same({file, "--lang", "en", "--key", trusted}, 0, "(known)");
  same({file, "--lang", "en", "--chain-only"}, 0, "intact");
  same({file, "--lang", "ko", "--key", trusted}, 0, "다시 판정해도 같습니다");
  same({file, "--lang", "en", "--key", folder.path / "other.pub.pem"}, 2, "NOT the key");
  same({file, "--lang", "en", "--report", folder.path / "report.pdf"}, 0, "unchanged, issued");
  same({file, "--lang", "en", "--report", folder.path / "other.pdf"}, 1, "none of the 1 files");
  same({file, "--lang", "en", "--key", folder.path / "key.pem"}, 64, "holds a private key");
  same({folder.path / "none.haetae"}, 64, "does not exist");
  same({folder.path / "report.pdf"}, 64, "no run file");
  {
    Raw raw(file);
    raw.edit("tls_suite", "UPDATE tls_suite SET suite = 'TLS_OTHER'");
  }
  same({file, "--lang", "en"}, 1, "tls_suite row 1 cell suite: was changed");
}

TEST_CASE("a run file of format 1 is told as what it is") {
  const Folder folder;
  const std::string file = folder.path / "old.haetae";
  {
    Raw raw(file);
    raw.run(
        "PRAGMA application_id=1212237140; PRAGMA user_version=1; CREATE TABLE link (n INTEGER "
        "PRIMARY KEY); CREATE TABLE leaf (id INTEGER PRIMARY KEY); CREATE TABLE document (id "
        "INTEGER PRIMARY KEY); CREATE TABLE run (name TEXT, value TEXT); INSERT INTO run VALUES "
        "('tool', 'haetae 0.1.0 (commit abc)'); INSERT INTO link VALUES (1)");
  }
  const ToolResult told = program("haetae-verify", {file});
  INFO(told.output);
  CHECK(told.exit_code == 64);
  CHECK(told.output.find("is a run file of format 1, and this version reads format 2: use haetae "
                         "0.1.0 (commit abc)") != std::string::npos);
}
