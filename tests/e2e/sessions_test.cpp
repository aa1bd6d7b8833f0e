#include <catch2/catch.hpp>
#include <filesystem>

#include "harness/catalogue/catalogue.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

const std::filesystem::path kSource = HAETAE_SOURCE_DIR;

catalogue::Catalogue real_catalogue() {
  auto loaded = catalogue::load(kSource / "testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) FAIL(loaded.error().message());
  for (auto& one : loaded->value.parameters) {
    if (one.name == "session.pace") one.value = std::int64_t{0};
    if (one.name == "session.idle-margin") one.value = std::int64_t{2};
  }
  return loaded->value;
}

/// PhpApp is the application of session_app.php on PHP's own sessions and its built-in server.
class PhpApp {
 public:
  explicit PhpApp(const std::string& sound, const std::string& idle = "0",
                  std::string method = "http-form")
      : method_(std::move(method)), address_(free_address(84)), port_(free_port(address_)) {
    const std::string basic = method_ == "http-basic" ? "yes" : "no";
    const std::string app = (kSource / "tests/support/session_app.php").string();
    daemon_ = std::make_unique<Daemon>(
        std::vector<std::string>{
            "/usr/bin/env", "SOUND=" + sound, "IDLE=" + idle, "BASIC=" + basic, find_tool("php"),
            "-d", "session.save_path=" + folder_.path().string(), "-d",
            "session.use_strict_mode=" + std::string(sound == "yes" ? "1" : "0"), "-S",
            address_ + ":" + std::to_string(port_), app},
        folder_);
    daemon_->wait_for_port(address_, port_);
  }
  [[nodiscard]] declaration::Declaration declared() const {
    auto out = lab_declaration(address_);
    declaration::Login login;
    login.id = "web";
    login.port = {"tcp", port_};
    login.method = method_;
    login.path = "/login";
    login.check_path = "/private";
    login.user_field = "user";
    login.password_field = "word";
    login.logout_path = "/logout";
    out.logins.push_back(login);
    declaration::Account account;
    account.name = "lab";
    account.password = "Right!Horse-2026";
    account.role = "administrator";
    account.logins = {"web"};
    out.accounts.push_back(account);
    out.session.declared = true;
    out.session.idle = std::chrono::seconds(3);
    out.session.simultaneous = 2;
    for (const auto& [id, undo] : {std::pair{"name", "name-back"}, {"name-back", "name"}}) {
      declaration::Call call;
      call.id = id;
      call.undo = undo;
      call.changes = true;
      call.roles = {"administrator"};
      call.http.port = login.port;
      call.http.path = "/name";
      call.http.login = "web";
      call.http.body = "form";
      call.http.fields = {{"name", id}};
      out.calls.push_back(call);
    }
    return out;
  }
  [[nodiscard]] std::unique_ptr<FakeContext> context() const {
    auto made = std::make_unique<FakeContext>(declared(), real_catalogue());
    FakeContext& out = *made;
    facts::LoginSurface surface;
    surface.subject = subject();
    surface.method = method_;
    surface.path = "/login";
    surface.usable = "yes";
    surface.clear_text = "yes";
    out.given(surface);
    return made;
  }
  [[nodiscard]] std::string subject() const { return "lan:tcp/" + std::to_string(port_); }

 private:
  TempDir folder_;
  std::string method_;
  std::string address_;
  std::uint16_t port_;
  std::unique_ptr<Daemon> daemon_;
};

template <class F>
F only(const FakeContext& context) {
  const auto rows = runner::facts<F>(context);
  REQUIRE(rows.size() == 1);
  return rows.front();
}

void whole_in(const FakeContext& context, const std::string& subject,
              std::initializer_list<const char*> topics) {
  for (const char* topic : topics) {
    const auto seen = context.coverage(topic, subject);
    CAPTURE(topic, seen.why);
    CHECK(seen.state == CoverageState::complete);
  }
}

}  // namespace

TEST_CASE("a sound application on PHP's sessions gives no finding", "[e2e]") {
  const PhpApp app("yes");
  const auto made = app.context();
  FakeContext& context = *made;
  REQUIRE(testcases::sessions_procedure().run(context));
  REQUIRE(testcases::cross_site_procedure().run(context));
  whole_in(context, app.subject(),
           {"session.values", "session.trials", "session.limit", "cross-site"});
  const auto value = only<facts::SessionValue>(context);
  CHECK(value.name == "PHPSESSID");
  CHECK(value.carrier == "cookie");
  CHECK(value.samples == 20);
  CHECK(value.different == 20);
  CHECK(value.bits >= 100);
  CHECK(value.guess == "none");
  for (const auto& test : runner::facts<facts::SessionRandomness>(context)) CHECK(test.p > 1e-6);
  for (const auto& trial : runner::facts<facts::SessionFixation>(context)) {
    CHECK(trial.before == "shut");
    CHECK(trial.after == "shut");
    CHECK(trial.own == "open");
  }
  CHECK(runner::facts<facts::SessionFixation>(context).size() == 2);
  CHECK(only<facts::SessionLogout>(context).before == "open");
  CHECK(only<facts::SessionLogout>(context).after == "shut");
  // PHP itself counts no sessions: all three live where two are declared.
  CHECK(only<facts::SessionLimit>(context).alive == 3);
  for (const auto& trial : runner::facts<facts::CrossSiteTrial>(context)) {
    CHECK(trial.own == "done");
    CHECK(trial.foreign_page == "refused");
    CHECK(trial.same_site == "strict");
  }
  for (const auto& answer : runner::facts<facts::CrossOriginAnswer>(context))
    CHECK(answer.allows == "none");
}

TEST_CASE("the end of an idle session is waited for", "[e2e]") {
  const PhpApp app("yes", "3");
  const auto made = app.context();
  FakeContext& context = *made;
  REQUIRE(testcases::session_idle_procedure().run(context));
  whole_in(context, app.subject(), {"session.idle"});
  CHECK(only<facts::SessionIdle>(context).before == "open");
  CHECK(only<facts::SessionIdle>(context).after == "shut");
  CHECK(only<facts::SessionIdle>(context).again == "open");
}

TEST_CASE("what PHP's sessions do by default is found", "[e2e]") {
  const PhpApp app("no");
  const auto made = app.context();
  FakeContext& context = *made;
  REQUIRE(testcases::sessions_procedure().run(context));
  REQUIRE(testcases::cross_site_procedure().run(context));
  whole_in(context, app.subject(),
           {"session.values", "session.trials", "session.limit", "cross-site"});
  const auto trials = runner::facts<facts::SessionFixation>(context);
  REQUIRE(trials.size() == 2);
  for (const auto& trial : trials) {
    CAPTURE(trial.planted);
    CHECK(trial.before == "shut");
    CHECK(trial.after == "open");
  }
  CHECK(only<facts::SessionLogout>(context).after == "open");
  const auto forged = runner::facts<facts::CrossSiteTrial>(context);
  REQUIRE(forged.size() == 2);
  for (const auto& trial : forged) {
    CHECK(trial.foreign_page == "done");
    CHECK(trial.carrier == "cookie");
    CHECK(trial.same_site == "absent");
  }
  for (const auto& answer : runner::facts<facts::CrossOriginAnswer>(context)) {
    CHECK(answer.allows == "same");
    CHECK(answer.credentials == "yes");
  }
}

TEST_CASE("a session that outlives the password in a header is tried like any other", "[e2e]") {
  for (const char* sound : {"yes", "no"}) {
    INFO("sound: " << sound);
    const PhpApp app(sound, "0", "http-basic");
    const auto made = app.context();
    FakeContext& context = *made;
    // What was seen decides: without a cookie that opens a page there is no session to try.
    REQUIRE(testcases::sessions_procedure().run(context));
    CHECK(runner::facts<facts::SessionLogout>(context).empty());
    facts::HttpCookie cookie;
    cookie.subject = app.subject();
    cookie.name = "PHPSESSID";
    cookie.session = "yes";
    context.given(cookie);
    REQUIRE(testcases::sessions_procedure().run(context));
    REQUIRE(testcases::cross_site_procedure().run(context));
    whole_in(context, app.subject(),
             {"session.values", "session.trials", "session.limit", "cross-site"});
    const std::string kept = std::string(sound) == "yes" ? "shut" : "open";
    CHECK(only<facts::SessionLogout>(context).before == "open");
    CHECK(only<facts::SessionLogout>(context).after == kept);
    const auto trials = runner::facts<facts::SessionFixation>(context);
    REQUIRE(trials.size() == 2);
    for (const auto& trial : trials) {
      CHECK(trial.before == "shut");
      CHECK(trial.after == kept);
      CHECK(trial.own == "open");
    }
    CHECK(only<facts::SessionValue>(context).different == 20);
    for (const auto& trial : runner::facts<facts::CrossSiteTrial>(context)) {
      CHECK(trial.own == "done");
      CHECK(trial.foreign_page == (kept == "shut" ? "refused" : "done"));
    }
  }
}

TEST_CASE("a wait that is not allowed, a login that is not taken and no declaration are gaps",
          "[e2e]") {
  const PhpApp app("yes");
  auto device = app.declared();
  device.session.idle = std::chrono::hours(24);
  device.session.simultaneous = 0;
  device.accounts[0].password = "Wrong!Horse-2026";
  FakeContext context(device, real_catalogue());
  facts::LoginSurface surface;
  surface.subject = app.subject();
  surface.method = "http-form";
  surface.path = "/login";
  surface.usable = "yes";
  context.given(surface);
  REQUIRE(testcases::session_idle_procedure().run(context));
  REQUIRE(testcases::sessions_procedure().run(context));
  CHECK(context.coverage("session.idle", app.subject()).cause == Cause::lab);
  CHECK(context.coverage("session.limit", app.subject()).cause == Cause::declaration);
  for (const char* topic : {"session.values", "session.trials"})
    CHECK(context.coverage(topic, app.subject()).state == CoverageState::partial);
  CHECK(runner::facts<facts::SessionValue>(context).empty());
}
