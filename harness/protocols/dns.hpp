#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// DNS messages (RFC 1035), as far as questions to a device and its answers need them; multicast
/// DNS (RFC 6762) uses the same form.
namespace haetae::protocols::dns {

inline constexpr std::uint16_t kA = 1, kNs = 2, kPtr = 12, kTxt = 16, kSrv = 33;
inline constexpr std::uint16_t kInternet = 1, kChaos = 3;
/// kUnicastAnswer is the QU bit of RFC 6762, section 5.4, added to the class.
inline constexpr std::uint16_t kUnicastAnswer = 0x8000;

struct Question {
  std::string name{};  ///< labels joined by '.', without the last one; empty is the root
  std::uint16_t type = kA;
  std::uint16_t klass = kInternet;
  bool recursion = false;
};

struct Record {
  std::string name{};
  std::uint16_t type = 0, klass = 0;
  std::string text{};  ///< TXT strings joined, PTR or NS name, otherwise hexadecimal; printable
};

struct Message {
  std::uint16_t id = 0;
  bool response = false;
  bool authoritative = false;
  bool recursion_available = false;
  int code = 0;                   ///< RCODE
  std::vector<Record> answers{};  ///< of the answer section, at most 64
  bool whole = true;              ///< false if records were cut off, broken or too many
};

[[nodiscard]] Bytes query(std::uint16_t id, const Question& question);
/// decode() reads header and answer section; a datagram without a whole header is a protocol error.
[[nodiscard]] Result<Message> decode(ByteView datagram);

}  // namespace haetae::protocols::dns
