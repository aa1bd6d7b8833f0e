#include <catch2/catch.hpp>

#include "harness/protocols/ssh_session.hpp"
#include "harness/protocols/ssh_transport.hpp"
#include "tests/support/learned_ssh.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;

namespace {

Result<protocols::SshGreeting> greet(const test::Peer& peer) {
  test::FakeContext context(test::lab_declaration(peer.endpoint().address.text()));
  auto conn = context.connect(
      declaration::PortName{.transport = "tcp", .number = peer.endpoint().port}, "greeting");
  REQUIRE(conn.has_value());
  return protocols::ssh_greet(**conn, context.clock().now() + 3s);
}

Result<protocols::SshAnswer> login(const test::Peer& peer) {
  test::FakeContext context(test::lab_declaration(peer.endpoint().address.text()));
  auto conn = context.connect(
      declaration::PortName{.transport = "tcp", .number = peer.endpoint().port}, "login");
  REQUIRE(conn.has_value());
  return protocols::ssh_login(**conn, "root", "x", context.clock().now() + 2s);
}

}  // namespace

TEST_CASE("an SSH 1 server is named, and nothing about its algorithms is complete") {
  const test::Peer peer("127.56.4.1", [](int fd, const test::Peer& self) {
    test::Peer::say(fd, "SSH-1.5-1.2.27\n");
    self.hold(fd);
  });
  const test::LearnedSsh seen(peer.endpoint().address.text(),
                              "lan:tcp/" + std::to_string(peer.endpoint().port));
  REQUIRE(seen.servers().size() == 1);
  CHECK(seen.servers()[0].protocol == "1");
  for (const char* topic : {"ssh.algorithms", "ssh.host-keys", "ssh.auth"}) {
    CHECK(seen.gaps().find(topic) != std::string::npos);
  }
}

TEST_CASE("lines without end before the banner are given up") {
  const test::Peer peer("127.56.4.2", [](int fd, const test::Peer& self) {
    for (int i = 0; i < 20000 && !self.gone(); ++i) test::Peer::say(fd, "hello\r\n");
  });
  const auto answer = greet(peer);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == ErrorKind::protocol);
}

TEST_CASE("a packet of impossible length is refused, a flood of remarks too") {
  const std::string banner = "SSH-2.0-x\r\n";
  for (const std::string& bytes :
       {std::string("\xff\xff\xff\xff\x04", 5), std::string("\x00\x00\x00\x02\x09\x14", 6),
        std::string("\x00\x00\x00\x0c\x0a\x14", 6) + std::string(10, 0)}) {
    const test::Peer peer("127.56.4.3", [&](int fd, const test::Peer& self) {
      test::Peer::say(fd, banner + bytes);
      self.hold(fd);
    });
    const auto answer = greet(peer);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().kind == ErrorKind::protocol);
  }
  const test::Peer flood("127.56.4.4", [&](int fd, const test::Peer& self) {
    test::Peer::say(fd, banner);
    const std::string ignore = std::string("\x00\x00\x00\x0c\x0a\x02", 6) + std::string(10, 0);
    for (int i = 0; i < 5000 && !self.gone(); ++i) test::Peer::say(fd, ignore);
  });
  const auto answer = greet(flood);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == ErrorKind::protocol);
}

TEST_CASE("a login on a peer that hangs, hangs up or lies is never accepted") {
  const test::Peer silent("127.56.4.5", [](int fd, const test::Peer& self) { self.hold(fd); });
  const auto first = login(silent);
  REQUIRE_FALSE(first.has_value());
  CHECK(first.error().kind == ErrorKind::timed_out);

  const test::Peer closing("127.56.4.6",
                           [](int fd, const test::Peer&) { test::Peer::say(fd, "SSH-2.0-x\r\n"); });
  const auto second = login(closing);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == ErrorKind::closed);

  // Hanging up in the middle of what we send must not end the program by a signal.
  const test::Peer slamming("127.56.4.8", [](int fd, const test::Peer&) {
    char bytes[64];
    test::Peer::say(fd, "SSH-2.0-x\r\n");
    static_cast<void>(recv(fd, bytes, sizeof bytes, 0));
    test::Peer::reset(fd);
  });
  for (int i = 0; i < 20; ++i) CHECK_FALSE(login(slamming).has_value());

  const test::Peer lying("127.56.4.7", [](int fd, const test::Peer& self) {
    // SSH_MSG_USERAUTH_SUCCESS in the clear, before any key exchange.
    test::Peer::say(
        fd, "SSH-2.0-x\r\n" + std::string("\x00\x00\x00\x0c\x0a\x34", 6) + std::string(10, 0));
    self.hold(fd);
  });
  CHECK_FALSE(login(lying).has_value());
}
