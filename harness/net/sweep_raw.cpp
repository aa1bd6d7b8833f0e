#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <system_error>

#include "harness/net/packet.hpp"
#include "harness/net/socket.hpp"
#include "harness/net/sweep.hpp"

namespace haetae::net {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kPacket = 256;  // more than any header that is looked at
constexpr int kReceiveBuffer = 16 << 20;
constexpr int kMostShortages = 500;
constexpr Duration kBetweenPasses = 200ms;
constexpr Duration kFirstPatience = 100ms;  // nobody has answered yet

// source_for() is the address from which the kernel would speak to `to`; nothing is sent.
Result<Address> source_for(const Address& to) {
  const Fd probe(::socket(family_of(to), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress target = socket_address({to, 9});
  if (!probe || connect(probe.get(), target.get(), target.size) != 0) {
    return error_of(errno, "no way to " + to.text());
  }
  return local_endpoint(probe.get()).address;
}

struct Waiting {
  std::uint16_t port;
  SteadyTime sent;
};

// RawSweep sends SYNs from one source port that it holds with a bound socket, so that no other
// program speaks from it. The kernel knows no connection there and answers each SYN+ACK with RST,
// which takes the half-open connection off the device.
class RawSweep {
 public:
  explicit RawSweep(SweepJob& job) : job_(job), sent_at_(65536) {}
  Result<void> open();
  void run();

 private:
  void pass(std::vector<std::uint16_t> ports, int number, Duration linger);
  std::size_t send_some(std::vector<std::uint16_t>& ports, std::size_t most);
  void receive();
  void receive_unreachable();
  void take(ByteView packet);
  void expire();
  void look(Duration wait);
  [[nodiscard]] std::uint32_t sequence(std::uint16_t port) const {
    // Only whoever saw the SYN can acknowledge it: answers are bound to this sweep and port.
    std::uint32_t mixed = key_ ^ (port * 0x9e3779b1U);
    mixed ^= mixed >> 16U;
    mixed *= 0x85ebca6bU;
    mixed ^= mixed >> 13U;
    return mixed * 0xc2b2ae35U ^ key_;
  }

  SweepJob& job_;
  Fd holder_;
  Fd raw_;
  Fd icmp_;
  Endpoint source_;
  SocketAddress target_;
  std::uint32_t key_ = 0;
  std::vector<SteadyTime> sent_at_;
  std::deque<Waiting> waiting_;
  std::size_t out_ = 0;  // entries of waiting_ that are neither answered nor expired, about
  int shortages_ = 0;
};

// The kernel must not queue what belongs to other connections: only segments to our port pass.
void filter_by_port(int descriptor, bool v6, std::uint16_t port) {
  std::vector<sock_filter> code;
  if (v6) {
    code.push_back(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2));
  } else {
    code.push_back(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0));
    code.push_back(BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2));
  }
  code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1));
  code.push_back(BPF_STMT(BPF_RET | BPF_K, kPacket));
  code.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
  const sock_fprog program{.len = static_cast<unsigned short>(code.size()), .filter = code.data()};
  setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void only_unreachable(int descriptor, bool v6) {
  if (v6) {
    icmp6_filter filter{};
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &filter);
    setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
  } else {
    constexpr int kIcmpFilter = 1;  // ICMP_FILTER of linux/icmp.h, which clashes with ip_icmp.h
    const std::uint32_t blocked = ~(1U << ICMP_DEST_UNREACH);
    setsockopt(descriptor, SOL_RAW, kIcmpFilter, &blocked, sizeof blocked);
  }
}

void widen(int descriptor) {
  const int size = kReceiveBuffer;
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
}

Result<void> RawSweep::open() {
  const bool v6 = job_.address.v6;
  constexpr int kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  raw_ = Fd(::socket(family_of(job_.address), SOCK_RAW | kFlags, IPPROTO_TCP));
  icmp_ = Fd(::socket(family_of(job_.address), SOCK_RAW | kFlags,
                      v6 ? static_cast<int>(IPPROTO_ICMPV6) : static_cast<int>(IPPROTO_ICMP)));
  if (!raw_ || !icmp_) return fail(ErrorKind::unsupported, "raw sockets are not permitted");
  auto source = source_for(job_.address);
  if (!source) return tl::unexpected(source.error());
  holder_ = Fd(::socket(family_of(job_.address), SOCK_STREAM | SOCK_CLOEXEC, 0));
  SocketAddress name = socket_address({*source, 0});
  if (!holder_ || bind(holder_.get(), name.get(), name.size) != 0 ||
      bind(raw_.get(), name.get(), name.size) != 0) {
    return fail(ErrorKind::unsupported, "the raw socket cannot be bound");
  }
  source_ = local_endpoint(holder_.get());
  target_ = socket_address({job_.address, 0});
  filter_by_port(raw_.get(), v6, source_.port);
  only_unreachable(icmp_.get(), v6);
  widen(raw_.get());
  const Bytes random = random_bytes(sizeof key_);
  std::memcpy(&key_, random.data(), sizeof key_);
  return {};
}

std::size_t RawSweep::send_some(std::vector<std::uint16_t>& ports, std::size_t most) {
  std::array<std::array<std::uint8_t, 24>, kBatch> segments{};
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};
  std::array<std::uint16_t, kBatch> chosen{};
  const std::size_t count = std::min({most, kBatch, ports.size()});
  for (std::size_t at = 0; at < count; ++at) {
    chosen[at] = ports[ports.size() - 1 - at];
    segments[at] = syn_segment(source_, {job_.address, chosen[at]}, sequence(chosen[at]));
    parts[at] = {.iov_base = segments[at].data(), .iov_len = segments[at].size()};
    messages[at].msg_hdr = {};
    messages[at].msg_hdr.msg_name = target_.get();
    messages[at].msg_hdr.msg_namelen = target_.size;
    messages[at].msg_hdr.msg_iov = &parts[at];
    messages[at].msg_hdr.msg_iovlen = 1;
  }
  // Noted before sending: on the own machine the answer is there before the call returns.
  const SteadyTime now = job_.clock.now();
  for (std::size_t at = 0; at < count; ++at) sent_at_[chosen[at]] = now;
  const int sent = sendmmsg(raw_.get(), messages.data(), static_cast<unsigned>(count), 0);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR && ++shortages_ > kMostShortages) {
      job_.result.why = std::generic_category().message(errno);
      for (const std::uint16_t port : ports) job_.book.settle(port, PortBook::State::failed);
      ports.clear();
    }
    return 0;
  }
  const auto done = static_cast<std::size_t>(sent);
  for (std::size_t at = 0; at < done; ++at) waiting_.push_back({chosen[at], now});
  out_ += done;
  ports.resize(ports.size() - done);
  return done;
}

void RawSweep::take(ByteView packet) {
  ByteView segment = packet;
  if (!job_.address.v6) {
    const auto whole = parse_ipv4(packet);
    if (!whole || whole->from != job_.address || whole->protocol != IPPROTO_TCP) return;
    segment = whole->payload;
  }
  const auto answer = parse_tcp(segment);
  if (!answer || answer->to_port != source_.port || !answer->ack) return;
  const std::uint16_t port = answer->from_port;
  if (answer->acknowledged != sequence(port) + 1) return;
  if (!answer->rst && !answer->syn) return;
  if (job_.book.at(port) == PortBook::State::unknown && out_ > 0) --out_;
  job_.answer(port, answer->rst ? PortBook::State::closed : PortBook::State::open,
              job_.clock.now() - sent_at_[port]);
}

void RawSweep::receive() {
  std::array<std::array<std::uint8_t, kPacket>, kBatch> packets;
  std::array<SocketAddress, kBatch> senders;
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};
  for (std::size_t at = 0; at < kBatch; ++at) {
    parts[at] = {.iov_base = packets[at].data(), .iov_len = kPacket};
    messages[at].msg_hdr.msg_iov = &parts[at];
    messages[at].msg_hdr.msg_iovlen = 1;
    messages[at].msg_hdr.msg_name = senders[at].get();
    messages[at].msg_hdr.msg_namelen = senders[at].size;
  }
  const int got = recvmmsg(raw_.get(), messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (int index = 0; index < got; ++index) {
    const auto at = static_cast<std::size_t>(index);
    if (endpoint_of(senders[at]).address != job_.address) continue;
    take(ByteView(packets[at]).first(std::min<std::size_t>(messages[at].msg_len, kPacket)));
  }
}

void RawSweep::receive_unreachable() {
  std::array<std::uint8_t, kPacket> packet{};
  for (std::size_t turn = 0; turn < kBatch; ++turn) {
    const ssize_t got = recv(icmp_.get(), packet.data(), packet.size(), MSG_DONTWAIT);
    if (got < 0) return;
    ByteView message = ByteView(packet).first(static_cast<std::size_t>(got));
    if (!job_.address.v6) {
      const auto whole = parse_ipv4(message);
      if (!whole || whole->protocol != IPPROTO_ICMP) continue;
      message = whole->payload;
    }
    const auto quoted = parse_unreachable(message, job_.address.v6);
    if (!quoted || quoted->to != job_.address || quoted->from_port != source_.port) continue;
    if (quoted->sequence != sequence(quoted->to_port)) continue;
    if (job_.book.at(quoted->to_port) == PortBook::State::unknown && out_ > 0) --out_;
    job_.answer(quoted->to_port, PortBook::State::filtered,
                job_.clock.now() - sent_at_[quoted->to_port]);
  }
}

void RawSweep::expire() {
  const SteadyTime now = job_.clock.now();
  const Duration patience = job_.pace.patience(kFirstPatience, job_.options.wait);
  while (!waiting_.empty()) {
    const Waiting& first = waiting_.front();
    const bool answered = job_.book.at(first.port) != PortBook::State::unknown;
    if (!answered && now - first.sent < patience) return;
    if (!answered) {
      job_.pace.lost();
      if (out_ > 0) --out_;
    }
    waiting_.pop_front();
  }
}

void RawSweep::look(Duration wait) {
  std::array<pollfd, 2> entries{{{raw_.get(), POLLIN, 0}, {icmp_.get(), POLLIN, 0}}};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
  const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()};
  if (ppoll(entries.data(), entries.size(), &limit, nullptr) <= 0) return;
  if ((entries[0].revents & POLLIN) != 0) receive();
  if ((entries[1].revents & POLLIN) != 0) receive_unreachable();
}

void RawSweep::pass(std::vector<std::uint16_t> ports, int number, Duration linger) {
  waiting_.clear();
  out_ = 0;
  std::size_t unanswered = ports.size();
  const std::size_t before = job_.book.answered();
  const auto window = static_cast<std::size_t>(std::max(job_.options.window, 1));
  SteadyTime last_sent = job_.clock.now();
  while (!job_.stopped()) {
    expire();
    const std::size_t room = out_ < window ? window - out_ : 0;
    const std::size_t allowed = std::min(job_.pace.allowance(), room);
    if (allowed > 0 && !ports.empty()) {
      const std::size_t sent = send_some(ports, allowed);
      job_.pace.sent(sent);
      job_.asked(sent, number);
      if (sent > 0) last_sent = job_.clock.now();
    }
    const SteadyTime now = job_.clock.now();
    if (ports.empty() &&
        (job_.book.answered() - before >= unanswered || now - last_sent >= linger)) {
      return;
    }
    Duration wait = 5ms;
    if (!ports.empty() && room > 0) wait = std::clamp<Duration>(job_.pace.next(), 300us, wait);
    look(wait);
    job_.report();
  }
}

void RawSweep::run() {
  std::size_t brought = 0;
  int number = 0;
  do {
    auto ports = job_.book.remaining();
    if (ports.empty()) return;
    const std::size_t before = job_.book.answered();
    const bool last = number >= job_.options.passes;
    pass(std::move(ports), number,
         last ? job_.options.wait
              : job_.pace.patience(std::min(kBetweenPasses, job_.options.wait), job_.options.wait));
    brought = job_.book.answered() - before;
    ++number;
  } while (more_passes(job_, number - 1, brought));
}

}  // namespace

Result<void> sweep_raw(SweepJob& job) {
  RawSweep sweep(job);
  if (auto opened = sweep.open(); !opened) return opened;
  sweep.run();
  return {};
}

}  // namespace haetae::net
