#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "devices/simulator.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// Builds of the simulated camera against each other, by the program: diff, baseline, gate,
/// waivers, re-test plan, and the CI snippets as plain shell.
namespace {

using namespace haetae;
namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kSource = HAETAE_SOURCE_DIR;
const std::string kHaetae = HAETAE_BINARY_DIR "/haetae";

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Lab is a folder with a declaration and a camera that keeps its keys from build to build.
struct Lab {
  explicit Lab(int number) : address(fmt::format("127.66.0.{}", number)) {
    test::enter_own_network();
    std::string declaration = test::camera_declaration(address, folder.path() / "control");
    // What harms nothing is enough here, and quick.
    declaration = test::replaced(declaration, "<permit hazard=\"disruptive\"/>",
                                 "<permit hazard=\"safe\"/>");
    device = folder.write("device.xml", declaration);
  }

  void build(const std::vector<std::string>& defects = {}) {
    camera.reset();
    devices::Options options;
    options.address = address;
    options.control = folder.path() / "control";
    options.keys = folder.path() / "keys";
    options.defects = defects;
    auto started =
        devices::Simulator::start(kSource / "devices/personalities/conformant-camera.xml", options);
    if (!started) throw std::runtime_error(started.error());
    camera = std::move(*started);
  }

  test::ToolResult haetae(std::vector<std::string> arguments) const {
    std::vector<std::string> argv{"/usr/bin/env", "HAETAE_STATE_DIR=" + folder.file("state"),
                                  kHaetae};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return test::run_tool(argv, std::chrono::seconds(180));
  }

  test::ToolResult run(const std::string& name, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"run",    device, "-o",     folder.file(name),
                                       "--only", "3.1",  "--lang", "en"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return haetae(arguments);
  }

  test::ToolResult diff(const std::string& before, const std::string& after,
                        std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"diff", folder.file(before), folder.file(after), "--lang",
                                       "en"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return haetae(arguments);
  }

  test::TempDir folder;
  std::string address, device;
  std::unique_ptr<devices::Simulator> camera;
};

bool holds(const test::ToolResult& result, std::string_view text) {
  return result.output.find(text) != std::string::npos;
}

std::string waiver(const std::string& target, const std::string& expires) {
  return fmt::format(
      "  <waiver target=\"{}\" reason=\"old players need it\" author=\"A. Maker\" approver=\"B. "
      "Chief\" expires=\"{}\"/>\n",
      target, expires);
}

}  // namespace

TEST_CASE("two runs of one build are equal; one changed cipher is named and gated", "[e2e]") {
  Lab lab(10);
  lab.build();
  const auto first = lab.run("a.haetae");
  INFO(first.output);
  REQUIRE(first.exit_code == 2);
  lab.build();
  REQUIRE(lab.run("b.haetae").exit_code == 2);
  const auto equal = lab.diff("a.haetae", "b.haetae");
  INFO(equal.output);
  CHECK(equal.exit_code == 0);
  CHECK(holds(equal, "equal"));
  const auto empty = json::parse(lab.diff("a.haetae", "b.haetae", {"--format", "json"}).output);
  CHECK(empty["equal"] == true);
  for (const char* const part : {"items", "criteria", "subjects", "findings", "facts", "flaky"}) {
    INFO(part);
    CHECK(empty[part].empty());
  }

  lab.build({"ssh-cipher"});
  const auto worse = lab.run("c.haetae", {"--baseline", lab.folder.file("a.haetae"), "--report",
                                          lab.folder.file("junit.xml")});
  INFO(worse.output);
  CHECK(worse.exit_code == 1);
  CHECK(holds(worse, "regression gate: does not hold"));
  CHECK(holds(worse, "ssh is done again (3 of 3)"));
  const std::string junit = text_of(lab.folder.path() / "junit.xml");
  CHECK(junit.find("regression: ") != std::string::npos);
  CHECK(junit.find("name=\"regressions\" value=\"") != std::string::npos);

  const std::string page = lab.folder.file("diff.json");
  CHECK(lab.diff("a.haetae", "c.haetae", {"-o", page}).exit_code == 1);
  const auto change = json::parse(text_of(page));
  std::set<std::string> tables, criteria;
  for (const auto& fact : change["facts"]) tables.insert(fact["table"]);
  for (const auto& finding : change["findings"]) criteria.insert(finding["criterion"]);
  CHECK(tables == std::set<std::string>{"ssh_algorithm"});
  CHECK(criteria == std::set<std::string>{"3.1-ssh-ciphers"});
  for (const auto& finding : change["findings"]) CHECK(finding["why"] == json::array({"device"}));
  const auto checked = test::run_tool(
      {"/usr/bin/python3", "-c",
       "import json,sys,jsonschema; jsonschema.validate(json.load(open(sys.argv[1])), "
       "json.load(open(sys.argv[2])))",
       page, kSource / "harness/compare/diff.schema.json"},
      std::chrono::seconds(60));
  INFO(checked.output);
  CHECK(checked.exit_code == 0);
  CHECK(lab.diff("a.haetae", "c.haetae", {"-o", lab.folder.file("diff.html")}).exit_code == 1);
  CHECK(text_of(lab.folder.path() / "diff.html").find("ssh_algorithm") != std::string::npos);
  CHECK(lab.diff("a.haetae", "c.haetae", {"--gate"}).exit_code == 1);
  CHECK(lab.diff("c.haetae", "a.haetae").exit_code == 2);

  // The same breach, waived: the gate holds, the headline does not change; expired: no longer.
  std::string waivers;
  for (const auto& finding : change["findings"])
    waivers += waiver(finding["code"], "2099-12-31T23:59:59+09:00");
  const std::string file =
      lab.folder.write("waivers.xml", "<waivers>\n" + waivers + "</waivers>\n");
  const auto judged =
      lab.haetae({"judge", lab.folder.file("c.haetae"), "--waivers", file, "--lang", "en"});
  INFO(judged.output);
  CHECK(judged.exit_code == 1);
  CHECK(lab.diff("a.haetae", "c.haetae", {"--gate"}).exit_code == 0);
  CHECK(holds(lab.diff("a.haetae", "c.haetae"), "waived until 2099-12-31T23:59:59+09:00"));
  const auto intact = lab.haetae({"verify", lab.folder.file("c.haetae")});
  CHECK(holds(intact, "intact"));
  lab.folder.write("waivers.xml", test::replaced(text_of(file), "2099-12-31", "2020-12-31"));
  CHECK(lab.haetae({"judge", lab.folder.file("c.haetae"), "--waivers", file}).exit_code == 1);
  const auto expired = lab.diff("a.haetae", "c.haetae", {"--gate"});
  CHECK(expired.exit_code == 1);
  CHECK(holds(expired, "expired"));

  // A waiver that waives nothing stops the run with a sentence.
  lab.folder.write("waivers.xml", "<waivers>\n" + waiver("3.1", "2099-12-31T23:59:59Z") +
                                      waiver("9.9", "2099-12-31T23:59:59Z") + "</waivers>\n");
  const auto before = lab.camera->connections();
  const auto refused = lab.run("d.haetae", {"--waivers", file});
  CHECK(refused.exit_code == 64);
  CHECK(holds(refused, "waivers.xml:3: no item '9.9'"));
  CHECK(lab.camera->connections() == before);
  CHECK_FALSE(fs::exists(lab.folder.path() / "d.haetae"));

  // A device that is gone where the baseline had passes: never quiet.
  lab.camera.reset();
  const auto gone =
      lab.run("e.haetae", {"--baseline", lab.folder.file("a.haetae"), "--gate", "regression"});
  INFO(gone.output);
  CHECK(gone.exit_code == 3);
  CHECK(lab.diff("a.haetae", "e.haetae", {"--gate"}).exit_code == 1);
}

TEST_CASE("the re-test plan sends nothing and follows the declaration", "[e2e]") {
  Lab lab(11);
  lab.build();
  REQUIRE(lab.run("a.haetae").exit_code == 2);
  const auto before = lab.camera->connections();
  const auto plan = [&](const std::string& device) {
    const auto result = lab.haetae({"plan", device, "--only", "3.1", "--baseline",
                                    lab.folder.file("a.haetae"), "--format", "json"});
    INFO(result.output);
    REQUIRE(result.exit_code == 0);
    return json::parse(result.output);
  };
  const auto words = [](const json& planned) {
    std::set<std::string> out;
    for (const auto& item : planned["again"]) {
      for (const auto& reason : item["reasons"]) out.insert(reason["word"]);
    }
    return out;
  };
  const auto same = words(plan(lab.device));
  CHECK_FALSE(same.contains("identity"));
  CHECK_FALSE(same.contains("declared"));
  const std::string newer = lab.folder.write(
      "newer.xml", test::replaced(text_of(lab.device), "firmware=\"1.4.2\"", "firmware=\"1.4.3\""));
  CHECK(words(plan(newer)).contains("identity"));
  CHECK(lab.camera->connections() == before);
}

TEST_CASE("the CI snippets run as plain shell", "[e2e]") {
  Lab lab(12);
  lab.build({"suite-3des"});
  const auto baseline = lab.haetae({"run", lab.device, "-o", lab.folder.file("baseline.haetae")});
  INFO(baseline.output);
  REQUIRE(baseline.exit_code == 1);
  lab.folder.write("waivers.xml",
                   "<waivers>\n" + waiver("3.1", "2099-12-31T23:59:59Z") + "</waivers>\n");
  fs::create_directories(lab.folder.path() / "bin");
  fs::create_symlink(kHaetae, lab.folder.path() / "bin/haetae");
  for (const char* const name : {"gitlab-ci.yml", "github-workflow.yml", "Jenkinsfile"}) {
    INFO(name);
    std::istringstream lines(text_of(kSource / "scripts/ci" / name));
    std::string script = "set -eu\n";
    int commands = 0;
    for (std::string line; std::getline(lines, line);) {
      line.erase(0, line.find_first_not_of(' '));
      if (line.starts_with("- ")) line.erase(0, 2);
      if (line.starts_with("sh '")) line = line.substr(4, line.rfind('\'') - 4);
      if (!line.starts_with("mkdir ") && !line.starts_with("haetae ")) continue;
      script += line + "\n";
      ++commands;
    }
    CHECK(commands == 3);
    fs::remove_all(lab.folder.path() / "haetae-out");
    const auto result = test::run_tool(
        {"/usr/bin/env", "-C", lab.folder.path().string(),
         "HAETAE_STATE_DIR=" + lab.folder.file("state"), "HAETAE_DATA_DIR=" + kSource.string(),
         "PATH=" + lab.folder.file("bin") + ":/usr/bin:/bin", "HAETAE_DEVICE=device.xml",
         "HAETAE_BASELINE=baseline.haetae", "HAETAE_WAIVERS=waivers.xml", "HAETAE_OUT=haetae-out",
         "/bin/sh", "-c", script},
        std::chrono::seconds(300));
    INFO(result.output);
    CHECK(result.exit_code == 0);
    CHECK(text_of(lab.folder.path() / "haetae-out/junit.xml").find("known (waived until ") !=
          std::string::npos);
    CHECK(fs::exists(lab.folder.path() / "haetae-out/report.html"));
  }
}
