#include "testcases/network/udp_ask.hpp"

#include <algorithm>
#include <set>

namespace haetae::testcases {
namespace {

constexpr std::size_t kBatch = 512;
constexpr int kRounds = 6;
constexpr std::size_t kSlowBatch = 6;

/// Asked is one question with the port and the probe that it belongs to.
struct Asked {
  std::uint16_t port = 0;
  protocols::UdpProbe probe{};
};

/// questions_for() are the probes of the expected protocol and of the port's usual one; a port of
/// which nothing is known gets the first question of every protocol.
std::vector<Asked> questions_for(const Endpoint& to, const std::string& protocol) {
  std::vector<Asked> out;
  std::vector<Asked> any;
  std::set<std::string> named;
  for (protocols::UdpProbe& probe : protocols::udp_probes(to)) {
    if (probe.port == to.port || probe.protocol == protocol)
      out.push_back({to.port, std::move(probe)});
    else if (named.insert(probe.protocol).second)
      any.push_back({to.port, std::move(probe)});
  }
  return out.empty() ? any : out;
}

void take(UdpPort& port, const protocols::UdpProbe& probe, const net::UdpAnswer& answer) {
  if (port.evidence == 0) port.evidence = answer.evidence;
  for (const net::Datagram& datagram : answer.datagrams) {
    if (port.state != "open") port.evidence = answer.evidence;
    port.state = "open";
    const auto seen = probe.read(datagram.bytes);
    if (!seen || (port.understood && port.seen.text.size() >= seen->text.size())) continue;
    port.seen = *seen;
    port.understood = true;
    port.evidence = answer.evidence;
  }
  if (answer.port_unreachable && port.state == "unknown") {
    port.state = "closed";
    port.evidence = answer.evidence;
  }
}

/// ask_some() sends one batch; false if the door could not.
bool ask_some(runner::Context& context, const Address& address, std::span<const Asked> batch,
              Duration wait, UdpFace& face) {
  std::vector<net::UdpQuestion> questions;
  for (const Asked& asked : batch)
    questions.push_back({.to = {address, asked.port},
                         .payload = asked.probe.payload,
                         .label = asked.probe.label,
                         .subject = "lan:udp/" + std::to_string(asked.port)});
  const auto answers = context.door().ask(questions, wait, context.recorder(), context.stop());
  if (!answers || answers->size() != batch.size()) {
    face.why = answers ? "not every UDP question was asked" : answers.error().message();
    return false;
  }
  for (std::size_t i = 0; i < batch.size(); ++i)
    take(face.ports[batch[i].port], batch[i].probe, (*answers)[i]);
  return true;
}

/// ask_all() sends any number of questions, batch by batch.
bool ask_all(runner::Context& context, const Address& address, std::span<const Asked> all,
             Duration wait, UdpFace& face) {
  for (std::size_t at = 0; at < all.size() && !context.stop().stop_requested(); at += kBatch) {
    const std::size_t count = std::min(kBatch, all.size() - at);
    if (!ask_some(context, address, all.subspan(at, count), wait, face)) return false;
  }
  return true;
}

std::vector<Asked> silent(const UdpFace& face, const std::vector<Asked>& all) {
  std::vector<Asked> out;
  std::set<std::uint16_t> taken;
  for (const Asked& asked : all)
    if (face.ports.at(asked.port).state == "unknown" && taken.insert(asked.port).second)
      out.push_back(asked);
  return out;
}

}  // namespace

std::map<std::uint16_t, std::string> udp_ports(const declaration::Declaration& device) {
  std::map<std::uint16_t, std::string> out;
  for (const protocols::UdpProbe& probe : protocols::udp_probes({}))
    out[probe.port] = probe.protocol;
  for (const declaration::PortName& port : device.udp_ports) out.emplace(port.number, "");
  for (const declaration::Service& service : device.services)
    if (service.port.transport == "udp") out[service.port.number] = service.protocol;
  return out;
}

UdpFace ask_udp(runner::Context& context, const Address& address,
                const std::map<std::uint16_t, std::string>& ports) {
  UdpFace face;
  std::vector<Asked> first, further;
  for (const auto& [port, protocol] : ports) {
    face.ports[port] = {};
    std::vector<Asked> questions = questions_for({address, port}, protocol);
    for (std::size_t i = 0; i < questions.size(); ++i)
      (i == 0 ? first : further).push_back(std::move(questions[i]));
  }
  // One question for each port, so that the few ICMP messages of a device go to different ports.
  if (!ask_all(context, address, first, 800ms, face)) return face;
  std::erase_if(further, [&](const Asked& asked) {
    const UdpPort& port = face.ports.at(asked.port);
    return port.state == "closed" || (port.understood && !port.seen.text.empty());
  });
  if (!ask_all(context, address, further, 1s, face)) return face;
  for (int again = 1; again < kRounds; ++again) {
    std::vector<Asked> rest = silent(face, first);
    // A long silent list means a filter, not a limit: further rounds would only cost time.
    if (rest.size() > kSlowBatch * 4) rest.resize(kSlowBatch * 4);
    if (rest.empty() || context.stop().stop_requested()) break;
    if (!ask_all(context, address, rest, 1s, face)) return face;
  }
  if (context.stop().stop_requested()) face.why = "the run was stopped before all were asked";
  return face;
}

}  // namespace haetae::testcases
