#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <set>

#include "harness/net/sweep.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;
using namespace haetae::net;

namespace {

using Ports = std::vector<std::uint16_t>;

/// in_own_network() runs `work` in a thread with a network namespace of its own, where nothing
/// listens but what the test starts. False where that is not permitted.
bool in_own_network(const std::function<void()>& work) {
  bool permitted = false;
  std::thread([&] {
    if (unshare(CLONE_NEWNET) != 0) return;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    permitted = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    ::close(fd);
    if (permitted) work();
  }).join();
  return permitted;
}

class Listeners {
 public:
  Listeners(const char* address, int count) {
    for (int at = 0; at < count; ++at) add(address);
    std::ranges::sort(ports_);
  }
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;
  ~Listeners() {
    for (const int fd : held_) ::close(fd);
  }
  [[nodiscard]] const Ports& ports() const { return ports_; }

 private:
  void add(const char* address) {
    const int fd = test::bound(address, SOCK_STREAM);
    listen(fd, 16);
    held_.push_back(fd);
    ports_.push_back(test::name_of(fd).port);
  }
  std::vector<int> held_;
  Ports ports_;
};

SweepResult sweep(const char* address, bool raw, const Ports& ports = {}) {
  const Address target = Address::parse(address).value();
  Door door(Scope{{Network{target, target.v6 ? 128 : 32}}}, {}, system_clock());
  SweepOptions options;
  options.raw = raw;
  options.wait = 300ms;
  auto result = door.sweep(target, ports, options, {}, {});
  REQUIRE(result.has_value());
  return std::move(*result);
}

}  // namespace

TEST_CASE("a full sweep finds every open port and nothing else, both ways, every time") {
  const bool permitted = in_own_network([] {
    const Listeners listeners("0.0.0.0", 13);
    for (int turn = 0; turn < 2; ++turn) {
      for (const bool raw : {true, false}) {
        // On 127.0.0.1 a connect() to a free port can meet itself.
        for (const char* address : {"127.0.0.1", "127.51.3.1"}) {
          INFO(address << (raw ? " raw" : " connect"));
          const SweepResult result = sweep(address, raw);
          CHECK(result.open == listeners.ports());
          CHECK(result.filtered.empty());
          CHECK(result.closed == 65535 - 13);
          CHECK(result.whole);
          CHECK(result.raw == raw);
          CHECK(result.silent_tail == 0);
        }
      }
    }
  });
  if (!permitted) WARN("not root: no network namespace, so the full sweep was not tested here");
}

TEST_CASE("IPv6 is swept both ways") {
  const bool permitted = in_own_network([] {
    const int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_addr = in6addr_loopback;
    socklen_t size = sizeof name;
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&name), size) == 0);
    listen(fd, 16);
    getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
    for (const bool raw : {true, false}) {
      const SweepResult result = sweep("::1", raw);
      CHECK(result.open == Ports{ntohs(name.sin6_port)});
      CHECK(result.whole);
      CHECK(result.raw == raw);
    }
    ::close(fd);
  });
  if (!permitted) WARN("not root: no network namespace, so IPv6 was not tested here");
}

TEST_CASE("without raw sockets ordinary connections find the same") {
  const Listeners listeners("127.51.3.2", 5);
  Ports asked = listeners.ports();
  for (int at = 0; at < 5; ++at) asked.push_back(test::free_port("127.51.3.2").port);
  const SweepResult result = sweep("127.51.3.2", false, asked);
  CHECK(std::ranges::includes(result.open, listeners.ports()));
  CHECK(result.whole);
}

TEST_CASE("a port that does not answer is filtered, not closed, and asked again") {
  const int fd = test::bound("127.51.3.3", SOCK_STREAM);
  listen(fd, 0);
  const Endpoint full = test::name_of(fd);
  std::vector<int> filling;
  for (int at = 0; at < 4; ++at) {
    filling.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(full.port);
    std::memcpy(&name.sin_addr, full.address.octets.data(), 4);
    (void)connect(filling.back(), reinterpret_cast<sockaddr*>(&name), sizeof name);
  }
  const std::uint16_t closed = test::free_port("127.51.3.3").port;
  for (const bool raw : {true, false}) {
    const SweepResult result = sweep("127.51.3.3", raw, {full.port, closed});
    CHECK(result.open.empty());
    CHECK(result.filtered == Ports{full.port});
    CHECK(result.closed == 1);
    CHECK(result.asked >= 4);
    CHECK(result.whole);
  }
  for (const int one : filling) ::close(one);
  ::close(fd);
}

TEST_CASE("a sweep outside the scope sends nothing") {
  const Listeners listeners("127.52.3.1", 1);
  Door door(Scope{{Network::parse("127.51.0.0/16").value()}}, {}, system_clock());
  const auto result =
      door.sweep(Address::parse("127.52.3.1").value(), listeners.ports(), {}, {}, {});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == ErrorKind::out_of_scope);
}

TEST_CASE("a stopped sweep is not whole") {
  Door door(Scope{{Network::parse("127.51.0.0/16").value()}}, {}, system_clock());
  std::stop_source stop;
  for (const bool raw : {true, false}) {
    SweepOptions options;
    options.raw = raw;
    stop.request_stop();
    const auto result =
        door.sweep(Address::parse("127.51.3.4").value(), {}, options, stop.get_token(), {});
    REQUIRE(result.has_value());
    CHECK_FALSE(result->whole);
    CHECK(result->filtered.empty());
    CHECK(result->why.find("stopped") != std::string::npos);
  }
}

TEST_CASE("progress ends with the number of answered ports") {
  std::size_t last = 0;
  Door door(Scope{{Network::parse("127.51.0.0/16").value()}}, {}, system_clock());
  SweepOptions options;
  options.raw = false;
  const Ports ports{test::free_port("127.51.3.5").port};
  REQUIRE(door.sweep(Address::parse("127.51.3.5").value(), ports, options, {},
                     [&](std::size_t done) { last = done; })
              .has_value());
  CHECK(last == 1);
}

TEST_CASE("the sweep's pace starts carefully, doubles on answers and halves on loss") {
  test::FakeClock clock;
  SweepPace pace(100000, clock);
  CHECK(pace.rate() == Approx(5000));
  clock.move(1s);
  CHECK(pace.allowance() == 50);  // a late wake-up does not send a second's worth at once
  pace.sent(50);
  CHECK(pace.allowance() == 0);
  CHECK(pace.next() == 200us);
  for (int at = 0; at < 2000; ++at) pace.answered(1ms);
  const double fast = pace.rate();
  CHECK(fast >= 40000);
  for (int at = 0; at < 512; ++at) at % 2 == 0 ? pace.lost() : pace.answered(1ms);
  CHECK(pace.rate() == Approx(fast / 2));
  for (int at = 0; at < 4000; ++at) pace.lost();
  CHECK(pace.rate() < 1000);
}

TEST_CASE("the sweep's pace halves where answers take much longer than at first") {
  test::FakeClock clock;
  SweepPace pace(100000, clock);
  for (int at = 0; at < 2000; ++at) pace.answered(5ms);
  const double fast = pace.rate();
  for (int at = 0; at < 1024; ++at) pace.answered(101ms);
  CHECK(pace.rate() < fast);
}

TEST_CASE("where nothing answers the pace stays at the blind one") {
  test::FakeClock clock;
  SweepPace pace(100000, clock);
  for (int at = 0; at < 20000; ++at) pace.lost();
  CHECK(pace.rate() == Approx(25000));
  // A few open ports behind a wall are no measure.
  SweepPace wall(100000, clock);
  for (int at = 0; at < 20000; ++at) at % 1000 == 0 ? wall.answered(1ms) : wall.lost();
  CHECK(wall.rate() == Approx(25000));
  SweepPace slow(1000, clock);
  for (int at = 0; at < 20000; ++at) slow.answered(1ms);
  CHECK(slow.rate() == Approx(1000));
}
