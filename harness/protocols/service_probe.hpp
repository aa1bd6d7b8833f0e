#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "harness/net/door.hpp"

/// What speaks on a TCP port: questions that make a service talk, and how its first bytes tell what
/// it is. Works on a plain stream and inside TLS alike.
namespace haetae::protocols {

/// ServiceSeen is what a service told of itself.
struct ServiceSeen {
  std::string protocol{};  ///< word of the fact table `service`; empty if the bytes are not known
  std::string product{}, version{};  ///< as it tells, empty if it does not
  std::string banner{};              ///< first text, printable
};

/// question() is what a client of `protocol` sends first; empty for protocols in which the server
/// speaks first or that we cannot ask. `tag` (at least 4 random bytes) marks questions whose
/// answers repeat an identifier.
[[nodiscard]] Bytes question(std::string_view protocol, const Endpoint& to, ByteView tag);

/// recognise() tells by the first bytes of a service what it is; `asked` is the protocol of the
/// question that they answer (empty: none was sent) with its `tag`. Binary answers only count for
/// the question that they fit.
[[nodiscard]] ServiceSeen recognise(ByteView bytes, std::string_view asked, ByteView tag);

/// name_and_version() finds the first "Name 1.2" or "Name/1.2" or "Name_1.2" of a banner.
[[nodiscard]] ServiceSeen name_and_version(std::string_view text);

/// candidates() are the protocols to ask on a port, most likely first; `expected` comes before all.
[[nodiscard]] std::vector<std::string> candidates(std::uint16_t port, std::string_view expected);

/// Heard is what came back on one stream.
struct Heard {
  Bytes bytes{};        ///< at most 8 KiB
  bool closed = false;  ///< the peer ended or reset the stream
};

/// hear() reads until `quiet` passed without a byte after the first ones, the peer ended, or the
/// deadline: for a banner, or for the answer to a question.
[[nodiscard]] Heard hear(net::Conn& conn, Clock& clock, Duration quiet, SteadyTime deadline);

}  // namespace haetae::protocols
