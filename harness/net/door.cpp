#include "harness/net/door.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/net/conn.hpp"
#include "harness/net/socket.hpp"
#include "harness/net/state.hpp"

namespace haetae::net {

Result<void> Door::State::check(const Address& address) const {
  if (scope.contains(address)) return {};
  return fail(ErrorKind::out_of_scope,
              fmt::format("{} is outside the authorised scope; nothing was sent", address.text()));
}

Door::Door(Scope scope, Limits limits, Clock& clock)
    : state_(std::make_unique<State>(State{.scope = std::move(scope),
                                           .limits = limits,
                                           .clock = clock,
                                           .gate = std::make_shared<Gate>(limits, clock)})) {}

Door::~Door() = default;

Result<std::unique_ptr<Conn>> Door::connect(const Endpoint& to, Recorder& recorder,
                                            std::string_view subject, std::string_view label,
                                            SteadyTime deadline) {
  if (auto inside = state_->check(to.address); !inside) return tl::unexpected(inside.error());
  if (auto entered = state_->gate->enter(deadline); !entered) {
    return tl::unexpected(entered.error());
  }
  const SteadyTime until = std::min(deadline, state_->clock.now() + state_->limits.connect_wait);
  return open_stream(to, recorder, subject, label, until, state_->gate, state_->clock);
}

Stress Door::stress() const { return state_->gate->stress(); }

const Scope& Door::scope() const { return state_->scope; }

bool Door::on_link() const {
  return link_of(state_->scope, false).has_value() || link_of(state_->scope, true).has_value();
}

}  // namespace haetae::net
