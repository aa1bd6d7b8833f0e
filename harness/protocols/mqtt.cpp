#include "harness/protocols/mqtt.hpp"

#include <algorithm>

namespace haetae::protocols::mqtt {
namespace {

constexpr std::size_t kMostBody = 64 * 1024;
constexpr std::size_t kMostMessages = 256;

void put_text(Bytes& out, std::string_view text) {
  const std::size_t size = std::min<std::size_t>(text.size(), 0xffff);
  out.push_back(static_cast<std::uint8_t>(size >> 8));
  out.push_back(static_cast<std::uint8_t>(size & 0xff));
  out.insert(out.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
}

Bytes packet(std::uint8_t first, const Bytes& body) {
  Bytes out{first};
  std::size_t left = body.size();
  do {
    const auto low = static_cast<std::uint8_t>(left & 0x7f);
    left >>= 7;
    out.push_back(left > 0 ? static_cast<std::uint8_t>(low | 0x80) : low);
  } while (left > 0);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

/// variable() reads a variable byte integer of at most four bytes and moves `at` behind it.
std::optional<std::size_t> variable(ByteView bytes, std::size_t& at) {
  std::size_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    if (at >= bytes.size()) return std::nullopt;
    const std::uint8_t byte = bytes[at++];
    value |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<std::string> text_at(ByteView bytes, std::size_t& at) {
  if (bytes.size() < at + 2) return std::nullopt;
  const std::size_t size = static_cast<std::size_t>(bytes[at] << 8 | bytes[at + 1]);
  if (bytes.size() - at - 2 < size) return std::nullopt;
  std::string out(as_text(bytes.subspan(at + 2, size)));
  at += 2 + size;
  return out;
}

/// reason_string() is property 0x1f where it comes first or behind fixed-size properties.
std::string reason_string(ByteView properties) {
  std::size_t at = 0;
  while (at < properties.size()) {
    const std::uint8_t id = properties[at++];
    switch (id) {
      case 0x24:
      case 0x25:
      case 0x28:
      case 0x29:
      case 0x2a: at += 1; break;
      case 0x13:
      case 0x21:
      case 0x22: at += 2; break;
      case 0x11:
      case 0x27: at += 4; break;
      case 0x12:
      case 0x15:
      case 0x16:
      case 0x1a:
      case 0x1c:
        if (!text_at(properties, at)) return {};
        break;
      case 0x26:
        if (!text_at(properties, at) || !text_at(properties, at)) return {};
        break;
      case 0x1f: return printable(text_at(properties, at).value_or(""));
      default: return {};
    }
  }
  return {};
}

}  // namespace

Bytes connect_packet(Version version, std::string_view client_id,
                     const std::optional<Credential>& credential) {
  Bytes body;
  put_text(body, "MQTT");
  body.push_back(static_cast<std::uint8_t>(version));
  // Without a user name 3.1.1 allows no password (3.1.2.9).
  std::uint8_t flags = 0x02;
  if (credential) flags = static_cast<std::uint8_t>(flags | 0xc0);
  body.push_back(flags);
  body.insert(body.end(), {0, 60});
  if (version == Version::v5) body.push_back(0);
  put_text(body, client_id);
  if (credential) {
    put_text(body, credential->user);
    put_text(body, credential->password);
  }
  return packet(0x10, body);
}

Bytes subscribe_packet(Version version, std::uint16_t id, std::string_view filter) {
  Bytes body{static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id & 0xff)};
  if (version == Version::v5) body.push_back(0);
  put_text(body, filter);
  body.push_back(0);
  return packet(0x82, body);
}

Bytes publish_packet(Version version, std::string_view topic, ByteView payload) {
  Bytes body;
  put_text(body, topic);
  if (version == Version::v5) body.push_back(0);
  const std::size_t size = std::min(payload.size(), kMostBody);
  body.insert(body.end(), payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
  return packet(0x30, body);
}

Bytes disconnect_packet(Version) { return {0xe0, 0x00}; }

Result<Packet> read_packet(Reader& reader, SteadyTime deadline) {
  const auto first = reader.exactly(1, deadline);
  if (!first) return tl::unexpected(first.error());
  std::size_t size = 0;
  for (int shift = 0;; shift += 7) {
    if (shift == 28) return fail(ErrorKind::protocol, "the remaining length has no end");
    const auto byte = reader.exactly(1, deadline);
    if (!byte) return tl::unexpected(byte.error());
    size |= static_cast<std::size_t>(byte->front() & 0x7f) << shift;
    if ((byte->front() & 0x80) == 0) break;
  }
  if (size > kMostBody) return fail(ErrorKind::protocol, "an MQTT packet is too long");
  auto body = reader.exactly(size, deadline);
  if (!body) return tl::unexpected(body.error());
  const std::uint8_t head = first->front();
  return Packet{.type = static_cast<std::uint8_t>(head >> 4),
                .flags = static_cast<std::uint8_t>(head & 0x0f),
                .body = std::move(*body)};
}

Result<Connack> connack(const Packet& packet, Version version) {
  if (packet.type != 2 || packet.flags != 0 || packet.body.size() < 2 || packet.body[0] > 1)
    return fail(ErrorKind::protocol, "the answer is no CONNACK");
  // A server that speaks only 3.1.1 answers a version 5 CONNECT without properties.
  Connack out{.code = packet.body[1], .session_present = packet.body[0] == 1, .reason = {}};
  if (version == Version::v3_1_1 && packet.body.size() != 2)
    return fail(ErrorKind::protocol, "a CONNACK of 3.1.1 has two bytes");
  if (packet.body.size() > 2) {
    std::size_t at = 2;
    const auto size = variable(packet.body, at);
    if (!size || packet.body.size() - at != *size)
      return fail(ErrorKind::protocol, "the CONNACK properties do not fit");
    out.reason = reason_string(ByteView(packet.body).subspan(at));
  }
  return out;
}

Result<int> suback(const Packet& packet, Version version) {
  std::size_t at = 2;
  if (packet.type != 9 || packet.body.size() < 3)
    return fail(ErrorKind::protocol, "the answer is no SUBACK");
  if (version == Version::v5) {
    const auto size = variable(packet.body, at);
    if (!size || packet.body.size() - at <= *size)
      return fail(ErrorKind::protocol, "the SUBACK properties do not fit");
    at += *size;
  }
  return packet.body[at];
}

Result<Message> publish(const Packet& packet, Version version) {
  std::size_t at = 0;
  const int quality = packet.flags >> 1 & 3;
  if (packet.type != 3) return fail(ErrorKind::protocol, "the packet is no PUBLISH");
  auto topic = text_at(packet.body, at);
  if (!topic) return fail(ErrorKind::protocol, "the topic of a PUBLISH does not fit");
  if (quality > 0) at += 2;
  if (version == Version::v5) {
    const auto size = variable(packet.body, at);
    if (!size || at > packet.body.size() || packet.body.size() - at < *size)
      return fail(ErrorKind::protocol, "the properties of a PUBLISH do not fit");
    at += *size;
  }
  if (at > packet.body.size()) return fail(ErrorKind::protocol, "a PUBLISH is too short");
  const ByteView payload = ByteView(packet.body).subspan(at);
  return Message{.topic = std::move(*topic), .payload = Bytes(payload.begin(), payload.end())};
}

LoginOutcome outcome(int code, Version version) {
  if (code == 0) return LoginOutcome::accepted;
  if (code == 4 || code == 5) return LoginOutcome::refused;
  if (version == Version::v5) {
    if (code == 0x86 || code == 0x87) return LoginOutcome::refused;
    if (code == 0x8a || code == 0x9f) return LoginOutcome::blocked;
  }
  return LoginOutcome::unknown;
}

Result<LoginAnswer> login(net::Conn& conn, Version version,
                          const std::optional<Credential>& credential, Clock& clock,
                          SteadyTime deadline) {
  if (credential && (credential->user.size() > 0xffff || credential->password.size() > 0xffff))
    return fail(ErrorKind::invalid_input, "an MQTT credential has at most 65535 bytes");
  const std::string id = "haetae-" + to_hex(random_bytes(6));
  const SteadyTime asked = clock.now();
  if (auto sent = conn.write(connect_packet(version, id, credential), deadline); !sent)
    return tl::unexpected(sent.error());
  Reader reader(conn, kMostBody);
  const auto answer = read_packet(reader, deadline);
  LoginAnswer out;
  out.took = clock.now() - asked;
  if (!answer) {
    out.why = answer.error().message();
    out.closed = answer.error().kind == ErrorKind::closed;
    return out;
  }
  const auto ack = connack(*answer, version);
  if (!ack) return tl::unexpected(ack.error());
  out.code = ack->code;
  out.outcome = outcome(ack->code, version);
  out.needs_login = !(out.outcome == LoginOutcome::accepted && !credential);
  out.why = "CONNACK " + std::to_string(ack->code) + (ack->reason.empty() ? "" : " " + ack->reason);
  return out;
}

Result<Heard> subscribe(net::Conn& conn, Version version, std::string_view filter,
                        std::size_t enough, SteadyTime deadline) {
  if (auto sent = conn.write(subscribe_packet(version, 1, filter), deadline); !sent)
    return tl::unexpected(sent.error());
  Reader reader(conn, 1024 * 1024);
  Heard heard;
  while (heard.messages.size() < std::min(enough, kMostMessages)) {
    const auto packet = read_packet(reader, deadline);
    if (!packet) {
      const ErrorKind kind = packet.error().kind;
      if (kind == ErrorKind::timed_out || kind == ErrorKind::closed) return heard;
      return tl::unexpected(packet.error());
    }
    if (packet->type == 9) {
      const auto code = suback(*packet, version);
      if (!code) return tl::unexpected(code.error());
      heard.granted = *code;
      if (*code >= 0x80) return heard;
    } else if (packet->type == 3) {
      auto message = publish(*packet, version);
      if (!message) return tl::unexpected(message.error());
      heard.messages.push_back(std::move(*message));
    }
  }
  return heard;
}

}  // namespace haetae::protocols::mqtt
