#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>

#include "harness/catalogue/catalogue.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"

/// DokuWiki on PHP's built-in server: a login by form, two cookies, and a page token (sectok)
/// without which it takes nothing that changes it. What is checked here was confirmed with curl.
using namespace haetae;
using namespace haetae::test;

namespace {

constexpr const char* kAdmin = "Right!Horse-2026";
constexpr const char* kWriter = "Left!Horse-2026";
constexpr const char* kToken = "/doku.php?do=profile";

std::string hashed(const std::string& password) {
  const ToolResult made = run_tool({find_tool("openssl"), "passwd", "-1", "-stdin"},
                                   std::chrono::seconds(10), password + "\n");
  REQUIRE(made.exit_code == 0);
  return made.output.substr(0, made.output.find('\n'));
}

class Wiki {
 public:
  Wiki() {
    for (const char* name : {"pages", "attic", "cache", "index", "locks", "media", "media_attic",
                             "media_meta", "meta", "tmp", "log"})
      std::filesystem::create_directories(folder_.path() / "data" / name);
    folder_.write("conf/local.php", "<?php $conf['savedir'] = '" + folder_.file("data") +
                                        "'; $conf['useacl'] = 1; $conf['superuser'] = '@admin'; "
                                        "$conf['passcrypt'] = 'smd5'; "
                                        "$conf['disableactions'] = 'register,resendpwd';");
    folder_.write("conf/acl.auth.php", "*\t@ALL\t0\n*\t@user\t8\n");
    folder_.write("conf/users.auth.php",
                  "admin:" + hashed(kAdmin) + ":Admin:admin@example.invalid:admin,user\nwriter:" +
                      hashed(kWriter) + ":Writer:writer@example.invalid:user\n");
    const std::string first =
        folder_.write("first.php", "<?php define('DOKU_CONF', '" + folder_.file("conf") + "/');");
    daemon_ = std::make_unique<Daemon>(
        std::vector<std::string>{
            find_tool("env"), "PHP_CLI_SERVER_WORKERS=2", find_tool("php"), "-d",
            "auto_prepend_file=" + first, "-d", "session.save_path=" + folder_.path().string(),
            "-S", address_ + ":" + std::to_string(port_), "-t", "/usr/share/dokuwiki"},
        folder_);
    daemon_->wait_for_port(address_, port_);
  }

  [[nodiscard]] declaration::Declaration device() const {
    auto out = lab_declaration(address_);
    declaration::Login login;
    login.id = "web";
    login.port = {"tcp", port_};
    login.method = "http-form";
    login.path = "/doku.php?id=start&do=login";
    login.check_path = "/doku.php?do=profile";
    login.user_field = "u";
    login.password_field = "p";
    login.logout_path = "/doku.php?id=start&do=logout";
    login.token = token();
    out.logins = {login};
    for (const auto& [name, password, role] : std::vector<std::array<std::string, 3>>{
             {"admin", kAdmin, "administrator"}, {"writer", kWriter, "user"}}) {
      declaration::Account account;
      account.name = name;
      account.password = password;
      account.role = role;
      account.logins = {"web"};
      out.accounts.push_back(account);
    }
    out.lockout = {.declared = true, .failures = 100, .block = std::chrono::seconds(1)};
    out.session.declared = true;
    out.session.simultaneous = 2;
    out.session.cookies = {"DokuWiki"};
    declaration::PasswordChange change;
    change.login = "web";
    change.path = "/doku.php?id=start";
    change.old_field = "oldpass";
    change.new_field = "newpass";
    change.confirm_field = "passchk";
    change.fields = {{"do", "profile"},
                     {"save", "1"},
                     {"fullname", "Admin"},
                     {"email", "admin@example.invalid"}};
    change.token = token();
    out.password_changes = {change};
    add_calls(out);
    return out;
  }

  [[nodiscard]] std::string subject() const { return "lan:tcp/" + std::to_string(port_); }

 private:
  [[nodiscard]] static declaration::PageToken token() {
    return {.page = kToken, .from = "field", .name = "sectok", .to = "field", .as = "sectok"};
  }

  [[nodiscard]] declaration::Call call(const std::string& id, const std::string& path) const {
    declaration::Call out;
    out.id = id;
    out.http.port = {"tcp", port_};
    out.http.method = "GET";
    out.http.path = path;
    out.http.login = "web";
    out.http.body = "none";
    out.http.failure_text = "For admins only";
    out.roles = {"administrator"};
    return out;
  }

  void add_calls(declaration::Declaration& out) const {
    declaration::Call users = call("users", "/doku.php?do=admin&page=usermanager");
    users.http.success_text = "User Manager";
    out.calls.push_back(users);
    for (const std::string id : {"write", "write-back", "allow", "allow-back"}) {
      declaration::Call one = call(id, "/doku.php");
      const bool back = id.ends_with("-back");
      one.undo = back ? id.substr(0, id.size() - 5) : id + "-back";
      one.changes = true;
      one.http.method = "POST";
      one.http.body = "form";
      one.http.token = token();
      if (id.starts_with("write")) {
        one.roles.emplace_back("user");
        one.http.success_status = 302;
        one.http.fields = {{"id", "lab"},
                           {"do", "save"},
                           {"prefix", "."},
                           {"suffix", ""},
                           {"wikitext", back ? "" : "written by the laboratory"}};
      } else {
        // The page is the same whether anything was done: what it lists tells.
        one.http.success_text = back ? "name=\"acl_w\" class=\"edit\" value=\"writer\""
                                     : "value=\"writer\" class=\"acluser\"";
        one.http.fields = {{"do", "admin"},
                           {"page", "acl"},
                           {"ns", "*"},
                           {"acl_t", "writer"},
                           {"acl_w", "writer"},
                           {"acl", "16"},
                           {back ? "cmd[del]" : "cmd[save]", "1"}};
      }
      out.calls.push_back(one);
    }
  }

  TempDir folder_;
  std::string address_ = free_address(72);
  std::uint16_t port_ = free_port(address_);
  std::unique_ptr<Daemon> daemon_;
};

catalogue::Catalogue lists() {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) FAIL(loaded.error().message());
  for (auto& one : loaded->value.parameters) {
    if (one.name == "session.pace") one.value = std::int64_t{0};
    if (one.name == "session.samples") one.value = std::int64_t{6};
  }
  return loaded->value;
}

void give_surface(FakeContext& context, const Wiki& wiki) {
  facts::LoginSurface surface;
  surface.subject = wiki.subject();
  surface.method = "http-form";
  surface.path = "/doku.php?id=start&do=login";
  surface.usable = "yes";
  surface.clear_text = "yes";
  context.given(surface);
}

void complete(const FakeContext& context, const std::string& topic, const std::string& subject) {
  const auto seen = context.coverage(topic, subject);
  CAPTURE(topic, seen.why);
  CHECK(seen.state == CoverageState::complete);
}

}  // namespace

TEST_CASE("the roles of DokuWiki are told apart through its page token", "[e2e]") {
  const Wiki wiki;
  FakeContext context(wiki.device(), lists());
  give_surface(context, wiki);
  REQUIRE(testcases::calls_procedure().run(context));
  complete(context, "calls", wiki.subject());
  std::size_t seen = 0;
  for (const auto& trial : runner::facts<facts::CallTrial>(context)) {
    CAPTURE(trial.call, trial.role, trial.message);
    const bool own =
        trial.role == "administrator" || (trial.role == "user" && trial.call.starts_with("write"));
    CHECK(trial.outcome == (own ? "granted" : "refused"));
    CHECK(trial.undone != "no");
    ++seen;
  }
  CHECK(seen == 15);
  for (const auto& way : runner::facts<facts::CallBypass>(context)) {
    CAPTURE(way.call, way.role, way.variant, way.message);
    CHECK(way.outcome == "refused");
  }
}

TEST_CASE("sessions of DokuWiki live on after the logout, and no other site makes its calls",
          "[e2e]") {
  const Wiki wiki;
  FakeContext context(wiki.device(), lists());
  give_surface(context, wiki);
  REQUIRE(testcases::sessions_procedure().run(context));
  complete(context, "session.trials", wiki.subject());
  const auto logouts = runner::facts<facts::SessionLogout>(context);
  REQUIRE(logouts.size() == 1);
  CHECK(logouts[0].before == "open");
  CHECK(logouts[0].after == "open");  // both cookies, kept, log in anew: confirmed with curl
  const auto planted = runner::facts<facts::SessionFixation>(context);
  CHECK_FALSE(planted.empty());
  for (const auto& trial : planted) {
    CAPTURE(trial.name, trial.planted);
    CHECK(trial.after == "shut");
    CHECK(trial.own == "open");
  }
  REQUIRE(testcases::cross_site_procedure().run(context));
  complete(context, "cross-site", wiki.subject());
  const auto foreign = runner::facts<facts::CrossSiteTrial>(context);
  CHECK(foreign.size() == 4);
  for (const auto& trial : foreign) {
    CAPTURE(trial.call);
    CHECK(trial.carrier == "cookie");
    CHECK(trial.own == "done");
    CHECK(trial.foreign_page == "refused");
  }
  for (const auto& answer : runner::facts<facts::CrossOriginAnswer>(context))
    CHECK(answer.allows == "none");
}

TEST_CASE("DokuWiki changes a password only with the old one", "[e2e]") {
  const Wiki wiki;
  FakeContext context(wiki.device(), lists());
  give_surface(context, wiki);
  facts::DeclaredPart part;
  part.evidence = 1;
  part.part = "password-change";
  context.given(part);
  REQUIRE(testcases::fresh_proof_procedure().run(context));
  complete(context, "proof", wiki.subject());
  const auto trials = runner::facts<facts::ProofTrial>(context);
  REQUIRE(trials.size() == 3);
  for (const auto& trial : trials) {
    CAPTURE(trial.proof, trial.message);
    CHECK(trial.outcome == (trial.proof == "right" ? "done" : "refused"));
  }
}
