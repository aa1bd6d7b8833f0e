#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
// clang-format off: errqueue.h needs timespec
#include <linux/errqueue.h>
// clang-format on

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <system_error>

#include "harness/net/socket.hpp"
#include "harness/net/sweep.hpp"

namespace haetae::net {
namespace {

constexpr int kSpareDescriptors = 64;
constexpr int kMostShortages = 200;
constexpr std::size_t kFewPorts = 4096;

// descriptors_for() raises the soft limit as far as it goes and says how many sockets fit.
std::size_t descriptors_for(int window) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  const rlim_t wanted = static_cast<rlim_t>(window) + kSpareDescriptors;
  if (limit.rlim_cur < wanted) {
    rlimit raised = limit;
    raised.rlim_cur = std::min(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  const auto room = static_cast<std::size_t>(
      limit.rlim_cur > 2 * kSpareDescriptors ? limit.rlim_cur - kSpareDescriptors : 16);
  return std::clamp<std::size_t>(room, 1, static_cast<std::size_t>(std::max(window, 1)));
}

struct Slot {
  Fd socket;
  std::uint16_t port = 0;
  bool busy = false;
  std::uint64_t turn = 0;
  SteadyTime started;
};

struct Waiting {
  std::size_t slot;
  std::uint64_t turn;
};

// ConnectSweep keeps a fixed set of sockets. A refused socket is used again for the next port:
// connect() both starts an attempt and, called again, tells its outcome.
class ConnectSweep {
 public:
  explicit ConnectSweep(SweepJob& job)
      : job_(job),
        target_(socket_address({job.address, 0})),
        quoting_(!is_loopback(job.address)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        slots_(descriptors_for(job.options.window)) {
    for (std::size_t at = slots_.size(); at > 0; --at) free_.push_back(at - 1);
  }

  Result<void> run();
  void confirm();

 private:
  void pass(std::vector<std::uint16_t> ports, int number, Duration patience);
  bool start(std::uint16_t port);
  bool equip(std::size_t index);
  void outcome(std::size_t index, int code);
  void settle(std::size_t index, PortBook::State state);
  void release(std::size_t index, bool reusable);
  void expire(SteadyTime seen_to, Duration patience);
  void look(Duration wait);
  void conclude(std::size_t index);
  [[nodiscard]] bool refused_by_icmp(int descriptor) const;
  [[nodiscard]] bool met_itself(const Slot& slot) const;
  void aim(std::uint16_t port);

  SweepJob& job_;
  SocketAddress target_;
  const bool quoting_;
  Fd epoll_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
  std::deque<Waiting> waiting_;
  std::size_t busy_ = 0;
  int shortages_ = 0;
  int shortage_ = 0;
};

void ConnectSweep::aim(std::uint16_t port) {
  // Both families keep the port in the same place (RFC 3493, 3.3).
  reinterpret_cast<sockaddr_in*>(target_.get())->sin_port = htons(port);
}

bool ConnectSweep::equip(std::size_t index) {
  Slot& slot = slots_[index];
  if (slot.socket) return true;
  Fd fd(::socket(family_of(job_.address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  const linger reset{.l_onoff = 1, .l_linger = 0};  // leaves no TIME_WAIT behind
  setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (quoting_) {
    const int one = 1;
    setsockopt(fd.get(), job_.address.v6 ? IPPROTO_IPV6 : IPPROTO_IP,
               job_.address.v6 ? IPV6_RECVERR : IP_RECVERR, &one, sizeof one);
  }
  epoll_event event{.events = EPOLLOUT | EPOLLET, .data = {.u64 = index}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) return false;
  slot.socket = std::move(fd);
  return true;
}

// start() is false if our own system had no room for the attempt.
bool ConnectSweep::start(std::uint16_t port) {
  const std::size_t index = free_.back();
  if (!equip(index)) {
    shortage_ = errno;
    return false;
  }
  Slot& slot = slots_[index];
  aim(port);
  slot.port = port;
  slot.started = job_.clock.now();
  const int code = connect(slot.socket.get(), target_.get(), target_.size) == 0 ? 0 : errno;
  if (code == EADDRNOTAVAIL || code == EAGAIN || code == ENOBUFS || code == ENOMEM) {
    slot.socket.reset();
    shortage_ = code;
    return false;
  }
  free_.pop_back();
  slot.busy = true;
  ++slot.turn;
  ++busy_;
  if (code == EINPROGRESS || code == EINTR) {
    waiting_.push_back({index, slot.turn});
  } else {
    outcome(index, code);
  }
  return true;
}

bool ConnectSweep::refused_by_icmp(int descriptor) const {
  std::array<std::uint8_t, 128> payload{};
  alignas(cmsghdr) std::array<char, 512> control{};
  iovec part{.iov_base = payload.data(), .iov_len = payload.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (recvmsg(descriptor, &message, MSG_ERRQUEUE) < 0) return false;
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_type != IP_RECVERR && at->cmsg_type != IPV6_RECVERR) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(at), sizeof error);
    return error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
  }
  return false;
}

bool ConnectSweep::met_itself(const Slot& slot) const {
  return local_endpoint(slot.socket.get()) == Endpoint{job_.address, slot.port};
}

void ConnectSweep::outcome(std::size_t index, int code) {
  const Slot& slot = slots_[index];
  switch (code) {
    case 0:
    case EISCONN:
      settle(index, met_itself(slot) ? PortBook::State::closed : PortBook::State::open);
      return release(index, false);
    case ECONNREFUSED:
      settle(index, quoting_ && refused_by_icmp(slot.socket.get()) ? PortBook::State::filtered
                                                                   : PortBook::State::closed);
      return release(index, true);
    case ECONNRESET:
      // It answered the handshake and took it back at once: somebody listens there.
      settle(index, PortBook::State::open);
      return release(index, false);
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EACCES:
    case ENOPROTOOPT:
    case EPROTO:
      if (refused_by_icmp(slot.socket.get())) {
        settle(index, PortBook::State::filtered);
        return release(index, false);
      }
      [[fallthrough]];
    default:
      // Not a word from the device: unanswered, and what our system said is kept.
      if (code != ETIMEDOUT) job_.result.why = std::generic_category().message(code);
      if (code != ETIMEDOUT && code != EHOSTUNREACH && code != ECONNABORTED) {
        job_.book.settle(slot.port, PortBook::State::failed);
      }
      job_.pace.lost();
      return release(index, false);
  }
}

void ConnectSweep::settle(std::size_t index, PortBook::State state) {
  job_.answer(slots_[index].port, state, job_.clock.now() - slots_[index].started);
}

void ConnectSweep::release(std::size_t index, bool reusable) {
  Slot& slot = slots_[index];
  if (!reusable) slot.socket.reset();
  slot.busy = false;
  --busy_;
  free_.push_back(index);
}

void ConnectSweep::expire(SteadyTime seen_to, Duration patience) {
  while (!waiting_.empty()) {
    const Waiting& first = waiting_.front();
    const Slot& slot = slots_[first.slot];
    if (slot.busy && slot.turn == first.turn) {
      if (seen_to - slot.started < patience) return;
      job_.pace.lost();
      release(first.slot, false);
    }
    waiting_.pop_front();
  }
}

void ConnectSweep::look(Duration wait) {
  std::array<epoll_event, 512> events{};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  int timeout = static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 50));
  for (std::size_t turn = 0; turn <= slots_.size() / events.size(); ++turn) {
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
    for (int at = 0; at < count; ++at) conclude(events[static_cast<std::size_t>(at)].data.u64);
    if (count < static_cast<int>(events.size())) return;
    timeout = 0;
  }
}

void ConnectSweep::conclude(std::size_t index) {
  Slot& slot = slots_[index];
  if (!slot.busy) return;
  aim(slot.port);
  const int code = connect(slot.socket.get(), target_.get(), target_.size) == 0 ? 0 : errno;
  // The edge of an earlier attempt of this socket.
  if (code == EALREADY || code == EINPROGRESS || code == EINTR) return;
  outcome(index, code);
}

void ConnectSweep::pass(std::vector<std::uint16_t> ports, int number, Duration patience) {
  while ((!ports.empty() || busy_ > 0) && !job_.stopped()) {
    bool short_of_room = false;
    for (std::size_t left = job_.pace.allowance();
         left > 0 && !free_.empty() && !ports.empty() && !short_of_room; --left) {
      if (job_.book.at(ports.back()) == PortBook::State::unknown) {
        short_of_room = !start(ports.back());
        if (short_of_room) break;
        job_.pace.sent(1);
        job_.asked(1, number);
      }
      ports.pop_back();
    }
    if (short_of_room && ++shortages_ > kMostShortages) {
      job_.result.why = std::generic_category().message(shortage_);
      for (const std::uint16_t port : ports) job_.book.settle(port, PortBook::State::failed);
      return;
    }
    Duration wait = 10ms;
    if (!ports.empty() && !free_.empty() && !short_of_room) wait = job_.pace.next();
    // What had come by now is seen before anything is given up, however late we were woken.
    const SteadyTime before = job_.clock.now();
    look(wait);
    expire(before, job_.pace.patience(patience, job_.options.wait));
    job_.report();
  }
}

// Two of our own sockets can meet on the own machine where each is asking for the other's port.
// Asked again one by one, that cannot happen.
void ConnectSweep::confirm() {
  if (!is_loopback(job_.address)) return;
  for (const std::uint16_t port : job_.book.with(PortBook::State::open)) {
    if (port < 1024 || job_.stopped()) continue;
    job_.book.reopen(port);
    pass({port}, 1, job_.options.wait);
    // No answer to the repeat: what was seen once stands.
    job_.book.settle(port, PortBook::State::open);
  }
}

Result<void> ConnectSweep::run() {
  if (!epoll_) return error_of(errno, "the sweep's poll set");
  std::size_t brought = 0;
  int number = 0;
  do {
    const std::size_t before = job_.book.answered();
    auto ports = job_.book.remaining();
    if (ports.empty()) break;
    const bool last = number >= job_.options.passes;
    // The last look at a port is the longest, unless there are too many silent ones for that.
    const Duration least = !last ? 100ms : ports.size() <= kFewPorts ? job_.options.wait : 250ms;
    pass(std::move(ports), number, std::min<Duration>(least, job_.options.wait));
    brought = job_.book.answered() - before;
    ++number;
  } while (more_passes(job_, number - 1, brought));
  confirm();
  return {};
}

}  // namespace

Result<void> sweep_by_connect(SweepJob& job) { return ConnectSweep(job).run(); }

}  // namespace haetae::net
