#include <catch2/catch.hpp>
#include <set>

#include "devices/simulator.hpp"
#include "harness/catalogue/catalogue.hpp"
#include "harness/declaration/declaration.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/authentication/password_samples.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

const std::filesystem::path kSource = HAETAE_SOURCE_DIR;

declaration::Declaration declared(const std::string& address) {
  auto loaded = declaration::load(kSource / "devices/personalities/conformant-camera.device.xml");
  if (!loaded) FAIL(loaded.error().message());
  auto out = loaded->value;
  const auto parsed = Address::parse(address);
  REQUIRE(parsed);
  out.addresses = {*parsed};
  out.scope.networks = {{*parsed, 32}};
  out.lockout.block = std::chrono::seconds(3);
  return out;
}

// The real catalogue with a short block, so that the wait is short.
catalogue::Catalogue real_catalogue() {
  auto loaded = catalogue::load(kSource / "testcases/catalogue/kisa-cic.xml",
                                kSource / "testcases/catalogue/profiles/ip-camera.xml");
  if (!loaded) loaded = catalogue::load(kSource / "testcases/catalogue/kisa-cic.xml", std::nullopt);
  REQUIRE(loaded);
  auto out = loaded->value;
  for (auto& one : out.parameters) {
    if (one.name == "lockout.block-minimum") one.value = std::int64_t{3};
    if (one.name == "lockout.tolerance") one.value = std::int64_t{1};
  }
  return out;
}

class Camera {
 public:
  /// Served is what identification told of a port: protocol, and whether it speaks TLS.
  using Served = std::pair<std::string, std::string>;
  explicit Camera(const std::string& setting = "", const std::string& value = "",
                  const std::map<std::string, Served>& other = {})
      : address_(free_address(57)) {
    std::map<std::string, std::string> settings;
    if (!setting.empty()) settings[setting] = value;
    settings.try_emplace("lockout.seconds", "3");
    auto started = devices::Simulator::start(
        kSource / "devices/personalities/conformant-camera.xml",
        {.address = address_, .defects = {}, .settings = std::move(settings), .control = {}});
    if (!started) FAIL(started.error());
    device = std::move(*started);
    context = std::make_unique<FakeContext>(declared(address_), real_catalogue());
    std::map<std::string, Served> served = other;
    served.insert({{"tcp/80", {"http", "no"}},
                   {"tcp/443", {"http", "yes"}},
                   {"tcp/22", {"ssh", "no"}},
                   {"tcp/322", {"rtsp", "yes"}},
                   {"tcp/8883", {"mqtt", "yes"}},
                   {"udp/161", {"snmp", "no"}}});
    for (const auto& [port, one] : served) service(port, one.first, one.second);
  }
  void run(const runner::Procedure& procedure) {
    const auto done = procedure.run(*context);
    if (!done) FAIL(done.error().message());
  }
  void surfaces() {
    run(testcases::declaration_procedure());
    run(testcases::http_procedure());
    run(testcases::login_surfaces_procedure());
  }
  template <class F>
  [[nodiscard]] std::vector<F> facts() const {
    return runner::facts<F>(*context);
  }
  [[nodiscard]] Coverage coverage(const std::string& topic, const std::string& subject) const {
    return context->coverage(topic, subject);
  }
  std::unique_ptr<devices::Simulator> device;
  std::unique_ptr<FakeContext> context;

 private:
  void service(const std::string& port, const std::string& protocol, const std::string& tls) {
    facts::Service fact;
    fact.subject = "lan:" + port;
    fact.protocol = protocol;
    fact.tls = tls;
    context->given(fact);
  }
  std::string address_;
};

void check_complete(const Camera& camera, const std::string& topic) {
  for (const auto& one : camera.context->coverages()) {
    if (one.topic != topic) continue;
    CAPTURE(one.topic, one.subject, one.why);
    CHECK(one.state == CoverageState::complete);
  }
}

}  // namespace

TEST_CASE("the sound camera: pages, cookies, surfaces, access and product information") {
  Camera camera;
  camera.surfaces();
  camera.run(testcases::access_procedure());
  camera.run(testcases::product_information_procedure());
  for (const char* topic : {"http.answers", "http.headers", "http.cookies", "login.surfaces",
                            "access.normal", "product-information"})
    check_complete(camera, topic);
  for (const auto& one : camera.facts<facts::LoginSurface>()) {
    CAPTURE(one.subject, one.method, one.path);
    CHECK(one.clear_text == (one.method == "snmp" ? "yes" : "no"));
  }
  bool session = false;
  for (const auto& one : camera.facts<facts::HttpCookie>())
    if (one.session == "yes") {
      session = true;
      CHECK(one.secure == "yes");
      CHECK(one.http_only == "yes");
    }
  CHECK(session);
  for (const auto& one : camera.facts<facts::AccessTrial>()) {
    CAPTURE(one.subject, one.target);
    CHECK((one.outcome == "refused" || one.outcome == "absent"));
  }
  for (const auto& one : camera.facts<facts::AccessControl>()) {
    CAPTURE(one.subject, one.control);
    if (one.control == "positive") CHECK(one.outcome == "granted");
    if (one.control == "negative") CHECK((one.outcome == "refused" || one.outcome == "absent"));
  }
  CHECK(camera.facts<facts::ProductInformation>().size() == 2);
  for (const auto& one : camera.facts<facts::ProductInformation>())
    CHECK(one.shown == "as-declared");
}

TEST_CASE("the sound camera refuses the whole list and locks no declared account") {
  Camera camera;
  camera.surfaces();
  camera.run(testcases::well_known_logins_procedure());
  check_complete(camera, "login.well-known");
  std::map<std::string, int> outcomes;
  for (const auto& one : camera.facts<facts::LoginTrial>()) ++outcomes[one.outcome];
  CHECK(outcomes["accepted"] == 0);
  CHECK(outcomes["refused"] > 200);
  CHECK(outcomes["blocked"] == 0);
  CHECK(outcomes["not-tried"] == 0);
  for (const auto& one : camera.facts<facts::LoginControl>()) {
    CAPTURE(one.subject, one.method, one.control);
    CHECK(one.outcome == (one.control == "negative" ? "refused" : "accepted"));
  }
}

TEST_CASE("a factory password that still works is found on every surface of the account") {
  Camera camera("login.factory-password", "accepted");
  camera.surfaces();
  camera.run(testcases::well_known_logins_procedure());
  std::set<std::string> found;
  for (const auto& one : camera.facts<facts::LoginTrial>())
    if (one.outcome == "accepted") {
      CHECK(one.origin == "declared-factory");
      CHECK(one.right == "no");
      found.insert(one.method);
    }
  CHECK(found == std::set<std::string>{"http-json", "http-digest", "rtsp", "ssh", "mqtt"});
}

TEST_CASE("a camera that accepts everything or refuses everything is never taken for sound") {
  {
    Camera camera("login.accepts-everything", "yes");
    camera.surfaces();
    camera.run(testcases::well_known_logins_procedure());
    for (const auto& one : camera.facts<facts::LoginControl>())
      // The web login answers yes, but gives an unknown user no session: the check page tells.
      if (one.control == "negative" && one.method != "snmp" && one.method != "http-json") {
        CAPTURE(one.subject, one.method);
        CHECK(one.outcome == "accepted");
      }
    CHECK(camera.coverage("login.well-known", "lan:tcp/443").state == CoverageState::partial);
    // Where any password opens, a login does not tell which one is in force.
    camera.run(testcases::password_policy_procedure());
    CHECK(camera.coverage("password.policy", "lan:tcp/443").state == CoverageState::partial);
    CHECK(camera.facts<facts::PasswordTrial>().empty());
  }
  Camera camera("login.refuses-everything", "yes");
  camera.surfaces();
  camera.run(testcases::well_known_logins_procedure());
  CHECK(camera.coverage("login.well-known", "lan:tcp/443").state == CoverageState::partial);
}

TEST_CASE("an answer that is broken off shows nothing") {
  Camera camera("hostile.answer", "dies");
  camera.surfaces();
  camera.run(testcases::access_procedure());
  CHECK(camera.coverage("http.answers", "lan:tcp/443").state == CoverageState::partial);
  const auto answers = camera.facts<facts::HttpAnswer>();
  CHECK_FALSE(answers.empty());
  for (const auto& one : answers) CHECK(one.kind == "unknown");
  for (const auto& one : camera.facts<facts::AccessTrial>())
    if (one.subject == "lan:tcp/443") CHECK(one.outcome == "unknown");
}

TEST_CASE("a camera that is gone before the login tries leaves facts with evidence all the same") {
  Camera camera;
  camera.surfaces();
  camera.device->kill_device();
  camera.run(testcases::well_known_logins_procedure());
  const auto trials = camera.facts<facts::LoginTrial>();
  const auto controls = camera.facts<facts::LoginControl>();
  CHECK_FALSE(trials.empty());
  CHECK_FALSE(controls.empty());
  for (const auto& one : trials) {
    CHECK(one.evidence != 0);
    CHECK((one.outcome == "not-tried" || one.outcome == "unknown"));
  }
  for (const auto& one : controls) {
    CHECK(one.evidence != 0);
    CHECK(one.outcome == "unknown");
  }
}

TEST_CASE("a login that is declared within TLS and served without is a clear-text login") {
  Camera clear(
      "", "",
      {{"tcp/8883", {"mqtt", "no"}}, {"tcp/322", {"http", "no"}}, {"tcp/22", {"http", "no"}}});
  clear.surfaces();
  CHECK(clear.facts<facts::LoginSurface>().size() >= 5);
  for (const auto& one : clear.facts<facts::LoginSurface>()) {
    if (one.method == "mqtt") CHECK(one.clear_text == "yes");
    if (one.method == "rtsp" || one.method == "ssh") CHECK(one.clear_text == "unknown");
  }
}

TEST_CASE("the lockout of the sound camera is measured on every surface") {
  Camera camera;
  camera.surfaces();
  camera.run(testcases::lockout_procedure());
  check_complete(camera, "lockout");
  const auto trials = camera.facts<facts::LockoutTrial>();
  CHECK(trials.size() == 5);
  for (const auto& one : trials) {
    CAPTURE(camera.context->evidence().text(one.evidence, Direction::received));
    CAPTURE(one.subject, one.method, one.account, one.attempts, one.block_seconds);
    CHECK(one.blocked == "yes");
    CHECK(one.failures == 5);
    CHECK(one.right_refused == "yes");
    CHECK(one.block_ended == "yes");
    CHECK(one.block_seconds >= 2);
    CHECK(one.block_seconds <= 4);
    CHECK(one.counts == "account");
    CHECK(one.account != "admin");
  }
}

TEST_CASE("a camera that never blocks, blocks late, or silently, or lets the right password in") {
  const auto first = [](Camera& camera) {
    camera.surfaces();
    camera.run(testcases::lockout_procedure());
    for (const auto& one : camera.facts<facts::LockoutTrial>())
      if (one.method == "http-json") return one;
    return facts::LockoutTrial{};
  };
  Camera never("lockout.failures", "0");
  CHECK(first(never).blocked == "no");
  Camera late("lockout.failures", "10");
  const auto ten = first(late);
  CHECK(ten.blocked == "no");
  CHECK(ten.attempts >= 5);
  Camera silent("lockout.silent", "yes");
  const auto quiet = first(silent);
  CHECK(quiet.blocked == "yes");
  CHECK(quiet.failures == 5);
  CHECK(quiet.right_refused == "yes");
  Camera kind("lockout.right-password", "accepted");
  const auto let_in = first(kind);
  CHECK(let_in.blocked == "yes");
  CHECK(let_in.right_refused == "no");
  Camera address("lockout.counts", "address");
  const auto shared = first(address);
  CAPTURE(address.context->evidence().text(shared.evidence, Direction::received));
  CAPTURE(address.coverage("lockout", "lan:tcp/443").why);
  CHECK(shared.counts == "address");
}

namespace {

std::map<std::string, std::string> taken(Camera& camera) {
  camera.surfaces();
  camera.run(testcases::password_policy_procedure());
  std::map<std::string, std::string> out;
  for (const auto& one : camera.facts<facts::PasswordTrial>()) out[one.sample] = one.outcome;
  return out;
}

}  // namespace

TEST_CASE("the sound camera takes what its policy allows and gets its old password back") {
  Camera camera;
  auto samples = taken(camera);
  CAPTURE(camera.coverage("password.policy", "lan:tcp/443").why);
  CHECK(camera.coverage("password.policy", "lan:tcp/443").state == CoverageState::complete);
  for (const char* name : {"8-characters-3-classes", "10-characters-2-classes", "conforming"}) {
    CAPTURE(name);
    CHECK(samples[name] == "accepted");
  }
  for (const char* name :
       {"7-characters-3-classes", "8-characters-2-classes", "8-characters-1-classes",
        "9-characters-2-classes", "10-characters-1-classes", "same-as-user", "same-as-factory",
        "sequence", "repeat", "well-known"}) {
    CAPTURE(name);
    CHECK(samples[name] == "refused");
  }
  const auto restored = camera.facts<facts::PasswordRestore>();
  REQUIRE(restored.size() == 1);
  CHECK(restored[0].restored == "yes");
}

TEST_CASE("a camera without a policy, and one that only says that it changed the password") {
  Camera ignoring("policy.ignored", "yes");
  for (const auto& [name, outcome] : taken(ignoring)) {
    CAPTURE(name);
    CHECK(outcome == "accepted");
  }
  CHECK(ignoring.facts<facts::PasswordRestore>().at(0).restored == "yes");
  Camera pretending("policy.pretends", "yes");
  CHECK(taken(pretending)["conforming"] == "refused");
  CHECK(pretending.facts<facts::PasswordRestore>().at(0).restored == "yes");
}

TEST_CASE("after an interruption the password in force is found and the declared one put back") {
  Camera camera;
  (void)taken(camera);  // leaves the marks of its samples in the ledger
  auto& context = *camera.context;
  const auto& admin = context.device().accounts.front();
  const auto* web = context.device().login("web");
  REQUIRE(web != nullptr);
  std::string left_behind;
  for (const auto& one : testcases::password_samples(context, admin))
    if (one.name == "conforming") left_behind = one.password;
  testcases::LoginClient client(context, *web);
  const auto changed = client.session(admin.name, admin.password, [&](auto& inside) {
    protocols::HttpRequest request;
    request.method = "POST";
    request.target = "/api/password";
    request.content_type = "application/json";
    request.body = protocols::json_body({{"old", admin.password}, {"new", left_behind}});
    const auto response = inside.exchange(request);
    REQUIRE(response);
    CHECK(response->status == 200);
  });
  CHECK(changed.answer == testcases::Answer::accepted);
  CHECK(client.attempt(admin.name, admin.password).answer == testcases::Answer::refused);
  const auto recovered = testcases::password_policy_procedure().recover(context);
  if (!recovered) FAIL(recovered.error().message());
  CHECK(client.attempt(admin.name, admin.password).answer == testcases::Answer::accepted);
  CHECK(client.attempt(admin.name, left_behind).answer == testcases::Answer::refused);
}

TEST_CASE("samples have the length and classes that they claim, and no neighbours") {
  for (std::size_t length = 7; length <= 20; ++length)
    for (int classes = 1; classes <= 4; ++classes)
      for (int seed = 0; seed < 20; ++seed) {
        const auto one = testcases::made_password(std::to_string(seed), length, classes);
        CHECK(one.size() == length);
        CHECK(testcases::character_classes(one) == classes);
        CHECK(one == testcases::made_password(std::to_string(seed), length, classes));
      }
}
