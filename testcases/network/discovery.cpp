#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <thread>

#include "testcases/facts/facts.hpp"
#include "testcases/network/network.hpp"
#include "testcases/network/tcp_sweep.hpp"
#include "testcases/network/udp_ask.hpp"

namespace haetae::testcases {
namespace {

using runner::Context;

/// joined() is the state over both families: open if open over one, and never better than known.
std::string joined(const std::string& v4, const std::string& v6) {
  for (const std::string_view word : {"open", "unknown", "filtered", "closed"})
    if (v4 == word || v6 == word) return std::string(word);
  return "unknown";
}

std::vector<std::uint16_t> declared_tcp(const declaration::Declaration& device) {
  std::set<std::uint16_t> ports;
  for (const declaration::Service& service : device.services)
    if (service.port.transport == "tcp") ports.insert(service.port.number);
  for (const declaration::Login& login : device.logins)
    if (login.port.transport == "tcp") ports.insert(login.port.number);
  return {ports.begin(), ports.end()};
}

void note(Context& context, const std::string& transport, std::uint16_t number,
          const std::string& v4, const std::string& v6, EvidenceId evidence) {
  runner::record(context, facts::Port{.evidence = evidence,
                                      .subject = fmt::format("lan:{}/{}", transport, number),
                                      .transport = transport,
                                      .number = number,
                                      .state = joined(v4, v6),
                                      .over_ipv4 = v4,
                                      .over_ipv6 = v6});
}

Coverage tcp_coverage(const std::vector<TcpFace>& faces) {
  Coverage out{.topic = "ports.tcp",
               .subject = "lan",
               .state = CoverageState::complete,
               .why = {},
               .tried = {}};
  for (const TcpFace& face : faces) {
    const std::string family = face.address.v6 ? "IPv6" : "IPv4";
    out.tried += (out.tried.empty() ? "" : ", ") + std::string("ports 1-65535 over ") + family;
    if (face.whole) continue;
    out.state = CoverageState::partial;
    out.cause = face.cause;
    out.why = family + ": " + face.why;
  }
  return out;
}

/// record_tcp() returns whether the device answered over TCP at all.
bool record_tcp(Context& context, const std::vector<TcpFace>& faces,
                const std::vector<std::uint16_t>& declared) {
  std::string report;
  std::set<std::uint16_t> listed(declared.begin(), declared.end());
  for (const TcpFace& face : faces) {
    report += face.report;
    listed.insert(face.open.begin(), face.open.end());
  }
  const EvidenceId evidence = context.recorder().attach(
      "lan", "TCP port sweep", "text/plain; charset=utf-8", as_bytes(report));
  for (const std::uint16_t port : listed) {
    std::string v4 = "not-asked", v6 = "not-asked";
    for (const TcpFace& face : faces) (face.address.v6 ? v6 : v4) = face.state(port);
    note(context, "tcp", port, v4, v6, evidence);
  }
  context.cover(tcp_coverage(faces));
  return std::any_of(faces.begin(), faces.end(), [](const TcpFace& face) { return face.answered; });
}

/// UdpFaces holds one face for each family that was asked.
using UdpFaces = std::map<bool, UdpFace>;

void record_udp(Context& context, const UdpFaces& faces, bool alive) {
  Coverage coverage{.topic = "ports.udp",
                    .subject = "lan",
                    .state = CoverageState::complete,
                    .why = {},
                    .tried = {}};
  std::map<std::uint16_t, std::array<UdpPort, 2>> seen;
  for (const auto& [v6, face] : faces) {
    for (const auto& [port, answer] : face.ports) {
      seen[port][v6 ? 1 : 0] = answer;
      alive = alive || answer.state != "unknown";
    }
    if (face.why.empty()) continue;
    coverage.state = CoverageState::partial;
    coverage.cause = Cause::tool;
    coverage.why = face.why;
  }
  std::set<std::uint16_t> numbers;
  for (const auto& [port, both] : seen) {
    const std::string v4 = faces.contains(false) ? both[0].state : "not-asked";
    const std::string v6 = faces.contains(true) ? both[1].state : "not-asked";
    const bool second = v4 == "not-asked" || (v4 != "open" && v6 == "open");
    note(context, "udp", port, v4, v6, both[second ? 1 : 0].evidence);
    numbers.insert(port);
  }
  coverage.tried = "UDP ports " + ranges(numbers);
  if (!alive && coverage.state == CoverageState::complete) {
    coverage.state = CoverageState::partial;
    coverage.cause = Cause::device;
    coverage.why = "nothing answered at all: nothing proves that the device is there";
  }
  context.cover(coverage);
}

Result<void> run(Context& context) {
  const std::vector<Address>& addresses = context.device().addresses;
  if (addresses.empty()) return fail(ErrorKind::invalid_input, "the declaration names no address");
  const std::vector<std::uint16_t> declared = declared_tcp(context.device());
  std::vector<TcpFace> tcp;
  UdpFaces udp;
  // A device sends few ICMP messages a second: the waiting for them goes on beside the sweep.
  std::jthread beside([&] {
    for (const Address& address : addresses)
      udp[address.v6] = ask_udp(context, address, udp_ports(context.device()));
  });
  for (const Address& address : addresses) tcp.push_back(sweep_tcp(context, address, declared));
  beside.join();
  const bool alive = record_tcp(context, tcp, declared);
  record_udp(context, udp, alive);
  return {};
}

}  // namespace

runner::Procedure discovery() {
  return {.info = {.id = "discovery",
                   .version = 1,
                   .title = {.ko = "열린 포트 찾기", .en = "Open ports"},
                   .hazard = Hazard::safe,
                   .requires_facts = {},
                   .provides_facts = {"port"},
                   .topics = {"ports.tcp", "ports.udp"},
                   .exclusive = {},
                   .connections = 65535,
                   .logins = 0,
                   .expected = std::chrono::seconds(10),
                   .deadline = std::chrono::seconds(600),
                   .recovery = {},
                   .last = false},
          .run = run,
          .recover = {}};
}

}  // namespace haetae::testcases
