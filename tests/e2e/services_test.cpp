#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "testcases/facts/facts.hpp"
#include "testcases/network/network.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/zoo.hpp"

// Service identification against servers that other people wrote, and beside nmap.
using namespace haetae;
using namespace haetae::test;

namespace {

void open_port(FakeContext& context, const std::string& transport, std::int64_t number) {
  context.given(facts::Port{.evidence = 1,
                            .subject = "lan:" + transport + "/" + std::to_string(number),
                            .transport = transport,
                            .number = number,
                            .state = "open",
                            .over_ipv4 = "open",
                            .over_ipv6 = "not-asked"});
}

std::map<std::string, facts::Service> identified(FakeContext& context) {
  const auto done = testcases::service_identification().run(context);
  REQUIRE(done);
  std::map<std::string, facts::Service> out;
  for (const facts::Service& service : runner::facts<facts::Service>(context))
    out[service.subject] = service;
  return out;
}

}  // namespace

TEST_CASE("services: each server of the zoo is named, with TLS told apart") {
  Zoo zoo(free_address(58));
  zoo.dropbear();
  zoo.openssh(2222);
  zoo.vsftpd();
  zoo.telnetd();
  zoo.nginx(80, 443);
  zoo.lighttpd(8080);
  zoo.mosquitto(1883, 8883);
  zoo.dnsmasq();
  zoo.command(7001, "sleep 30");
  zoo.command(7002, "exit 0");
  zoo.command(7003,
              "printf '220 mail.invalid ESMTP Postfix 3.7.6\\r\\n'; read -r line; printf "
              "'250-mail.invalid\\r\\n250 STARTTLS\\r\\n'; read -r line");
  zoo.command(7004, "printf 'RFB 003.008\\n'; sleep 2");
  zoo.command(7005,
              "head -c 30 >/dev/null; printf 'RTSP/1.0 200 OK\\r\\nCSeq: 1\\r\\nServer: "
              "Cam/1.2\\r\\n\\r\\n'; sleep 1");

  FakeContext context(lab_declaration(zoo.host()));
  for (const std::int64_t port :
       {22, 2222, 21, 23, 80, 443, 8080, 1883, 8883, 53, 7001, 7002, 7003, 7004, 7005})
    open_port(context, "tcp", port);
  auto seen = identified(context);

  const auto is = [&](int port, const std::string& protocol, const std::string& tls) {
    const facts::Service& service = seen["lan:tcp/" + std::to_string(port)];
    INFO("port " << port << " banner " << service.banner);
    CHECK(service.protocol == protocol);
    CHECK(service.tls == tls);
    CHECK(service.evidence > 0);
  };
  is(22, "ssh", "no");
  is(2222, "ssh", "no");
  is(21, "ftp", "no");
  is(23, "telnet", "no");
  is(80, "http", "no");
  is(443, "http", "yes");
  is(8080, "http", "no");
  is(1883, "mqtt", "no");
  is(8883, "mqtt", "yes");
  is(53, "dns", "no");
  is(7001, "unknown", "unknown");
  is(7002, "none", "unknown");
  is(7003, "smtp", "no");
  is(7004, "vnc", "no");
  CHECK(seen["lan:tcp/22"].product == "dropbear");
  CHECK(seen["lan:tcp/2222"].product == "OpenSSH");
  CHECK(seen["lan:tcp/2222"].version.starts_with("9."));
  CHECK(seen["lan:tcp/21"].product == "vsFTPd");
  CHECK(seen["lan:tcp/21"].version == "3.0.3");
  CHECK(seen["lan:tcp/21"].starttls == "no");
  CHECK(seen["lan:tcp/443"].product == "nginx");
  CHECK(seen["lan:tcp/8080"].product == "lighttpd");
  CHECK(seen["lan:tcp/7003"].starttls == "yes");
  CHECK(seen["lan:tcp/7003"].product == "Postfix");
  CHECK(seen["lan:tcp/23"].banner.find("login") != std::string::npos);

  CHECK(context.coverage("services", "lan").state == CoverageState::complete);
  CHECK(context.coverage("services", "lan:tcp/22").state == CoverageState::complete);
  CHECK(context.coverage("services", "lan:tcp/7001").state == CoverageState::partial);
  const Coverage tls = context.coverage("tls.endpoints", "lan");
  CHECK(tls.state == CoverageState::partial);
  CHECK(tls.why.find("7001") != std::string::npos);
  CHECK(tls.why.find("443") == std::string::npos);
}

TEST_CASE("services: tls.endpoints is complete where every answer is certain") {
  Zoo zoo(free_address(58));
  zoo.dropbear();
  zoo.nginx(80, 443);
  zoo.mosquitto(1883, 8883);
  FakeContext context(lab_declaration(zoo.host()));
  for (const std::int64_t port : {22, 80, 443, 1883, 8883}) open_port(context, "tcp", port);
  (void)identified(context);
  CHECK(context.coverage("tls.endpoints", "lan").state == CoverageState::complete);
}

TEST_CASE("services: UDP servers are named by their own answers") {
  Zoo zoo(free_address(58));
  zoo.dnsmasq();
  zoo.snmpd();
  zoo.coap();
  FakeContext context(lab_declaration(zoo.host()));
  for (const std::int64_t port : {53, 69, 161, 5683}) open_port(context, "udp", port);
  auto seen = identified(context);
  CHECK(seen["lan:udp/53"].protocol == "dns");
  CHECK(seen["lan:udp/53"].product == "dnsmasq");
  CHECK(seen["lan:udp/53"].version == "2.90");
  CHECK(seen["lan:udp/69"].protocol == "tftp");
  CHECK(seen["lan:udp/161"].protocol == "snmp");
  CHECK(seen["lan:udp/5683"].protocol == "coap");
}

TEST_CASE("services: the same names as nmap -sV") {
  Zoo zoo(free_address(58));
  zoo.dropbear();
  zoo.vsftpd();
  zoo.nginx(80, 443);
  zoo.mosquitto(1883, 8883);
  FakeContext context(lab_declaration(zoo.host()));
  const std::vector<int> ports = {21, 22, 80, 443, 1883};
  std::string list;
  for (const int port : ports) {
    open_port(context, "tcp", port);
    list += (list.empty() ? "" : ",") + std::to_string(port);
  }
  auto seen = identified(context);
  const ToolResult nmap = run_tool({find_tool("nmap"), "-sV", "--version-light", "-Pn", "-n", "-p",
                                    list, "-oG", "-", zoo.host()},
                                   std::chrono::seconds(90));
  INFO(nmap.output);
  REQUIRE(nmap.exit_code == 0);
  // -oG: Ports: 22/open/tcp//ssh//Dropbear sshd 2022.83/, 443/open/tcp//ssl|http//nginx 1.22.1/
  for (const int port : ports) {
    const std::string key = std::to_string(port) + "/open/tcp//";
    const std::size_t at = nmap.output.find(key);
    REQUIRE(at != std::string::npos);
    const std::string rest = nmap.output.substr(at + key.size());
    const std::string name = rest.substr(0, rest.find('/'));
    const facts::Service& service = seen["lan:tcp/" + std::to_string(port)];
    const std::string ours = (service.tls == "yes" ? "ssl|" : "") + service.protocol;
    CHECK(name == ours);
  }
}
