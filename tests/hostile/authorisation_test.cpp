#include <atomic>
#include <catch2/catch.hpp>

#include "testcases/authorisation/content.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/peer.hpp"

/// Web services that say yes to everything, echo what they are asked, or end in between: nothing of
/// it may be taken for a right that somebody has, nor for a refusal.
using namespace haetae;
using namespace haetae::test;

namespace {

using Answer = std::function<std::string(const std::string& request)>;

std::string reply(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\nConnection: close\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Web hands the head of each request to `answer`; an empty answer ends the connection.
struct Web {
  explicit Web(Answer answer)
      : peer("127.85.9.1", [answer](int fd, const Peer&) {
          std::string head;
          char part[2048];
          while (head.find("\r\n\r\n") == std::string::npos && head.size() < 65536) {
            const ssize_t got = recv(fd, part, sizeof part, 0);
            if (got <= 0) return;
            head.append(part, static_cast<std::size_t>(got));
          }
          Peer::say(fd, answer(head));
        }) {}
  Peer peer;

  [[nodiscard]] declaration::Declaration device() const {
    auto out = lab_declaration("127.85.9.1");
    declaration::Login login;
    login.id = "web";
    login.port = {"tcp", peer.endpoint().port};
    login.method = "http-basic";
    login.path = login.check_path = "/in";
    out.logins = {login};
    for (const char* name : {"admin", "guard"}) {
      declaration::Account account;
      account.name = name;
      account.password = "Pass!word-77";
      account.role = account.name == "admin" ? "administrator" : "viewer";
      account.logins = {"web"};
      out.accounts.push_back(account);
    }
    declaration::Call call;
    call.id = "users";
    call.http.port = login.port;
    call.http.method = "GET";
    call.http.path = "/api/users";
    call.http.login = "web";
    call.http.body = "none";
    call.roles = {"administrator"};
    out.calls = {call};
    return out;
  }
  [[nodiscard]] std::string subject() const {
    return "lan:tcp/" + std::to_string(peer.endpoint().port);
  }
};

catalogue::Catalogue lists() {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  REQUIRE(loaded);
  return loaded->value;
}

bool has_login(const std::string& request) {
  return request.find("Authorization:") != std::string::npos;
}

// The login page alone is guarded, so that logins work.
std::string gate(const std::string& request, const Answer& rest) {
  if (request.rfind("GET /in ", 0) != 0) return rest(request);
  return has_login(request)
             ? reply("200 OK", "welcome")
             : "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nConnection: close\r\n"
               "Content-Length: 0\r\n\r\n";
}

void nothing_is_granted(const FakeContext& context) {
  for (const auto& one : runner::facts<facts::CallTrial>(context)) {
    CAPTURE(one.account, one.message);
    CHECK_FALSE((one.allowed == "no" && one.outcome == "granted"));
  }
  for (const auto& one : runner::facts<facts::CallBypass>(context)) {
    CAPTURE(one.account, one.variant, one.message);
    CHECK(one.outcome != "granted");
  }
}

}  // namespace

TEST_CASE("a service that echoes every request grants nothing, and its answers are no refusal") {
  const Web web([](const std::string& request) {
    return gate(request, [](const std::string& all) { return reply("200 OK", all); });
  });
  FakeContext context(web.device(), lists());
  REQUIRE(testcases::calls_procedure().run(context));
  nothing_is_granted(context);
  CHECK(context.coverage("calls", web.subject()).state == CoverageState::partial);
  facts::Service service;
  service.subject = web.subject();
  service.protocol = "http";
  service.tls = "no";
  context.given(service);
  REQUIRE(testcases::web_paths_procedure().run(context));
  for (const auto& one : runner::facts<facts::PathTrial>(context)) CHECK(one.outcome != "given");
  for (const auto& one : runner::facts<facts::HiddenPathTrial>(context)) {
    CAPTURE(one.path);
    CHECK(one.outcome != "found");
  }
}

TEST_CASE("a service that gives one page to everything grants nothing") {
  const Web web([](const std::string& request) {
    return gate(request, [](const std::string&) {
      return reply("200 OK", "<html><body>single page application of the camera</body></html>");
    });
  });
  FakeContext context(web.device(), lists());
  REQUIRE(testcases::calls_procedure().run(context));
  nothing_is_granted(context);
  for (const auto& one : runner::facts<facts::CallTrial>(context)) CHECK(one.outcome == "unknown");
}

namespace {

// Base64 of admin:Pass!word-77.
bool is_admin(const std::string& request) {
  return request.find("YWRtaW46UGFzcyF3b3JkLTc3") != std::string::npos;
}

declaration::Declaration with_token(const Web& web) {
  auto device = web.device();
  auto& call = device.calls.front().http;
  call.method = "POST";
  call.body = "form";
  call.token = {.page = "/page", .from = "field", .name = "t", .to = "header", .as = "X-T"};
  return device;
}

}  // namespace

TEST_CASE("a refusal for want of a token that was not given says nothing of the role") {
  // Without the token the call is refused; with it, it looks at no role.
  const auto service = [](bool everybody) {
    return [everybody](const std::string& request) {
      return gate(request, [everybody](const std::string& all) {
        if (all.rfind("GET /page ", 0) == 0)
          return everybody || is_admin(all)
                     ? reply("200 OK", "<input type=hidden name=t value=abc>")
                     : reply("403 Forbidden", "");
        if (all.rfind("POST /api/users ", 0) != 0) return reply("404 Not Found", "nothing");
        return has_login(all) && all.find("X-T: abc") != std::string::npos
                   ? reply("200 OK", "accounts: admin guard service")
                   : reply("403 Forbidden", "");
      });
    };
  };
  for (const bool everybody : {false, true}) {
    CAPTURE(everybody);
    const Web web(service(everybody));
    FakeContext context(with_token(web), lists());
    REQUIRE(testcases::calls_procedure().run(context));
    const auto trials = runner::facts<facts::CallTrial>(context);
    REQUIRE(trials.size() == 3);
    for (const auto& one : trials) {
      CAPTURE(one.account, one.message);
      if (one.account == "admin") CHECK(one.outcome == "granted");
      if (one.account == "guard") CHECK(one.outcome == (everybody ? "granted" : "unknown"));
      if (one.account.empty()) CHECK(one.outcome == "refused");
    }
    const auto seen = context.coverage("calls", web.subject());
    CHECK((seen.state == CoverageState::complete) == everybody);
  }
}

TEST_CASE("a page without the text of success is a refusal, and one with the content never") {
  for (const bool leaks : {false, true}) {
    CAPTURE(leaks);
    const Web web([leaks](const std::string& request) {
      return gate(request, [leaks](const std::string& all) {
        const std::string frame = "<p>welcome camera menu</p>";
        if (all.rfind("GET /api/users", 0) != 0)
          return all.rfind("GET / ", 0) == 0 ? reply("200 OK", frame)
                                             : reply("404 Not Found", "nothing");
        const std::string content = "accounts: admin guard service operator ";
        if (is_admin(all)) return reply("200 OK", frame + content + "User list");
        return reply("200 OK", leaks ? frame + content : frame + "go away");
      });
    });
    auto device = web.device();
    device.calls.front().http.success_text = "User list";
    FakeContext context(device, lists());
    REQUIRE(testcases::calls_procedure().run(context));
    for (const auto& one : runner::facts<facts::CallTrial>(context)) {
      CAPTURE(one.account, one.message);
      CHECK(one.outcome == (one.account == "admin" ? "granted" : leaks ? "unknown" : "refused"));
    }
    nothing_is_granted(context);
  }
}

TEST_CASE("an error told with status 200 is not what the administrator is given") {
  const Web web([](const std::string& request) {
    return gate(request, [](const std::string& all) {
      const bool here = all.rfind("GET /api/users ", 0) == 0;
      // Base64 of admin:Pass!word-77.
      const bool admin = all.find("YWRtaW46UGFzcyF3b3JkLTc3") != std::string::npos;
      if (!here) return reply("404 Not Found", "nothing");
      return reply("200 OK", admin ? "accounts: admin guard service" : "error denied");
    });
  });
  FakeContext context(web.device(), lists());
  REQUIRE(testcases::calls_procedure().run(context));
  nothing_is_granted(context);
  for (const auto& one : runner::facts<facts::CallTrial>(context))
    CHECK(one.outcome == (one.allowed == "yes" ? "granted" : "refused"));
  CHECK(context.coverage("calls", web.subject()).state == CoverageState::complete);
}

TEST_CASE("a service that ends every connection is no refusal") {
  const Web web([](const std::string& request) {
    return gate(request, [](const std::string&) { return std::string(); });
  });
  FakeContext context(web.device(), lists());
  REQUIRE(testcases::calls_procedure().run(context));
  for (const auto& one : runner::facts<facts::CallTrial>(context)) CHECK(one.outcome == "unknown");
  CHECK(context.coverage("calls", web.subject()).state == CoverageState::partial);
}

TEST_CASE("likeness looks at what the others do not have") {
  protocols::HttpResponse right, answer;
  right.body = R"({"name":"admin","administrator":true,"note":"yard"})";
  answer.body = R"({"name":"guard","administrator":false,"note":""})";
  const std::string own = answer.body;
  CHECK(testcases::alike(answer, right, own) == testcases::Alike::unlike);
  CHECK(testcases::alike(right, right, own) == testcases::Alike::same);
  answer.body = R"({"name":"admin","administrator":true,"note":"gate"})";
  CHECK(testcases::alike(answer, right, own) == testcases::Alike::same);
  answer.body.clear();
  CHECK(testcases::alike(answer, right, own) == testcases::Alike::unlike);
  right.body = "{}";
  CHECK(testcases::alike(answer, right, own) == testcases::Alike::undecided);
}
