#pragma once

#include <cstdint>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// IKEv2 (RFC 7296) and IKEv1 (RFC 2408): the first message, and whether an answer belongs to it.
namespace haetae::protocols::ike {

/// sa_init() is an IKE_SA_INIT with one usual proposal (AES-CBC-128, SHA-256, group 14).
[[nodiscard]] Bytes sa_init(std::uint64_t initiator);
/// main_mode() is the first message of IKEv1 main mode (AES-CBC-128 and 3DES, SHA-1, group 2, PSK).
[[nodiscard]] Bytes main_mode(std::uint64_t initiator);

struct Answer {
  int major = 0;     ///< 1 or 2
  int exchange = 0;  ///< 34 IKE_SA_INIT, 2 main mode, 5 informational
  std::uint64_t initiator = 0, responder = 0;
};
/// decode() reads the header of an answer; a message of the initiator's own form (an echo of what
/// we sent) is a protocol error.
[[nodiscard]] Result<Answer> decode(ByteView datagram);

}  // namespace haetae::protocols::ike
