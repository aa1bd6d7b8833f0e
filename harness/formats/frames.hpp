#pragma once

#include <cstdint>
#include <string_view>

#include "harness/model/address.hpp"
#include "harness/model/bytes.hpp"

/// Frames as a capture would hold them, with right lengths and checksums.
namespace haetae::formats {

/// TcpFlag are the bits of the TCP header (RFC 9293, section 3.1).
enum TcpFlag : std::uint8_t { kFin = 1, kSyn = 2, kPush = 8, kAck = 16 };

struct TcpHeader {
  std::uint32_t sequence = 0, acknowledgement = 0;
  std::uint8_t flags = 0;
};

/// tcp_frame() is Ethernet, IPv4 or IPv6 and TCP around `payload` (at most 65,000 bytes). A SYN
/// carries the options MSS 1460 and window scale 14. Both endpoints are of one family.
[[nodiscard]] Bytes tcp_frame(const Endpoint& from, const Endpoint& to, const TcpHeader& header,
                              ByteView payload);

/// udp_frame() is the same for one datagram of at most 65,000 bytes.
[[nodiscard]] Bytes udp_frame(const Endpoint& from, const Endpoint& to, ByteView payload);

/// upper_pdu() is a message without a frame, to be read by Wireshark's dissector `dissector`, with
/// the addresses as tags; without ports, which would make readers expect TLS in it.
[[nodiscard]] Bytes upper_pdu(const Address& from, const Address& to, std::string_view dissector,
                              ByteView payload);

}  // namespace haetae::formats
