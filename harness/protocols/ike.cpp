#include "harness/protocols/ike.hpp"

#include <initializer_list>

namespace haetae::protocols::ike {
namespace {

void put(Bytes& out, std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint64_t get(ByteView bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

/// payload() puts the generic header (next payload, reserved, length) before `body`.
Bytes payload(std::uint8_t next, const Bytes& body) {
  Bytes out{next, 0};
  put(out, body.size() + 4, 2);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes message(std::uint64_t initiator, std::uint8_t first, std::uint8_t version,
              std::uint8_t exchange, std::uint8_t flags, std::initializer_list<Bytes> payloads) {
  Bytes body;
  for (const Bytes& part : payloads) body.insert(body.end(), part.begin(), part.end());
  Bytes out;
  put(out, initiator, 8);
  put(out, 0, 8);
  out.insert(out.end(), {first, version, exchange, flags});
  put(out, 0, 4);
  put(out, 28 + body.size(), 4);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

/// transform_v2() is a transform substructure (RFC 7296, 3.3.2); `key` is 0 or a key length.
Bytes transform_v2(bool last, std::uint8_t type, std::uint16_t id, std::uint16_t key) {
  Bytes out{static_cast<std::uint8_t>(last ? 0 : 3), 0};
  put(out, key != 0 ? 12 : 8, 2);
  out.insert(out.end(), {type, 0});
  put(out, id, 2);
  if (key != 0) {
    put(out, 0x800e, 2);
    put(out, key, 2);
  }
  return out;
}

/// transform_v1() is an ISAKMP transform of phase 1 with short attributes (RFC 2409, appendix A).
Bytes transform_v1(bool last, std::uint8_t number, std::uint16_t cipher, std::uint16_t key) {
  Bytes body{number, 1, 0, 0};
  const auto attribute = [&body](std::uint16_t type, std::uint16_t value) {
    put(body, 0x8000u | type, 2);
    put(body, value, 2);
  };
  attribute(1, cipher);
  if (key != 0) attribute(14, key);
  attribute(2, 2);
  attribute(3, 1);
  attribute(4, 2);
  return payload(last ? 0 : 3, body);
}

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

}  // namespace

Bytes sa_init(std::uint64_t initiator) {
  Bytes transforms = transform_v2(false, 1, 12, 128);
  append(transforms, transform_v2(false, 2, 5, 0));
  append(transforms, transform_v2(false, 3, 12, 0));
  append(transforms, transform_v2(true, 4, 14, 0));
  Bytes proposal{0, 0};
  put(proposal, 8 + transforms.size(), 2);
  proposal.insert(proposal.end(), {1, 1, 0, 4});
  append(proposal, transforms);
  Bytes exchange;
  put(exchange, 14, 2);
  put(exchange, 0, 2);
  append(exchange, random_bytes(256));
  exchange[4] = static_cast<std::uint8_t>(exchange[4] & 0x7f);  // below the prime of group 14
  return message(initiator, 33, 0x20, 34, 0x08,
                 {payload(34, proposal), payload(40, exchange), payload(0, random_bytes(32))});
}

Bytes main_mode(std::uint64_t initiator) {
  Bytes transforms = transform_v1(false, 1, 7, 128);
  append(transforms, transform_v1(true, 2, 5, 0));
  Bytes proposal{1, 1, 0, 2};
  append(proposal, transforms);
  Bytes body;
  put(body, 1, 4);  // IPsec domain of interpretation
  put(body, 1, 4);  // identity only
  append(body, payload(0, proposal));
  return message(initiator, 1, 0x10, 2, 0, {payload(0, body)});
}

Result<Answer> decode(ByteView datagram) {
  if (datagram.size() < 28) return fail(ErrorKind::protocol, "the datagram is too short for IKE");
  Answer out{.major = datagram[17] >> 4,
             .exchange = datagram[18],
             .initiator = get(datagram, 0, 8),
             .responder = get(datagram, 8, 8)};
  if ((out.major != 1 && out.major != 2) || get(datagram, 24, 4) != datagram.size())
    return fail(ErrorKind::protocol, "the datagram is no IKE message");
  const bool echo =
      out.major == 2 ? (datagram[19] & 0x20) == 0 : out.responder == 0 && out.exchange != 5;
  if (echo) return fail(ErrorKind::protocol, "the IKE message is no answer");
  return out;
}

}  // namespace haetae::protocols::ike
