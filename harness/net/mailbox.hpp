#pragma once

#include "harness/net/door.hpp"

/// A datagram port of ours, for devices that send without being asked: syslog, or time requests.
namespace haetae::net {

/// Mailbox is had from Door::hear() and closed when it is destroyed. Not safe for concurrent use by
/// two threads.
class Mailbox {
 public:
  virtual ~Mailbox() = default;

  /// receive() waits until `deadline` for a datagram from inside the scope; others are dropped and
  /// counted. ErrorKind::timed_out if none came, ErrorKind::stopped if asked to.
  [[nodiscard]] virtual Result<Datagram> receive(SteadyTime deadline,
                                                 std::stop_token stop = {}) = 0;
  /// answer() sends to a peer inside the scope, from this port.
  [[nodiscard]] virtual Result<void> answer(const Endpoint& to, ByteView bytes) = 0;
  /// endpoint() is where it hears; the port is the kernel's choice where 0 was asked for.
  [[nodiscard]] virtual Endpoint endpoint() const = 0;
  /// strangers() counts datagrams from outside the scope.
  [[nodiscard]] virtual std::uint64_t strangers() const = 0;
  /// evidence() is the transcript of everything that was heard and answered.
  [[nodiscard]] virtual EvidenceId evidence() const = 0;
};

}  // namespace haetae::net
