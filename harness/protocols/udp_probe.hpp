#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// The questions that UDP services answer, each in its own protocol. A service that does not know
/// the protocol of a question stays silent, so silence never means closed.
namespace haetae::protocols {

/// UdpSeen is what an answer tells about the service.
struct UdpSeen {
  std::string protocol{};            ///< word of the fact table `service`
  std::string product{}, version{};  ///< as it tells, empty if it does not
  std::string text{};                ///< first text, printable
};

/// UdpProbe is one question; read() gives nothing for an answer of another protocol.
struct UdpProbe {
  std::string protocol{};  ///< word of the fact table `service`
  std::uint16_t port = 0;  ///< where the protocol usually lives
  std::string label{};
  Bytes payload{};
  std::function<Result<UdpSeen>(ByteView)> read{};
};

/// udp_probes() are the questions for one endpoint, with fresh random identifiers, in the order of
/// their usual ports. Syslog is among them although nothing answers it: only ICMP can.
[[nodiscard]] std::vector<UdpProbe> udp_probes(const Endpoint& to);

/// sip_options() is an OPTIONS request (RFC 3261, section 11) over UDP or TCP.
[[nodiscard]] Bytes sip_options(const Endpoint& to, std::string_view transport);

}  // namespace haetae::protocols
