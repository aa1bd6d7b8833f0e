#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/record.hpp"
#include "harness/protocols/udp_probe.hpp"
#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// UdpPort is what one UDP port answered. Without an answer and without ICMP it stays "unknown":
/// devices limit how many ICMP messages they send, and services ignore what they do not understand.
struct UdpPort {
  std::string state = "unknown";  ///< open, closed, unknown
  protocols::UdpSeen seen{};      ///< if an answer could be read
  bool understood = false;        ///< an answer was of the protocol that was asked
  EvidenceId evidence = 0;
};

/// UdpFace is what the asked ports of one address answered.
struct UdpFace {
  std::map<std::uint16_t, UdpPort> ports;
  std::string why{};  ///< what kept us from asking, empty if nothing did
};

/// udp_ports() are the ports to ask, with the protocol that is expected there (empty: any): the
/// usual ports of the protocols that we speak, the declared services, the declared range.
[[nodiscard]] std::map<std::uint16_t, std::string> udp_ports(
    const declaration::Declaration& device);

/// ask_udp() asks each port in the protocols that may live there; silent ports are asked again in
/// later rounds, a few at a time, because of the limit on ICMP.
[[nodiscard]] UdpFace ask_udp(runner::Context& context, const Address& address,
                              const std::map<std::uint16_t, std::string>& ports);

}  // namespace haetae::testcases
