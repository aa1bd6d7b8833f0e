#include "harness/net/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "harness/net/conn.hpp"
#include "harness/net/socket.hpp"
#include "harness/net/state.hpp"

namespace haetae::net {
namespace {

constexpr Duration kLook = 50ms;  // how soon a stop is seen
constexpr int kBacklog = 16;

class TcpListener final : public Listener {
 public:
  TcpListener(Fd socket, Scope scope, Recorder& recorder, std::string subject,
              std::shared_ptr<Gate> gate, Clock& clock)
      : socket_(std::move(socket)),
        scope_(std::move(scope)),
        recorder_(recorder),
        subject_(std::move(subject)),
        gate_(std::move(gate)),
        clock_(clock) {}

  Result<std::unique_ptr<Conn>> accept(std::string_view label, SteadyTime deadline,
                                       std::stop_token stop) override;
  [[nodiscard]] Endpoint endpoint() const override { return local_endpoint(socket_.get()); }
  [[nodiscard]] std::uint64_t strangers() const override { return strangers_; }

 private:
  void turn_away(Fd peer);

  Fd socket_;
  Scope scope_;
  Recorder& recorder_;
  std::string subject_;
  std::shared_ptr<Gate> gate_;
  Clock& clock_;
  std::uint64_t strangers_ = 0;
};

void TcpListener::turn_away(Fd peer) {
  const linger hard{1, 0};
  setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ++strangers_;
}

Result<std::unique_ptr<Conn>> TcpListener::accept(std::string_view label, SteadyTime deadline,
                                                  std::stop_token stop) {
  while (true) {
    // Looked at first, so that a crowd of strangers cannot outlast it.
    if (stop.stop_requested()) return fail(ErrorKind::stopped, "waiting for the device: stopped");
    if (clock_.now() >= deadline)
      return fail(ErrorKind::timed_out,
                  fmt::format("nobody connected to {} in time", endpoint().text()));
    SocketAddress from;
    Fd peer(::accept4(socket_.get(), from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!peer) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return error_of(errno, "waiting for the device");
      const auto until = std::min(deadline, clock_.now() + kLook);
      const auto ready = wait_for(socket_.get(), POLLIN, until, clock_);
      if (!ready && ready.error().kind != ErrorKind::timed_out)
        return tl::unexpected(ready.error());
      continue;
    }
    const Endpoint who = endpoint_of(from);
    if (!scope_.contains(who.address)) {
      turn_away(std::move(peer));
      continue;
    }
    // The device's connections to us count as ours to it.
    if (!gate_->enter(clock_.now())) {
      turn_away(std::move(peer));
      continue;
    }
    const int one = 1;
    setsockopt(peer.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return adopt_stream(std::move(peer),
                        fmt::format("{} connected to {}", who.text(), endpoint().text()), recorder_,
                        subject_, label, gate_, clock_);
  }
}

}  // namespace

Result<std::unique_ptr<Listener>> Door::listen(const Endpoint& at, Recorder& recorder,
                                               std::string_view subject) {
  if (auto inside = state_->check(at.address); !inside) return tl::unexpected(inside.error());
  const std::string what = fmt::format("listening at {}", at.text());
  Fd socket(::socket(family_of(at.address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return error_of(errno, what);
  const int one = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (at.address.v6) setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  const SocketAddress address = socket_address(at);
  if (::bind(socket.get(), address.get(), address.size) != 0 ||
      ::listen(socket.get(), kBacklog) != 0)
    return error_of(errno, what);
  return std::make_unique<TcpListener>(std::move(socket), state_->scope, recorder,
                                       std::string(subject), state_->gate, state_->clock);
}

}  // namespace haetae::net
