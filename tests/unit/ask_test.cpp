#include <catch2/catch.hpp>

#include "harness/net/door.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;
using namespace haetae::net;
using haetae::test::MemoryRecorder;

namespace {

Scope scope_of(const char* network) { return Scope{{Network::parse(network).value()}}; }

/// UdpPeer calls `answer` for every datagram until the test is over.
class UdpPeer {
 public:
  using Answer = std::function<void(int fd, const sockaddr_in& from, int count)>;
  UdpPeer(const char* address, Answer answer)
      : fd_(test::bound(address, SOCK_DGRAM)), answer_(std::move(answer)) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd entry{fd_, POLLIN, 0};
        if (poll(&entry, 1, 5) <= 0) continue;
        sockaddr_in from{};
        socklen_t size = sizeof from;
        char bytes[2048];
        if (recvfrom(fd_, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &size) >= 0) {
          answer_(fd_, from, ++heard_);
        }
      }
    });
  }
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;
  ~UdpPeer() {
    thread_.request_stop();
    thread_.join();
    ::close(fd_);
  }
  [[nodiscard]] Endpoint endpoint() const { return test::name_of(fd_); }
  [[nodiscard]] int heard() const { return heard_; }
  static void say(int fd, const sockaddr_in& to, std::string_view text) {
    sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }

 private:
  int fd_;
  Answer answer_;
  std::atomic<int> heard_{0};
  std::jthread thread_;
};

UdpQuestion question(const Endpoint& to) {
  return {.to = to, .payload = Bytes{'q'}, .label = "question", .subject = "lan:udp/1"};
}

Endpoint free_udp_port() {
  const int fd = test::bound("127.51.2.1", SOCK_DGRAM);
  const Endpoint out = test::name_of(fd);
  ::close(fd);
  return out;
}

}  // namespace

TEST_CASE("questions side by side: answered, closed and silent are told apart") {
  UdpPeer answering("127.51.2.1",
                    [](int fd, const sockaddr_in& from, int) { UdpPeer::say(fd, from, "a"); });
  UdpPeer silent("127.51.2.1", [](int, const sockaddr_in&, int) {});
  UdpPeer second("127.51.2.1", [](int fd, const sockaddr_in& from, int count) {
    if (count == 2) UdpPeer::say(fd, from, "late");
  });
  Door door(scope_of("127.51.0.0/16"), {}, system_clock());
  MemoryRecorder recorder;
  const std::vector<UdpQuestion> questions{question(answering.endpoint()),
                                           question(silent.endpoint()), question(free_udp_port()),
                                           question(second.endpoint())};
  const auto answers = door.ask(questions, 600ms, recorder, {});
  REQUIRE(answers.has_value());
  REQUIRE(answers->size() == 4);
  REQUIRE((*answers)[0].datagrams.size() == 1);
  CHECK(as_text((*answers)[0].datagrams[0].bytes) == "a");
  CHECK((*answers)[0].datagrams[0].from == answering.endpoint());
  CHECK((*answers)[1].datagrams.empty());
  CHECK_FALSE((*answers)[1].port_unreachable);
  CHECK((*answers)[2].port_unreachable);
  CHECK((*answers)[2].datagrams.empty());
  REQUIRE((*answers)[3].datagrams.size() == 1);
  CHECK(silent.heard() == 2);
  CHECK(answering.heard() == 1);
  CHECK(recorder.text((*answers)[1].evidence, Direction::sent) == "qq");
  CHECK(recorder.text((*answers)[0].evidence, Direction::received) == "a");
}

TEST_CASE("an answer from another port of the device counts, one from elsewhere is dropped") {
  UdpPeer peer("127.51.2.1", [](int, const sockaddr_in& from, int) {
    for (const char* address : {"127.51.2.1", "127.52.2.1"}) {
      const int other = test::bound(address, SOCK_DGRAM);
      UdpPeer::say(other, from, address);
      ::close(other);
    }
  });
  Door door(scope_of("127.51.0.0/16"), {}, system_clock());
  MemoryRecorder recorder;
  const std::vector<UdpQuestion> questions{question(peer.endpoint())};
  const auto answers = door.ask(questions, 400ms, recorder, {});
  REQUIRE(answers.has_value());
  REQUIRE((*answers)[0].datagrams.size() == 1);
  CHECK(as_text((*answers)[0].datagrams[0].bytes) == "127.51.2.1");
  CHECK((*answers)[0].dropped == 1);
}

TEST_CASE("one question outside the scope stops all of them before a byte is sent") {
  UdpPeer inside("127.51.2.1", [](int, const sockaddr_in&, int) {});
  UdpPeer outside("127.52.2.1", [](int, const sockaddr_in&, int) {});
  Door door(scope_of("127.51.0.0/16"), {}, system_clock());
  MemoryRecorder recorder;
  const std::vector<UdpQuestion> questions{question(inside.endpoint()),
                                           question(outside.endpoint())};
  CHECK(door.ask(questions, 50ms, recorder, {}).error().kind == ErrorKind::out_of_scope);
  // Multicast too, where no link of ours is inside the scope (RFC 5737 documentation network).
  Door far(scope_of("203.0.113.0/24"), {}, system_clock());
  CHECK_FALSE(far.on_link());
  const std::vector<UdpQuestion> group{question({Address::parse("239.255.255.250").value(), 1900})};
  CHECK(far.ask(group, 50ms, recorder, {}).error().kind == ErrorKind::out_of_scope);
  // Groups that are no discovery protocol are addresses outside the scope like any other.
  const std::vector<UdpQuestion> all{question({Address::parse("224.0.0.1").value(), 1900})};
  CHECK(door.ask(all, 50ms, recorder, {}).error().kind == ErrorKind::out_of_scope);
  CHECK(recorder.count() == 0);
  CHECK(inside.heard() == 0);
  CHECK(outside.heard() == 0);
}

TEST_CASE("a multicast question reaches a listener on the scope's link") {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  inet_pton(AF_INET, "239.255.255.250", &name.sin_addr);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
  ip_mreqn group{};
  group.imr_multiaddr = name.sin_addr;
  inet_pton(AF_INET, "127.0.0.1", &group.imr_address);
  REQUIRE(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0);
  const Endpoint to = test::name_of(fd);
  Door door(scope_of("127.0.0.0/8"), {}, system_clock());
  CHECK(door.on_link());
  MemoryRecorder recorder;
  const std::vector<UdpQuestion> questions{question(to)};
  REQUIRE(door.ask(questions, 100ms, recorder, {}).has_value());
  char byte = 0;
  CHECK(recv(fd, &byte, 1, MSG_DONTWAIT) == 1);
  CHECK(byte == 'q');
  ::close(fd);
}

TEST_CASE("a device that floods with datagrams is bounded") {
  UdpPeer peer("127.51.2.1", [](int fd, const sockaddr_in& from, int) {
    for (int at = 0; at < 200; ++at) UdpPeer::say(fd, from, "flood");
  });
  Door door(scope_of("127.51.0.0/16"), {}, system_clock());
  MemoryRecorder recorder;
  const std::vector<UdpQuestion> questions{question(peer.endpoint())};
  const auto answers = door.ask(questions, 400ms, recorder, {});
  REQUIRE(answers.has_value());
  CHECK((*answers)[0].datagrams.size() <= 64);
  CHECK((*answers)[0].datagrams.size() + (*answers)[0].dropped == 200);
}

TEST_CASE("a stopped round ends at once") {
  UdpPeer silent("127.51.2.1", [](int, const sockaddr_in&, int) {});
  Door door(scope_of("127.51.0.0/16"), {}, system_clock());
  MemoryRecorder recorder;
  std::stop_source stop;
  stop.request_stop();
  const std::vector<UdpQuestion> questions{question(silent.endpoint())};
  const SteadyTime start = system_clock().now();
  REQUIRE(door.ask(questions, 1h, recorder, stop.get_token()).has_value());
  CHECK(system_clock().now() - start < 1h);
}
