#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "devices/simulator.hpp"
#include "harness/evidence/run_file.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// The replay pack on real devices: the script of each breach says 0 on the camera with the defect,
/// 1 on the sound camera at the same address and 2 when nothing is there. Several defects that do
/// not disturb each other share a camera and a run.
namespace {

using namespace haetae;
namespace fs = std::filesystem;

const fs::path kPersonality =
    fs::path(HAETAE_SOURCE_DIR) / "devices/personalities/conformant-camera.xml";

struct Case {
  std::vector<std::string> defects, items;
  std::string counts = "account";  ///< as the sound camera counts failures, and as declared
  std::int64_t idle_wait = 0;      ///< seconds for which the end of an idle session is waited for
};

/// The last case has no defect: the camera counts by account and its maker declared by address.
const std::vector<Case> kCases{
    {{"open-telnet",
      "open-udp-coap",
      "open-udp-dns",
      "snmp-public",
      "tls-1.0",
      "ssl-3.0",
      "dh-1024",
      "group-p192",
      "signature-sha1",
      "ssh-kex",
      "ssh-cipher",
      "ssh-host-key-1024",
      "rtsp-open",
      "mqtt-anonymous",
      "snapshot-open",
      "ptz-open",
      "status-open",
      "directory-listing",
      "configuration-open",
      "factory-view",
      "clear-text-web",
      "certificate-expired"},
     {"1.1", "2.1", "3.1", "4.5", "6.1", "6.4"}},
    {{"ssl-2.0", "suite-rc4", "tls-compression", "certificate-self-signed", "ssh-version-1",
      "other-protocol", "without-tls"},
     {"2.1", "3.1", "6.1"}},
    {{"certificate-wrong-name", "suite-3des", "ssh-mac", "clear-text-management"},
     {"2.1", "3.1", "6.1"}},
    {{"certificate-rsa-1024", "ssh-host-key-sha1", "ssh-none", "cookie-without-secure",
      "cookie-without-http-only", "cookie-without-same-site", "model-not-shown",
      "firmware-differs"},
     {"2.3", "3.1", "5.7", "6.2"}},
    {{"superuser-ssh", "factory-password-lives", "policy-none"}, {"1.2", "6.2"}},
    {{"password-is-user-name", "certificate-sha1", "units-share-password", "units-share-key"},
     {"1.2", "3.1", "3.2"}},
    {{"known-login-telnet"}, {"1.2", "6.2"}},
    {{"blank-password", "lockout-right-password"}, {"1.2", "1.4"}},
    {{"any-role", "any-object", "debug-page", "leaves-folder"}, {"4.5", "6.3", "6.5"}},
    {{"session-counter", "cross-origin-answers", "login-opens-port", "test-account",
      "login-tells-user", "shows-password", "clear-password-field", "change-without-old",
      "path-check"},
     {"1.5", "1.6", "2.3", "4.5", "6.5"}},
    {{"session-planted", "session-after-logout", "session-after-change", "session-idle",
      "session-limit"},
     {"2.3"},
     "account",
     30},
    {{"security-txt-expired", "support-period-hidden", "export-clear", "settings-unchecked",
      "records-erased-by-anybody", "records-time-by-viewer", "factory-view"},
     {"1.1", "2.2", "4.8", "5.8", "6.6"}},
    {{"security-txt-without-contact", "records-erased-by-viewer", "records-time-by-anybody"},
     {"4.8", "5.8"}},
    {{"mqtt-long-packet"}, {"4.3"}},
    {{"records-without-logins"}, {"4.7"}},
    {{"records-without-failures"}, {"4.7"}},
    {{"security-txt-absent", "reset-keeps-sessions", "reset-keeps-accounts",
      "reset-keeps-password"},
     {"2.6", "5.8"}},
    {{}, {"1.4"}, "address"}};

const std::map<std::string, std::string> kPasswords{
    {"admin", "Sim!Cam-2026x"}, {"guard", "Gate!2026-qz"}, {"service", "Serv1ce!Cam-77"}};

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Script is one of a pack with what a person would hand over, and what it said.
struct Script {
  fs::path file;
  std::string text, criterion, subject;
  std::vector<std::string> environment;
  bool factory = false, logs_in = false;
  int seen = -1, sound = -1, gone = -1;
  std::string output;
};

/// account_of() is the account whose right password a script wants.
std::string account_of(const std::string& text) {
  for (const auto& [name, password] : kPasswords) {
    if (holds(text, "new_password " + name + " ") || holds(text, "web_login " + name + " ") ||
        holds(text, "page_as " + name + " "))
      return name;
    for (const std::string_view method :
         {"http-json", "http-basic", "http-digest", "ssh", "mqtt", "rtsp"}) {
      if (holds(text, fmt::format("try {} {} ", method, name))) return name;
    }
  }
  return "admin";
}

/// input_of() is the file for which a script asks by the number of its evidence; empty if none.
std::string input_of(const std::string& text, const fs::path& run) {
  const std::string mark = "haetae evidence RUN '";
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return {};
  const std::string number = std::to_string(std::stoll(text.substr(at + mark.size())));
  const std::string file = run.string() + "." + number;
  const auto exported = test::run_tool(
      {HAETAE_BINARY_DIR "/haetae", "evidence", run.string(), number, "--export", file});
  if (exported.exit_code != 0) throw std::runtime_error(exported.output);
  return file;
}

Script script_at(const fs::path& file, const evidence::RunFile& run) {
  Script out;
  out.file = file;
  out.text = text_of(file);
  const std::string mark = "criterion ";
  const std::size_t at = out.text.find(mark) + mark.size();
  const std::size_t comma = out.text.find(',', at);
  out.criterion = out.text.substr(at, comma - at);
  out.subject = out.text.substr(comma + 2, out.text.find('\n', comma) - comma - 2);
  out.environment = {"REPLAY_YES=1"};
  if (const std::size_t secret = out.text.find("secret:"); secret != std::string::npos) {
    const auto value = run.secret(std::stoll(out.text.substr(secret + 7)));
    if (!value) throw std::runtime_error(value.error().message());
    out.environment.push_back("SECRET=" + *value);
  }
  const std::string account = account_of(out.text);
  const bool shell = holds(out.text, "try ssh ") || holds(out.text, "try mqtt ");
  const std::string other = account != "admin" ? "admin" : shell ? "service" : "guard";
  out.environment.push_back("PASSWORD=" + kPasswords.at(account));
  out.environment.push_back("FACTORY_PASSWORD=SC200-7f3K");
  // A script that looks for a secret says whose it is.
  for (const auto& [name, password] : kPasswords)
    if (holds(out.text, "the 'password' of '" + name + " "))
      out.environment.push_back("SHOWN=" + password);
  out.environment.push_back("ACCOUNT2=" + other);
  out.environment.push_back("PASSWORD2=" + kPasswords.at(other));
  out.factory = holds(out.text, "$STATE");
  if (out.factory) out.environment.emplace_back("STATE=factory");
  out.logs_in = holds(out.text, "\nask '");
  return out;
}

using Time = std::chrono::steady_clock::time_point;

struct Group {
  std::string trouble, run;
  Time began, judged, ended;
  std::vector<Script> scripts;
};

int run_script(Script& script, std::string_view device) {
  std::vector<std::string> argv{"/usr/bin/env"};
  argv.insert(argv.end(), script.environment.begin(), script.environment.end());
  argv.insert(argv.end(), {"/bin/sh", script.file.string()});
  const auto began = std::chrono::steady_clock::now();
  const auto result = test::run_tool(argv, std::chrono::seconds(90));
  const auto took = std::chrono::steady_clock::now() - began;
  script.output += fmt::format("on the {} device, {} ms: {}\n{}\n", device,
                               std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
                               result.exit_code, result.output);
  return result.exit_code;
}

std::unique_ptr<devices::Simulator> started(const devices::Options& options) {
  auto camera = devices::Simulator::start(kPersonality, options);
  if (!camera) throw std::runtime_error(camera.error());
  return std::move(*camera);
}

/// on_device() runs every script. One that logs in gets a camera that nobody has failed at before.
void on_device(devices::Options options, const std::vector<std::string>& defects,
               const fs::path& keys, Group& group, int Script::*answer, std::string_view name) {
  options.defects = defects;
  options.keys = keys;
  auto camera = started(options);
  for (Script& script : group.scripts) {
    if (script.factory) camera->factory_state();
    script.*answer = run_script(script, name);
    if (script.factory) camera->normal_state();
    if (!script.logs_in) continue;
    camera.reset();
    camera = started(options);
  }
}

/// declared() has a short block, and one surface that may be locked, since each trial waits for it.
std::string declared(const devices::Options& options, const std::string& counts) {
  std::string out = test::camera_declaration(options.address, options.control);
  out = test::replaced(std::move(out), "block-seconds=\"30\"", "block-seconds=\"12\"");
  out = test::replaced(std::move(out), "counts=\"account\"", "counts=\"" + counts + "\"");
  out = test::replaced(std::move(out), "logins=\"web stream video\" sac", "logins=\"web\" sac");
  return test::replaced(std::move(out), "logins=\"shell events\" sacrificial=\"yes\"",
                        "logins=\"shell events\"");
}

/// asked_for() has limits of the catalogue that fit the short block.
runner::Options asked_for(const Case& asked, const std::string& declaration,
                          const test::TempDir& folder) {
  runner::Options out = test::options_for(declaration, folder);
  out.selection.only = asked.items;
  for (auto& parameter : out.catalogue.value.parameters) {
    if (parameter.name == "lockout.block-minimum") parameter.value = std::int64_t{10};
    if (parameter.name == "session.idle-wait") parameter.value = asked.idle_wait;
    if (parameter.name == "lockout.tolerance") parameter.value = std::int64_t{3};
  }
  return out;
}

void export_pack(const fs::path& file, const fs::path& pack, Group& group) {
  const auto exported = test::run_tool(
      {HAETAE_BINARY_DIR "/haetae", "export", file.string(), "--replay", pack.string()});
  if (exported.exit_code != 0) throw std::runtime_error(exported.output);
  const auto run = evidence::RunFile::open(file, false, system_clock());
  if (!run) throw std::runtime_error(run.error().message());
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(pack)) {
    if (entry.path().filename().string().starts_with("F-")) files.insert(entry.path());
  }
  for (const fs::path& one : files) {
    Script script = script_at(one, *run);
    if (const std::string input = input_of(script.text, file); !input.empty())
      script.environment.push_back("INPUT=" + input);
    // Trials of lockouts wait for real blocks: one surface of each criterion is enough.
    const bool again = std::ranges::any_of(
        group.scripts, [&](const Script& other) { return other.criterion == script.criterion; });
    if (script.criterion.starts_with("1.4-") && again) continue;
    group.scripts.push_back(std::move(script));
  }
}

/// all_at_once() is what run-all.sh says with nothing there; a script that may lock an account or
/// stop the device must stand behind every one that does not.
std::string all_at_once(const fs::path& pack) {
  const std::string text = text_of(pack / "run-all.sh");
  const std::size_t border = text.find("# These may lock an account");
  std::string wrong;
  std::size_t scripts = 0;
  for (const auto& entry : fs::directory_iterator(pack)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("F-")) continue;
    ++scripts;
    const std::string script = text_of(entry.path());
    const bool locks = holds(script, "\nask 'lockout-risk'") || holds(script, "\nask 'disruptive'");
    const std::size_t at = text.find(name);
    if (at == std::string::npos || (at > border) != locks) wrong += name + " out of order\n";
  }
  const auto result = test::run_tool({"/usr/bin/env", "REPLAY_YES=1", "BLOCK_SECONDS=0", "/bin/sh",
                                      (pack / "run-all.sh").string()},
                                     std::chrono::seconds(120));
  std::size_t unclear = 0;
  for (std::size_t at = 0; (at = result.output.find("could not tell", at)) != std::string::npos;
       ++at) {
    ++unclear;
  }
  if (result.exit_code != 1 || unclear != scripts) wrong += result.output;
  return wrong;
}

void try_case(const Case& asked, std::size_t number, Group& group) {
  const test::TempDir folder;
  devices::Options options;
  options.address = fmt::format("127.73.{}.10", number + 1);
  options.control = folder.path() / "control";
  options.settings["lockout.seconds"] = "12";
  if (std::ranges::find(asked.defects, "units-share-key") != asked.defects.end())
    options.second_unit = devices::second_address(options.address);
  const std::string declaration = declared(options, asked.counts);
  const runner::Options run = asked_for(asked, declaration, folder);
  group.began = std::chrono::steady_clock::now();
  {
    devices::Options broken = options;
    broken.defects = asked.defects;
    broken.keys = folder.path() / "broken";
    const auto camera = started(broken);
    test::Quiet observer;
    const auto result = runner::run(run, system_clock(), observer, {});
    if (!result) throw std::runtime_error(result.error().message());
    group.run = observer.trouble() + test::verdicts_text(result->judgement);
  }
  group.judged = std::chrono::steady_clock::now();
  export_pack(run.output, folder.path() / "pack", group);
  on_device(options, asked.defects, folder.path() / "broken", group, &Script::seen, "broken");
  options.settings["lockout.counts"] = asked.counts;
  on_device(options, {}, folder.path() / "sound", group, &Script::sound, "sound");
  for (Script& script : group.scripts) script.gone = run_script(script, "absent");
  group.trouble = all_at_once(folder.path() / "pack");
  group.ended = std::chrono::steady_clock::now();
}

/// print_table() is called when a group has ended: one print, so that groups do not mix.
void print_table(const Group& group) {
  std::string out;
  for (const Script& script : group.scripts) {
    out += fmt::format("{:32} {:16} broken {} sound {} gone {}\n", script.criterion, script.subject,
                       script.seen, script.sound, script.gone);
  }
  const auto seconds = [](auto time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time).count();
  };
  fmt::print("{}-- the run took {} s, {} scripts {} s\n", out, seconds(group.judged - group.began),
             group.scripts.size(), seconds(group.ended - group.judged));
  std::fflush(stdout);
}

std::vector<Group> try_cases() {
  std::vector<Group> out(kCases.size());
  std::vector<std::jthread> workers;
  for (std::size_t at = 0; at < kCases.size(); ++at) {
    workers.emplace_back([&out, at] {
      try {
        try_case(kCases[at], at, out[at]);
        print_table(out[at]);
      } catch (const std::exception& error) {
        out[at].trouble = error.what();
      }
    });
  }
  workers.clear();
  return out;
}

/// with_replay() are the criteria of the catalogue that say how a breach is shown again.
std::set<std::string> with_replay() {
  const test::TempDir folder;
  const auto options =
      test::options_for(test::camera_declaration("127.73.0.10", "/nowhere"), folder);
  std::set<std::string> out;
  for (const auto& item : options.catalogue.value.items) {
    for (const auto& criterion : item.criteria) {
      // Those of an unpacked image and of the board's console need what this network does not have.
      const bool on_network = criterion.source == "probe" && item.id != "7.2";
      if (on_network && !criterion.replay.empty()) out.insert(criterion.id);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("each replay tells the broken camera, the sound one and none at all", "[e2e]") {
  test::enter_own_network();
  std::set<std::string> missing = with_replay();
  const std::size_t all = missing.size();
  std::size_t scripts = 0;
  for (const Group& group : try_cases()) {
    INFO(group.trouble);
    CHECK(group.trouble.empty());
    INFO((group.scripts.empty() ? group.run : ""));
    CHECK(!group.scripts.empty());
    for (const Script& script : group.scripts) {
      INFO(script.criterion << "\n" << script.text << "\n" << script.output);
      CHECK(script.seen == 0);
      CHECK(script.sound == 1);
      CHECK(script.gone == 2);
      missing.erase(script.criterion);
      ++scripts;
    }
  }
  fmt::print("replays: {} scripts, {} of {} criteria that have one\n", scripts,
             all - missing.size(), all);
  for (const std::string& id : missing) {
    INFO(id << " was shown by no script");
    CHECK(id.empty());
  }
}
