#pragma once

#include <cstdint>
#include <optional>

#include "harness/model/address.hpp"
#include "harness/model/bytes.hpp"

/// The few packet formats of the half-open sweep. Every function takes any bytes; what is cut short
/// or means something else gives nothing.
namespace haetae::net {

/// TcpAnswer is the part of a TCP header (RFC 9293, 3.1) by which an answer to a SYN is known.
struct TcpAnswer {
  std::uint16_t from_port = 0;
  std::uint16_t to_port = 0;
  std::uint32_t acknowledged = 0;
  bool syn = false;
  bool ack = false;
  bool rst = false;
  bool operator==(const TcpAnswer&) const = default;
};

[[nodiscard]] std::optional<TcpAnswer> parse_tcp(ByteView segment);

/// Ipv4Packet is an IPv4 packet (RFC 791, 3.1) without its options.
struct Ipv4Packet {
  Address from;
  Address to;
  std::uint8_t protocol = 0;
  ByteView payload;
};

[[nodiscard]] std::optional<Ipv4Packet> parse_ipv4(ByteView packet);

/// Unreachable is an ICMP destination unreachable (RFC 792; RFC 4443, 3.1) that quotes a TCP
/// segment of ours.
struct Unreachable {
  Address to;  ///< where the quoted segment went
  std::uint16_t from_port = 0;
  std::uint16_t to_port = 0;
  std::uint32_t sequence = 0;
  bool operator==(const Unreachable&) const = default;
};

/// parse_unreachable() takes an ICMP message, without IP header.
[[nodiscard]] std::optional<Unreachable> parse_unreachable(ByteView message, bool v6);

/// syn_segment() is a TCP SYN with a maximum segment size option, checksum included.
[[nodiscard]] std::array<std::uint8_t, 24> syn_segment(const Endpoint& from, const Endpoint& to,
                                                       std::uint32_t sequence);

}  // namespace haetae::net
