#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"

/// A root file system made of the files of Debian's packages, packed by the tools that makers use,
/// with faults planted in it; and its clean twin.
namespace {

using namespace haetae;

using Cells = std::map<std::string, std::string>;

/// Planted is one fault: the row that must tell of it, and bytes that its evidence must show.
struct Planted {
  std::string table;
  Cells cells;
  std::string bytes;  ///< empty: the evidence shows no content but mode, owner or header
};

const std::vector<Planted>& planted() {
  static const std::vector<Planted> list = {
      {"elf_file", {{"path", "/usr/bin/open"}, {"nx", "absent"}}, ""},
      {"elf_file", {{"path", "/usr/bin/open"}, {"pie", "absent"}}, ""},
      {"elf_file", {{"path", "/usr/bin/open"}, {"relro", "absent"}}, ""},
      {"elf_file", {{"path", "/usr/bin/open"}, {"canary", "absent"}}, ""},
      {"elf_file", {{"path", "/usr/bin/open"}, {"debug", "yes"}}, ""},
      {"elf_import", {{"path", "/usr/bin/open"}, {"name", "rand"}}, ""},
      {"component",
       {{"path", "/lib/apk/db/installed"}, {"name", "busybox"}, {"version", "1.30.1-r2"}},
       "V:1.30.1-r2"},
      {"image_version", {{"path", "/etc/os-release"}, {"same", "no"}}, "2.2.0"},
  };
  return list;
}

std::string cell(const FactRow& row, const std::string& column) {
  for (const auto& [name, value] : row.cells) {
    if (name != column) continue;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  }
  return "";
}

bool fits(const FactRow& row, const Cells& cells) {
  return std::ranges::all_of(cells,
                             [&](const auto& one) { return cell(row, one.first) == one.second; });
}

/// Root is a tree with its images in a folder of its own.
struct Root {
  explicit Root(const std::string& kind) { script({"tree", tree(), kind}); }
  void script(std::vector<std::string> words) const {
    words.insert(words.begin(), {"/bin/bash", HAETAE_SOURCE_DIR "/tests/support/root_image.sh"});
    const auto result = test::run_tool(words, std::chrono::seconds(120));
    INFO(result.output);
    REQUIRE(result.exit_code == 0);
  }
  [[nodiscard]] std::string tree() const { return folder.file("root"); }
  [[nodiscard]] std::string packed(const std::string& format) const {
    const std::string file = folder.file("image." + format);
    script({"pack", format, tree(), file});
    return file;
  }
  test::TempDir folder;
};

catalogue::Catalogue the_catalogue() {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) throw std::runtime_error(loaded.error().message());
  return std::move(loaded->value);
}

/// Look is the analysis of one image.
struct Look {
  explicit Look(const std::string& image) : context(device(image), the_catalogue()) {
    const auto done = testcases::firmware_procedure().run(context);
    REQUIRE(done);
    INFO(fmt::format("{}", fmt::join(context.logged(), "\n")));
    for (const Coverage& coverage : context.coverages()) {
      INFO(coverage.topic << " of " << coverage.subject << ": " << coverage.why);
      CHECK(coverage.state == CoverageState::complete);
    }
  }
  static declaration::Declaration device(const std::string& image) {
    auto out = test::lab_declaration("127.46.0.1");
    out.identity.firmware = "2.3.1";
    out.firmware.push_back({.id = "main", .file = image, .kind = "image", .version = "2.3.1"});
    return out;
  }
  test::FakeContext context;
};

}  // namespace

TEST_CASE("every planted fault is named with its path and bytes, whatever packed it", "[e2e]") {
  const Root root("planted");
  for (const std::string format : {"squashfs", "ext4", "uimage", "fit", "tar"}) {
    const Look look(root.packed(format));
    for (const Planted& fault : planted()) {
      INFO(format << ": " << fault.table << " " << fault.cells.at("path"));
      const auto rows = look.context.rows(fault.table);
      const auto found =
          std::ranges::find_if(rows, [&](const FactRow& row) { return fits(row, fault.cells); });
      CHECK(found != rows.end());
      if (found == rows.end()) continue;
      const std::string shown =
          look.context.evidence().text(std::stoll(cell(*found, "evidence")), Direction::received);
      CHECK_THAT(shown, Catch::Contains("path: " + fault.cells.at("path")) &&
                            Catch::Contains(fault.bytes) && Catch::Contains("container: at byte"));
    }
  }
}
