#include <catch2/catch.hpp>
#include <future>

#include "devices/simulator.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

constexpr const char* kGood = "Gate!2026-qz";

catalogue::Catalogue small_limits() {
  catalogue::Catalogue out;
  const auto add = [&](const char* name, std::int64_t value) {
    catalogue::Parameter one;
    one.name = name;
    one.value = value;
    out.parameters.push_back(one);
  };
  add("lockout.failures", 5);
  add("lockout.block-minimum", 1);
  add("lockout.block-maximum", 3600);
  add("lockout.tolerance", 1);
  return out;
}

declaration::Declaration device_at(const std::string& address, declaration::Login login,
                                   int declared) {
  auto out = lab_declaration(address);
  out.permit = Hazard::lockout_risk;
  login.id = "main";
  out.logins.push_back(std::move(login));
  declaration::Account account;
  account.name = "guard";
  account.password = kGood;
  account.has_password = true;
  account.sacrificial = true;
  account.logins = {"main"};
  out.accounts.push_back(account);
  out.lockout.declared = declared > 0;
  out.lockout.failures = declared;
  out.lockout.block = std::chrono::seconds(declared > 0 ? 2 : 0);
  return out;
}

struct Seen {
  facts::LockoutTrial trial;
  std::string log;
  Coverage coverage;
  int again = 0;  ///< how often the tries were made again
};

Seen tried(const declaration::Declaration& device) {
  const auto& login = device.logins.front();
  FakeContext context(device, small_limits());
  facts::LoginSurface surface;
  surface.subject = login.port.subject();
  surface.method = login.method;
  surface.path = login.path;
  surface.origin = "both";
  surface.usable = "yes";
  context.given(surface);
  // No assertions: this runs in several threads.
  const auto done = testcases::lockout_procedure().run(context);
  if (!done) throw std::runtime_error(done.error().message());
  const auto trials = runner::facts<facts::LockoutTrial>(context);
  if (trials.size() != 1) throw std::runtime_error("not one lockout trial");
  Seen out;
  out.trial = trials[0];
  out.log = context.evidence().text(trials[0].evidence, Direction::received);
  out.coverage = context.coverage("lockout", surface.subject);
  for (std::size_t at = 0; (at = out.log.find("again, with", at)) != std::string::npos; ++at)
    ++out.again;
  return out;
}

Seen camera(std::map<std::string, std::string> settings, int declared) {
  const std::string address = free_address(62);
  settings["lockout.seconds"] = "2";
  const auto started = devices::Simulator::start(
      std::filesystem::path(HAETAE_SOURCE_DIR) / "devices/personalities/conformant-camera.xml",
      {.address = address, .defects = {}, .settings = std::move(settings), .control = {}});
  if (!started) throw std::runtime_error(started.error());
  declaration::Login login;
  login.port = {"tcp", 443};
  login.tls = true;
  login.method = "http-digest";
  login.path = login.check_path = "/snapshot.jpg";
  return tried(device_at(address, login, declared));
}

struct Case {
  std::string told;
  int failures, declared, again;
};

}  // namespace

TEST_CASE("the number of failures is measured, whenever a block is told and whatever is declared") {
  // `again` is how often the range has to be narrowed: only where a verdict depends on it.
  const std::vector<Case> cases{
      {"next-try", 5, 5, 0}, {"last-try", 5, 5, 1}, {"next-try", 6, 5, 0}, {"last-try", 6, 5, 0},
      {"next-try", 6, 6, 0}, {"last-try", 6, 6, 1}, {"next-try", 5, 6, 1}, {"last-try", 5, 6, 0},
      {"next-try", 4, 4, 1}, {"last-try", 4, 4, 1}, {"next-try", 4, 5, 1}, {"last-try", 1, 5, 0},
      {"next-try", 1, 1, 1}, {"last-try", 1, 1, 0}, {"next-try", 5, 0, 0}, {"last-try", 5, 0, 0},
      {"next-try", 6, 0, 0}, {"last-try", 6, 0, 0}};
  std::vector<std::future<Seen>> all;
  for (const Case& one : cases)
    all.push_back(std::async(std::launch::async, [&one] {
      return camera(
          {{"lockout.told", one.told}, {"lockout.failures", std::to_string(one.failures)}},
          one.declared);
    }));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    const Seen seen = all[i].get();
    CAPTURE(one.told, one.failures, one.declared, seen.log, seen.coverage.why);
    CHECK(seen.trial.blocked == "yes");
    CHECK(seen.trial.failures == one.failures);
    CHECK(seen.trial.right_refused == "yes");
    CHECK(seen.trial.block_ended == "yes");
    CHECK(seen.coverage.state == CoverageState::complete);
    CHECK(seen.again == one.again);
  }
}

TEST_CASE("a silent block that comes earlier than declared is not taken for the declared one") {
  for (const int failures : {4, 5}) {
    const Seen seen =
        camera({{"lockout.silent", "yes"}, {"lockout.failures", std::to_string(failures)}}, 5);
    CAPTURE(failures, seen.log);
    CHECK(seen.trial.failures == failures);
    CHECK(seen.coverage.state == CoverageState::complete);
  }
}

TEST_CASE("where the right password is let in while blocked, the greater number is kept") {
  const Seen seen = camera({{"lockout.right-password", "accepted"}}, 5);
  CAPTURE(seen.log);
  CHECK(seen.trial.right_refused == "no");
  CHECK(seen.trial.failures == 6);
  CHECK(seen.coverage.state == CoverageState::complete);
  CHECK_THAT(seen.coverage.tried, Catch::Contains("after 5 to 6 failures"));
}

namespace {

/// Script is a device with HTTP Basic that blocks for a second after so many failures: the first
/// time after first, then after the others. What the right password sets back is its own affair.
struct Script {
  std::vector<int> thresholds;
  bool success_resets = true;
  bool ends = true;
  int failures = 0;
  std::size_t blocks = 0;
  std::optional<std::chrono::steady_clock::time_point> until{};

  [[nodiscard]] std::string answer(bool credential, bool right) {
    if (!credential) return "401 Unauthorized";
    const auto now = std::chrono::steady_clock::now();
    if (until && (!ends || now < *until)) return "429 Too Many Requests";
    if (until) failures = 0;
    until.reset();
    if (right) {
      if (success_resets) failures = 0;
      return "200 OK";
    }
    if (++failures < thresholds[std::min(blocks, thresholds.size() - 1)]) return "401 Unauthorized";
    ++blocks;
    until = now + std::chrono::seconds(2);
    return "429 Too Many Requests";
  }
};

Seen scripted(Script script, int declared) {
  const std::string address = free_address(62);
  Peer peer(address.c_str(), [&](int fd, const Peer&) {
    std::string heard;
    char buffer[4096];
    while (heard.find("\r\n\r\n") == std::string::npos) {
      const auto count = ::recv(fd, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      heard.append(buffer, static_cast<std::size_t>(count));
    }
    const bool credential = heard.find("Authorization: Basic ") != std::string::npos;
    // guard:Gate!2026-qz
    const bool right = heard.find("Basic Z3VhcmQ6R2F0ZSEyMDI2LXF6") != std::string::npos;
    const std::string status = script.answer(credential, right);
    const std::string page = status == "200 OK" ? "<h1>Settings</h1>" : "<h1>No</h1>";
    Peer::say(fd, "HTTP/1.1 " + status +
                      "\r\nConnection: close\r\nContent-Type: text/html\r\n"
                      "WWW-Authenticate: Basic realm=\"lab\"\r\nContent-Length: " +
                      std::to_string(page.size()) + "\r\n\r\n" + page);
  });
  declaration::Login login;
  login.port = {"tcp", peer.endpoint().port};
  login.method = "http-basic";
  login.path = login.check_path = "/";
  return tried(device_at(address, login, declared));
}

}  // namespace

TEST_CASE("a device that counts otherwise the second time leaves the greater number and a gap") {
  const Seen seen = scripted({.thresholds = {6, 3}}, 6);
  CAPTURE(seen.log);
  CHECK(seen.trial.failures == 6);
  CHECK(seen.coverage.state == CoverageState::partial);
  CHECK_THAT(seen.coverage.why, Catch::Contains("after 5 to 6 failures"));
}

TEST_CASE("a block without an end leaves the greater number and a gap") {
  const Seen seen = scripted({.thresholds = {6}, .success_resets = true, .ends = false}, 6);
  CAPTURE(seen.log);
  CHECK(seen.trial.failures == 6);
  CHECK(seen.trial.block_ended == "no");
  CHECK(seen.coverage.state == CoverageState::partial);
  CHECK_THAT(seen.coverage.tried, Catch::Contains("after 5 to 6 failures"));
}

TEST_CASE("failures before a right login that sets nothing back are not forgotten") {
  const Seen seen = scripted({.thresholds = {8}, .success_resets = false}, 5);
  CAPTURE(seen.log);
  CHECK(seen.trial.failures == 8);
  CHECK(seen.trial.attempts == 8);
}
