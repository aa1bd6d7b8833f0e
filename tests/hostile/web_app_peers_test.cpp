#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include <fmt/format.h>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fact_set.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/input_catalogue.hpp"
#include "tests/support/peer.hpp"

/// A small web application with logins, sessions and roles, and what it may do to whoever tests it.
/// The procedures of sessions, authorisation, input and login answers look at it; the sound one
/// passes, and of the others nothing passes and nothing is a breach.
using namespace haetae;
using namespace haetae::test;

namespace {

enum class Trick { none, other_fields, ends_when_crawled, huge_token, redirects, lies, stalls };

struct Request {
  std::string method, path, head, body;

  [[nodiscard]] std::string field(const std::string& name) const {
    const std::string form = "&" + body;
    const auto at = form.find("&" + name + "=");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 2;
    return form.substr(from, form.find('&', from) - from);
  }
  [[nodiscard]] std::string cookie(const std::string& name) const {
    const auto at = head.find(name + "=");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 1;
    return head.substr(from, head.find_first_of(";\r", from) - from);
  }
};

Request request_on(int fd) {
  std::string text;
  char part[8192];
  std::size_t head = std::string::npos, wanted = 0;
  while (head == std::string::npos || text.size() < head + 4 + wanted) {
    const ssize_t got = recv(fd, part, sizeof part, 0);
    if (got <= 0 || text.size() > 4U << 20U) return {};
    text.append(part, static_cast<std::size_t>(got));
    if (head != std::string::npos) continue;
    head = text.find("\r\n\r\n");
    const auto length = text.find("Content-Length: ");
    if (head != std::string::npos && length < head)
      wanted = std::strtoul(text.c_str() + length + 16, nullptr, 10);
  }
  Request out;
  out.head = text.substr(0, head + 2);
  out.body = text.substr(head + 4);
  out.method = text.substr(0, text.find(' '));
  const auto from = text.find(' ') + 1;
  out.path = text.substr(from, text.find_first_of(" ?", from) - from);
  return out;
}

/// WebApp serves one connection at a time, one request on each.
class WebApp {
 public:
  WebApp(const char* address, Trick trick)
      : trick_(trick), peer_(address, [this](int fd, const Peer& peer) { serve(fd, peer); }) {}

  [[nodiscard]] declaration::Declaration device() const {
    auto out = lab_declaration(peer_.endpoint().address.text());
    const declaration::PortName port{"tcp", peer_.endpoint().port};
    out.services_declared = true;
    out.services.push_back({.port = port, .protocol = "http", .purpose = "web"});
    declaration::Login login;
    login.id = "web";
    login.port = port;
    login.method = "http-form";
    login.path = "/login";
    login.check_path = "/home";
    login.logout_path = "/logout";
    login.user_field = "user";
    login.password_field = "password";
    out.logins.push_back(login);
    for (const char* name : {"admin", "guard"}) {
      declaration::Account account;
      account.name = name;
      account.password = name + std::string("!Horse-2026x");
      account.role = account.name == "admin" ? "administrator" : "viewer";
      account.logins = {"web"};
      account.sacrificial = account.name == "guard";
      out.accounts.push_back(account);
    }
    for (const auto& [id, path, roles] :
         {std::tuple("users", "/api/users", std::vector<std::string>{"administrator"}),
          std::tuple("settings", "/api/settings",
                     std::vector<std::string>{"administrator", "viewer"})}) {
      declaration::Call call;
      call.id = id;
      call.http.port = port;
      call.http.method = "GET";
      call.http.path = path;
      call.http.login = "web";
      call.http.body = "none";
      call.roles = roles;
      out.calls.push_back(call);
    }
    for (const auto& [id, undo, name] : {std::tuple("rename", "rename-back", "yard camera"),
                                         std::tuple("rename-back", "rename", "lobby camera")}) {
      declaration::Call call = out.calls.front();
      call.id = id;
      call.http.method = "POST";
      call.http.path = "/api/name";
      call.http.body = "form";
      call.http.fields = {{"name", name}};
      call.changes = true;
      call.undo = undo;
      out.calls.push_back(call);
    }
    out.session.declared = true;
    out.session.simultaneous = 3;
    out.session.cookies = {"SID"};
    out.lockout = {.declared = true, .failures = 6, .block = std::chrono::seconds(60)};
    return out;
  }
  [[nodiscard]] std::string subject() const {
    return "lan:tcp/" + std::to_string(peer_.endpoint().port);
  }

 private:
  static std::string answer(const std::string& status, const std::string& body,
                            const std::string& more = {}) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\nConnection: close\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  void serve(int fd, const Peer& peer) {
    const Request request = request_on(fd);
    if (request.method.empty()) return;
    switch (trick_) {
      case Trick::stalls: peer.hold(fd); return;
      case Trick::redirects:
        Peer::say(fd, answer("302 Found", "", "Location: /r" + std::to_string(++number_) + "\r\n"));
        return;
      case Trick::lies: {
        std::string text = page(request);
        const auto at = text.find("Content-Length: ");
        text.insert(at + 16, "99");
        Peer::say(fd, text);
        return;
      }
      default: Peer::say(fd, page(request));
    }
  }

  std::string form(const std::string& says) {
    std::string user = "user", password = "password";
    if (trick_ == Trick::other_fields) {
      ++number_;
      user = user_ = "u" + std::to_string(number_ * 7919);
      password = password_ = "p" + std::to_string(number_ * 104729);
    }
    return "<html><p>" + says + "</p><form method=post action='/login'><input name='" + user +
           "'><input type=password name='" + password + "'><button>in</button></form></html>";
  }

  std::string login(const Request& request) {
    const bool other = trick_ == Trick::other_fields;
    const std::string user = request.field(other ? user_ : "user");
    const std::string password = request.field(other ? password_ : "password");
    if ((user != "admin" && user != "guard") || password != user + "%21Horse-2026x")
      return answer("200 OK", form("wrong user or password"));
    std::string value = to_hex(random_bytes(16));
    if (trick_ == Trick::huge_token) value += std::string(1U << 20U, 'a');
    auto& mine = sessions_[user];
    mine.push_back(value);
    if (mine.size() > 3) mine.erase(mine.begin());
    return answer(
        "302 Found", "",
        "Location: /home\r\nSet-Cookie: SID=" + value + "; Path=/; HttpOnly; SameSite=Strict\r\n");
  }

  std::string user_of(const Request& request) {
    const std::string value = request.cookie("SID");
    for (const auto& [user, values] : sessions_)
      if (!value.empty() && std::find(values.begin(), values.end(), value) != values.end())
        return user;
    return {};
  }

  void end(const Request& request) {
    const std::string value = request.cookie("SID");
    for (auto& [user, values] : sessions_) std::erase(values, value);
  }

  std::string page(const Request& request) {
    const std::string user = user_of(request);
    const bool reads = request.method == "GET";
    if (request.path == "/login")
      return request.method == "POST" ? login(request) : answer("200 OK", form("welcome"));
    if (request.path == "/logout" && (reads || request.method == "POST")) {
      end(request);
      return answer("302 Found", "", "Location: /login\r\nSet-Cookie: SID=; Max-Age=0\r\n");
    }
    if (request.method == "POST" && request.path == "/api/name") {
      if (user.empty()) return answer("302 Found", "", "Location: /login\r\n");
      const bool foreign = request.head.find("haetae.invalid") != std::string::npos;
      if (user != "admin" || foreign) return answer("403 Forbidden", "not for you");
      return answer("200 OK", "{\"stored\":true}");
    }
    if (reads && request.path == "/") return answer("200 OK", "<a href='/login'>sign in</a>");
    const bool known =
        request.path == "/home" || request.path == "/api/users" || request.path == "/api/settings";
    if (!known || !reads) {
      if (trick_ == Trick::ends_when_crawled) end(request);
      return answer("404 Not Found", "nothing here");
    }
    if (user.empty()) return answer("302 Found", "", "Location: /login\r\n");
    if (request.path == "/home") return answer("200 OK", "<h1>home of " + user + "</h1>");
    if (request.path == "/api/settings") return answer("200 OK", "{\"name\":\"lobby camera\"}");
    if (user != "admin") return answer("403 Forbidden", "administrators only");
    return answer("200 OK", "{\"users\":[\"admin\",\"guard\"]}");
  }

  Trick trick_;
  long number_ = 0;
  std::string user_, password_;
  std::map<std::string, std::vector<std::string>> sessions_;
  Peer peer_;
};

catalogue::Catalogue quick_catalogue() {
  auto out = input_catalogue();
  for (auto& one : out.parameters) {
    if (one.name == "session.pace") one.value = std::int64_t{0};
    if (one.name == "login-answers.most-pairs") one.value = std::int64_t{16};
  }
  return out;
}

/// kCriteria are those that rest on what the procedures below saw.
const std::set<std::string> kCriteria{
    "1.5-equal-answers", "1.5-secrets-masked", "2.3-unpredictable", "2.3-fixation",
    "2.3-logout",        "2.3-simultaneous",   "2.3-cross-site",    "2.3-cross-origin",
    "4.3-injection",     "4.3-error-text",     "6.3-paths",         "6.5-role-matrix",
    "6.5-bypass"};

/// verdicts() is one line a criterion whose verdict is not `wanted`.
std::string other_than(const std::set<std::string>& wanted, const FakeContext& context,
                       const catalogue::Catalogue& catalogue,
                       const std::set<std::string>& criteria = kCriteria) {
  FactBase base(fact_tables());
  for (const auto& table : fact_tables()) {
    for (FactRow row : context.rows(table.name)) {
      for (auto& [column, value] : row.cells)
        if (column == "evidence") value = std::int64_t{1};
      REQUIRE(base.insert(row));
    }
  }
  for (const Coverage& one : context.coverages()) REQUIRE(base.insert(one));
  // What the sweeps and the inventory of services would have covered.
  for (const char* topic : {"ports.tcp", "ports.udp", "services", "login.surfaces"})
    REQUIRE(base.insert(Coverage{.topic = topic,
                                 .subject = "lan",
                                 .state = CoverageState::complete,
                                 .cause = Cause::none,
                                 .why = {},
                                 .tried = {}}));
  std::string out;
  for (const std::string& id : criteria) {
    const auto verdict = judge_one(base, only_criterion(catalogue, id), "2026-11-22T12:00:00.000Z");
    REQUIRE(verdict);
    if (wanted.contains(std::string(word(verdict->verdict)))) continue;
    out += id + ": " + std::string(word(verdict->verdict));
    out += " (" + verdict->reason.en + ")\n";
    for (const auto& finding : verdict->findings) out += "  " + finding.key + "\n";
  }
  for (const Coverage& one : context.coverages())
    if (one.state != CoverageState::complete)
      out += out.empty() ? "" : "  " + one.topic + ": " + one.why + "\n";
  return out;
}

struct Looked {
  FakeContext context;
  explicit Looked(const WebApp& app) : context(app.device(), quick_catalogue()) {
    context.patience().limit(std::chrono::milliseconds(400));
    facts::Port port;
    port.subject = app.subject();
    port.transport = "tcp";
    port.number = context.device().logins.front().port.number;
    port.state = port.over_ipv4 = "open";
    port.over_ipv6 = "not-asked";
    context.given(port);
    facts::Service service;
    service.subject = app.subject();
    service.protocol = "http";
    service.tls = service.starttls = "no";
    context.given(service);
    facts::LoginSurface surface;
    surface.subject = app.subject();
    surface.method = "http-form";
    surface.path = "/login";
    surface.origin = "both";
    surface.clear_text = "yes";
    surface.usable = "yes";
    context.given(surface);
    for (const auto& procedure :
         {testcases::declaration_procedure(), testcases::sessions_procedure(),
          testcases::cross_site_procedure(), testcases::calls_procedure(),
          testcases::web_paths_procedure(), testcases::shown_secrets_procedure(),
          testcases::login_answers_procedure(), testcases::injection_procedure(),
          testcases::login_input_procedure()}) {
      CAPTURE(procedure.info.id);
      REQUIRE(procedure.run(context));
    }
  }
};

}  // namespace

TEST_CASE("the sound web application passes, so that what follows can fail") {
  const WebApp app("127.85.20.1", Trick::none);
  const Looked looked(app);
  CHECK(other_than({"pass"}, looked.context, quick_catalogue()) == "");
}

TEST_CASE("a login whose fields have other names each time is inconclusive") {
  const WebApp app("127.85.20.2", Trick::other_fields);
  const Looked looked(app);
  CHECK(other_than({"inconclusive"}, looked.context, quick_catalogue()) == "");
}

TEST_CASE("an application that ends the session of whoever crawls it is inconclusive") {
  const WebApp app("127.85.20.3", Trick::ends_when_crawled);
  const Looked looked(app);
  // Logins, sessions and single pages can be looked at without a step off the way.
  const std::set<std::string> crawls{"4.3-injection", "4.3-error-text", "6.3-paths",
                                     "6.5-role-matrix", "6.5-bypass"};
  CHECK(other_than({"inconclusive"}, looked.context, quick_catalogue(), crawls) == "");
  CHECK(other_than({"inconclusive", "pass"}, looked.context, quick_catalogue()) == "");
}

TEST_CASE("session values of a megabyte are inconclusive") {
  const WebApp app("127.85.20.4", Trick::huge_token);
  const Looked looked(app);
  CHECK(other_than({"inconclusive"}, looked.context, quick_catalogue()) == "");
}

TEST_CASE("redirects without end are inconclusive") {
  const WebApp app("127.85.20.5", Trick::redirects);
  const Looked looked(app);
  CHECK(other_than({"inconclusive"}, looked.context, quick_catalogue()) == "");
}

TEST_CASE("answers that are shorter than they say are inconclusive") {
  const WebApp app("127.85.20.6", Trick::lies);
  const Looked looked(app);
  // What other sites may read stands in the header fields, which came whole.
  std::set<std::string> bodies = kCriteria;
  bodies.erase("2.3-cross-origin");
  CHECK(other_than({"inconclusive"}, looked.context, quick_catalogue(), bodies) == "");
}

TEST_CASE("a service that never answers is waited for ever shorter, and is inconclusive") {
  const WebApp app("127.85.20.7", Trick::stalls);
  const Looked looked(app);
  CHECK(other_than({"inconclusive"}, looked.context, quick_catalogue()) == "");
}
