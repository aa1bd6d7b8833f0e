#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "harness/formats/elf.hpp"
#include "tests/support/daemon.hpp"

using namespace haetae;
namespace fs = std::filesystem;

/// What the reader says of Debian's own programs and libraries against binutils' readelf.
namespace {

constexpr std::size_t kWanted = 240;

Bytes read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// elf_files() takes every n-th file of each folder, so that programs, libraries and objects of
/// all sorts come along.
std::vector<fs::path> elf_files() {
  std::vector<fs::path> all;
  for (const char* folder : {"/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/gcc",
                             "/usr/libexec", "/usr/lib/openssh"}) {
    std::error_code error;
    std::vector<fs::path> here;
    for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
      if (at->is_symlink(error) || !at->is_regular_file(error)) continue;
      if (at->file_size(error) > (16U << 20U)) continue;
      std::ifstream in(at->path(), std::ios::binary);
      Bytes magic(16);
      in.read(reinterpret_cast<char*>(magic.data()), 16);
      if (in && formats::is_elf(magic)) here.push_back(at->path());
    }
    std::sort(here.begin(), here.end());
    const std::size_t step = std::max<std::size_t>(1, here.size() / 90);
    for (std::size_t index = 0; index < here.size(); index += step) all.push_back(here[index]);
  }
  return all;
}

std::string readelf(const fs::path& file) {
  const auto result =
      test::run_tool({"readelf", "-W", "-h", "-l", "-d", "-S", "--dyn-syms", "-s", file.string()});
  return result.output;
}

struct Expected {
  std::string type, nx, relro, symbols = "no", debug = "no";
  bool pie_flag = false, interpreter = false, segment = false, now = false, dynamic = false,
       relocated = false;
  std::vector<std::string> needed;
  std::set<std::string> imports;
};

Expected expected(const std::string& text) {
  Expected out;
  std::istringstream lines(text);
  bool symbols_for_linking = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    const std::vector<std::string> word{std::istream_iterator<std::string>(words), {}};
    if (word.empty()) continue;
    if (word[0] == "Type:") out.type = word[1];
    if (word[0] == "GNU_STACK")
      out.nx = line.find("RWE") == std::string::npos ? "present" : "absent";
    if (word[0] == "GNU_RELRO") out.segment = true;
    if (word[0] == "INTERP") out.interpreter = true;
    if (line.find("(NEEDED)") != std::string::npos)
      out.needed.push_back(line.substr(line.find('[') + 1, line.rfind(']') - line.find('[') - 1));
    if (line.find("(FLAGS)") != std::string::npos && line.find("BIND_NOW") != std::string::npos)
      out.now = true;
    if (line.find("(FLAGS_1)") != std::string::npos) {
      if (line.find(" NOW") != std::string::npos) out.now = true;
      if (line.find("PIE") != std::string::npos) out.pie_flag = true;
    }
    for (const char* tag : {"(RELA)", "(REL)", "(JMPREL)", "(RELR)"})
      if (line.find(tag) != std::string::npos) out.relocated = true;
    if (line.find("(BIND_NOW)") != std::string::npos) out.now = true;
    if (line.find("Dynamic section at") != std::string::npos) out.dynamic = true;
    if (line.find(" SYMTAB ") != std::string::npos) out.symbols = "yes";
    if (line.find("] .debug_") != std::string::npos) out.debug = "yes";
    if (line.find("Symbol table '.dynsym'") != std::string::npos) symbols_for_linking = true;
    if (line.find("Symbol table '.symtab'") != std::string::npos) symbols_for_linking = false;
    if (symbols_for_linking && word.size() >= 8 && word[6] == "UND")
      out.imports.insert(word[7].substr(0, word[7].find('@')));
  }
  return out;
}

}  // namespace

TEST_CASE("programs and libraries of Debian are read as readelf reads them", "[parity]") {
  const auto files = elf_files();
  REQUIRE(files.size() >= kWanted);
  std::size_t dynamic = 0;
  std::set<std::string> kinds;
  for (const fs::path& file : files) {
    CAPTURE(file);
    const Bytes bytes = read(file);
    const auto elf = formats::read_elf(bytes);
    REQUIRE(elf);
    const Expected want = expected(readelf(file));
    kinds.insert(elf->kind);
    CHECK(elf->damage == "");
    CHECK(elf->symbols == want.symbols);
    CHECK(elf->debug == want.debug);
    CHECK(elf->needed == want.needed);
    if (want.type == "REL") {
      CHECK((elf->kind == "object" || elf->kind == "module"));
      continue;
    }
    if (!want.nx.empty()) CHECK(elf->nx == want.nx);
    CHECK((elf->pie == "absent") == (want.type == "EXEC"));
    if (want.pie_flag) CHECK(elf->pie == "present");
    if (want.type == "DYN" && !want.pie_flag && !want.interpreter) CHECK(elf->kind == "library");
    CHECK(elf->interpreter.empty() != want.interpreter);
    if (!want.dynamic) continue;
    ++dynamic;
    if (elf->relro == "not-applicable") {
      CHECK_FALSE(want.segment);
      CHECK_FALSE(want.relocated);
    } else {
      CHECK(elf->relro == (!want.segment ? "absent" : want.now ? "full" : "partial"));
    }
    CHECK(elf->imports_known);
    CHECK(std::set<std::string>(elf->imports.begin(), elf->imports.end()) == want.imports);
    CHECK((elf->canary == "present") == (want.imports.count("__stack_chk_fail") != 0));
  }
  CHECK(dynamic >= 200);
  CHECK(kinds.count("program") == 1);
  CHECK(kinds.count("library") == 1);
  WARN(files.size() << " files, " << dynamic << " of them linked dynamically");
}
