#include "harness/protocols/coap.hpp"

#include <algorithm>

namespace haetae::protocols::coap {
namespace {

/// extended() reads the longer form of an option delta or length (section 3.1).
bool extended(ByteView bytes, std::size_t& at, std::size_t& value) {
  if (value == 13) {
    if (at >= bytes.size()) return false;
    value = 13u + bytes[at++];
  } else if (value == 14) {
    if (bytes.size() < 2 || at > bytes.size() - 2) return false;
    value = 269u + static_cast<std::size_t>(bytes[at] << 8 | bytes[at + 1]);
    at += 2;
  }
  return value != 15;
}

}  // namespace

Bytes ping(std::uint16_t message_id) {
  return {0x40, 0x00, static_cast<std::uint8_t>(message_id >> 8),
          static_cast<std::uint8_t>(message_id & 0xff)};
}

Bytes get(std::uint16_t message_id, std::uint16_t token, std::string_view path) {
  Bytes out = ping(message_id);
  out[0] = 0x42;
  out[1] = 0x01;
  out.insert(out.end(),
             {static_cast<std::uint8_t>(token >> 8), static_cast<std::uint8_t>(token & 0xff)});
  std::uint8_t delta = 11;  // Uri-Path
  while (!path.empty()) {
    if (path.front() == '/') {
      path.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(path.size(), path.find('/'));
    const std::size_t size = std::min<std::size_t>(end, 255);
    out.push_back(static_cast<std::uint8_t>(delta << 4 | (size < 13 ? size : 13)));
    if (size >= 13) out.push_back(static_cast<std::uint8_t>(size - 13));
    out.insert(out.end(), path.begin(), path.begin() + static_cast<std::ptrdiff_t>(size));
    path.remove_prefix(end);
    delta = 0;
  }
  return out;
}

Result<Message> decode(ByteView datagram) {
  if (datagram.size() < 4 || datagram[0] >> 6 != 1)
    return fail(ErrorKind::protocol, "the datagram is no CoAP message");
  const std::size_t token = datagram[0] & 0x0f;
  Message out{.type = static_cast<Type>(datagram[0] >> 4 & 3),
              .code_class = datagram[1] >> 5,
              .code_detail = datagram[1] & 0x1f,
              .id = static_cast<std::uint16_t>(datagram[2] << 8 | datagram[3])};
  const bool empty = datagram[1] == 0;
  if (token > 8 || datagram.size() < 4 + token || (empty && datagram.size() != 4))
    return fail(ErrorKind::protocol, "the CoAP message is not whole");
  const ByteView name = datagram.subspan(4, token);
  out.token.assign(name.begin(), name.end());
  std::size_t at = 4 + token;
  while (at < datagram.size()) {
    const std::uint8_t head = datagram[at++];
    if (head == 0xff) {
      if (at == datagram.size()) return fail(ErrorKind::protocol, "a CoAP payload is empty");
      out.payload = printable(as_text(datagram.subspan(at)), 2048);
      return out;
    }
    std::size_t delta = head >> 4;
    std::size_t size = head & 0x0f;
    if (!extended(datagram, at, delta) || !extended(datagram, at, size) ||
        datagram.size() - at < size)
      return fail(ErrorKind::protocol, "a CoAP option is not whole");
    at += size;
  }
  return out;
}

}  // namespace haetae::protocols::coap
