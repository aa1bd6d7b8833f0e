#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/filled_run.hpp"

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
