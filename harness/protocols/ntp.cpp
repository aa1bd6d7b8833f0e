#include "harness/protocols/ntp.hpp"

#include <algorithm>

namespace haetae::protocols::ntp {

Bytes client_request(std::uint64_t stamp) {
  Bytes out(48, 0);
  out[0] = 0x23;  // no warning, version 4, mode 3
  for (std::size_t i = 0; i < 8; ++i)
    out[40 + i] = static_cast<std::uint8_t>(stamp >> (56 - 8 * i));
  return out;
}

Bytes readvar_request(std::uint16_t sequence) {
  Bytes out(12, 0);
  out[0] = 0x16;  // version 2, mode 6
  out[1] = 2;     // READVAR
  out[2] = static_cast<std::uint8_t>(sequence >> 8);
  out[3] = static_cast<std::uint8_t>(sequence & 0xff);
  return out;
}

std::optional<Bytes> server_answer(ByteView request, std::int64_t seconds) {
  if (request.size() < 48 || (request[0] & 7) != 3) return std::nullopt;
  constexpr std::int64_t kTo1900 = 2'208'988'800;
  const auto since = static_cast<std::uint32_t>(seconds + kTo1900);
  Bytes out(48, 0);
  out[0] = static_cast<std::uint8_t>((request[0] & 0x38) | 4);  // no warning, their version, mode 4
  out[1] = 2;
  out[2] = request[2];
  out[3] = 0xEC;  // 2^-20 s
  out[12] = 127;  // reference: a clock of this machine
  out[15] = 1;
  std::copy_n(request.begin() + 40, 8, out.begin() + 24);  // origin: their transmit time
  for (const std::size_t at : {16U, 32U, 40U})             // reference, receive, transmit
    for (std::size_t i = 0; i < 4; ++i)
      out[at + i] = static_cast<std::uint8_t>(since >> (24 - 8 * i));
  return out;
}

Result<Answer> decode(ByteView datagram) {
  if (datagram.size() < 12) return fail(ErrorKind::protocol, "the datagram is too short for NTP");
  Answer out{.version = datagram[0] >> 3 & 7, .mode = datagram[0] & 7};
  if (out.version < 1 || out.version > 4) return fail(ErrorKind::protocol, "no NTP version");
  if (out.mode == 4) {
    if (datagram.size() < 48) return fail(ErrorKind::protocol, "the NTP answer is too short");
    out.stratum = datagram[1];
    for (std::size_t i = 0; i < 8; ++i) out.origin = out.origin << 8 | datagram[24 + i];
    return out;
  }
  if (out.mode == 6 && (datagram[1] & 0x80) != 0) {
    const auto size = static_cast<std::size_t>(datagram[10] << 8 | datagram[11]);
    const ByteView rest = datagram.subspan(12);
    out.variables = printable(as_text(rest.first(std::min(size, rest.size()))), 1024);
    return out;
  }
  return fail(ErrorKind::protocol, "the datagram is no answer of an NTP server");
}

}  // namespace haetae::protocols::ntp
