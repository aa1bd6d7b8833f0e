#include "harness/protocols/snmp.hpp"

#include <algorithm>
#include <array>

#include "harness/protocols/ber.hpp"

namespace haetae::protocols::snmp {
namespace {

// 1.3.6.1.2.1.1.1.0 and 1.3.6.1.2.1.1.5.0
constexpr std::array<std::uint8_t, 8> kDescription = {0x2b, 6, 1, 2, 1, 1, 1, 0};
constexpr std::array<std::uint8_t, 8> kName = {0x2b, 6, 1, 2, 1, 1, 5, 0};
constexpr int kMostBindings = 16;

Bytes binding(ByteView oid) {
  return ber::wrap(0x30, ber::join({ber::wrap(0x06, oid), Bytes{0x05, 0x00}}));
}

Bytes get_pdu(std::int32_t request_id, const Bytes& bindings) {
  return ber::wrap(0xa0, ber::join({ber::integer(request_id), ber::integer(0), ber::integer(0),
                                    ber::wrap(0x30, bindings)}));
}

bool same(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

void read_bindings(ByteView bytes, Message& message) {
  ber::Cursor list(bytes);
  for (int count = 0; count < kMostBindings; ++count) {
    const auto entry = list.next(0x30);
    if (!entry) return;
    ber::Cursor pair(*entry);
    const auto oid = pair.next(0x06);
    const auto value = pair.next(0x04);
    if (!oid || !value) continue;
    if (same(*oid, kDescription)) message.description = printable(as_text(*value));
    if (same(*oid, kName)) message.name = printable(as_text(*value));
  }
}

Result<Message> read_pdu(ber::Cursor& rest, Message message) {
  const auto pdu = rest.next();
  if (!pdu || (pdu->tag != 0xa2 && pdu->tag != 0xa8))
    return fail(ErrorKind::protocol, "the datagram holds no SNMP response");
  message.report = pdu->tag == 0xa8;
  ber::Cursor inside(pdu->value);
  const auto id = inside.integer();
  const auto status = inside.integer();
  const auto index = inside.integer();
  const auto bindings = inside.next(0x30);
  if (!id || !status || !index || !bindings)
    return fail(ErrorKind::protocol, "the SNMP response is not whole");
  message.request_id = *id;
  message.error_status = *status;
  read_bindings(*bindings, message);
  return message;
}

Result<Message> read_v3(ber::Cursor& rest) {
  Message message{.version = Version::v3};
  const auto global = rest.next(0x30);
  const auto security = rest.next(0x04);
  if (!global || !security) return fail(ErrorKind::protocol, "the SNMPv3 header is not whole");
  ber::Cursor header(*global);
  const auto id = header.integer();
  ber::Cursor outer(*security);
  const auto usm = outer.next(0x30);
  if (!id || !usm) return fail(ErrorKind::protocol, "the SNMPv3 header is not whole");
  message.request_id = *id;
  ber::Cursor fields(*usm);
  const auto engine = fields.next(0x04);
  const auto boots = fields.integer();
  const auto time = fields.integer();
  if (!engine || !boots || !time)
    return fail(ErrorKind::protocol, "the SNMPv3 security parameters are not whole");
  message.engine_id.assign(engine->begin(), engine->end());
  message.engine_boots = *boots;
  message.engine_time = *time;
  if (engine->empty() || engine->size() > 32)
    return fail(ErrorKind::protocol, "an SNMP engine id has 1 to 32 bytes");
  const auto scoped = rest.next(0x30);
  if (!scoped) return message;  // encrypted, or left out: the engine is known all the same
  ber::Cursor inside(*scoped);
  if (!inside.next(0x04) || !inside.next(0x04))
    return fail(ErrorKind::protocol, "the SNMPv3 scoped PDU is not whole");
  const std::int64_t message_id = message.request_id;
  auto whole = read_pdu(inside, std::move(message));
  if (whole) whole->request_id = message_id;
  return whole;
}

}  // namespace

Bytes get_request(Version version, std::string_view community, std::int32_t request_id) {
  const Bytes bindings = ber::join({binding(kDescription), binding(kName)});
  return ber::wrap(0x30, ber::join({ber::integer(version == Version::v1 ? 0 : 1),
                                    ber::text(community), get_pdu(request_id, bindings)}));
}

Bytes engine_request(std::int32_t message_id) {
  const Bytes header = ber::wrap(0x30, ber::join({ber::integer(message_id), ber::integer(65507),
                                                  Bytes{0x04, 0x01, 0x04}, ber::integer(3)}));
  const Bytes usm = ber::wrap(0x30, ber::join({ber::text(""), ber::integer(0), ber::integer(0),
                                               ber::text(""), ber::text(""), ber::text("")}));
  const Bytes scoped =
      ber::wrap(0x30, ber::join({ber::text(""), ber::text(""), get_pdu(message_id, {})}));
  return ber::wrap(0x30, ber::join({ber::integer(3), header, ber::wrap(0x04, usm), scoped}));
}

Result<Message> decode(ByteView datagram) {
  ber::Cursor outer(datagram);
  const auto body = outer.next(0x30);
  if (!body) return fail(ErrorKind::protocol, "the datagram is no SNMP message");
  ber::Cursor rest(*body);
  const auto version = rest.integer();
  if (version == 3) return read_v3(rest);
  if (version != 0 && version != 1)
    return fail(ErrorKind::protocol, "the SNMP version is not known");
  const auto community = rest.next(0x04);
  if (!community) return fail(ErrorKind::protocol, "the SNMP message has no community");
  return read_pdu(rest, {.version = *version == 0 ? Version::v1 : Version::v2c,
                         .community = std::string(as_text(*community))});
}

}  // namespace haetae::protocols::snmp
