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

catalogue::Catalogue paths() {
  catalogue::Catalogue out;
  catalogue::Reference list;
  list.name = "http_path";
  list.columns = {{"path", false}, {"kind", false}};
  list.rows = {{std::string("/config.xml"), std::string("management")},
               {std::string("/admin"), std::string("management")}};
  out.references = {list};
  return out;
}

declaration::Declaration device_at(const LoginDaemon& at, const std::string& method) {
  auto out = lab_declaration(at.address);
  declaration::Login login;
  login.id = "main";
  login.port = {"tcp", at.port};
  login.method = method;
  if (method.starts_with("http")) login.path = login.check_path = "/";
  out.logins.push_back(login);
  declaration::Account account;
  account.name = "lab";
  account.password = kGood;
  account.logins = {"main"};
  out.accounts.push_back(account);
  return out;
}

struct Asked {
  FakeContext context;
  std::string subject;
  Asked(const LoginDaemon& at, const std::string& method, const std::string& protocol)
      : context(device_at(at, method), paths()), subject("lan:tcp/" + std::to_string(at.port)) {
    facts::Service service;
    service.subject = subject;
    service.protocol = protocol;
    service.tls = "no";
    context.given(service);
    REQUIRE(testcases::access_procedure().run(context));
    CAPTURE(context.coverage("access.normal", subject).why);
    CHECK(context.coverage("access.normal", subject).state == CoverageState::complete);
    CHECK(context.coverage("access.normal", "lan").state == CoverageState::complete);
  }
  [[nodiscard]] std::string outcome(const std::string& target) const {
    for (const auto& one : runner::facts<facts::AccessTrial>(context))
      if (one.target == target && one.state == "normal") return one.outcome;
    return "none";
  }
  [[nodiscard]] std::string control(const std::string& which) const {
    for (const auto& one : runner::facts<facts::AccessControl>(context))
      if (one.control == which) return one.outcome;
    return "none";
  }
};

}  // namespace

TEST_CASE("a page behind Basic is refused, and given with the login") {
  const auto at = nginx_basic({{"lab", kGood}});
  Asked asked(at, "http-basic", "http");
  CHECK(asked.outcome("/config.xml") == "refused");
  CHECK(asked.control("negative") == "refused");
  CHECK(asked.control("positive") == "granted");
}

TEST_CASE("a page that asks for nothing is granted, one that is not there is absent") {
  const auto at = nginx_basic({});
  Asked asked(at, "http-basic", "http");
  CHECK(asked.outcome("/config.xml") == "granted");
  CHECK(asked.outcome("/admin") == "absent");
  CHECK(asked.control("negative") == "absent");
}

TEST_CASE("an open broker delivers to everybody, a closed one to nobody") {
  const auto open = mosquitto({});
  Asked weak(open, "mqtt", "mqtt");
  CHECK(weak.outcome("#") == "granted");
  CHECK(weak.control("negative") == "absent");
  const auto closed = mosquitto({{"lab", kGood}});
  Asked sound(closed, "mqtt", "mqtt");
  CHECK(sound.outcome("#") == "refused");
  CHECK(sound.control("negative") == "refused");
  CHECK(sound.control("positive") == "granted");
}

TEST_CASE("anonymous FTP is granted where it is open and refused where it is not") {
  const auto open = vsftpd({});
  Asked weak(open, "ftp", "ftp");
  CHECK(weak.outcome("anonymous") == "granted");
  CHECK(weak.control("negative") == "absent");
  const auto closed = vsftpd({{"lab", kGood}});
  Asked sound(closed, "ftp", "ftp");
  CHECK(sound.outcome("anonymous") == "refused");
  CHECK(sound.control("negative") == "refused");
  CHECK(sound.control("positive") == "granted");
}

TEST_CASE("a dead service is never taken for one that refuses") {
  auto at = nginx_basic({{"lab", kGood}});
  at.daemon->stop();
  FakeContext context(device_at(at, "http-basic"), paths());
  facts::Service service;
  service.subject = "lan:tcp/" + std::to_string(at.port);
  service.protocol = "http";
  service.tls = "no";
  context.given(service);
  REQUIRE(testcases::access_procedure().run(context));
  CHECK(context.coverage("access.normal", service.subject).state == CoverageState::partial);
  CHECK(context.coverage("access.normal", "lan").state == CoverageState::partial);
  for (const auto& one : runner::facts<facts::AccessTrial>(context))
    CHECK(one.outcome == "unknown");
}

TEST_CASE("without hooks the factory state is not reached and says so") {
  const auto at = nginx_basic({{"lab", kGood}});
  FakeContext context(device_at(at, "http-basic"), paths());
  REQUIRE(testcases::factory_access_procedure().run(context));
  const auto coverage = context.coverage("access.factory", "lan");
  CHECK(coverage.state == CoverageState::partial);
  CHECK(coverage.cause == Cause::declaration);
  CHECK(coverage.why == "no hook factory-state is declared");
}

TEST_CASE("a device that answers 200 to everything gives nothing by it") {
  Peer peer("127.57.0.9", [](int fd, const Peer& self) {
    std::string heard;
    char buffer[4096];
    while (!self.gone()) {
      const auto count = ::recv(fd, buffer, sizeof buffer, 0);
      if (count <= 0) return;
      heard.append(buffer, static_cast<std::size_t>(count));
      if (heard.find("\r\n\r\n") == std::string::npos) continue;
      // The page quotes the path, as such pages do.
      const std::string path = heard.substr(4, heard.find(' ', 4) - 4);
      const std::string body = "<html><title>Camera</title>You asked for " + path + "</html>";
      const std::string answer =
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body;
      Peer::say(fd, answer);
      return;
    }
  });
  auto device = lab_declaration("127.57.0.9");
  FakeContext context(device, paths());
  facts::Service service;
  service.subject = "lan:tcp/" + std::to_string(peer.endpoint().port);
  service.protocol = "http";
  service.tls = "no";
  context.given(service);
  REQUIRE(testcases::access_procedure().run(context));
  for (const auto& one : runner::facts<facts::AccessTrial>(context)) {
    CAPTURE(one.target);
    CHECK(one.outcome == "absent");
  }
  REQUIRE(testcases::http_procedure().run(context));
  for (const auto& one : runner::facts<facts::HttpAnswer>(context))
    if (one.purpose == "well-known") {
      CAPTURE(one.path);
      CHECK(one.kind == "error");
    }
}
