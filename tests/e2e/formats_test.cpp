#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/cli_bench.hpp"

/// A person asks for a report in each form: by ending, by name, after a run and with it.
namespace {

using namespace haetae;
namespace fs = std::filesystem;
using Bench = test::CliBench;
using test::holds;

std::string start_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string out(200, '\0');
  stream.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(stream.gcount()));
  return out;
}

struct Wanted {
  std::string format, file, holds;
};

}  // namespace

TEST_CASE("haetae report writes every format, by its ending or its name", "[e2e]") {
  const Bench bench(61, true);
  const std::string device = bench.folder.write("device.xml", bench.declaration);
  const auto ran = bench.run(device, {"--report", bench.folder.file("with.sarif"), "--report",
                                      bench.folder.file("with.csv")});
  INFO(ran.output);
  REQUIRE(fs::exists(bench.folder.file("run.haetae")));
  CHECK(
      holds({.exit_code = 0, .output = start_of(bench.folder.file("with.sarif"))}, "sarif-schema"));
  CHECK(start_of(bench.folder.file("with.csv")).starts_with("\xEF\xBB\xBF\"item\""));
  const std::string run = bench.folder.file("run.haetae");
  const std::array<Wanted, 9> all{{{"", "a.sarif", "\"version\": \"2.1.0\""},
                                   {"sarif-failures", "b.json", "\"version\": \"2.1.0\""},
                                   {"oscal", "a.json", "\"assessment-results\""},
                                   {"", "a.csv", "\"item\",\"code\""},
                                   {"", "a.xml", "<testsuites"},
                                   {"", "b.report.json", "\"haetae-report\""},
                                   {"label", "a.svg", "<svg"},
                                   {"label", "a.png", "PNG"},
                                   {"label", "a.pdf", "%PDF-"}}};
  for (const Wanted& one : all) {
    const std::string file = bench.folder.file(one.file);
    std::vector<std::string> arguments{"report", run, "-o", file, "--lang", "ko"};
    if (!one.format.empty()) arguments.insert(arguments.end(), {"--format", one.format});
    const auto made = bench.haetae(arguments);
    INFO(one.format << " " << one.file << " " << made.output);
    CHECK(made.exit_code == 0);
    CHECK(start_of(file).find(one.holds) != std::string::npos);
  }
  const auto wrong = bench.haetae({"report", run, "-o", bench.folder.file("a.docx")});
  CHECK(wrong.exit_code == 64);
  CHECK(holds(wrong, ".sarif (sarif)"));
  CHECK(holds(wrong, "oscal"));
  CHECK_FALSE(fs::exists(bench.folder.file("a.docx")));
  const auto unknown =
      bench.haetae({"report", run, "-o", bench.folder.file("a.svg"), "--format", "sticker"});
  CHECK(unknown.exit_code == 64);
  CHECK(holds(unknown, "label-png"));
}
