#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "harness/catalogue/catalogue.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"

/// What is published and left in a device by a reset: web servers that Debian ships.
namespace {

using namespace haetae;
namespace fs = std::filesystem;
const fs::path kSource = HAETAE_SOURCE_DIR;

catalogue::Catalogue real_catalogue() {
  auto loaded = catalogue::load(kSource / "testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) FAIL(loaded.error().message());
  return std::move(loaded->value);
}

/// Site is a web server with the files of `folder`/www.
struct Site {
  test::TempDir folder;
  std::string address = test::free_address(89);
  std::uint16_t port = test::free_port(address);
  std::unique_ptr<test::Daemon> daemon;

  void start(const std::vector<std::string>& argv) {
    daemon = std::make_unique<test::Daemon>(argv, folder);
    daemon->wait_for_port(address, port);
  }
  /// nginx() serves files; /data takes and lists files of those who log in.
  void nginx() {
    fs::create_directories(folder.path() / "www/data");
    const std::string config = folder.write(
        "nginx.conf",
        fmt::format(
            "daemon off; user root; master_process off; error_log stderr; pid {0}/pid;\n"
            "events {{}}\nhttp {{ access_log off; types {{ text/plain txt; text/html html; }}\n"
            "client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f; "
            "uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;\n"
            "server {{ listen {1}:{2}; root {0}/www; location /data/ {{ autoindex on; "
            "dav_methods PUT; auth_basic device; auth_basic_user_file {0}/users; }} }} }}\n",
            folder.path().string(), address, port));
    start({test::find_tool("nginx"), "-e", "stderr", "-c", config});
  }
  void lighttpd() {
    const std::string config = folder.write(
        "lighttpd.conf",
        fmt::format("server.document-root = \"{}/www\"\nserver.bind = \"{}\"\nserver.port = {}\n"
                    "mimetype.assign = (\".txt\" => \"text/plain\", \".html\" => \"text/html\")\n",
                    folder.path().string(), address, port));
    start({test::find_tool("lighttpd"), "-D", "-f", config});
  }
  [[nodiscard]] declaration::PortName name() const { return {.transport = "tcp", .number = port}; }
  [[nodiscard]] declaration::PublicPage page(const std::string& path) const {
    return {.address = {}, .host = {}, .port = name(), .tls = false, .path = path};
  }
};

void check_published(Site& site) {
  auto device = test::lab_declaration(site.address);
  device.support.security_txt = site.page("/.well-known/security.txt");
  device.support.period = {site.page("/support.html"), "2031-12-31", ""};
  test::FakeContext context(device, real_catalogue());
  REQUIRE(testcases::support_pages_procedure().run(context));
  const auto pages = runner::facts<facts::PublicPage>(context);
  REQUIRE(pages.size() == 2);
  CHECK(pages[0].outcome == "given");
  CHECK(pages[0].media == "text");
  CHECK(pages[0].tls == "no");
  CHECK(pages[1].outcome == "given");
  CHECK(pages[1].media == "html");
  const auto said = runner::facts<facts::SecurityTxt>(context);
  REQUIRE(said.size() == 1);
  CHECK(said[0].contact == "mailto:security@example.com");
  CHECK(said[0].expires == "2031-06-30T15:00:00Z");
  const auto period = runner::facts<facts::SupportPeriod>(context);
  REQUIRE(period.size() == 1);
  CHECK(period[0].shown == "yes");
  CHECK(period[0].text == "2031년 12월 31일");
  CHECK(context.coverage("support", "lan").state == CoverageState::complete);
}

void publish(const Site& site) {
  site.folder.write("www/.well-known/security.txt",
                    "Contact: mailto:security@example.com\nExpires: 2031-07-01T00:00:00+09:00\n",
                    0644);
  site.folder.write("www/support.html",
                    "<html><body><p>보안 업데이트는 <b>2031년</b> 12월 31일까지 제공합니다.</p>",
                    0644);
}

/// users() makes a password file of nginx.
void users(const Site& site, const std::string& name, const std::string& list) {
  std::string text;
  for (std::size_t at = 0; at < list.size();) {
    const auto end = std::min(list.find(' ', at), list.size());
    text += list.substr(at, end - at) + "\n";
    at = end + 1;
  }
  site.folder.write(name, text, 0644);
}

/// own_device() is a small device whose reset is a script of ours, which keeps what `keeps` names.
declaration::Declaration own_device(const Site& site, const std::string& keeps) {
  const std::string root = site.folder.path().string();
  users(site, "normal", "admin:{PLAIN}Own!Pass-2026 guest:{PLAIN}Guest!Pass-26");
  users(site, "shipped",
        keeps == "accounts" ? "admin:{PLAIN}Shipped-77 guest:{PLAIN}Guest!Pass-26"
                            : "admin:{PLAIN}Shipped-77");
  fs::copy_file(root + "/normal", root + "/users");
  const std::string erase = keeps == "data" ? "" : "rm -f " + root + "/www/data/*\n";
  const std::string reset = site.folder.write(
      "reset.sh", "#!/bin/sh\n" + erase + "cp " + root + "/shipped " + root + "/users\n", 0755);
  const std::string back =
      site.folder.write("back.sh", "#!/bin/sh\ncp " + root + "/normal " + root + "/users\n", 0755);
  auto device = test::lab_declaration(site.address);
  device.permit = Hazard::disruptive;
  declaration::Login login;
  login.id = "web";
  login.port = site.name();
  login.method = "http-basic";
  login.path = login.check_path = "/data/";
  device.logins = {login};
  declaration::Account admin;
  admin.name = "admin";
  admin.password = "Own!Pass-2026";
  admin.factory_password = "Shipped-77";
  admin.factory = true;
  admin.role = "administrator";
  admin.logins = {"web"};
  declaration::Account guest;
  guest.name = "guest";
  guest.password = "Guest!Pass-26";
  guest.role = "viewer";
  guest.logins = {"web"};
  device.accounts = {admin, guest};
  device.hooks = {{.name = "factory-reset", .command = reset, .timeout = std::chrono::seconds(20)},
                  {.name = "normal-state", .command = back, .timeout = std::chrono::seconds(20)}};
  declaration::Wipe wipe;
  wipe.settle = std::chrono::seconds(5);
  declaration::HttpCall put;
  put.port = site.name();
  put.method = "PUT";
  put.path = "/data/{canary}.txt";
  put.login = "web";
  put.body = "raw";
  declaration::HttpCall list;
  list.port = site.name();
  list.method = "GET";
  list.path = "/data/";
  list.login = "web";
  list.body = "none";
  wipe.plants = {{"file", put}};
  wipe.looks = {{"list", list}};
  device.wipe = wipe;
  return device;
}

}  // namespace

TEST_CASE("security.txt and the support page of nginx and lighttpd are read", "[e2e]") {
  Site one;
  publish(one);
  one.folder.write("users", "");
  one.nginx();
  check_published(one);
  Site other;
  publish(other);
  other.lighttpd();
  check_published(other);

  auto device = test::lab_declaration(one.address);
  device.support.security_txt = one.page("/security.txt");
  test::FakeContext context(device, real_catalogue());
  REQUIRE(testcases::support_pages_procedure().run(context));
  CHECK(runner::facts<facts::PublicPage>(context).at(0).outcome == "absent");
  CHECK(runner::facts<facts::SecurityTxt>(context).empty());
}

TEST_CASE("a device of nginx with a reset that erases, and ones that do not", "[e2e]") {
  for (const std::string keeps : {"nothing", "data", "accounts"}) {
    INFO("keeps " << keeps);
    Site site;
    const auto device = own_device(site, keeps);
    site.nginx();
    test::FakeContext context(device, real_catalogue());
    REQUIRE(testcases::wipe_procedure().run(context));
    const Coverage coverage = context.coverage("wipe", "lan");
    INFO(coverage.why);
    CHECK(coverage.state == CoverageState::complete);
    const auto reset = runner::facts<facts::WipeReset>(context);
    REQUIRE(reset.size() == 1);
    CHECK(reset[0].way == "hook");
    CHECK(reset[0].done == "yes");
    CHECK(reset[0].set_up == "yes");
    std::map<std::string, std::string> left;
    for (const auto& trial : runner::facts<facts::WipeTrial>(context)) {
      CHECK(trial.before == "there");
      left[trial.thing] = trial.after;
    }
    CHECK(left ==
          std::map<std::string, std::string>{{"data", keeps == "data" ? "there" : "gone"},
                                             {"account", keeps == "accounts" ? "there" : "gone"},
                                             {"password", "gone"}});
  }
}

TEST_CASE("nothing is reset without a way back, and nothing is made of a failed reset", "[e2e]") {
  Site site;
  auto device = own_device(site, "nothing");
  site.nginx();
  auto lost = device;
  std::erase_if(lost.hooks, [](const auto& hook) { return hook.name == "normal-state"; });
  test::FakeContext no_way_back(lost, real_catalogue());
  REQUIRE(testcases::wipe_procedure().run(no_way_back));
  CHECK(no_way_back.coverage("wipe", "lan").state == CoverageState::partial);
  CHECK(runner::facts<facts::WipeReset>(no_way_back).empty());
  CHECK(fs::is_empty(site.folder.path() / "www/data"));

  auto failing = device;
  failing.hooks[0].command = "/bin/false";
  test::FakeContext failed(failing, real_catalogue());
  REQUIRE(testcases::wipe_procedure().run(failed));
  CHECK(failed.coverage("wipe", "lan").state == CoverageState::partial);
  CHECK(failed.coverage("wipe", "lan").cause == Cause::lab);
  CHECK(runner::facts<facts::WipeTrial>(failed).empty());
}
