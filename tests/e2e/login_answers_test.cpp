#include <catch2/catch.hpp>
#include <chrono>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/login_daemons.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

catalogue::Catalogue limits(std::int64_t pairs) {
  catalogue::Catalogue out;
  const auto add = [&](const char* name, std::int64_t value) {
    catalogue::Parameter one;
    one.name = name;
    one.value = value;
    out.parameters.push_back(one);
  };
  add("login-answers.pairs", pairs);
  add("login-answers.most-pairs", 128);
  add("login-answers.error", 1000);
  add("login-answers.time-limit", 20000);
  add("login-answers.time-budget", 40);
  return out;
}

struct Seen {
  std::vector<facts::LoginAnswer> answers;
  std::vector<facts::LoginTime> times;
  Coverage coverage;
};

Seen compared(const LoginDaemon& at, const std::string& method, const std::string& path) {
  auto device = lab_declaration(at.address);
  declaration::Login login;
  login.id = "main";
  login.port = {"tcp", at.port};
  login.method = method;
  login.path = login.check_path = path;
  device.logins.push_back(login);
  declaration::Account account;
  account.name = "guard";
  account.password = "Gate!2026-qz";
  account.has_password = true;
  account.logins = {"main"};
  device.accounts.push_back(account);
  device.lockout.declared = true;
  device.lockout.failures = 6;
  FakeContext context(device, limits(16));
  facts::LoginSurface surface;
  surface.subject = login.port.subject();
  surface.method = method;
  surface.path = path;
  surface.origin = "both";
  surface.usable = "yes";
  context.given(surface);
  const auto done = testcases::login_answers_procedure().run(context);
  if (!done) FAIL(done.error().message());
  return {runner::facts<facts::LoginAnswer>(context), runner::facts<facts::LoginTime>(context),
          context.coverage("login.answers", surface.subject)};
}

}  // namespace

TEST_CASE("lighttpd and mosquitto refuse known and unknown users alike") {
  const Accounts accounts{{"guard", "Gate!2026-qz"}};
  const auto web = lighttpd_auth("basic", accounts);
  const auto broker = mosquitto(accounts);
  for (const auto& [at, method, path] :
       {std::tuple(&web, "http-basic", "/"), std::tuple(&broker, "mqtt", "")}) {
    INFO(method);
    const Seen seen = compared(*at, method, path);
    INFO(seen.coverage.why);
    CHECK(seen.coverage.state == CoverageState::complete);
    REQUIRE(seen.answers.size() == 4);
    for (const auto& one : seen.answers) {
      INFO(one.aspect << ": " << one.known << " / " << one.unfamiliar);
      CHECK(one.alike == "yes");
    }
    REQUIRE(seen.times.size() == 1);
    INFO(seen.times[0].known_us << " us, " << seen.times[0].unfamiliar_us << " us, apart "
                                << seen.times[0].least_us << " to " << seen.times[0].greatest_us);
    CHECK(seen.times[0].pairs >= 16);
    CHECK(seen.times[0].least_us <= 20000);
  }
}

TEST_CASE("without a declared lockout only a few tries are made, and the coverage says so") {
  const Accounts accounts{{"guard", "Gate!2026-qz"}};
  const auto web = lighttpd_auth("basic", accounts);
  auto device = lab_declaration(web.address);
  declaration::Login login;
  login.id = "main";
  login.port = {"tcp", web.port};
  login.method = "http-basic";
  login.path = login.check_path = "/";
  device.logins.push_back(login);
  declaration::Account account;
  account.name = "guard";
  account.password = "Gate!2026-qz";
  account.has_password = true;
  account.logins = {"main"};
  device.accounts.push_back(account);
  FakeContext context(device, limits(16));
  facts::LoginSurface surface;
  surface.subject = login.port.subject();
  surface.method = login.method;
  surface.path = "/";
  surface.origin = "both";
  surface.usable = "yes";
  context.given(surface);
  REQUIRE(testcases::login_answers_procedure().run(context));
  CHECK(runner::facts<facts::LoginTime>(context).empty());
  for (const auto& one : runner::facts<facts::LoginAnswer>(context)) CHECK(one.pairs <= 3);
}
