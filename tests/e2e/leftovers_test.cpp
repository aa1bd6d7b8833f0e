#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "harness/cli/replay_texts.hpp"
#include "harness/judge/replay.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/network/network.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/login_daemons.hpp"
#include "tests/support/own_network.hpp"

/// What a login opens, and what pages show of secrets: an application on PHP's own sessions, sound
/// and careless, and OpenSSH.
using namespace haetae;
using namespace haetae::test;

namespace {

constexpr const char* kPassword = "Right!Horse-2026";

catalogue::Catalogue lists() {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  REQUIRE(loaded);
  return loaded->value;
}

declaration::Account lab() {
  declaration::Account out;
  out.name = "lab";
  out.password = kPassword;
  out.role = "administrator";
  out.logins = {"login"};
  return out;
}

class PhpApp {
 public:
  explicit PhpApp(bool careless)
      : address_(free_address(85)), port_(free_port(address_)), late_(free_port(address_)) {
    while (late_ == port_) late_ = free_port(address_);
    daemon_ = std::make_unique<Daemon>(
        std::vector<std::string>{
            "/usr/bin/env", std::string("CARELESS=") + (careless ? "yes" : "no"),
            std::string("PASSWORD=") + kPassword, "PID_FILE=" + folder_.file("pid"),
            "PORT_OF=" + address_ + ":" + std::to_string(late_), find_tool("php"), "-d",
            "session.save_path=" + folder_.path().string(), "-S",
            address_ + ":" + std::to_string(port_),
            HAETAE_SOURCE_DIR "/tests/support/leftovers_app.php"},
        folder_);
    daemon_->wait_for_port(address_, port_);
  }
  PhpApp(const PhpApp&) = delete;
  PhpApp& operator=(const PhpApp&) = delete;
  ~PhpApp() {
    pid_t pid = 0;
    std::ifstream(folder_.file("pid")) >> pid;
    if (pid > 1) ::kill(pid, SIGKILL);
  }
  [[nodiscard]] declaration::Declaration device() const {
    auto out = lab_declaration(address_);
    declaration::Login login;
    login.id = "login";
    login.port = {"tcp", port_};
    login.method = "http-form";
    login.path = "/login";
    login.check_path = "/private";
    login.user_field = "user";
    login.password_field = "password";
    login.logout_path = "/logout";
    out.logins = {login};
    out.accounts = {lab()};
    out.services_declared = true;
    out.services.push_back({.port = login.port, .protocol = "http", .purpose = "web"});
    declaration::Call call;
    call.id = "settings";
    call.http.port = login.port;
    call.http.method = "GET";
    call.http.path = "/settings";
    call.http.login = "login";
    call.http.body = "none";
    call.roles = {"administrator"};
    out.calls = {call};
    return out;
  }
  [[nodiscard]] std::uint16_t late() const { return late_; }
  [[nodiscard]] std::string subject() const { return "lan:tcp/" + std::to_string(port_); }

 private:
  TempDir folder_;
  std::string address_;
  std::uint16_t port_, late_;
  std::unique_ptr<Daemon> daemon_;
};

std::vector<std::int64_t> new_ports(const FakeContext& context) {
  std::vector<std::int64_t> out;
  for (const auto& one : runner::facts<facts::LatePort>(context)) {
    CHECK(one.after == "open");
    CHECK(one.before != "unknown");
    if (one.before == "not-open") out.push_back(one.number);
  }
  return out;
}

/// late_port_replay() is the script of the catalogue for a port that is open after a login.
std::string late_port_replay(const std::string& address, std::uint16_t number) {
  const auto catalogue = lists();
  const auto* replay = catalogue.replay("late-port");
  REQUIRE(replay != nullptr);
  judge::ReplayPlaces places;
  places.address = address;
  const std::string subject = "lan:tcp/" + std::to_string(number);
  const std::string script =
      judge::fill_replay(*replay, places, {"subject", "transport", "number"},
                         {subject, std::string("tcp"), std::int64_t{number}}, subject);
  REQUIRE(!script.empty());
  return script;
}

}  // namespace

TEST_CASE("a port that an application opens with a login is seen, and none where it opens none") {
  enter_own_network();
  for (const bool careless : {false, true}) {
    const PhpApp app(careless);
    FakeContext context(app.device(), lists());
    REQUIRE(testcases::discovery().run(context));
    REQUIRE(testcases::late_ports_procedure().run(context));
    CAPTURE(careless, context.coverage("late-ports", "lan").why);
    CHECK(context.coverage("late-ports", "lan").state == CoverageState::complete);
    const auto logins = runner::facts<facts::LateLogin>(context);
    REQUIRE(logins.size() == 1);
    CHECK(logins[0].outcome == "accepted");
    CHECK(logins[0].held == "yes");
    CHECK(new_ports(context) ==
          (careless ? std::vector<std::int64_t>{app.late()} : std::vector<std::int64_t>{}));
  }
}

TEST_CASE("a login over SSH opens no port, and a refused one leaves a gap") {
  enter_own_network();
  for (const bool right : {true, false}) {
    const LoginDaemon daemon = openssh({{"lab", kPassword}});
    auto device = lab_declaration(daemon.address);
    declaration::Login login;
    login.id = "login";
    login.port = {"tcp", daemon.port};
    login.method = "ssh";
    device.logins = {login};
    device.accounts = {lab()};
    if (!right) device.accounts[0].password = "Wrong!Horse-2026";
    FakeContext context(device, lists());
    REQUIRE(testcases::discovery().run(context));
    REQUIRE(testcases::late_ports_procedure().run(context));
    CHECK(new_ports(context).empty());
    const auto logins = runner::facts<facts::LateLogin>(context);
    REQUIRE(logins.size() == 1);
    CHECK(logins[0].outcome == (right ? "accepted" : "refused"));
    CHECK(logins[0].held == "not-kept");
    const auto coverage = context.coverage("late-ports", "lan");
    CHECK(coverage.state == (right ? CoverageState::complete : CoverageState::partial));
    CHECK((right || coverage.why.find("was not accepted") != std::string::npos));
  }
}

TEST_CASE("the replay of a late port shows what OpenSSH's forced program opens") {
  enter_own_network();
  const std::string late_address = free_address(86);
  for (const bool opens : {true, false}) {
    for (const bool right : {true, false}) {
      CAPTURE(opens, right);
      std::uint16_t late = free_port(late_address);
      const LoginDaemon daemon = openssh(
          {{"lab", kPassword}},
          fmt::format("ForceCommand {} TCP-LISTEN:{},bind={},fork,reuseaddr EXEC:/bin/true & "
                      "cat >/dev/null; kill $!\n",
                      opens ? find_tool("socat") : "/bin/true", late, late_address));
      const TempDir folder;
      const std::string script = folder.write(
          "late.sh",
          fmt::format("ADDRESS={}; SSH_PORT={}; PORTS={}; ACCOUNT=lab\n{}replay() (\n{}\n)"
                      "\nconclude\n",
                      daemon.address, daemon.port, daemon.port, cli::kReplayLibrary,
                      late_port_replay(late_address, late)));
      const ToolResult seen = run_tool(
          {"/usr/bin/env", std::string("PASSWORD=") + (right ? kPassword : "Wrong!Horse-1"),
           "/bin/sh", script},
          std::chrono::seconds(60));
      INFO(seen.output);
      CHECK(seen.exit_code == (right ? (opens ? 0 : 1) : 2));
      if (!right) break;
    }
  }
}

TEST_CASE("a password in base64 and a field that shows what is typed are found, masks are not") {
  for (const bool careless : {false, true}) {
    const PhpApp app(careless);
    FakeContext context(app.device(), lists());
    REQUIRE(testcases::shown_secrets_procedure().run(context));
    CAPTURE(careless, context.coverage("shown-secrets", app.subject()).why);
    CHECK(context.coverage("shown-secrets", app.subject()).state == CoverageState::complete);
    std::vector<std::string> seen;
    for (const auto& one : runner::facts<facts::SecretShown>(context))
      seen.push_back(one.page + " " + one.account + " " + one.whose + " " + one.form);
    for (const auto& one : runner::facts<facts::SecretPage>(context)) {
      CHECK(one.looked == "whole");
      if (one.fields == "clear") seen.push_back(one.page + " " + one.field);
    }
    const std::vector<std::string> wrong{"settings lab lab encoded", "/login wifi_passphrase"};
    CHECK(seen == (careless ? wrong : std::vector<std::string>{}));
  }
}

TEST_CASE("a short or plain password is no secret that a page could be searched for") {
  const PhpApp app(true);
  auto device = app.device();
  device.accounts[0].factory_password = "camera";
  FakeContext context(device, lists());
  REQUIRE(testcases::shown_secrets_procedure().run(context));
  std::vector<std::string> seen;
  for (const auto& one : runner::facts<facts::SecretSought>(context))
    seen.push_back(one.kind + " " + one.sought);
  CHECK(seen == std::vector<std::string>{"password yes", "factory-password no"});
}
