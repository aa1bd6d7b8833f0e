#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "devices/simulator.hpp"
#include "harness/catalogue/catalogue.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/login_daemons.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// What is recorded of security events: on the simulated camera, read by its call and as its syslog
/// server, and with sshd and dropbear whose messages Debian's rsyslog forwards to us.
namespace {

using namespace haetae;

const std::filesystem::path kSource = HAETAE_SOURCE_DIR;
const std::filesystem::path kPersonality = kSource / "devices/personalities/conformant-camera.xml";

catalogue::Catalogue whole_catalogue() {
  auto loaded = catalogue::load(kSource / "testcases/catalogue/kisa-cic.xml", {});
  if (!loaded) throw std::runtime_error(loaded.error().message());
  return loaded->value;
}

using Settings = std::map<std::string, std::string>;
using Change = std::function<void(declaration::Records&, const std::string& own)>;

struct Bench {
  explicit Bench(const Settings& settings, const Change& change = {}, bool only_web = false) {
    static int number = 0;
    const std::string network = "127.88." + std::to_string(++number);
    options.address = network + ".10";
    options.settings = settings;
    options.keys = folder.path() / "keys";
    options.control = folder.path() / "control";
    auto started = devices::Simulator::start(kPersonality, options);
    if (!started) throw std::runtime_error(started.error());
    simulator = std::move(*started);
    auto loaded = declaration::load_text(test::camera_declaration(options.address, options.control),
                                         folder.path() / "device.xml");
    if (!loaded) throw std::runtime_error(loaded.error().message());
    declaration::Declaration device = loaded->value;
    if (change) change(*device.records, network + ".1");
    if (only_web) device.logins.resize(1);
    context = std::make_unique<test::FakeContext>(device, whole_catalogue());
  }
  void run(const runner::Procedure& procedure) {
    const auto done = procedure.run(*context);
    if (!done) throw std::runtime_error(done.error().message());
  }
  [[nodiscard]] std::string coverage(const std::string& topic) const {
    const Coverage found = context->coverage(topic, "lan");
    return found.why.empty() ? "complete" : std::string(word(found.cause)) + ": " + found.why;
  }
  /// events() is what was recorded of each event at the web interface, by kind.
  [[nodiscard]] std::map<std::string, std::string> events() const {
    std::map<std::string, std::string> out;
    for (const auto& one : runner::facts<facts::RecordEvent>(*context))
      if (one.place == "lan:tcp/443" && one.method != "http-digest")
        out[one.event] = one.recorded + " " + one.source + ", time " + one.timed +
                         (one.offset_s > 2 ? " off" : "") + ", subject " + one.subject_named +
                         ", outcome " + one.outcome_told;
    return out;
  }

  test::TempDir folder;
  devices::Options options;
  std::unique_ptr<devices::Simulator> simulator;
  std::unique_ptr<test::FakeContext> context;
};

constexpr const char* kWhole = "yes read, time yes, subject yes, outcome yes";
constexpr const char* kNone = "no none, time unknown, subject unknown, outcome unknown";
const std::map<std::string, std::string> kSound{
    {"login", kWhole}, {"login-failure", kWhole}, {"change", kWhole}, {"update", kWhole}};

}  // namespace

TEST_CASE("the sound camera records every event on every login", "[e2e]") {
  test::enter_own_network();
  Bench bench(Settings{});
  bench.run(testcases::record_events_procedure());
  CHECK(bench.coverage("record.events") == "complete");
  CHECK(bench.events() == kSound);
  const auto all = runner::facts<facts::RecordEvent>(*bench.context);
  CHECK(all.size() == 12);  // five logins, twice, a change and an update
  for (const auto& one : all) {
    INFO(one.event << " " << one.place << " " << one.method << ": " << one.text);
    CHECK(one.recorded == "yes");
    CHECK(one.outcome_told == "yes");
  }
}

TEST_CASE("what the camera does not record is missed", "[e2e]") {
  test::enter_own_network();
  for (const std::string kind : {"login", "login-failure", "change", "update"}) {
    Bench bench(Settings{{"records.skips", kind}}, {}, true);
    bench.run(testcases::record_events_procedure());
    auto expected = kSound;
    expected[kind] = kNone;
    CHECK(bench.events() == expected);
  }
}

TEST_CASE("the camera's syslog is heard over UDP and over TCP", "[e2e]") {
  test::enter_own_network();
  for (const std::string transport : {"udp", "tcp"}) {
    const std::string form = transport == "udp" ? "rfc3164" : "rfc5424";
    Bench bench(Settings{{"records.syslog", "="},
                         {"records.syslog-form", form},
                         {"records.syslog-transport", transport}},
                [&](declaration::Records& records, const std::string& own) {
                  records.read.reset();
                  records.listen = declaration::RecordListener{
                      .at = {.address = *Address::parse(own), .port = 514}, .transport = transport};
                });
    bench.run(testcases::record_events_procedure());
    CHECK(bench.coverage("record.events") == "complete");
    for (const auto& [kind, what] : bench.events()) {
      INFO(transport << " " << kind);
      CHECK(what == "yes syslog, time yes, subject yes, outcome yes");
    }
  }
}

TEST_CASE("silence of syslog is no missing record", "[e2e]") {
  test::enter_own_network();
  Bench bench(
      Settings{},
      [](declaration::Records& records, const std::string& own) {
        records.read.reset();
        records.wait = std::chrono::seconds(1);
        records.listen = declaration::RecordListener{
            .at = {.address = *Address::parse(own), .port = 514}, .transport = "udp"};
      },
      true);
  bench.run(testcases::record_events_procedure());
  CHECK(bench.coverage("record.events").find("no syslog message") != std::string::npos);
  for (const auto& one : runner::facts<facts::RecordEvent>(*bench.context))
    CHECK(one.recorded == "unknown");
}

TEST_CASE("the record is lost only to who may erase it", "[e2e]") {
  test::enter_own_network();
  const auto tried = [](const Settings& settings) {
    Bench bench(settings);
    bench.run(testcases::record_erase_procedure());
    CHECK(bench.coverage("record.erase") == "complete");
    std::map<std::string, std::string> out;
    for (const auto& one : runner::facts<facts::RecordErase>(*bench.context))
      out[one.way + " " + one.actor] = one.outcome;
    return out;
  };
  const std::map<std::string, std::string> sound{{"overflow lesser-role", "kept"},
                                                 {"erase nobody", "kept"},
                                                 {"erase lesser-role", "kept"},
                                                 {"erase administrator", "lost"}};
  CHECK(tried({}) == sound);
  auto viewer = sound;
  viewer["erase lesser-role"] = "lost";
  CHECK(tried({{"records.erase", "any-account"}}) == viewer);
  auto small = sound;
  small["overflow lesser-role"] = "lost";
  CHECK(tried({{"records.capacity", "20"}}) == small);
}

TEST_CASE("a false time is taken only from who may set it, and put right again", "[e2e]") {
  test::enter_own_network();
  const auto tried = [](const Settings& settings, const Change& change = {}) {
    Bench bench(settings, change);
    bench.run(testcases::false_time_procedure());
    CHECK(bench.coverage("record.time") == "complete");
    std::map<std::string, std::string> out;
    for (const auto& one : runner::facts<facts::FalseTime>(*bench.context))
      out[one.actor] = one.outcome + ", " + one.restored;
    return out;
  };
  const std::map<std::string, std::string> sound{{"nobody", "refused, not-needed"},
                                                 {"lesser-role", "refused, not-needed"},
                                                 {"administrator", "accepted, yes"}};
  CHECK(tried({}) == sound);
  auto open = sound;
  open["nobody"] = open["lesser-role"] = "accepted, yes";
  CHECK(tried({{"time.set", "anybody"}}) == open);
  const Change server = [](declaration::Records& records, const std::string& own) {
    declaration::TimeServer& asked = records.time_server.emplace();
    asked.at = {.address = *Address::parse(own), .port = 123};
    asked.wait = std::chrono::seconds(10);
    asked.ask = *records.show_time;
    asked.ask->method = "POST";
    asked.ask->path = "/api/time/ask";
  };
  auto believed = sound;
  believed["server"] = "accepted, yes";
  CHECK(tried({{"time.server", "="}, {"time.server-steps", "any"}}, server) == believed);
  believed["server"] = "refused, not-needed";
  CHECK(tried({{"time.server", "="}}, server) == believed);
}

namespace {

/// forwarded() tries the login of a real SSH server whose messages rsyslog sends to us.
std::map<std::string, std::string> forwarded(test::LoginDaemon ssh, const std::string& target,
                                             const std::string& transport) {
  const std::string log = [&] {
    for (const auto& entry : std::filesystem::directory_iterator(ssh.folder->path()))
      if (entry.path().filename().string().rfind("daemon-", 0) == 0) return entry.path().string();
    return std::string();
  }();
  const std::string own = test::free_address(88);
  const std::uint16_t port = test::free_port(own);
  const test::TempDir folder;
  const std::string config = folder.write(
      "rsyslog.conf",
      "global(workDirectory=\"" + folder.path().string() +
          "\")\nmodule(load=\"imfile\" mode=\"inotify\")\ninput(type=\"imfile\" File=\"" + log +
          "\" Tag=\"ssh:\" facility=\"auth\")\naction(type=\"omfwd\" target=\"" + own +
          "\" port=\"" + std::to_string(port) + "\" protocol=\"" + transport + "\" template=\"" +
          target + "\"" +
          (transport == "tcp" ? " TCP_Framing=\"octet-counted\" action.resumeInterval=\"1\"" : "") +
          ")\n");

  declaration::Declaration device = test::lab_declaration(ssh.address);
  device.scope.networks.push_back(*Network::parse("127.0.0.0/8"));
  declaration::Login& login = device.logins.emplace_back();
  login.id = "shell";
  login.port = {.transport = "tcp", .number = ssh.port};
  login.method = "ssh";
  declaration::Account& account = device.accounts.emplace_back();
  account.name = "operator";
  account.password = "Str0ng!Operator-77";
  account.logins = {"shell"};
  device.permit = Hazard::disruptive;
  device.records.emplace().wait = std::chrono::seconds(10);
  device.records->listen = declaration::RecordListener{
      .at = {.address = *Address::parse(own), .port = port}, .transport = transport};
  test::FakeContext context(device, whole_catalogue());
  test::Daemon rsyslog(
      {test::find_tool("rsyslogd"), "-n", "-f", config, "-i", folder.file("rsyslog.pid")}, folder);
  const auto done = testcases::record_events_procedure().run(context);
  if (!done) throw std::runtime_error(done.error().message());
  std::map<std::string, std::string> out;
  for (const auto& one : runner::facts<facts::RecordEvent>(context)) {
    INFO(one.text);
    CHECK(one.offset_s <= 60);
    out[one.event] = one.caused + " " + one.recorded + " " + one.source + ", time " + one.timed +
                     ", subject " + one.subject_named + ", outcome " + one.outcome_told;
  }
  return out;
}

const std::map<std::string, std::string> kForwarded{
    {"login", "yes yes syslog, time yes, subject yes, outcome yes"},
    {"login-failure", "yes yes syslog, time yes, subject yes, outcome yes"}};

}  // namespace

TEST_CASE("logins at OpenSSH's sshd are found in what rsyslog forwards by UDP", "[e2e]") {
  CHECK(forwarded(test::openssh({{"operator", "Str0ng!Operator-77"}}),
                  "RSYSLOG_TraditionalForwardFormat", "udp") == kForwarded);
}

TEST_CASE("logins at dropbear are found in what rsyslog forwards by TCP", "[e2e]") {
  CHECK(forwarded(test::dropbear({{"operator", "Str0ng!Operator-77"}}),
                  "RSYSLOG_SyslogProtocol23Format", "tcp") == kForwarded);
}
