#include "harness/net/conn.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include <fmt/format.h>

namespace haetae::net {
namespace {

class TcpConn final : public Conn {
 public:
  TcpConn(Fd socket, Recorder& recorder, EvidenceId evidence, std::shared_ptr<Gate> gate,
          Clock& clock)
      : socket_(std::move(socket)),
        recorder_(recorder),
        evidence_(evidence),
        gate_(std::move(gate)),
        clock_(clock) {}
  TcpConn(const TcpConn&) = delete;
  TcpConn& operator=(const TcpConn&) = delete;
  ~TcpConn() override { TcpConn::close(); }

  Result<std::size_t> read_some(std::span<std::uint8_t> into, SteadyTime deadline) override;
  Result<void> write(ByteView bytes, SteadyTime deadline) override;
  void close() override;
  [[nodiscard]] EvidenceId evidence() const override { return evidence_; }
  void note(Direction direction, ByteView bytes) override {
    recorder_.append(evidence_, direction, bytes);
  }
  [[nodiscard]] int descriptor() const override { return socket_.get(); }
  [[nodiscard]] SteadyTime now() const override { return clock_.now(); }

 private:
  Result<std::size_t> receive(std::span<std::uint8_t> into, SteadyTime deadline);
  tl::unexpected<Error> broken(int code, std::string_view what);
  void event(std::string_view text) { note(Direction::event, as_bytes(text)); }

  Fd socket_;
  Recorder& recorder_;
  EvidenceId evidence_;
  std::shared_ptr<Gate> gate_;
  Clock& clock_;
  // Small reads are served from here, so that a loop over single bytes costs neither a system call
  // nor a transcript entry a byte.
  std::array<std::uint8_t, 4096> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
  bool reset_ = false;
};

tl::unexpected<Error> TcpConn::broken(int code, std::string_view what) {
  auto error = error_of(code, what);
  if (error.value().kind == ErrorKind::closed && !reset_) {
    reset_ = true;
    gate_->reset_by_peer();
    event("reset by the peer");
  }
  return error;
}

Result<std::size_t> TcpConn::receive(std::span<std::uint8_t> into, SteadyTime deadline) {
  for (;;) {
    // Looked at first, so that a peer that never stops sending cannot outlast it.
    if (clock_.now() >= deadline) return fail(ErrorKind::timed_out, "no answer in time");
    const ssize_t got = recv(socket_.get(), into.data(), into.size(), 0);
    if (got > 0) {
      note(Direction::received, into.first(static_cast<std::size_t>(got)));
      return static_cast<std::size_t>(got);
    }
    if (got == 0) {
      if (!std::exchange(ended_, true)) event("ended by the peer");
      return 0;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return broken(errno, "reading");
    if (auto ready = wait_for(socket_.get(), POLLIN, deadline, clock_); !ready) {
      return tl::unexpected(ready.error());
    }
  }
}

Result<std::size_t> TcpConn::read_some(std::span<std::uint8_t> into, SteadyTime deadline) {
  if (into.empty()) return fail(ErrorKind::internal, "a read into no space");
  if (begin_ == end_) {
    if (!socket_) return fail(ErrorKind::closed, "reading: already closed by the harness");
    if (into.size() >= buffer_.size()) return receive(into, deadline);
    const auto got = receive(buffer_, deadline);
    if (!got || *got == 0) return got;
    begin_ = 0;
    end_ = *got;
  }
  const std::size_t count = std::min(into.size(), end_ - begin_);
  std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), count, into.begin());
  begin_ += count;
  return count;
}

Result<void> TcpConn::write(ByteView bytes, SteadyTime deadline) {
  if (!socket_) return fail(ErrorKind::closed, "writing: already closed by the harness");
  while (!bytes.empty()) {
    if (clock_.now() >= deadline) return fail(ErrorKind::timed_out, "the peer takes no bytes");
    const ssize_t sent = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      note(Direction::sent, bytes.first(static_cast<std::size_t>(sent)));
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return broken(errno, "writing");
    if (auto ready = wait_for(socket_.get(), POLLOUT, deadline, clock_); !ready) return ready;
  }
  return {};
}

void TcpConn::close() {
  if (!socket_) return;
  event("closed by the harness");
  socket_.reset();
  gate_->leave();
}

std::string milliseconds(Duration duration) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(duration).count());
}

// finish_connect() is 0 when the handshake is done, otherwise an errno value.
int finish_connect(int descriptor, SteadyTime deadline, const Clock& clock) {
  if (auto ready = wait_for(descriptor, POLLOUT, deadline, clock); !ready) {
    return ready.error().kind == ErrorKind::timed_out ? ETIMEDOUT : EIO;
  }
  int code = 0;
  socklen_t size = sizeof code;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0) return errno;
  // On the own machine a connect() to a free port of the ephemeral range can meet itself.
  SocketAddress peer;
  if (code == 0 && getpeername(descriptor, peer.get(), &peer.size) == 0 &&
      endpoint_of(peer) == local_endpoint(descriptor)) {
    return ECONNREFUSED;
  }
  return code;
}

void tell(Gate& gate, int code, Duration took) {
  switch (code) {
    case 0: gate.answered(took, ErrorKind::internal); break;
    case ECONNREFUSED: gate.answered(took, ErrorKind::refused); break;
    case ECONNRESET:
      gate.answered(took, ErrorKind::closed);
      gate.reset_by_peer();
      break;
    case ETIMEDOUT: gate.unanswered(); break;
    default: gate.unreachable(); break;
  }
}

}  // namespace

Result<void> wait_for(int descriptor, short events, SteadyTime deadline, const Clock& clock) {
  for (;;) {
    const Duration left = deadline - clock.now();
    if (left <= Duration::zero()) return fail(ErrorKind::timed_out, "no answer in time");
    pollfd entry{.fd = descriptor, .events = events, .revents = 0};
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    const int ready = poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(wait, INT_MAX)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return error_of(errno, "waiting");
  }
}

Result<std::unique_ptr<Conn>> open_stream(const Endpoint& to, Recorder& recorder,
                                          std::string_view subject, std::string_view label,
                                          SteadyTime deadline, std::shared_ptr<Gate> gate,
                                          Clock& clock) {
  const std::string what = fmt::format("connecting to {}", to.text());
  const auto give_up = [&](int code) {
    gate->leave();
    return error_of(code, what);
  };
  Fd socket(::socket(family_of(to.address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return give_up(errno);
  const int one = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const SocketAddress address = socket_address(to);
  const SteadyTime start = clock.now();
  int code = connect(socket.get(), address.get(), address.size) == 0 ? 0 : errno;
  if (code == 0 || code == EINPROGRESS || code == EINTR) {
    code = finish_connect(socket.get(), deadline, clock);
  }
  const Duration took = clock.now() - start;
  tell(*gate, code, took);
  const EvidenceId evidence = recorder.transcript(subject, label);
  if (code != 0) {
    auto error = give_up(code);
    recorder.append(evidence, Direction::event,
                    as_bytes(fmt::format("{} after {}", error.value().text, milliseconds(took))));
    return error;
  }
  auto stream =
      std::make_unique<TcpConn>(std::move(socket), recorder, evidence, std::move(gate), clock);
  const std::string text =
      fmt::format("connected to {} from {} in {}", to.text(),
                  local_endpoint(stream->descriptor()).text(), milliseconds(took));
  stream->note(Direction::event, as_bytes(text));
  return stream;
}

std::unique_ptr<Conn> adopt_stream(Fd socket, std::string_view event, Recorder& recorder,
                                   std::string_view subject, std::string_view label,
                                   std::shared_ptr<Gate> gate, Clock& clock) {
  const EvidenceId evidence = recorder.transcript(subject, label);
  auto stream =
      std::make_unique<TcpConn>(std::move(socket), recorder, evidence, std::move(gate), clock);
  stream->note(Direction::event, as_bytes(event));
  return stream;
}

Result<Bytes> read_exactly(Conn& conn, std::size_t count, SteadyTime deadline) {
  Bytes out;
  while (out.size() < count) {
    // Grown as bytes come: a length that the peer made up must not reserve memory.
    const std::size_t old = out.size();
    out.resize(old + std::min<std::size_t>(count - old, 65536));
    const auto got = conn.read_some(std::span(out).subspan(old), deadline);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) {
      return fail(ErrorKind::closed,
                  fmt::format("the peer ended after {} of {} bytes", old, count));
    }
    out.resize(old + *got);
  }
  return out;
}

Result<std::string> read_until(Conn& conn, std::string_view end, std::size_t limit,
                               SteadyTime deadline) {
  std::string out;
  while (!std::string_view(out).ends_with(end)) {
    if (out.size() >= limit) {
      return fail(ErrorKind::protocol, fmt::format("no end of line within {} bytes", limit));
    }
    std::uint8_t byte = 0;
    const auto got = conn.read_some({&byte, 1}, deadline);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) {
      return fail(ErrorKind::closed, fmt::format("the peer ended after {} bytes", out.size()));
    }
    out.push_back(static_cast<char>(byte));
  }
  return out;
}

Bytes read_all(Conn& conn, std::size_t limit, Duration quiet, SteadyTime deadline) {
  Bytes out;
  while (out.size() < limit) {
    const std::size_t old = out.size();
    out.resize(old + std::min<std::size_t>(limit - old, 65536));
    const auto got =
        conn.read_some(std::span(out).subspan(old), std::min(deadline, conn.now() + quiet));
    out.resize(old + (got ? *got : 0));
    if (!got || *got == 0) break;
  }
  return out;
}

}  // namespace haetae::net
