#include "harness/net/mailbox.hpp"

#include <netinet/in.h>
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

class UdpMailbox final : public Mailbox {
 public:
  UdpMailbox(Fd socket, Scope scope, Recorder& recorder, EvidenceId evidence, Clock& clock)
      : socket_(std::move(socket)),
        scope_(std::move(scope)),
        recorder_(recorder),
        evidence_(evidence),
        clock_(clock),
        buffer_(65'536) {}

  Result<Datagram> receive(SteadyTime deadline, std::stop_token stop) override;
  Result<void> answer(const Endpoint& to, ByteView bytes) override;
  [[nodiscard]] Endpoint endpoint() const override { return local_endpoint(socket_.get()); }
  [[nodiscard]] std::uint64_t strangers() const override { return strangers_; }
  [[nodiscard]] EvidenceId evidence() const override { return evidence_; }

 private:
  Fd socket_;
  Scope scope_;
  Recorder& recorder_;
  EvidenceId evidence_;
  Clock& clock_;
  Bytes buffer_;
  std::uint64_t strangers_ = 0;
};

Result<Datagram> UdpMailbox::receive(SteadyTime deadline, std::stop_token stop) {
  while (true) {
    // Looked at first, so that a crowd of strangers cannot outlast it.
    if (stop.stop_requested()) return fail(ErrorKind::stopped, "waiting for a datagram: stopped");
    SocketAddress from;
    const ssize_t got =
        recvfrom(socket_.get(), buffer_.data(), buffer_.size(), 0, from.get(), &from.size);
    if (got >= 0) {
      const Endpoint who = endpoint_of(from);
      if (!scope_.contains(who.address)) {
        ++strangers_;
        if (clock_.now() >= deadline)
          return fail(ErrorKind::timed_out, "no datagram of the device came in time");
        continue;
      }
      const auto bytes = ByteView(buffer_).first(static_cast<std::size_t>(got));
      recorder_.append(evidence_, Direction::event,
                       as_bytes(fmt::format("datagram from {}", who.text())));
      recorder_.append(evidence_, Direction::received, bytes);
      return Datagram{.from = who, .bytes = Bytes(bytes.begin(), bytes.end())};
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR && errno != ECONNREFUSED)
      return error_of(errno, "waiting for a datagram");
    if (clock_.now() >= deadline)
      return fail(ErrorKind::timed_out,
                  fmt::format("no datagram came to {} in time", endpoint().text()));
    const auto until = std::min(deadline, clock_.now() + kLook);
    const auto ready = wait_for(socket_.get(), POLLIN, until, clock_);
    if (!ready && ready.error().kind != ErrorKind::timed_out) return tl::unexpected(ready.error());
  }
}

Result<void> UdpMailbox::answer(const Endpoint& to, ByteView bytes) {
  if (!scope_.contains(to.address))
    return fail(ErrorKind::out_of_scope, to.text() + " is outside the declared scope");
  const SocketAddress address = socket_address(to);
  if (sendto(socket_.get(), bytes.data(), bytes.size(), 0, address.get(), address.size) < 0)
    return error_of(errno, fmt::format("answering {}", to.text()));
  recorder_.append(evidence_, Direction::event, as_bytes(fmt::format("answer to {}", to.text())));
  recorder_.append(evidence_, Direction::sent, bytes);
  return {};
}

}  // namespace

Result<std::unique_ptr<Mailbox>> Door::hear(const Endpoint& at, Recorder& recorder,
                                            std::string_view subject, std::string_view label) {
  if (auto inside = state_->check(at.address); !inside) return tl::unexpected(inside.error());
  const std::string what = fmt::format("hearing at {}", at.text());
  Fd socket(::socket(family_of(at.address), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return error_of(errno, what);
  const int one = 1;
  if (at.address.v6) setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  const SocketAddress address = socket_address(at);
  if (::bind(socket.get(), address.get(), address.size) != 0) return error_of(errno, what);
  return std::make_unique<UdpMailbox>(std::move(socket), state_->scope, recorder,
                                      recorder.transcript(subject, label), state_->clock);
}

}  // namespace haetae::net
