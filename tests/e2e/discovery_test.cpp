#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "testcases/facts/facts.hpp"
#include "testcases/network/network.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/net_space.hpp"
#include "tests/support/zoo.hpp"

// Discovery of a device with a face of its own, and beside nmap.
using namespace haetae;
using namespace haetae::test;

namespace {

declaration::Declaration both_families(const NetSpace& space) {
  declaration::Declaration out = lab_declaration(space.v4());
  const Address v6 = Address::parse(space.v6()).value();
  out.addresses.push_back(v6);
  out.scope.networks.push_back({v6, 128});
  return out;
}

/// Device listens on the given TCP ports inside the namespace: "4" and "6" say over which family.
class Device {
 public:
  Device(const NetSpace& space, const std::map<int, std::string>& ports) {
    for (const auto& [port, family] : ports) {
      for (const char which : family) {
        const std::string kind = which == '4' ? "TCP4-LISTEN:" : "TCP6-LISTEN:";
        const std::string only = which == '6' ? ",ipv6only=1" : "";
        daemons_.push_back(std::make_unique<Daemon>(
            space.inside({find_tool("socat"), "-t0",
                          kind + std::to_string(port) + ",fork,reuseaddr,backlog=128" + only,
                          "SYSTEM:sleep 1"}),
            folder_));
        daemons_.back()->wait_for_port(which == '4' ? space.v4() : space.v6(),
                                       static_cast<std::uint16_t>(port));
      }
    }
  }

 private:
  TempDir folder_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
};

std::map<std::string, facts::Port> discovered(FakeContext& context) {
  const auto done = testcases::discovery().run(context);
  REQUIRE(done);
  std::map<std::string, facts::Port> out;
  for (const facts::Port& port : runner::facts<facts::Port>(context)) out[port.subject] = port;
  return out;
}

std::set<int> open_tcp(const std::map<std::string, facts::Port>& ports) {
  std::set<int> out;
  for (const auto& [subject, port] : ports)
    if (port.transport == "tcp" && port.state == "open") out.insert(static_cast<int>(port.number));
  return out;
}

std::set<int> nmap_open(const std::string& address, bool v6) {
  std::vector<std::string> argv = {find_tool("nmap"), "-sT",  "-p-", "-Pn", "-n",   "-T4",
                                   "--min-rate",      "5000", "-oG", "-",   address};
  if (v6) argv.insert(argv.begin() + 1, "-6");
  const ToolResult nmap = run_tool(argv, std::chrono::seconds(120));
  INFO(nmap.output);
  REQUIRE(nmap.exit_code == 0);
  std::set<int> out;
  std::string text = nmap.output;
  for (std::size_t at = text.find("/open/"); at != std::string::npos;
       at = text.find("/open/", at + 1)) {
    const std::size_t begin = text.find_last_of(" \t", at) + 1;
    out.insert(std::stoi(text.substr(begin, at - begin)));
  }
  return out;
}

}  // namespace

TEST_CASE("discovery: open, closed and filtered over both families, as nmap sees them") {
  if (!can_make_net_space()) {
    WARN("not root: no network namespace can be made");
    return;
  }
  const NetSpace space;
  space.filter("tcp dport { 100-120, 8443 } drop");
  const Device device(space, {{22, "46"}, {80, "4"}, {8080, "6"}, {40123, "4"}, {65535, "46"}});
  declaration::Declaration lab = both_families(space);
  for (const int port : {22, 81, 8443})
    lab.services.push_back(
        {.port = {"tcp", static_cast<std::uint16_t>(port)}, .protocol = "http", .purpose = "test"});
  FakeContext context(lab);
  const auto ports = discovered(context);
  CHECK(open_tcp(ports) == std::set<int>{22, 80, 8080, 40123, 65535});
  CHECK(ports.at("lan:tcp/22").over_ipv4 == "open");
  CHECK(ports.at("lan:tcp/22").over_ipv6 == "open");
  CHECK(ports.at("lan:tcp/80").over_ipv6 == "closed");
  CHECK(ports.at("lan:tcp/8080").over_ipv4 == "closed");
  CHECK(ports.at("lan:tcp/81").state == "closed");
  CHECK(ports.at("lan:tcp/8443").state == "filtered");
  CHECK(context.coverage("ports.tcp", "lan").state == CoverageState::complete);
  CHECK(context.coverage("ports.udp", "lan").state == CoverageState::complete);
  const std::string report =
      context.evidence().text(ports.at("lan:tcp/22").evidence, Direction::received);
  CHECK(report.find("filtered: 100-120 8443") != std::string::npos);
  CHECK(nmap_open(space.v4(), false) == std::set<int>{22, 80, 40123, 65535});
  CHECK(nmap_open(space.v6(), true) == std::set<int>{22, 8080, 65535});
}

TEST_CASE("discovery: nothing answers, so nothing is known") {
  if (!can_make_net_space()) return;
  const NetSpace space;
  space.filter("meta l4proto { tcp, udp } drop");
  declaration::Declaration lab = lab_declaration(space.v4());
  lab.services.push_back({.port = {"tcp", 443}, .protocol = "http", .purpose = "test"});
  FakeContext context(lab);
  const auto ports = discovered(context);
  CHECK(ports.at("lan:tcp/443").state == "unknown");
  CHECK(ports.at("lan:udp/161").state == "unknown");
  const Coverage tcp = context.coverage("ports.tcp", "lan");
  CHECK(tcp.state == CoverageState::partial);
  CHECK(tcp.cause == Cause::device);
  CHECK(context.coverage("ports.udp", "lan").state == CoverageState::partial);
}

TEST_CASE("discovery: a device that bans the tester is not taken for a closed one") {
  if (!can_make_net_space()) return;
  const NetSpace space;
  const Device device(space, {{22, "4"}, {50000, "4"}});
  // After about 8,000 connection attempts everything is dropped.
  space.filter("tcp flags syn quota over 480 kbytes drop");
  FakeContext context(lab_declaration(space.v4()));
  const auto ports = discovered(context);
  CHECK(open_tcp(ports).contains(22));
  const Coverage tcp = context.coverage("ports.tcp", "lan");
  CHECK(tcp.state == CoverageState::partial);
  CHECK(tcp.cause == Cause::device);
}

TEST_CASE("discovery: UDP ports are open, closed, or unknown") {
  if (!can_make_net_space()) return;
  const NetSpace space;
  space.filter("udp dport { 123, 500 } drop");
  const TempDir folder;
  const std::string config =
      folder.write("snmpd.conf", "agentaddress udp:161\nrocommunity lab-read\n");
  Daemon snmpd(
      space.inside({find_tool("snmpd"), "-f", "-Lo", "-C", "-c", config, "-p", folder.file("pid")}),
      folder);
  snmpd.wait_for_output("NET-SNMP version");
  Daemon dns(
      space.inside({find_tool("dnsmasq"), "-k", "--log-facility=-", "--user=root", "--no-resolv",
                    "--no-hosts", "--conf-file=/dev/null", "--pid-file=" + folder.file("dns.pid"),
                    "--enable-tftp", "--tftp-root=" + folder.path().string()}),
      folder);
  dns.wait_for_port(space.v4(), 53);
  Daemon coap(space.inside({find_tool("coap-server-notls"), "-p", "5683", "-v", "7"}), folder);
  coap.wait_for_output("created UDP");
  FakeContext context(lab_declaration(space.v4()));
  const auto ports = discovered(context);
  std::map<std::string, std::string> states;
  for (const auto& [subject, port] : ports)
    if (port.transport == "udp") states[subject] = port.state;
  CHECK(states.at("lan:udp/53") == "open");
  CHECK(states.at("lan:udp/69") == "open");
  CHECK(states.at("lan:udp/161") == "open");
  CHECK(states.at("lan:udp/5683") == "open");
  CHECK(states.at("lan:udp/123") == "unknown");
  CHECK(states.at("lan:udp/500") == "unknown");
  for (const std::string port : {"514", "1900", "3702", "5060", "5353"})
    CHECK(states.at("lan:udp/" + port) == "closed");
  CHECK(context.coverage("ports.udp", "lan").state == CoverageState::complete);
  // nmap calls silent ports open|filtered; what it calls open must be ours.
  const ToolResult nmap = run_tool(
      {find_tool("nmap"), "-sU", "-p", "53,69,161,5683", "-Pn", "-n", "-oG", "-", space.v4()},
      std::chrono::seconds(60));
  for (const std::string port : {"53", "161"})
    CHECK(nmap.output.find(port + "/open/udp") != std::string::npos);
}
