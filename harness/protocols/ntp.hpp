#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// NTP client mode (RFC 5905) and control mode 6 (RFC 9327).
namespace haetae::protocols::ntp {

/// client_request() is mode 3, version 4; `stamp` is the transmit time, which a server echoes.
[[nodiscard]] Bytes client_request(std::uint64_t stamp);
/// readvar_request() is mode 6, READVAR of the system variables.
[[nodiscard]] Bytes readvar_request(std::uint16_t sequence);

/// server_answer() answers a client's request (mode 3) as a server of stratum 2 would, with that
/// time in seconds since 1970; nothing if the datagram is no such request. What proves a server
/// (RFC 5905, 7.3, key and digest; RFC 8915) is left out.
[[nodiscard]] std::optional<Bytes> server_answer(ByteView request, std::int64_t seconds);

struct Answer {
  int version = 0;
  int mode = 0;              ///< 4 server, 6 control
  int stratum = 0;           ///< mode 4
  std::uint64_t origin = 0;  ///< mode 4: the stamp that was sent
  std::string variables{};   ///< mode 6, printable
};
/// decode() reads an answer of mode 4 or 6; anything else is a protocol error.
[[nodiscard]] Result<Answer> decode(ByteView datagram);

}  // namespace haetae::protocols::ntp
