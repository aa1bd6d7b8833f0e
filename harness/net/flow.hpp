#pragma once

#include "harness/net/door.hpp"

namespace haetae::net {

/// Flow is a UDP socket of ours for a conversation in which both sides speak more than once and the
/// other's port may change. It is had from open_flow(). Not safe for concurrent use.
class Flow {
 public:
  virtual ~Flow() = default;
  /// send() sends one datagram; ErrorKind::out_of_scope for a stranger.
  [[nodiscard]] virtual Result<void> send(const Endpoint& to, ByteView payload) = 0;
  /// receive() waits for a datagram from inside the scope; whoever else sends is not heard.
  [[nodiscard]] virtual Result<Datagram> receive(SteadyTime deadline) = 0;
  [[nodiscard]] virtual EvidenceId evidence() const = 0;
  [[nodiscard]] virtual SteadyTime now() const = 0;
};

/// open_flow() opens such a socket for a conversation with a device inside the scope of the door.
/// `recorder` and `clock` must outlive it.
[[nodiscard]] Result<std::unique_ptr<Flow>> open_flow(const Door& door, const Address& to,
                                                      Recorder& recorder, std::string_view subject,
                                                      std::string_view label, Clock& clock);

}  // namespace haetae::net
