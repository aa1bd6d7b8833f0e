#include "harness/net/flow.hpp"

#include <poll.h>

#include <cerrno>

#include <fmt/format.h>

#include "harness/net/conn.hpp"
#include "harness/net/socket.hpp"

namespace haetae::net {
namespace {

class UdpFlow final : public Flow {
 public:
  UdpFlow(Fd socket, Scope scope, Recorder& recorder, EvidenceId evidence, Clock& clock)
      : socket_(std::move(socket)),
        scope_(std::move(scope)),
        recorder_(recorder),
        evidence_(evidence),
        clock_(clock) {}

  Result<void> send(const Endpoint& to, ByteView payload) override {
    if (!scope_.contains(to.address))
      return fail(ErrorKind::out_of_scope,
                  fmt::format("{} is outside the authorised scope; nothing was sent", to.text()));
    const SocketAddress address = socket_address(to);
    const ssize_t sent = sendto(socket_.get(), payload.data(), payload.size(), MSG_NOSIGNAL,
                                address.get(), address.size);
    if (sent < 0) return error_of(errno, fmt::format("sending to {}", to.text()));
    recorder_.append(evidence_, Direction::sent, payload);
    return {};
  }

  Result<Datagram> receive(SteadyTime deadline) override {
    Bytes buffer(65536);
    while (true) {
      // Looked at first, so that a crowd of strangers cannot outlast it.
      if (clock_.now() >= deadline) return fail(ErrorKind::timed_out, "no datagram in time");
      SocketAddress from;
      const ssize_t got =
          recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, from.get(), &from.size);
      if (got >= 0) {
        const Endpoint sender = endpoint_of(from);
        if (!scope_.contains(sender.address)) continue;
        buffer.resize(static_cast<std::size_t>(got));
        recorder_.append(evidence_, Direction::received, buffer);
        return Datagram{.from = sender, .bytes = std::move(buffer)};
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return error_of(errno, "waiting for a datagram");
      if (auto ready = wait_for(socket_.get(), POLLIN, deadline, clock_); !ready)
        return tl::unexpected(ready.error());
    }
  }

  [[nodiscard]] EvidenceId evidence() const override { return evidence_; }
  [[nodiscard]] SteadyTime now() const override { return clock_.now(); }

 private:
  Fd socket_;
  Scope scope_;
  Recorder& recorder_;
  EvidenceId evidence_;
  Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<Flow>> open_flow(const Door& door, const Address& to, Recorder& recorder,
                                        std::string_view subject, std::string_view label,
                                        Clock& clock) {
  if (!door.scope().contains(to))
    return fail(ErrorKind::out_of_scope,
                fmt::format("{} is outside the authorised scope; nothing was sent", to.text()));
  Fd socket(::socket(family_of(to), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return error_of(errno, "opening a UDP socket");
  return std::make_unique<UdpFlow>(std::move(socket), door.scope(), recorder,
                                   recorder.transcript(subject, label), clock);
}

}  // namespace haetae::net
