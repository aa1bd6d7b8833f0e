#include <catch2/catch.hpp>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/login_daemons.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

constexpr const char* kGood = "Right!Horse-2026";

catalogue::Catalogue small_catalogue() {
  catalogue::Catalogue out;
  catalogue::Reference logins;
  logins.name = "well_known_login";
  logins.date = "2026-11-01";
  for (const char* name : {"account", "password", "protocol", "maker", "model"})
    logins.columns.push_back({name, false});
  const auto add = [&](std::string account, std::string password) {
    logins.rows.push_back(
        {std::move(account), std::move(password), std::string(), std::string(), std::string()});
  };
  for (const char* password : {"admin", "12345", "password", "1234", "888888", "xc3511"})
    add("admin", password);
  for (const char* password : {"root", "vizxv", "xc3511", "admin"}) add("root", password);
  add("supervisor", "supervisor");
  catalogue::Reference communities;
  communities.name = "snmp_community";
  communities.date = "2026-11-01";
  communities.columns.push_back({"community", false});
  for (const char* name : {"public", "private", "community"})
    communities.rows.push_back({std::string(name)});
  out.references = {logins, communities};
  return out;
}

// The lab knows account `lab`; the planted ones are nobody's, so the whole list may be tried.
declaration::Declaration device_at(const LoginDaemon& at, const std::string& method,
                                   const std::string& transport = "tcp") {
  auto out = lab_declaration(at.address);
  out.permit = Hazard::lockout_risk;
  declaration::Login login;
  login.id = "main";
  login.port = {transport, at.port};
  login.method = method;
  if (method.starts_with("http")) login.path = login.check_path = "/";
  out.logins.push_back(login);
  declaration::Account account;
  account.name = "lab";
  account.password = kGood;
  account.logins = {"main"};
  if (method != "snmp") out.accounts.push_back(account);
  return out;
}

facts::LoginSurface surface_at(const LoginDaemon& at, const std::string& method,
                               const std::string& transport = "tcp") {
  facts::LoginSurface out;
  out.subject = "lan:" + transport + "/" + std::to_string(at.port);
  out.method = method;
  if (method.starts_with("http")) out.path = "/";
  out.origin = "both";
  out.clear_text = "yes";
  out.usable = "yes";
  return out;
}

struct Lab {
  FakeContext context;
  std::string subject;

  Lab(const LoginDaemon& at, const std::string& method, const std::string& transport = "tcp")
      : context(device_at(at, method, transport), small_catalogue()),
        subject(surface_at(at, method, transport).subject) {
    context.given(surface_at(at, method, transport));
    REQUIRE(testcases::well_known_logins_procedure().run(context));
  }
  [[nodiscard]] std::vector<std::string> accepted() const {
    std::vector<std::string> out;
    for (const auto& trial : runner::facts<facts::LoginTrial>(context))
      if (trial.outcome == "accepted")
        out.push_back(trial.account + ":" + context.secret_value(trial.secret));
    return out;
  }
  [[nodiscard]] std::string control(std::string_view which) const {
    for (const auto& one : runner::facts<facts::LoginControl>(context))
      if (one.control == which) return one.outcome;
    return "none";
  }
  [[nodiscard]] Coverage coverage() const { return context.coverage("login.well-known", subject); }
};

void weak_and_sound(const std::string& method,
                    const std::function<LoginDaemon(const Accounts&)>& make) {
  {
    const LoginDaemon weak = make({{"lab", kGood}, {"admin", "888888"}});
    Lab lab(weak, method);
    CAPTURE(lab.coverage().why);
    CHECK(lab.control("negative") == "refused");
    CHECK(lab.control("positive") == "accepted");
    CHECK(lab.accepted() == std::vector<std::string>{"admin:888888"});
    CHECK(lab.coverage().state == CoverageState::complete);
  }
  const LoginDaemon sound = make({{"lab", kGood}, {"admin", "Not!In-Any-List-9"}});
  Lab lab(sound, method);
  CAPTURE(lab.coverage().why);
  CHECK(lab.control("negative") == "refused");
  CHECK(lab.control("positive") == "accepted");
  CHECK(lab.accepted().empty());
  CHECK(lab.coverage().state == CoverageState::complete);
}

}  // namespace

TEST_CASE("a planted pair is found on lighttpd with Basic and nothing on its sound twin") {
  weak_and_sound("http-basic", [](const Accounts& a) { return lighttpd_auth("basic", a); });
}
TEST_CASE("a planted pair is found on lighttpd with Digest and nothing on its sound twin") {
  weak_and_sound("http-digest", [](const Accounts& a) { return lighttpd_auth("digest", a); });
}
TEST_CASE("a planted pair is found on nginx and nothing on its sound twin") {
  weak_and_sound("http-basic", nginx_basic);
}
TEST_CASE("a planted pair is found on busybox httpd and nothing on its sound twin") {
  weak_and_sound("http-basic", busybox_httpd);
}
TEST_CASE("a planted pair is found on dropbear and nothing on its sound twin") {
  weak_and_sound("ssh", dropbear);
}
TEST_CASE("a planted pair is found on OpenSSH and nothing on its sound twin") {
  weak_and_sound("ssh", [](const Accounts& a) { return openssh(a); });
}
TEST_CASE("a planted pair is found on telnetd and nothing on its sound twin") {
  weak_and_sound("telnet", telnetd);
}
TEST_CASE("a planted pair is found on vsftpd and nothing on its sound twin") {
  weak_and_sound("ftp", vsftpd);
}
TEST_CASE("a planted pair is found on mosquitto and nothing on its sound twin") {
  weak_and_sound("mqtt", mosquitto);
}

TEST_CASE("a broker that takes everybody in fails the negative control and is not tried through") {
  const LoginDaemon open = mosquitto({});
  Lab lab(open, "mqtt");
  CHECK(lab.control("negative") == "accepted");
  CHECK(lab.accepted().empty());
  CHECK(lab.coverage().state == CoverageState::partial);
}

TEST_CASE("an agent that answers public is found, one that speaks SNMPv3 only is not") {
  {
    const LoginDaemon weak = snmpd("public");
    Lab lab(weak, "snmp", "udp");
    CHECK(lab.accepted() == std::vector<std::string>{":public"});
    CHECK(lab.control("negative") == "refused");
    CHECK(lab.coverage().state == CoverageState::complete);
  }
  const LoginDaemon sound = snmpd("");
  Lab lab(sound, "snmp", "udp");
  CHECK(lab.accepted().empty());
  CHECK(lab.control("negative") == "refused");
  CHECK(lab.coverage().state == CoverageState::complete);
}

TEST_CASE("an account is never tried more often than the ledger allows") {
  const LoginDaemon at = nginx_basic({{"lab", kGood}, {"admin", "Not!In-Any-List-9"}});
  auto declared = device_at(at, "http-basic");
  declared.permit = kDefaultPermit;
  FakeContext context(declared, small_catalogue());
  const auto surface = surface_at(at, "http-basic");
  context.given(surface);
  REQUIRE(testcases::well_known_logins_procedure().run(context));
  std::map<std::string, int> tries;
  for (const auto& one : context.ledger().tries()) ++tries[one.account];
  CHECK(tries["admin"] == 3);
  CHECK(tries["root"] == 3);
  CHECK(tries["supervisor"] == 1);
  const auto coverage = context.coverage("login.well-known", surface.subject);
  CHECK(coverage.state == CoverageState::partial);
  CHECK(coverage.cause == Cause::lab);
  int left_out = 0;
  for (const auto& one : runner::facts<facts::LoginTrial>(context))
    if (one.outcome == "not-tried") ++left_out;
  CHECK(left_out == 4);
}

TEST_CASE("hydra finds the same pair on the same server, and none on its sound twin") {
  const std::string hydra = find_tool("hydra");
  REQUIRE_FALSE(hydra.empty());
  for (const std::string planted : {"888888", "Not!In-Any-List-9"}) {
    const LoginDaemon at = nginx_basic({{"lab", kGood}, {"admin", planted}});
    std::string pairs;
    const auto catalogue = small_catalogue();
    for (const auto& row : catalogue.references.front().rows)
      pairs += std::get<std::string>(row[0]) + ":" + std::get<std::string>(row[1]) + "\n";
    const std::string list = at.folder->write("pairs", pairs);
    const auto theirs = run_tool({hydra, "-I", "-C", list, "-t", "4", "-s", std::to_string(at.port),
                                  at.address, "http-get", "/"});
    Lab lab(at, "http-basic");
    CAPTURE(theirs.output);
    const bool found = theirs.output.find("login: admin   password: 888888") != std::string::npos;
    CHECK(found == (planted == "888888"));
    CHECK(lab.accepted().empty() == !found);
  }
}

TEST_CASE("a server that only delays its refusals is not taken for one that blocks") {
  const LoginDaemon at = lighttpd_auth("basic", {{"lab", kGood}});
  FakeContext context(device_at(at, "http-basic"), small_catalogue());
  const auto surface = surface_at(at, "http-basic");
  context.given(surface);
  REQUIRE(testcases::lockout_procedure().run(context));
  const auto trials = runner::facts<facts::LockoutTrial>(context);
  REQUIRE(trials.size() == 1);
  CHECK(trials[0].blocked == "no");
  CHECK(trials[0].attempts >= 5);
  CHECK(trials[0].delay_ms > 500);
  CHECK(context.coverage("lockout", surface.subject).state == CoverageState::complete);
}

namespace {

// A web page with a login form that answers every credential with the same redirect: only the
// cookie tells, and only to who asks for the page again.
void serve_form(int fd, const std::string& right) {
  std::string heard;
  char buffer[4096];
  std::size_t head = std::string::npos;
  std::size_t wanted = 0;
  while (head == std::string::npos || heard.size() < head + 4 + wanted) {
    const auto count = ::recv(fd, buffer, sizeof buffer, 0);
    if (count <= 0) return;
    heard.append(buffer, static_cast<std::size_t>(count));
    head = heard.find("\r\n\r\n");
    const auto length = heard.find("Content-Length: ");
    if (length != std::string::npos) wanted = std::stoul(heard.substr(length + 16));
  }
  const std::string body = heard.substr(head + 4);
  std::string page =
      "<form action=login.cgi method=post><input name=u><input type=password name=p>"
      "<input type=hidden name=token value=t1></form>";
  if (heard.find("Cookie: sid=open") != std::string::npos) page = "<h1>Settings</h1>";
  std::string extra;
  if (heard.starts_with("POST /login.cgi")) {
    page.clear();
    extra = "Location: /\r\n";
    if (body == "token=t1&" + right) extra += "Set-Cookie: sid=open; Path=/\r\n";
  }
  Peer::say(fd, "HTTP/1.1 " + std::string(extra.empty() ? "200 OK" : "302 Found") +
                    "\r\nConnection: close\r\nContent-Type: text/html\r\n" + extra +
                    "Content-Length: " + std::to_string(page.size()) + "\r\n\r\n" + page);
}

}  // namespace

TEST_CASE("a form that nobody declared is driven, and a redirect alone is no success") {
  for (const std::string right : {"u=admin&p=admin", "u=admin&p=Unguessed-1"}) {
    Peer peer("127.57.0.8", [&](int fd, const Peer&) { serve_form(fd, right); });
    FakeContext context(lab_declaration("127.57.0.8"), small_catalogue());
    facts::LoginSurface surface;
    surface.subject = "lan:tcp/" + std::to_string(peer.endpoint().port);
    surface.method = "http-form";
    surface.path = "/";
    surface.origin = "seen";
    surface.clear_text = "yes";
    surface.usable = "yes";
    context.given(surface);
    REQUIRE(testcases::well_known_logins_procedure().run(context));
    for (const auto& one : runner::facts<facts::LoginControl>(context))
      CHECK(one.outcome == "refused");
    std::vector<std::string> accepted;
    for (const auto& one : runner::facts<facts::LoginTrial>(context)) {
      CHECK(one.outcome != "unknown");
      if (one.outcome == "accepted") accepted.push_back(one.account + " " + one.origin);
    }
    const bool weak = right == "u=admin&p=admin";
    CHECK(accepted ==
          (weak ? std::vector<std::string>{"admin same-as-user"} : std::vector<std::string>{}));
  }
}
