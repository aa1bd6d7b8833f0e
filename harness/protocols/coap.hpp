#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// CoAP (RFC 7252) over UDP.
namespace haetae::protocols::coap {

enum class Type : std::uint8_t { confirmable, non_confirmable, acknowledgement, reset };

/// ping() is an empty confirmable message: every endpoint answers it with a reset (section 4.3).
[[nodiscard]] Bytes ping(std::uint16_t message_id);
/// get() asks for `path` (/.well-known/core) with a token of two bytes.
[[nodiscard]] Bytes get(std::uint16_t message_id, std::uint16_t token, std::string_view path);

struct Message {
  Type type = Type::reset;
  int code_class = 0, code_detail = 0;  ///< 2.05 is 2 and 5
  std::uint16_t id = 0;
  Bytes token{};
  std::string payload{};  ///< printable, at most 2 KiB
};
[[nodiscard]] Result<Message> decode(ByteView datagram);

}  // namespace haetae::protocols::coap
