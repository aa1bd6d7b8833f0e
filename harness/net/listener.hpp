#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/net/door.hpp"

namespace haetae::net {

/// Listener is a TCP port of ours that the device may connect to. It is had from Door::listen() and
/// closed when it is destroyed. Not safe for concurrent use by two threads.
class Listener {
 public:
  virtual ~Listener() = default;

  /// accept() waits until `deadline` for a peer inside the scope; whoever else connects is reset
  /// unheard and counted. The conversation is written to the door's recorder under `label`.
  /// ErrorKind::timed_out if nobody came, ErrorKind::stopped if asked to.
  [[nodiscard]] virtual Result<std::unique_ptr<Conn>> accept(std::string_view label,
                                                             SteadyTime deadline,
                                                             std::stop_token stop = {}) = 0;
  /// endpoint() is where it listens; the port is the kernel's choice where 0 was asked for.
  [[nodiscard]] virtual Endpoint endpoint() const = 0;
  /// strangers() counts peers from outside the scope, and those beyond the limit of connections.
  [[nodiscard]] virtual std::uint64_t strangers() const = 0;
};

}  // namespace haetae::net
