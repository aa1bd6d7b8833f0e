#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <latch>

#include "harness/net/door.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;
using namespace haetae::net;
using haetae::test::free_port;
using haetae::test::MemoryRecorder;
using haetae::test::Peer;

namespace {

Scope scope_of(const char* network) { return Scope{{Network::parse(network).value()}}; }
SteadyTime soon(Duration duration = 150ms) { return system_clock().now() + duration; }
// Long enough that only a hang reaches it, on however busy a machine.
SteadyTime late() { return soon(30s); }

struct Bench {
  explicit Bench(Limits limits = {}) : door(scope_of("127.51.0.0/16"), limits, system_clock()) {}
  MemoryRecorder recorder;
  Door door;
  std::unique_ptr<Conn> to(const Endpoint& endpoint) {
    auto conn = door.connect(endpoint, recorder, "lan:tcp/1", "test", late());
    INFO((conn ? std::string() : conn.error().message()));
    REQUIRE(conn.has_value());
    return std::move(*conn);
  }
};

}  // namespace

TEST_CASE("a conversation is written down in both directions with its ends") {
  Peer peer("127.51.1.1", [](int fd, const Peer& self) {
    Peer::say(fd, "hello\r\nrest");
    self.hold(fd);
  });
  Bench bench;
  EvidenceId id = 0;
  {
    auto conn = bench.to(peer.endpoint());
    id = conn->evidence();
    CHECK(read_until(*conn, "\r\n", 100, late()).value() == "hello\r\n");
    CHECK(as_text(read_exactly(*conn, 4, late()).value()) == "rest");
    REQUIRE(conn->write(as_bytes("bye"), late()));
    conn->close();
    conn->close();
    CHECK(conn->write(as_bytes("x"), late()).error().kind == ErrorKind::closed);
    std::uint8_t byte = 0;
    CHECK(conn->read_some({&byte, 1}, late()).error().kind == ErrorKind::closed);
  }
  CHECK(bench.recorder.text(id, Direction::received) == "hello\r\nrest");
  CHECK(bench.recorder.text(id, Direction::sent) == "bye");
  const std::string events = bench.recorder.text(id, Direction::event);
  CHECK(events.find("connected to " + peer.endpoint().text()) == 0);
  CHECK(events.find("closed by the harness") != std::string::npos);
}

TEST_CASE("an address outside the scope is refused and nothing is sent") {
  Peer peer("127.52.1.1", [](int, const Peer&) {});
  Bench bench;
  const auto conn = bench.door.connect(peer.endpoint(), bench.recorder, "lan", "test", late());
  REQUIRE_FALSE(conn.has_value());
  CHECK(conn.error().kind == ErrorKind::out_of_scope);
  CHECK(conn.error().text.find("127.52.1.1") != std::string::npos);
  CHECK(bench.recorder.count() == 0);
  CHECK(bench.door.stress().connects == 0);
  // A connection of ours would be in the queue before this one.
  Door wide(scope_of("127.52.0.0/16"), {}, system_clock());
  MemoryRecorder other;
  REQUIRE(wide.connect(peer.endpoint(), other, "lan", "control", late()).has_value());
  const auto until = late();
  while (peer.accepted() == 0 && system_clock().now() < until) std::this_thread::yield();
  CHECK(peer.accepted() == 1);
}

TEST_CASE("an IPv6 address is in no IPv4 scope") {
  Bench bench;
  const Endpoint to{Address::parse("::ffff:127.51.1.1").value(), 80};
  CHECK(bench.door.connect(to, bench.recorder, "lan", "", late()).error().kind ==
        ErrorKind::out_of_scope);
}

TEST_CASE("a closed port is refused, and the refusal is evidence") {
  Bench bench;
  const auto conn =
      bench.door.connect(free_port("127.51.1.1"), bench.recorder, "lan:tcp/1", "x", late());
  REQUIRE_FALSE(conn.has_value());
  CHECK(conn.error().kind == ErrorKind::refused);
  CHECK(bench.recorder.text(1, Direction::event).find("refused") != std::string::npos);
  CHECK(bench.door.stress().refused == 1);
}

TEST_CASE("a listener whose queue is full does not answer: timed out") {
  const int fd = test::bound("127.51.1.2", SOCK_STREAM);
  listen(fd, 0);
  const Endpoint to = test::name_of(fd);
  Bench bench(Limits{.connections = 32, .per_second = 2000, .connect_wait = 150ms});
  std::vector<std::unique_ptr<Conn>> held;
  std::optional<Error> error;
  for (int at = 0; at < 8 && !error; ++at) {
    auto conn = bench.door.connect(to, bench.recorder, "lan:tcp/1", "fill", late());
    if (conn)
      held.push_back(std::move(*conn));
    else
      error = conn.error();
  }
  ::close(fd);
  REQUIRE(error.has_value());
  CHECK(error->kind == ErrorKind::timed_out);
  CHECK(bench.door.stress().timeouts == 1);
  CHECK(bench.door.stress().unanswered_in_a_row == 1);
  CHECK(bench.door.stress().pace < 2000);
}

TEST_CASE("a silent peer ends at the deadline, and read_all() returns nothing") {
  Peer peer("127.51.1.3", [](int fd, const Peer& self) { self.hold(fd); });
  Bench bench;
  auto conn = bench.to(peer.endpoint());
  std::uint8_t bytes[10];
  CHECK(conn->read_some(bytes, soon()).error().kind == ErrorKind::timed_out);
  CHECK(read_exactly(*conn, 1, soon()).error().kind == ErrorKind::timed_out);
  CHECK(read_until(*conn, "\n", 10, soon()).error().kind == ErrorKind::timed_out);
  CHECK(read_all(*conn, 10, 50ms, late()).empty());
}

TEST_CASE("a trickling peer cannot outlast the deadline") {
  Peer peer("127.51.1.4", [](int fd, const Peer& self) {
    while (!self.gone()) {
      Peer::say(fd, "x");
      pollfd entry{fd, POLLIN, 0};
      if (poll(&entry, 1, 5) > 0) return;
    }
  });
  Bench bench;
  auto conn = bench.to(peer.endpoint());
  CHECK(read_exactly(*conn, 1'000'000, soon()).error().kind == ErrorKind::timed_out);
  CHECK_FALSE(read_all(*conn, 1'000'000, 10s, soon()).empty());
}

TEST_CASE("a flooding peer meets the limit or the deadline") {
  Peer peer("127.51.1.5", [](int fd, const Peer& self) {
    const std::string block(65536, 'x');
    while (!self.gone()) {
      if (send(fd, block.data(), block.size(), MSG_NOSIGNAL) <= 0) return;
    }
  });
  Bench bench;
  {
    auto conn = bench.to(peer.endpoint());
    CHECK(read_all(*conn, 100'000, 1s, late()).size() == 100'000);
    CHECK(read_until(*conn, "\n", 5000, late()).error().kind == ErrorKind::protocol);
    const auto until = soon();
    Result<std::size_t> got = 0;
    Bytes into(65536);
    do {
      got = conn->read_some(into, until);
    } while (got);
    CHECK(got.error().kind == ErrorKind::timed_out);
  }
}

TEST_CASE("a peer that takes nothing ends a write at the deadline") {
  Peer peer("127.51.1.6", [](int, const Peer& self) {
    while (!self.gone()) std::this_thread::yield();
  });
  Bench bench;
  auto conn = bench.to(peer.endpoint());
  const Bytes much(64U << 20U, 0);
  CHECK(conn->write(much, soon()).error().kind == ErrorKind::timed_out);
}

TEST_CASE("a reset is told apart from an end in good order") {
  Bench bench;
  std::uint8_t bytes[10];
  {
    Peer peer("127.51.1.7", [](int fd, const Peer&) {
      char byte = 0;
      recv(fd, &byte, 1, 0);
      Peer::reset(fd);
    });
    auto conn = bench.to(peer.endpoint());
    REQUIRE(conn->write(as_bytes("x"), late()));
    CHECK(conn->read_some(bytes, late()).error().kind == ErrorKind::closed);
    CHECK(bench.recorder.text(1, Direction::event).find("reset by the peer") != std::string::npos);
    CHECK(bench.door.stress().resets == 1);
  }
  {
    Peer peer("127.51.1.7", [](int, const Peer&) {});
    auto conn = bench.to(peer.endpoint());
    CHECK(conn->read_some(bytes, late()).value() == 0);
    CHECK(conn->read_some(bytes, late()).value() == 0);
    CHECK(read_exactly(*conn, 1, late()).error().kind == ErrorKind::closed);
    const std::string events = bench.recorder.text(2, Direction::event);
    CHECK(events.find("ended by the peer") == events.rfind("ended by the peer"));
    CHECK(events.find("ended by the peer") != std::string::npos);
  }
}

TEST_CASE("a peer that dies in the middle leaves what came") {
  Peer peer("127.51.1.8", [](int fd, const Peer&) { Peer::say(fd, "HTTP/1.1 20"); });
  Bench bench;
  auto conn = bench.to(peer.endpoint());
  CHECK(read_until(*conn, "\r\n", 100, late()).error().kind == ErrorKind::closed);
  CHECK(bench.recorder.text(conn->evidence(), Direction::received) == "HTTP/1.1 20");
}

TEST_CASE("a half-open peer still takes what we send") {
  std::promise<std::string> heard;
  Peer peer("127.51.1.9", [&heard](int fd, const Peer&) {
    shutdown(fd, SHUT_WR);
    char text[5] = {};
    recv(fd, text, 4, MSG_WAITALL);
    heard.set_value(text);
  });
  Bench bench;
  auto conn = bench.to(peer.endpoint());
  std::uint8_t byte = 0;
  CHECK(conn->read_some({&byte, 1}, late()).value() == 0);
  REQUIRE(conn->write(as_bytes("last"), late()));
  CHECK(heard.get_future().get() == "last");
}

TEST_CASE("the connection limit holds and a closed stream frees its place") {
  const int fd = test::bound("127.51.1.10", SOCK_STREAM);
  listen(fd, 64);
  const Endpoint to = test::name_of(fd);
  Bench bench(Limits{.connections = 2, .per_second = 2000, .connect_wait = 3s});
  auto first = bench.to(to);
  auto second = bench.to(to);
  const auto third = bench.door.connect(to, bench.recorder, "lan", "third", soon(50ms));
  REQUIRE_FALSE(third.has_value());
  CHECK(third.error().kind == ErrorKind::budget);
  CHECK(bench.door.stress().connects == 2);
  auto waiting = std::async(std::launch::async, [&] {
    return bench.door.connect(to, bench.recorder, "lan", "fourth", late()).has_value();
  });
  first->close();
  CHECK(waiting.get());
  ::close(fd);
}

TEST_CASE("a stream may outlive its door") {
  Peer peer("127.51.1.11", [](int fd, const Peer& self) {
    Peer::say(fd, "x");
    self.hold(fd);
  });
  MemoryRecorder recorder;
  std::unique_ptr<Conn> conn;
  {
    Door door(scope_of("127.51.0.0/16"), {}, system_clock());
    conn = std::move(door.connect(peer.endpoint(), recorder, "lan", "x", late()).value());
  }
  CHECK(read_exactly(*conn, 1, late()).value().size() == 1);
}
