#include <catch2/catch.hpp>
#include <csignal>
#include <map>

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

namespace {

/// Datagram is what the access procedure records of one UDP service.
struct Datagram {
  FakeContext context;
  std::string subject;
  Datagram(const LoginDaemon& at, const std::string& protocol, const std::string& tls = "no",
           const std::string& target = "")
      : context(device(at, protocol, target), paths()),
        subject("lan:udp/" + std::to_string(at.port)) {
    facts::Service service;
    service.subject = subject;
    service.protocol = protocol;
    service.tls = tls;
    context.given(service);
    REQUIRE(testcases::access_procedure().run(context));
  }
  static declaration::Declaration device(const LoginDaemon& at, const std::string& protocol,
                                         const std::string& target) {
    auto out = lab_declaration(at.address);
    if (!target.empty())
      out.resources.push_back({.port = {"udp", at.port},
                               .tls = false,
                               .protocol = protocol,
                               .target = target,
                               .kind = "data"});
    return out;
  }
  [[nodiscard]] Coverage coverage() const { return context.coverage("access.normal", subject); }
  [[nodiscard]] std::map<std::string, std::string> outcomes() const {
    std::map<std::string, std::string> out;
    for (const auto& one : runner::facts<facts::AccessTrial>(context))
      out[one.target] = one.outcome;
    return out;
  }
  [[nodiscard]] std::string negative() const {
    for (const auto& one : runner::facts<facts::AccessControl>(context))
      if (one.control == "negative") return one.outcome;
    return "none";
  }
};

const std::string kPublic = "system group, community public";

}  // namespace

TEST_CASE("a CoAP server gives what it lists and what is declared, and nothing that is not there") {
  const auto at = coap_server();
  const Datagram asked(at, "coap", "no", "/time");
  CAPTURE(asked.coverage().why);
  CHECK(asked.coverage().state == CoverageState::complete);
  CHECK(asked.negative() == "absent");
  auto outcomes = asked.outcomes();
  CHECK(outcomes["/time"] == "granted");
  CHECK(outcomes["/example_data"] == "granted");
  // Acknowledged at once, answered after 5 s.
  CHECK(outcomes["/async"] == "granted");
  CHECK(outcomes.count("/.well-known/core") == 0);
  const Datagram missing(at, "coap", "no", "/not-here");
  CHECK(missing.outcomes()["/not-here"] == "absent");
  // What runs inside DTLS is not asked, and nothing is taken for refused by it.
  const Datagram inside(at, "coap", "yes");
  CHECK(inside.coverage().state == CoverageState::partial);
  CHECK(inside.coverage().cause == Cause::tool);
  CHECK(inside.outcomes().empty());
}

TEST_CASE("an agent gives its system group by v2c where public may read, and by no other way") {
  const Datagram open(snmpd("public"), "snmp");
  CHECK(open.outcomes()[kPublic] == "granted");
  CHECK(open.negative() == "refused");
  CHECK(open.coverage().state == CoverageState::complete);
  for (const char* community : {"lab-read", ""}) {
    CAPTURE(community);
    const Datagram closed(snmpd(community), "snmp");
    CHECK(closed.outcomes()[kPublic] == "refused");
    CHECK(closed.negative() == "refused");
    CHECK(closed.coverage().state == CoverageState::complete);
  }
}

TEST_CASE("a silent CoAP server and a silent agent are gaps, not refusals") {
  auto coap = coap_server();
  coap.daemon->signal(SIGSTOP);
  const Datagram nothing(coap, "coap", "no", "/time");
  coap.daemon->signal(SIGCONT);
  CHECK(nothing.coverage().state == CoverageState::partial);
  for (const auto& [target, outcome] : nothing.outcomes()) CHECK(outcome == "unknown");
  CHECK(nothing.negative() == "unknown");
  auto agent = snmpd("public");
  agent.daemon->stop();
  const Datagram dead(agent, "snmp");
  CHECK(dead.coverage().state == CoverageState::partial);
  for (const auto& [target, outcome] : dead.outcomes()) CHECK(outcome == "unknown");
  CHECK(dead.negative() == "unknown");
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
