#include "harness/formats/frames.hpp"

namespace haetae::formats {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17;

void put(Bytes& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
  }
}

void put(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

ByteView octets(const Address& address) {
  return ByteView(address.octets).first(address.v6 ? 16 : 4);
}

/// sum() adds 16 bit words (RFC 1071); an odd byte is the high half of the last word.
std::uint64_t sum(ByteView bytes) {
  std::uint64_t total = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    total += static_cast<std::uint64_t>(bytes[at]) << 8U;
    if (at + 1 < bytes.size()) total += bytes[at + 1];
  }
  return total;
}

std::uint16_t folded(std::uint64_t total) {
  while (total > 0xFFFFU) total = (total & 0xFFFFU) + (total >> 16U);
  return static_cast<std::uint16_t>(~total);
}

void store(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

/// in_frame() puts Ethernet and IP around a segment and stores its checksum at `checksum`.
Bytes in_frame(const Endpoint& from, const Endpoint& to, std::uint8_t protocol, Bytes segment,
               std::size_t checksum) {
  const std::uint64_t pseudo =
      sum(octets(from.address)) + sum(octets(to.address)) + protocol + segment.size();
  const std::uint16_t value = folded(pseudo + sum(segment));
  store(segment, checksum, value == 0 && protocol == kUdp ? std::uint16_t{0xFFFF} : value);

  Bytes frame{0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1};
  const bool v6 = from.address.v6;
  put(frame, v6 ? 0x86DD : 0x0800, 2);
  if (v6) {
    put(frame, 0x60000000, 4);
    put(frame, segment.size(), 2);
    put(frame, protocol, 1);
    put(frame, 64, 1);
    put(frame, octets(from.address));
    put(frame, octets(to.address));
  } else {
    Bytes header{0x45, 0};
    put(header, segment.size() + 20, 2);
    put(header, 0x00004000, 4);  // no identification, not to be fragmented
    put(header, 64, 1);
    put(header, protocol, 1);
    put(header, 0, 2);
    put(header, octets(from.address));
    put(header, octets(to.address));
    store(header, 10, folded(sum(header)));
    put(frame, header);
  }
  put(frame, segment);
  return frame;
}

void tag(Bytes& out, std::uint16_t code, ByteView value) {
  put(out, code, 2);
  put(out, (value.size() + 3) / 4 * 4, 2);
  put(out, value);
  while (out.size() % 4 != 0) out.push_back(0);
}

}  // namespace

Bytes tcp_frame(const Endpoint& from, const Endpoint& to, const TcpHeader& header,
                ByteView payload) {
  const bool syn = (header.flags & kSyn) != 0;
  Bytes segment;
  segment.reserve(payload.size() + 32);
  put(segment, from.port, 2);
  put(segment, to.port, 2);
  put(segment, header.sequence, 4);
  put(segment, header.acknowledgement, 4);
  put(segment, syn ? 0x70 : 0x50, 1);
  put(segment, header.flags, 1);
  put(segment, 0xFFFF, 2);
  put(segment, 0, 4);
  if (syn) put(segment, 0x020405B40103030E, 8);  // MSS 1460, no operation, window scale 14
  put(segment, payload);
  return in_frame(from, to, kTcp, std::move(segment), 16);
}

Bytes udp_frame(const Endpoint& from, const Endpoint& to, ByteView payload) {
  Bytes segment;
  segment.reserve(payload.size() + 8);
  put(segment, from.port, 2);
  put(segment, to.port, 2);
  put(segment, payload.size() + 8, 2);
  put(segment, 0, 2);
  put(segment, payload);
  return in_frame(from, to, kUdp, std::move(segment), 6);
}

Bytes upper_pdu(const Address& from, const Address& to, std::string_view dissector,
                ByteView payload) {
  Bytes out;
  const bool v6 = from.v6;
  tag(out, 12, as_bytes(dissector));
  tag(out, v6 ? 22 : 20, octets(from));
  tag(out, v6 ? 23 : 21, octets(to));
  put(out, 0, 4);
  put(out, payload);
  return out;
}

}  // namespace haetae::formats
