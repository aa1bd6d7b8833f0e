// Joins two network interfaces and holds every frame for a while: a link with a known delay for
// kernels without netem. The interfaces' offloads must be off (ethtool -K DEV gro off gso off tso
// off tx off rx off), since frames are passed on as they come.
// usage: delay_bridge INTERFACE INTERFACE MICROSECONDS
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <vector>

namespace {

using Time = std::chrono::steady_clock::time_point;

struct Frame {
  Time due;
  std::vector<unsigned char> bytes;
};

struct Side {
  int descriptor = -1;
  std::deque<Frame> leaving;
};

int open_side(const char* name) {
  const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(name));
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror(name);
    std::exit(1);
  }
  const int size = 64 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  const int one = 1;
  setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
  return fd;
}

void take(int from, std::deque<Frame>& to, std::chrono::microseconds delay) {
  static std::array<unsigned char, 65536> buffer;
  for (int turn = 0; turn < 256; ++turn) {
    const ssize_t got = recv(from, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    to.push_back({std::chrono::steady_clock::now() + delay,
                  std::vector<unsigned char>(buffer.data(), buffer.data() + got)});
  }
}

void pass_on(Side& side, Time now) {
  while (!side.leaving.empty() && side.leaving.front().due <= now) {
    const auto& bytes = side.leaving.front().bytes;
    if (send(side.descriptor, bytes.data(), bytes.size(), 0) < 0) return;
    side.leaving.pop_front();
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 64;
  const std::chrono::microseconds delay(std::atol(words[3]));
  std::array<Side, 2> sides;
  sides[0].descriptor = open_side(words[1]);
  sides[1].descriptor = open_side(words[2]);
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    Time next = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    for (const Side& side : sides) {
      if (!side.leaving.empty()) next = std::min(next, side.leaving.front().due);
    }
    const auto wait = std::max<std::chrono::nanoseconds>(next - std::chrono::steady_clock::now(),
                                                         std::chrono::nanoseconds(0));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
    const timespec limit{seconds.count(), (wait - seconds).count()};
    std::array<pollfd, 2> entries{
        {{sides[0].descriptor, POLLIN, 0}, {sides[1].descriptor, POLLIN, 0}}};
    ppoll(entries.data(), entries.size(), &limit, nullptr);
    take(sides[0].descriptor, sides[1].leaving, delay);
    take(sides[1].descriptor, sides[0].leaving, delay);
    const Time now = std::chrono::steady_clock::now();
    pass_on(sides[0], now);
    pass_on(sides[1], now);
  }
}
