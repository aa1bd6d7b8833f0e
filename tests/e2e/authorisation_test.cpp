#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"

/// Who is given what by nginx and lighttpd, rightly and wrongly configured.
using namespace haetae;
using namespace haetae::test;

namespace {

constexpr const char* kAdmin = "Right!Horse-2026";
constexpr const char* kGuard = "Left!Horse-2026";

std::string hashed(const std::string& name, const std::string& password) {
  const ToolResult made = run_tool({find_tool("openssl"), "passwd", "-apr1", "-stdin"},
                                   std::chrono::seconds(10), password + "\n");
  REQUIRE(made.exit_code == 0);
  return name + ":" + made.output.substr(0, made.output.find('\n')) + "\n";
}

/// Site is a daemon over a folder with /admin/a.txt, for administrators, and /open/a.txt, for all.
struct Site {
  TempDir folder;
  std::string address = free_address(85);
  std::uint16_t port = free_port(address);
  std::unique_ptr<Daemon> daemon;

  Site() {
    folder.write("www/index.html", "<html><body>camera</body></html>", 0644);
    folder.write("www/admin/a.txt", "serial SC-4711 region north gateway 192.0.2.1\n", 0644);
    folder.write("www/open/a.txt", "picture of the yard\n", 0644);
    folder.write("pub/b.txt", "manual\n", 0644);
    folder.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 0644);
    folder.write("all.pw", hashed("admin", kAdmin) + hashed("guard", kGuard), 0644);
    folder.write("admin.pw", hashed("admin", kAdmin), 0644);
  }

  void nginx(const std::string& locations) {
    std::string temps;
    for (const char* name : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
      temps += std::string(name) + "_temp_path " + folder.file(std::string("t-") + name) + ";\n";
    const std::string config = folder.write(
        "nginx.conf", "daemon off;\nuser root;\nmaster_process off;\npid " + folder.file("pid") +
                          ";\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" + temps +
                          "server { listen " + address + ":" + std::to_string(port) + "; root " +
                          folder.file("www") + ";\n" + locations + "}\n}\n");
    start({find_tool("nginx"), "-e", "stderr", "-p", folder.path().string(), "-c", config});
  }

  void lighttpd(const std::string& rules) {
    const std::string config =
        folder.write("lighttpd.conf",
                     "server.modules = (\"mod_auth\", \"mod_authn_file\")\n"
                     "server.document-root = \"" +
                         folder.file("www") + "\"\nserver.bind = \"" + address +
                         "\"\nserver.port = " + std::to_string(port) +
                         "\nauth.backend = \"htpasswd\"\nauth.backend.htpasswd.userfile = \"" +
                         folder.file("all.pw") + "\"\n" + rules);
    start({find_tool("lighttpd"), "-D", "-f", config});
  }

  void start(std::vector<std::string> argv) {
    daemon = std::make_unique<Daemon>(std::move(argv), folder);
    daemon->wait_for_port(address, port);
  }

  [[nodiscard]] std::string guarded(const std::string& path, const std::string& users) const {
    return "location " + path + " { auth_basic lab; auth_basic_user_file " + folder.file(users) +
           "; }\n";
  }
  [[nodiscard]] std::string subject() const { return "lan:tcp/" + std::to_string(port); }

  [[nodiscard]] declaration::Declaration device() const {
    auto out = lab_declaration(address);
    declaration::Login login;
    login.id = "web";
    login.port = {"tcp", port};
    login.method = "http-basic";
    login.path = login.check_path = "/open/a.txt";
    out.logins = {login};
    for (const auto& [name, password, role] : std::vector<std::array<std::string, 3>>{
             {"admin", kAdmin, "administrator"}, {"guard", kGuard, "viewer"}}) {
      declaration::Account account;
      account.name = name;
      account.password = password;
      account.role = role;
      account.logins = {"web"};
      out.accounts.push_back(account);
    }
    for (const char* path : {"/admin/a.txt", "/open/a.txt"}) {
      declaration::Call call;
      call.id = path == std::string("/open/a.txt") ? "open" : "admin";
      call.http.port = login.port;
      call.http.method = "GET";
      call.http.path = path;
      call.http.login = "web";
      call.http.body = "none";
      call.roles = {"administrator"};
      if (call.id == "open") call.roles.emplace_back("viewer");
      out.calls.push_back(call);
    }
    declaration::Resource manual;
    manual.port = login.port;
    manual.protocol = "http";
    manual.target = "/files/b.txt";
    out.resources = {manual};
    return out;
  }
};

catalogue::Catalogue lists() {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  REQUIRE(loaded);
  return loaded->value;
}

std::string called(const FakeContext& context, const std::string& call,
                   const std::string& account) {
  for (const auto& one : runner::facts<facts::CallTrial>(context))
    if (one.call == call && one.account == account) return one.outcome;
  return "none";
}

std::vector<std::string> ways_granted(const FakeContext& context) {
  std::vector<std::string> out;
  for (const auto& one : runner::facts<facts::CallBypass>(context))
    if (one.outcome != "refused")
      out.push_back(one.account + "/" + one.variant + "/" + one.outcome);
  return out;
}

}  // namespace

TEST_CASE("each account is given by nginx what its password file says") {
  Site site;
  site.nginx(site.guarded("/admin/", "admin.pw") + site.guarded("/open/", "all.pw"));
  FakeContext context(site.device(), lists());
  REQUIRE(testcases::calls_procedure().run(context));
  CAPTURE(context.coverage("calls", site.subject()).why);
  CHECK(context.coverage("calls", site.subject()).state == CoverageState::complete);
  CHECK(called(context, "admin", "admin") == "granted");
  CHECK(called(context, "admin", "guard") == "refused");
  CHECK(called(context, "admin", "") == "refused");
  CHECK(called(context, "open", "guard") == "granted");
  CHECK(ways_granted(context).empty());
  CHECK(runner::facts<facts::CallBypass>(context).size() == 3 * 14);
}

TEST_CASE("a folder of nginx that is open to every account is told") {
  Site site;
  site.nginx(site.guarded("/admin/", "all.pw") + site.guarded("/open/", "all.pw"));
  FakeContext context(site.device(), lists());
  REQUIRE(testcases::calls_procedure().run(context));
  CHECK(called(context, "admin", "guard") == "granted");
  CHECK(called(context, "admin", "") == "refused");
}

TEST_CASE("a rule of lighttpd for GET alone lets HEAD through") {
  Site site;
  const std::string all =
      "(\"method\" => \"basic\", \"realm\" => \"lab\", \"require\" => \"valid-user\")";
  const std::string one =
      "(\"method\" => \"basic\", \"realm\" => \"lab\", \"require\" => \"user=admin\")";
  site.lighttpd("$HTTP[\"request-method\"] == \"GET\" { auth.require = (\"/admin/\" => " + one +
                ", \"/open/\" => " + all + ") }\n");
  // lighttpd holds every refusal for a second, so only one way is tried.
  auto catalogue = lists();
  for (auto& list : catalogue.references)
    if (list.name == "request_variant") list.rows.resize(1);
  FakeContext context(site.device(), catalogue);
  REQUIRE(testcases::calls_procedure().run(context));
  CHECK(called(context, "admin", "guard") == "refused");
  CHECK(called(context, "admin", "") == "refused");
  const auto ways = ways_granted(context);
  CHECK(std::count(ways.begin(), ways.end(), "guard/head/granted") == 1);
  CHECK(std::count(ways.begin(), ways.end(), "/head/granted") == 2);
}

TEST_CASE("an alias of nginx without its slash and a status page are found, a sound one is not") {
  for (const bool sound : {true, false}) {
    Site site;
    const std::string files = "{ alias " + site.folder.file("pub") + "/; }\n";
    site.nginx(site.guarded("/open/", "all.pw") +
               (sound
                    ? "location /files/ " + files
                    : "location /files " + files + "location = /nginx_status { stub_status; }\n"));
    FakeContext context(site.device(), lists());
    facts::Service service;
    service.subject = site.subject();
    service.protocol = "http";
    service.tls = "no";
    context.given(service);
    REQUIRE(testcases::web_paths_procedure().run(context));
    CAPTURE(context.coverage("web-paths", site.subject()).why);
    CHECK(context.coverage("web-paths", site.subject()).state == CoverageState::complete);
    std::vector<std::string> seen;
    for (const auto& one : runner::facts<facts::PathTrial>(context))
      if (one.outcome != "refused") seen.push_back(one.account + " " + one.target);
    for (const auto& one : runner::facts<facts::HiddenPathTrial>(context))
      if (one.outcome == "found") seen.push_back(one.account + " " + one.path);
    std::sort(seen.begin(), seen.end());
    const std::vector<std::string> wrong{" /files../etc/passwd",      " /nginx_status",
                                         "admin /files../etc/passwd", "admin /nginx_status",
                                         "guard /files../etc/passwd", "guard /nginx_status"};
    CHECK(seen == (sound ? std::vector<std::string>() : wrong));
  }
}
