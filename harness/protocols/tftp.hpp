#pragma once

#include <string>
#include <string_view>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// TFTP (RFC 1350): a read request of a name that cannot exist brings an error packet. It comes
/// from a port of its own (the transfer identifier of the server).
namespace haetae::protocols::tftp {

[[nodiscard]] Bytes read_request(std::string_view name);

struct Answer {
  int opcode = 0;  ///< 3 data, 5 error, 6 option acknowledgement
  int error = 0;
  std::string text{};  ///< printable
};
[[nodiscard]] Result<Answer> decode(ByteView datagram);

}  // namespace haetae::protocols::tftp
