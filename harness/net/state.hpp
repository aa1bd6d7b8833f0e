#pragma once

#include <memory>

#include "harness/net/door.hpp"
#include "harness/net/gate.hpp"

namespace haetae::net {

/// What the parts of the door share; the gate outlives it in the streams that are still open.
struct Door::State {
  Scope scope;
  Limits limits;
  Clock& clock;
  std::shared_ptr<Gate> gate;

  /// check() is ErrorKind::out_of_scope for an address that the authorisation does not cover.
  [[nodiscard]] Result<void> check(const Address& address) const;
};

}  // namespace haetae::net
