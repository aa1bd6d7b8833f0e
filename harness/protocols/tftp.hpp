#pragma once

#include <string>
#include <string_view>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"
#include "harness/net/flow.hpp"

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

[[nodiscard]] Bytes write_request(std::string_view name);

/// PutResult is what came of a written file.
struct PutResult {
  bool whole = false;    ///< every block was acknowledged
  bool refused = false;  ///< the server sent an error packet
  std::string text{};    ///< its words, printable
  std::size_t sent = 0;  ///< bytes of the file that were acknowledged
};

/// put() writes a file in blocks of 512 bytes, each sent up to five times. It ends before
/// `deadline` and, without a word, behind the block in which `most` bytes are reached. Block
/// numbers begin again at 0 after 65535, as servers of today expect.
[[nodiscard]] Result<PutResult> put(net::Flow& flow, const Endpoint& server, std::string_view name,
                                    ByteView file, SteadyTime deadline,
                                    std::size_t most = static_cast<std::size_t>(-1));

}  // namespace haetae::protocols::tftp
