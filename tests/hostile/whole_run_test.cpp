#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "devices/simulator.hpp"
#include "harness/evidence/run_file.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// Whole runs of the program against a device that means ill: it ends in time and in bounded
/// memory, nothing passes that was not shown, and nothing of the device reaches a reader unescaped.
namespace {

using namespace haetae;
namespace fs = std::filesystem;
using Words = std::set<std::string>;

const fs::path kPersonality =
    fs::path(HAETAE_SOURCE_DIR) / "devices/personalities/hostile-camera.xml";
constexpr std::size_t kSideBySide = 20;
constexpr std::chrono::seconds kHardCap{900};
constexpr long kMostMemory = 400L * 1024;  // KiB, of the largest run

/// What the declaration alone shows, and what the open ports show of themselves.
const Words kDeclared{"2.3-idle-declared"};
const Words kPorts{"2.3-idle-declared", "6.1-undeclared-tcp"};
/// UDP answers as ever, SNMP among it, unless the camera is silent there too.
const Words kUdp{"2.1-clear-snmp", "6.1-undeclared-udp"};
/// The TLS of the camera is sound and spoken even where what is within it means ill.
const Words kTls{"2.1-tls-version",        "2.1-tls-compression",
                 "2.1-certificate-dates",  "2.1-certificate-name",
                 "2.1-certificate-issuer", "3.1-tls-suites",
                 "3.1-tls-groups",         "3.1-tls-signatures",
                 "3.1-certificate-keys",   "3.1-certificate-signatures"};
/// What follows from protocols that were recognised.
const Words kServices{"2.1-clear-protocol", "6.4-clear-administration", "6.4-shell-declared"};

Words operator+(Words left, const Words& right) {
  left.insert(right.begin(), right.end());
  return left;
}

/// Attack is one behaviour: how it is switched on, what of it may pass, and what may not.
struct Attack {
  std::string name, defect;
  std::map<std::string, std::string> settings;
  bool listed = true;  ///< true: nothing but `words` may pass; false: nothing of `words` may
  Words words;
  Words may_fail;  ///< the only criteria that may fail
  std::set<int> exits{2};
};

struct Seen {
  int exit_code = -1;
  std::string terminal, html, json, junit, trouble;
  std::map<std::string, std::string> verdicts;
  std::string headline;
  bool intact = false;
};

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

void read_verdicts(Seen& seen) {
  const auto report = nlohmann::json::parse(seen.json, nullptr, false);
  if (report.is_discarded()) {
    seen.trouble += "the JSON report is no JSON\n";
    return;
  }
  seen.headline = report.at("headline").get<std::string>();
  for (const auto& item : report.at("items"))
    for (const auto& criterion : item.at("criteria"))
      seen.verdicts[criterion.at("id").get<std::string>()] =
          criterion.at("verdict").get<std::string>();
}

Seen attack(const Attack& attack, std::size_t number) {
  Seen seen;
  const test::TempDir folder;
  devices::Options options;
  options.address = fmt::format("127.61.{}.10", number + 1);
  options.control = folder.path() / "control";
  if (!attack.defect.empty()) options.defects = {attack.defect};
  options.settings = attack.settings;
  const auto simulator = devices::Simulator::start(kPersonality, options);
  if (!simulator) {
    seen.trouble = simulator.error();
    return seen;
  }
  const std::string device = folder.write(
      "device.xml", test::network_only(test::camera_declaration(options.address, options.control)));
  const std::string file = folder.file("run.haetae");
  const auto result = test::run_tool(
      {"/usr/bin/env", "HAETAE_STATE_DIR=" + folder.file("state"), HAETAE_BINARY_DIR "/haetae",
       "run", device, "-o", file, "--lang", "en", "--report", folder.file("r.html"), "--report",
       folder.file("r.json"), "--report", folder.file("r.xml")},
      kHardCap);
  seen.exit_code = result.exit_code;
  seen.terminal = result.output;
  seen.html = read(folder.path() / "r.html");
  seen.json = read(folder.path() / "r.json");
  seen.junit = read(folder.path() / "r.xml");
  const auto verification = evidence::verify(file, std::nullopt);
  seen.intact = verification && verification->intact() &&
                verification->sealed_to == verification->links && verification->links > 0;
  read_verdicts(seen);
  return seen;
}

std::vector<Seen> attack_all(const std::vector<Attack>& attacks) {
  std::vector<Seen> seen(attacks.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> workers;
  for (std::size_t worker = 0; worker < kSideBySide; ++worker) {
    workers.emplace_back([&] {
      for (std::size_t at = next++; at < seen.size(); at = next++) {
        try {
          seen[at] = attack(attacks[at], at);
        } catch (const std::exception& exception) {
          seen[at].trouble = exception.what();
        }
      }
    });
  }
  workers.clear();
  return seen;
}

/// raw_control() is the first control character that a terminal or reader would obey, in hex, as
/// C0, DEL, C1 in UTF-8, or one that turns the direction of writing.
std::string raw_control(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto after = [&](std::size_t step) {
      return at + step < text.size() ? static_cast<unsigned char>(text[at + step]) : 0;
    };
    const bool c0 = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    const bool c1 = byte == 0xc2 && after(1) >= 0x80 && after(1) <= 0x9f;
    const bool turns =
        byte == 0xe2 && ((after(1) == 0x80 && after(2) >= 0xaa && after(2) <= 0xae) ||
                         (after(1) == 0x81 && after(2) >= 0xa6 && after(2) <= 0xa9));
    if (!c0 && !c1 && !turns) continue;
    const std::size_t from = at < 60 ? 0 : at - 60;
    return fmt::format("{:02x} at {} after '{}'", byte, at, text.substr(from, at - from));
  }
  return {};
}

void check_readers(const Seen& seen) {
  CHECK_FALSE(seen.html.empty());
  CHECK_FALSE(seen.junit.empty());
  CHECK(raw_control(seen.terminal).empty());
  CHECK(raw_control(seen.html).empty());
  CHECK(raw_control(seen.json).empty());
  CHECK(raw_control(seen.junit).empty());
  // The page has one script of its own, and no more.
  const auto first = seen.html.find("<script");
  CHECK(first != std::string::npos);
  CHECK(seen.html.find("<script", first + 1) == std::string::npos);
  CHECK(seen.junit.find("<script") == std::string::npos);
  for (const char* const planted : {"<img", "<b>hi", "onerror=alert(2)>", "javascript:"}) {
    CAPTURE(planted);
    CHECK(seen.html.find(planted) == std::string::npos);
    CHECK(seen.junit.find(planted) == std::string::npos);
  }
}

void check(const Attack& attack, const Seen& seen) {
  CAPTURE(attack.name, seen.trouble, seen.terminal);
  CHECK(seen.trouble.empty());
  CHECK(attack.exits.contains(seen.exit_code));
  CHECK(seen.headline == (seen.exit_code == 1 ? "non-conformant" : "incomplete"));
  CHECK(seen.intact);
  // A fault of ours is none of the device's behaviours.
  CHECK(seen.terminal.find("fault of the tool") == std::string::npos);
  CHECK(seen.terminal.find("do not fit the tables") == std::string::npos);
  Words passed, failed;
  for (const auto& [id, verdict] : seen.verdicts) {
    const bool may = attack.listed == attack.words.contains(id);
    if (verdict == "pass" && !may) passed.insert(id);
    if (verdict == "fail" && !attack.may_fail.contains(id)) failed.insert(id);
  }
  CHECK(passed == Words{});
  CHECK(failed == Words{});
  check_readers(seen);
}

std::vector<Attack> attacks() {
  // What spoils HTTP leaves TLS, SSH, RTSP, MQTT and SNMP sound.
  const Words spoken = kPorts + kUdp + kTls + kServices + Words{"4.3-messages"};
  const Words login{"1.2-factory-credential",
                    "1.2-well-known",
                    "1.2-blank",
                    "1.2-same-as-user",
                    "1.2-password-length",
                    "1.2-password-same-as-user",
                    "1.2-password-same-as-factory",
                    "1.2-password-sequence",
                    "1.2-password-repeat",
                    "1.2-password-well-known",
                    "1.4-block",
                    "1.4-block-length",
                    "1.4-right-refused",
                    "1.4-as-declared",
                    "1.4-counts-as-declared",
                    "6.2-superuser-login"};
  const Words late = login + Words{"2.1-clear-snmp"};
  const Words other{"2.1-clear-management", "6.1-service-as-declared"};
  return {
      {"silent", "silent", {}, true, kPorts, {}},
      {"slow", "slow", {}, true, kPorts + kUdp, {}},
      {"flood", "flood", {}, true, kPorts + kUdp, {}},
      {"garbage", "garbage", {}, true, kPorts + kUdp, {}},
      {"endless headers", "endless-headers", {}, true, spoken, other, {1, 2}},
      {"huge length", "huge-length", {}, true, spoken, other, {1, 2}},
      {"dies in the answer", "dies-in-answer", {}, true, spoken, other, {1, 2}},
      {"markup",
       "markup",
       {},
       true,
       spoken + Words{"2.1-clear-login", "2.1-clear-management"},
       other,
       {1, 2}},
      {"redirect circle",
       "redirect-circle",
       {},
       true,
       spoken + Words{"1.1-protected-paths", "4.5-directory-listing"},
       other,
       {1, 2}},
      {"markup in the product", "markup-in-product", {}, false, {"5.7-model"}, {"5.7-model"}, {1}},
      {"another identity early", "changes-identity", {}, true, kDeclared, {}},
      {"another identity late", "", {{"hostile.identity-after", "800"}}, false, late, {}},
      {"blocks the prober early", "blocks-prober", {}, true, kDeclared, {}},
      {"blocks the prober late", "", {{"hostile.drop-after", "700"}}, false, late, {}},
      {"dies early", "dies", {}, true, kDeclared, {}},
      {"dies late", "", {{"hostile.kill-after", "600"}}, false, late, {}},
      {"hangs early", "hangs", {}, true, kDeclared, {}},
      {"accepts every password",
       "accepts-every-password",
       {},
       false,
       login,
       {"1.2-factory-credential", "1.2-well-known", "1.2-blank", "1.2-same-as-user"},
       {1, 2}},
      {"refuses every password", "refuses-every-password", {}, false, login, {}},
      {"pretends to change",
       "pretends-to-change",
       {},
       false,
       {"1.2-password-length", "1.2-password-same-as-user", "1.2-password-well-known"},
       {}},
  };
}

}  // namespace

TEST_CASE("no hostile behaviour passes, crashes, hangs or reaches a reader", "[hostile]") {
  test::enter_own_network();
  const auto list = attacks();
  const auto seen = attack_all(list);
  for (std::size_t at = 0; at < list.size(); ++at) check(list[at], seen[at]);
#if !defined(__SANITIZE_ADDRESS__)
  rusage used{};
  REQUIRE(getrusage(RUSAGE_CHILDREN, &used) == 0);
  CHECK(used.ru_maxrss < kMostMemory);
#endif
}

TEST_CASE("a device that hangs and comes back is tested to the end", "[hostile]") {
  test::enter_own_network();
  const test::TempDir folder;
  devices::Options options;
  options.address = "127.61.200.10";
  options.control = folder.path() / "control";
  auto started = devices::Simulator::start(kPersonality, options);
  REQUIRE(started);
  devices::Simulator& device = **started;

  /// Away hangs the device when service identification starts and wakes it when it is missed.
  struct Away final : runner::Observer {
    explicit Away(devices::Simulator& simulator) : device(simulator) {}
    void planned(const runner::Plan&) override {}
    void started(const runner::Info& procedure) override {
      if (procedure.id == "services" && !hung) {
        hung = true;
        device.hang();
      }
    }
    void progress(const runner::Info&, std::size_t, std::size_t, std::string_view) override {}
    void ended(const runner::Info&, std::string_view, std::string_view, std::size_t) override {}
    void log(std::string_view, std::string_view text) override {
      if (!hung || woken) return;
      told += text;
      woken = device.power_cycle().has_value();
    }
    void stress(const net::Stress&) override {}
    devices::Simulator& device;
    bool hung = false, woken = false;
    std::string told;
  } away(device);
  auto run = test::options_for(test::camera_declaration(options.address, options.control), folder);
  run.selection.only = {"6.1"};
  run.patience = 60s;
  const auto outcome = runner::run(run, system_clock(), away, {});
  REQUIRE(outcome);
  CAPTURE(away.told, test::verdicts_text(outcome->judgement));
  CHECK(away.hung);
  CHECK(away.woken);
  CHECK(outcome->reachable);
  CHECK(test::failing(outcome->judgement).empty());
  CHECK(outcome->judgement.headline == Headline::incomplete);
}
