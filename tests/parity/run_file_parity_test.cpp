#include <fstream>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/judged_run.hpp"
#include "tests/support/keys.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

/// second_verifier() is a Python program written from FORMAT.md alone.
ToolResult second_verifier(const std::filesystem::path& file) {
  return run_tool({find_tool("python3"), HAETAE_SOURCE_DIR "/tests/parity/run_file_verifier.py",
                   file.string()});
}

}  // namespace

TEST_CASE("a second verifier, written from FORMAT.md, comes to the same root and seal") {
  Filled filled;
  const auto file = filled.copy();
  const auto own = evidence::verify(file, filled.key());
  REQUIRE(own);
  const ToolResult other = second_verifier(file);
  CHECK(other.exit_code == 0);
  CHECK(other.output ==
        fmt::format("links={} sealed={} root={}\n", own->links, own->sealed_to, own->root));
}

TEST_CASE("both verifiers agree whether a report belongs to a run") {
  const Folder folder;
  const std::string file = folder.path / "run.haetae", same = folder.path / "same.pdf",
                    changed = folder.path / "changed.pdf";
  JudgedRun run(file);
  run.judge();
  run.report("2026-001", "", "the report");
  run.finish();
  std::ofstream(same) << "the report";
  std::ofstream(changed) << "the resort";
  const ToolResult other =
      run_tool({find_tool("python3"), HAETAE_SOURCE_DIR "/tests/parity/run_file_verifier.py", file,
                same, changed});
  INFO(other.output);
  CHECK(other.exit_code == 0);
  CHECK(other.output.ends_with("\n2026-001 pdf ko 5\nforeign\n"));
}

TEST_CASE("both verifiers agree about seals of every kind of key") {
  Filled filled;
  const auto file = filled.copy();
  auto run = evidence::RunFile::open(file, true, system_clock());
  REQUIRE(run);
  for (const std::string kind : {"EC:P-256", "EC:P-384", "RSA:2048", "ED25519"}) {
    const auto key = evidence::SigningKey::load(
        write_private(make_key(kind), filled.folder() / "other.pem"), false);
    REQUIRE(key);
    REQUIRE(run->seal(*key));
  }
  REQUIRE(run->finish());
  CHECK(evidence::verify(file, filled.key())->intact());
  const ToolResult whole = second_verifier(file);
  INFO(whole.output);
  CHECK(whole.exit_code == 0);
  for (const int seal : {3, 4, 5, 6}) {
    const auto changed = filled.folder() / "changed.haetae";
    std::filesystem::copy_file(file, changed, std::filesystem::copy_options::overwrite_existing);
    {
      Raw raw(changed);
      raw.edit("seal", fmt::format("UPDATE seal SET signature = CAST(substr(signature, 1, "
                                   "length(signature) - 1) || CASE substr(signature, -1) WHEN "
                                   "x'00' THEN x'01' ELSE x'00' END AS BLOB) WHERE id = {}",
                                   seal));
    }
    const auto own = evidence::verify(changed, filled.key());
    REQUIRE(own);
    REQUIRE(own->damages.size() == 1);
    CHECK(own->damages[0].place == fmt::format("seal {}", seal));
    const ToolResult other = second_verifier(changed);
    CHECK(other.output == fmt::format("seal {}\n", seal));
    CHECK(other.exit_code == 1);
  }
}

TEST_CASE("both verifiers agree that a file was changed, table by table") {
  Filled filled;
  std::vector<std::string> tables;
  {
    Raw raw(filled.copy());
    tables = tables_of(raw);
  }
  for (const std::string& table : tables) {
    const auto file = filled.copy();
    {
      Raw raw(file);
      const auto columns = columns_of(raw, table);
      raw.edit(table,
               fmt::format("UPDATE {0} SET {1} = {2} WHERE {3} = (SELECT min({3}) FROM {0})", table,
                           columns.back().name, changed_value(columns.back()), columns[0].name));
    }
    const auto own = evidence::verify(file, filled.key());
    REQUIRE(own);
    const ToolResult other = second_verifier(file);
    INFO(table << ": " << other.output);
    CHECK_FALSE(own->intact());
    CHECK(other.exit_code == 1);
    CHECK(other.output.find("Traceback") == std::string::npos);
  }
}
