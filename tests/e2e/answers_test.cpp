#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "devices/simulator.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

// A whole run over everything that has a procedure or a person, and every answer given: only then
// is the product conformant.

using namespace haetae;

namespace {

namespace fs = std::filesystem;
const fs::path kSource = HAETAE_SOURCE_DIR;

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

/// remove_planned() takes away every criterion that nothing answers yet, and what is then empty.
void remove_planned(pugi::xml_node parent) {
  std::vector<pugi::xml_node> gone;
  for (pugi::xml_node holder : parent) {
    std::vector<pugi::xml_node> planned;
    for (pugi::xml_node criterion : holder.children("criterion")) {
      if (std::string_view(criterion.attribute("planned").value()) == "yes") {
        planned.push_back(criterion);
      }
    }
    for (pugi::xml_node criterion : planned) holder.remove_child(criterion);
    const std::string_view name = holder.name();
    const bool holds = name == "item" || name == "criteria";
    if (holds && !holder.child("criterion")) gone.push_back(holder);
  }
  for (pugi::xml_node holder : gone) parent.remove_child(holder);
}

/// complete_lists() makes the starter list of known vulnerabilities into one that a laboratory
/// keeps: it speaks of every component of the camera, and is of today.
void complete_lists(const fs::path& folder, pugi::xml_node parameters) {
  pugi::xml_document lists;
  const fs::path file = folder / "references/vulnerabilities.xml";
  REQUIRE(lists.load_file(file.c_str()));
  pugi::xml_node covered =
      lists.child("references")
          .find_child_by_attribute("reference", "name", "vulnerability_component");
  REQUIRE(covered);
  for (pugi::xml_node row : covered.children("row")) row.attribute("complete") = "1";
  for (const char* const own : {"camera", "net-snmp", "libssh"}) {
    pugi::xml_node row = covered.append_child("row");
    row.append_attribute("component") = own;
    row.append_attribute("complete") = "1";
  }
  REQUIRE(lists.save_file(file.c_str()));
  pugi::xml_node age =
      parameters.find_child_by_attribute("parameter", "name", "vulnerability.list-age");
  REQUIRE(age);
  age.attribute("value") = "36500";
}

/// answerable() is the real catalogue without planned criteria, and with a short block, so that the
/// lockout test need not wait for half a minute.
fs::path answerable(const fs::path& folder) {
  fs::copy(kSource / "testcases/catalogue", folder, fs::copy_options::recursive);
  pugi::xml_document items;
  REQUIRE(items.load_file((folder / "kisa-cic.xml").c_str()));
  remove_planned(items.child("catalogue").child("items"));
  complete_lists(folder, items.child("catalogue").child("parameters"));
  REQUIRE(items.save_file((folder / "kisa-cic.xml").c_str()));
  pugi::xml_document profile;
  const fs::path file = folder / "profiles/ip-camera.xml";
  REQUIRE(profile.load_file(file.c_str()));
  remove_planned(profile.child("profile"));
  pugi::xml_node block =
      profile.child("profile").find_child_by_attribute("set", "parameter", "lockout.block-minimum");
  REQUIRE(block);
  block.attribute("value") = "1";
  REQUIRE(profile.save_file(file.c_str()));
  return folder / "kisa-cic.xml";
}

struct Shell {
  int code = -1;
  std::string out;
};

Shell tool(const fs::path& folder, const std::string& arguments) {
  const fs::path out = folder / "out.txt";
  const int code =
      std::system(fmt::format("HAETAE_STATE_DIR={0}/state LC_ALL=C.UTF-8 {1}/haetae {2} "
                              "> {3} 2>&1 < /dev/null",
                              folder.string(), HAETAE_BINARY_DIR, arguments, out.string())
                      .c_str());
  return {WEXITSTATUS(code), slurp(out)};
}

/// script() is what a script writes that answers every open step of the list.
std::string script(const nlohmann::json& list, const std::string& without = {},
                   const std::string& failing = {}) {
  std::string out = fmt::format("<answers run=\"{}\">\n", list["run"].get<std::string>());
  for (const auto& step : list["steps"]) {
    const auto criterion = step["criterion"].get<std::string>();
    if (!step["open"].get<bool>() || criterion == without) continue;
    const bool second = step["second"].get<bool>();
    out += fmt::format(
        "<answer criterion=\"{}\" outcome=\"{}\" who=\"Kim\"{} at=\"2026-11-22T10:00:00Z\">"
        "<text>Looked at the sample as the step says.</text></answer>\n",
        criterion, criterion == failing ? "does-not-conform" : "conforms",
        second ? " second=\"Lee\"" : "");
  }
  return out + "</answers>\n";
}

std::string headline_of(const fs::path& run) {
  test::Raw raw(run);
  return raw.one("SELECT headline FROM revision ORDER BY id DESC LIMIT 1");
}

/// Answered is the run and everything beside it.
struct Answered {
  test::TempDir folder;
  fs::path run;
  nlohmann::json list;

  Answered() {
    test::enter_own_network();
    devices::Options device;
    device.address = "127.65.0.10";
    device.control = folder.path() / "control";
    device.keys = folder.path() / "keys";
    device.second_unit = devices::second_address(device.address);
    device.settings["lockout.seconds"] = "6";
    const auto simulator =
        devices::Simulator::start(kSource / "devices/personalities/conformant-camera.xml", device);
    REQUIRE(simulator);
    std::string declaration = test::camera_declaration(device.address, device.control);
    declaration =
        test::replaced(std::move(declaration), "block-seconds=\"30\"", "block-seconds=\"6\"");
    runner::Options options = test::options_for(declaration, folder);
    const fs::path catalogue = answerable(folder.path() / "catalogue");
    auto loaded = catalogue::load(catalogue, folder.path() / "catalogue/profiles/ip-camera.xml");
    INFO((loaded ? "" : loaded.error().message()));
    REQUIRE(loaded);
    options.catalogue = std::move(*loaded);
    options.selection.permit = Hazard::may_brick;
    test::Quiet observer;
    const auto result = runner::run(options, system_clock(), observer, {});
    INFO(observer.trouble());
    REQUIRE(result);
    CHECK(result->judgement.headline == Headline::incomplete);
    for (const auto& criterion : result->judgement.criteria) {
      INFO(criterion.criterion);
      CHECK((criterion.verdict == Verdict::pass || criterion.verdict == Verdict::pending ||
             criterion.verdict == Verdict::not_applicable));
    }
    run = options.output;
    const Shell shown = tool(folder.path(), "answer " + run.string() + " --list --format json");
    INFO(shown.out);
    REQUIRE(shown.code == 0);
    list = nlohmann::json::parse(shown.out);
  }

  /// after() is the headline of a copy of the run that takes a file of answers.
  std::string after(const std::string& answers) {
    const fs::path copy = folder.path() / "copy.haetae";
    fs::copy_file(run, copy, fs::copy_options::overwrite_existing);
    std::ofstream(folder.path() / "answers.xml", std::ios::binary) << answers;
    const Shell done = tool(folder.path(), "answer " + copy.string() + " --file " +
                                               (folder.path() / "answers.xml").string());
    INFO(done.out);
    CHECK(done.code == 0);
    return headline_of(copy);
  }
};

}  // namespace

TEST_CASE("with every answer given the camera is conformant, without any one it is not", "[e2e]") {
  Answered scene;
  CHECK(scene.list["open"].get<int>() >= 50);
  std::vector<std::string> open;
  for (const auto& step : scene.list["steps"]) {
    if (step["open"].get<bool>()) open.push_back(step["criterion"].get<std::string>());
  }

  REQUIRE(scene.after(script(scene.list)) == "conformant");
  const fs::path complete = scene.folder.path() / "complete.haetae";
  fs::rename(scene.folder.path() / "copy.haetae", complete);
  const Shell sealed = tool(scene.folder.path(), "verify " + complete.string());
  CHECK(sealed.out.find("sealed to link") != std::string::npos);
  const Shell again = tool(scene.folder.path(), "answer " + complete.string() + " --file " +
                                                    (scene.folder.path() / "answers.xml").string());
  CHECK(again.out.find("Nothing was changed") != std::string::npos);

  for (std::size_t at = 0; at < open.size(); at += open.size() / 2) {
    CAPTURE(open[at]);
    CHECK(scene.after(script(scene.list, open[at])) == "incomplete");
    CHECK(scene.after(script(scene.list, {}, open[at])) == "non-conformant");
  }

  // Every other answer, by the judge alone: each taken away in turn.
  test::Raw raw(complete);
  raw.run("DROP TRIGGER IF EXISTS answer_delete; DROP TRIGGER IF EXISTS answer_no_delete");
  for (const auto& trigger :
       raw.rows("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'answer'")) {
    raw.run("DROP TRIGGER \"" + trigger.at(0) + "\"");
  }
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(complete.c_str(), &database) == SQLITE_OK);
  const auto catalogue = catalogue::load(scene.folder.path() / "catalogue/kisa-cic.xml",
                                         scene.folder.path() / "catalogue/profiles/ip-camera.xml");
  REQUIRE(catalogue);
  const judge::Question question{
      .type = "standard", .only = {}, .tested_at = raw.one("SELECT tested_at FROM revision")};
  const auto headline_now = [&] {
    const auto judged = judge::judge(database, catalogue->value, question);
    return judged ? judged->headline : Headline::non_conformant;
  };
  CHECK(headline_now() == Headline::conformant);
  for (const std::string& criterion : open) {
    CAPTURE(criterion);
    const auto execute = [&](const std::string& sql) {
      return sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    };
    REQUIRE(
        execute("PRAGMA foreign_keys=OFF; SAVEPOINT one; DELETE FROM answer WHERE criterion = '" +
                criterion + "'"));
    REQUIRE(sqlite3_changes(database) == 1);
    CHECK(headline_now() == Headline::incomplete);
    REQUIRE(execute("ROLLBACK TO one; RELEASE one"));
  }
  sqlite3_close(database);
}
