#include "harness/net/packet.hpp"

#include <algorithm>

namespace haetae::net {
namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::size_t kIpv6Header = 40;

std::uint16_t u16(ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

std::uint32_t u32(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(u16(bytes, at)) << 16U | u16(bytes, at + 2);
}

void put16(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

Address address_at(ByteView bytes, std::size_t at, bool v6) {
  Address out;
  out.v6 = v6;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), v6 ? 16 : 4, out.octets.begin());
  return out;
}

std::uint32_t sum(ByteView bytes) {
  std::uint32_t out = 0;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) out += u16(bytes, at);
  return out;
}

// RFC 9293, 3.1: the checksum covers a pseudo header of both addresses, protocol and length.
std::uint32_t checksum(const Address& from, const Address& to, ByteView segment) {
  const std::size_t size = from.v6 ? 16 : 4;
  std::uint32_t total = sum(ByteView(from.octets).first(size)) +
                        sum(ByteView(to.octets).first(size)) + kTcp +
                        static_cast<std::uint32_t>(segment.size()) + sum(segment);
  while (total >> 16U != 0) total = (total & 0xffffU) + (total >> 16U);
  return ~total & 0xffffU;
}

}  // namespace

std::optional<TcpAnswer> parse_tcp(ByteView segment) {
  if (segment.size() < 20) return std::nullopt;
  const unsigned flags = segment[13];
  return TcpAnswer{.from_port = u16(segment, 0),
                   .to_port = u16(segment, 2),
                   .acknowledged = u32(segment, 8),
                   .syn = (flags & 0x02U) != 0,
                   .ack = (flags & 0x10U) != 0,
                   .rst = (flags & 0x04U) != 0};
}

std::optional<Ipv4Packet> parse_ipv4(ByteView packet) {
  if (packet.size() < 20 || packet[0] >> 4U != 4) return std::nullopt;
  const std::size_t header = (packet[0] & 0x0fU) * 4U;
  if (header < 20 || packet.size() < header) return std::nullopt;
  return Ipv4Packet{.from = address_at(packet, 12, false),
                    .to = address_at(packet, 16, false),
                    .protocol = packet[9],
                    .payload = packet.subspan(header)};
}

std::optional<Unreachable> parse_unreachable(ByteView message, bool v6) {
  if (message.size() < 8 || message[0] != (v6 ? 1 : 3)) return std::nullopt;
  const ByteView quoted = message.subspan(8);
  Address to;
  ByteView segment;
  if (v6) {
    // Our SYNs carry no extension headers, so none is looked for in the quotation.
    if (quoted.size() < kIpv6Header || quoted[0] >> 4U != 6 || quoted[6] != kTcp) {
      return std::nullopt;
    }
    to = address_at(quoted, 24, true);
    segment = quoted.subspan(kIpv6Header);
  } else {
    const auto packet = parse_ipv4(quoted);
    if (!packet || packet->protocol != kTcp) return std::nullopt;
    to = packet->to;
    segment = packet->payload;
  }
  if (segment.size() < 8) return std::nullopt;  // RFC 792 promises no more
  return Unreachable{.to = to,
                     .from_port = u16(segment, 0),
                     .to_port = u16(segment, 2),
                     .sequence = u32(segment, 4)};
}

std::array<std::uint8_t, 24> syn_segment(const Endpoint& from, const Endpoint& to,
                                         std::uint32_t sequence) {
  std::array<std::uint8_t, 24> out{};
  put16(out, 0, from.port);
  put16(out, 2, to.port);
  put16(out, 4, sequence >> 16U);
  put16(out, 6, sequence);
  out[12] = 6U << 4U;  // header of six words
  out[13] = 0x02;      // SYN
  put16(out, 14, 1024);
  out[20] = 2;  // maximum segment size, as every ordinary stack sends it
  out[21] = 4;
  put16(out, 22, 1460);
  put16(out, 16, checksum(from.address, to.address, out));
  return out;
}

}  // namespace haetae::net
