#include <time.h>
// clang-format off: errqueue.h needs timespec
#include <linux/errqueue.h>
// clang-format on
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "harness/net/socket.hpp"
#include "harness/net/state.hpp"

namespace haetae::net {
namespace {

constexpr std::size_t kMostAtOnce = 256;  // descriptors
constexpr std::size_t kMostDatagrams = 64;
constexpr Duration kLook = 20ms;  // how soon a stop is seen

// The groups whose questions a device is expected to answer: SSDP, mDNS, CoAP. None leaves the
// link here, whatever its scope: the questions go out with a hop limit of one.
constexpr std::array<std::string_view, 6> kGroups{"239.255.255.250", "224.0.0.251", "224.0.1.187",
                                                  "ff02::c",         "ff02::fb",    "ff02::fd"};

bool is_group(const Address& address) {
  return std::ranges::find(kGroups, address.text()) != kGroups.end();
}

struct Asked {
  Fd socket;
  std::size_t dropped = 0;  // datagrams from outside the scope, and those above the limit
  bool done = false;
};

class Round {
 public:
  Round(std::span<const UdpQuestion> questions, const Scope& scope, Recorder& recorder,
        Clock& clock)
      : questions_(questions),
        scope_(scope),
        recorder_(recorder),
        clock_(clock),
        asked_(questions.size()),
        answers_(questions.size()) {}

  Result<std::vector<UdpAnswer>> run(Duration wait, std::stop_token stop);

 private:
  Result<void> open(std::size_t index);
  void send(std::size_t index);
  void receive(std::size_t index);
  void read_errors(std::size_t index);
  void collect(SteadyTime until, const std::stop_token& stop, Duration grace);
  void event(std::size_t index, std::string_view text) {
    recorder_.append(answers_[index].evidence, Direction::event, as_bytes(text));
  }

  std::span<const UdpQuestion> questions_;
  const Scope& scope_;
  Recorder& recorder_;
  Clock& clock_;
  std::vector<Asked> asked_;
  std::vector<UdpAnswer> answers_;
};

void send_on_link(int descriptor, bool v6, unsigned link) {
  const int hops = 1;
  if (v6) {
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_IF, &link, sizeof link);
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops);
  } else {
    ip_mreqn by{};
    by.imr_ifindex = static_cast<int>(link);
    setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by);
    setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops);
  }
}

Result<void> Round::open(std::size_t index) {
  const UdpQuestion& question = questions_[index];
  const bool v6 = question.to.address.v6;
  Fd fd(::socket(family_of(question.to.address), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return error_of(errno, fmt::format("asking {}", question.to.text()));
  // Not connected: TFTP, and more, answers from another port. ICMP comes by the error queue.
  const int one = 1;
  setsockopt(fd.get(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &one,
             sizeof one);
  if (is_group(question.to.address)) send_on_link(fd.get(), v6, link_of(scope_, v6).value_or(0));
  asked_[index].socket = std::move(fd);
  answers_[index].evidence = recorder_.transcript(question.subject, question.label);
  return {};
}

void Round::send(std::size_t index) {
  const UdpQuestion& question = questions_[index];
  const SocketAddress to = socket_address(question.to);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const ssize_t sent = sendto(asked_[index].socket.get(), question.payload.data(),
                                question.payload.size(), 0, to.get(), to.size);
    if (sent >= 0) {
      recorder_.append(answers_[index].evidence, Direction::sent, question.payload);
      answers_[index].unsent = false;
      return;
    }
    // The kernel hands a waiting ICMP error to the next call; it says nothing about this one.
    const int code = errno;
    read_errors(index);
    if (attempt == 1) {
      event(index, fmt::format("not sent: {}", std::strerror(code)));
      answers_[index].unsent = true;
    }
  }
}

void Round::receive(std::size_t index) {
  Bytes buffer(65536);
  UdpAnswer& answer = answers_[index];
  // Bounded, so that one flooding device does not hold up the other questions.
  for (std::size_t turn = 0; turn < kMostDatagrams; ++turn) {
    SocketAddress from;
    const ssize_t got = recvfrom(asked_[index].socket.get(), buffer.data(), buffer.size(), 0,
                                 from.get(), &from.size);
    if (got < 0) return;
    const Endpoint sender = endpoint_of(from);
    const auto bytes = ByteView(buffer).first(static_cast<std::size_t>(got));
    if (!scope_.contains(sender.address) || answer.datagrams.size() >= kMostDatagrams) {
      ++asked_[index].dropped;
      continue;
    }
    event(index, fmt::format("answer from {}", sender.text()));
    recorder_.append(answer.evidence, Direction::received, bytes);
    answer.datagrams.push_back({.from = sender, .bytes = Bytes(bytes.begin(), bytes.end())});
    asked_[index].done = !is_group(questions_[index].to.address);
  }
}

void Round::read_errors(std::size_t index) {
  for (;;) {
    std::array<std::uint8_t, 512> payload{};
    alignas(cmsghdr) std::array<char, 512> control{};
    iovec part{.iov_base = payload.data(), .iov_len = payload.size()};
    SocketAddress to;
    msghdr message{};
    message.msg_name = to.get();
    message.msg_namelen = to.size;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(asked_[index].socket.get(), &message, MSG_ERRQUEUE) < 0) return;
    for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
      if (at->cmsg_type != IP_RECVERR && at->cmsg_type != IPV6_RECVERR) continue;
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(at), sizeof error);
      const bool port =
          (error.ee_origin == SO_EE_ORIGIN_ICMP && error.ee_type == 3 && error.ee_code == 3) ||
          (error.ee_origin == SO_EE_ORIGIN_ICMP6 && error.ee_type == 1 && error.ee_code == 4);
      const bool icmp =
          error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
      if (port) answers_[index].port_unreachable = true;
      if (icmp && !port) answers_[index].prohibited = true;
      if (icmp) asked_[index].done = true;
      event(index, fmt::format("ICMP type {} code {}: {}", error.ee_type, error.ee_code,
                               std::strerror(static_cast<int>(error.ee_errno))));
    }
  }
}

void Round::collect(SteadyTime until, const std::stop_token& stop, Duration grace) {
  bool shortened = false;
  for (SteadyTime now = clock_.now(); now < until && !stop.stop_requested(); now = clock_.now()) {
    if (!shortened && std::ranges::all_of(asked_, &Asked::done)) {
      shortened = true;  // a second datagram of an answer may still come
      until = std::min(until, now + grace);
    }
    std::vector<pollfd> entries;
    for (const Asked& one : asked_) entries.push_back({one.socket.get(), POLLIN, 0});
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::min(until - now, kLook));
    if (poll(entries.data(), entries.size(), static_cast<int>(wait.count())) <= 0) continue;
    for (std::size_t index = 0; index < entries.size(); ++index) {
      if ((entries[index].revents & POLLERR) != 0) read_errors(index);
      if ((entries[index].revents & POLLIN) != 0) receive(index);
    }
  }
}

Result<std::vector<UdpAnswer>> Round::run(Duration wait, std::stop_token stop) {
  for (std::size_t index = 0; index < questions_.size(); ++index) {
    if (auto opened = open(index); !opened) return tl::unexpected(opened.error());
  }
  for (std::size_t index = 0; index < questions_.size(); ++index) send(index);
  collect(clock_.now() + wait / 2, stop, wait / 4);
  if (!stop.stop_requested() && !std::ranges::all_of(asked_, &Asked::done)) {
    for (std::size_t index = 0; index < questions_.size(); ++index) {
      if (!asked_[index].done && answers_[index].datagrams.empty()) send(index);
    }
    collect(clock_.now() + wait, stop, wait / 4);
  }
  for (std::size_t index = 0; index < questions_.size(); ++index) {
    answers_[index].dropped = asked_[index].dropped;
    if (asked_[index].dropped > 0) {
      event(index,
            fmt::format("{} datagrams from outside the scope or above the limit were dropped",
                        asked_[index].dropped));
    }
  }
  return std::move(answers_);
}

}  // namespace

Result<std::vector<UdpAnswer>> Door::ask(std::span<const UdpQuestion> questions, Duration wait,
                                         Recorder& recorder, std::stop_token stop) {
  for (const UdpQuestion& question : questions) {
    const Address& address = question.to.address;
    if (is_group(address) && link_of(state_->scope, address.v6)) continue;
    if (auto inside = state_->check(address); !inside) return tl::unexpected(inside.error());
  }
  std::vector<UdpAnswer> out;
  while (!questions.empty()) {
    const std::size_t count = std::min(kMostAtOnce, questions.size());
    Round round(questions.first(count), state_->scope, recorder, state_->clock);
    auto answers = round.run(wait, stop);
    if (!answers) return tl::unexpected(answers.error());
    std::ranges::move(*answers, std::back_inserter(out));
    questions = questions.subspan(count);
  }
  return out;
}

}  // namespace haetae::net
