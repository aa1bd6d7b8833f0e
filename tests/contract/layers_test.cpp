#include <unistd.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

/// Dependencies point one way: what may include what. A folder may always include itself.
namespace {

namespace fs = std::filesystem;
using Allowed = std::map<std::string, std::set<std::string>>;

const Allowed& allowed() {
  static const Allowed map = [] {
    Allowed out;
    out["harness/model"] = {};
    out["harness/xml"] = {"harness/model"};
    out["harness/declaration"] = {"harness/model", "harness/xml"};
    out["harness/catalogue"] = {"harness/model", "harness/xml"};
    out["harness/net"] = {"harness/model"};
    out["harness/formats"] = {"harness/model"};
    out["harness/protocols"] = {"harness/model", "harness/net"};
    out["harness/evidence"] = {"harness/model"};
    out["harness/judge"] = {"harness/model", "harness/catalogue", "harness/evidence"};
    out["harness/compare"] = {"harness/model", "harness/xml", "harness/catalogue",
                              "harness/evidence", "harness/judge"};
    out["harness/audit"] = {"harness/model", "harness/catalogue", "harness/evidence",
                            "harness/judge"};
    out["harness/runner"] = {"harness/model", "harness/declaration", "harness/catalogue",
                             "harness/net",   "harness/protocols",   "harness/evidence",
                             "harness/judge"};
    out["testcases"] = {"harness/model", "harness/declaration", "harness/catalogue",
                        "harness/net",   "harness/protocols",   "harness/formats",
                        "harness/runner"};
    out["reports"] = {"harness/model", "harness/catalogue", "harness/declaration",
                      "harness/evidence", "harness/judge"};
    out["devices"] = {};
    out["harness/cli"] = {"harness/model",     "harness/declaration",
                          "harness/catalogue", "harness/net",
                          "harness/formats",   "harness/protocols",
                          "harness/evidence",  "harness/judge",
                          "harness/audit",     "harness/compare",
                          "harness/runner",    "testcases",
                          "reports",           "devices"};
    return out;
  }();
  return map;
}

/// layer_of() is the longest known folder that a path lies in; empty for none.
std::string layer_of(const std::string& path) {
  std::string best;
  for (const auto& [folder, ignored] : allowed()) {
    if (path.starts_with(folder + "/") && folder.size() > best.size()) best = folder;
  }
  return best;
}

std::vector<std::string> quoted_includes(const fs::path& file) {
  std::ifstream stream(file);
  std::vector<std::string> out;
  for (std::string line; std::getline(stream, line);) {
    const std::string start = "#include \"";
    if (line.starts_with(start))
      out.push_back(line.substr(start.size(), line.rfind('"') - start.size()));
  }
  return out;
}

std::vector<std::string> violations(const fs::path& root) {
  std::vector<std::string> found;
  for (const char* const top : {"harness", "testcases", "devices", "reports"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string ending = entry.path().extension().string();
      if (ending != ".cpp" && ending != ".hpp") continue;
      const std::string path = fs::relative(entry.path(), root).string();
      const std::string layer = layer_of(path);
      if (layer.empty()) found.push_back(path + " lies in no known layer");
      for (const std::string& include : quoted_includes(entry.path())) {
        const std::string target = layer_of(include);
        if (target.empty() || target == layer || allowed().at(layer).contains(target)) continue;
        found.push_back(path + " includes " + include);
      }
    }
  }
  return found;
}

}  // namespace

TEST_CASE("dependencies point one way", "[contract]") {
  for (const std::string& violation : violations(HAETAE_SOURCE_DIR)) FAIL_CHECK(violation);
}

TEST_CASE("an include against the layers is found", "[contract]") {
  const fs::path root = fs::temp_directory_path() / ("haetae-layers-" + std::to_string(::getpid()));
  for (const char* const folder :
       {"harness/model", "harness/net", "testcases", "devices", "reports"}) {
    fs::create_directories(root / folder);
  }
  std::ofstream(root / "harness/model/a.hpp") << "#include \"harness/net/door.hpp\"\n";
  std::ofstream(root / "devices/b.cpp") << "#include \"harness/model/bytes.hpp\"\n";
  std::ofstream(root / "testcases/c.cpp") << "#include \"harness/net/door.hpp\"\n";
  auto found = violations(root);
  fs::remove_all(root);
  std::ranges::sort(found);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "devices/b.cpp includes harness/model/bytes.hpp");
  CHECK(found[1] == "harness/model/a.hpp includes harness/net/door.hpp");
}

TEST_CASE("the harness names no item and no catalogue", "[contract]") {
  // The engine gets items as data: an id such as kisa-cic in engine code would tie it to a scheme.
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(HAETAE_SOURCE_DIR) / "harness")) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".cpp") && !path.ends_with(".hpp")) continue;
    if (path.find("/harness/cli/") != std::string::npos)
      continue;  // the command line has a default
    std::ifstream stream(entry.path());
    std::stringstream text;
    text << stream.rdbuf();
    for (const std::string word : {"kisa-cic\"", "\"1.2\"", "\"6.1\""}) {
      if (path.ends_with("catalogue.hpp") || path.ends_with("judge.hpp"))
        continue;  // examples in comments
      INFO(path << " holds " << word);
      CHECK(text.str().find(word) == std::string::npos);
    }
  }
}
