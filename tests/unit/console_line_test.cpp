#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "harness/net/console.hpp"
#include "harness/net/door.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/peer.hpp"
#include "tests/support/pty.hpp"

using namespace haetae;

namespace {

SteadyTime soon(Duration wait = 5s) { return system_clock().now() + wait; }

net::Door door(const char* network = "127.47.1.0/24") {
  Scope scope;
  scope.networks.push_back(*Network::parse(network));
  return {std::move(scope), net::Limits{}, system_clock()};
}

std::string take(net::Conn& conn, std::size_t count) {
  const auto got = net::read_exactly(conn, count, soon());
  REQUIRE(got);
  return std::string(as_text(*got));
}

}  // namespace

TEST_CASE("a console on a tty is raw, at its speed, ours alone, and put back", "[console]") {
  const test::Pty pty;
  termios before{};
  REQUIRE(tcgetattr(pty.slave(), &before) == 0);
  REQUIRE((before.c_lflag & ICANON) != 0);
  test::MemoryRecorder recorder;
  net::Door opened = door();
  {
    auto conn = opened.console({.device = pty.name(), .baud = 57600, .server = {}}, recorder,
                               "console", "boot", soon());
    REQUIRE(conn);
    termios now{};
    REQUIRE(tcgetattr(pty.slave(), &now) == 0);
    CHECK((now.c_lflag & (ICANON | ECHO | ISIG)) == 0);
    CHECK((now.c_iflag & (IXON | ICRNL)) == 0);
    CHECK(cfgetospeed(&now) == B57600);
    CHECK((now.c_cflag & HUPCL) == 0);
    const int other = ::open(pty.name().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (other >= 0) {
      CHECK(flock(other, LOCK_EX | LOCK_NB) != 0);  // the superuser passes the kernel's lock
      ::close(other);
    }
    // Nothing is changed on the way, in either direction.
    pty.write(std::string("\x03\r\n\x11\xff", 5));
    CHECK(take(**conn, 5) == std::string("\x03\r\n\x11\xff", 5));
    REQUIRE((*conn)->write(as_bytes("\x03\r\n"), soon()));
    CHECK(pty.read(3) == "\x03\r\n");
    CHECK(recorder.text((*conn)->evidence(), Direction::received).size() == 5);
    CHECK(recorder.text((*conn)->evidence(), Direction::sent) == "\x03\r\n");
    std::uint8_t byte = 0;
    const auto late = (*conn)->read_some({&byte, 1}, soon(30ms));
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == ErrorKind::timed_out);
  }
  termios after{};
  REQUIRE(tcgetattr(pty.slave(), &after) == 0);
  CHECK(after.c_lflag == before.c_lflag);
  CHECK(after.c_iflag == before.c_iflag);
  CHECK(after.c_oflag == before.c_oflag);
  CHECK(cfgetospeed(&after) == cfgetospeed(&before));
  const int descriptor = ::open(pty.name().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK(descriptor >= 0);
  ::close(descriptor);
}

TEST_CASE("what is no serial port, or somebody else's, is refused with a reason", "[console]") {
  test::MemoryRecorder recorder;
  net::Door opened = door();
  const auto refused = [&](const std::string& device, int baud, ErrorKind kind,
                           const std::string& says) {
    auto conn = opened.console({.device = device, .baud = baud, .server = {}}, recorder, "console",
                               "boot", soon());
    REQUIRE_FALSE(conn);
    INFO(conn.error().message());
    CHECK(conn.error().kind == kind);
    CHECK(conn.error().message().find(says) != std::string::npos);
  };
  const test::Pty pty;
  refused("/dev/null", 115200, ErrorKind::invalid_input, "no serial port");
  refused("/nowhere/ttyUSB9", 115200, ErrorKind::not_found, "/nowhere/ttyUSB9");
  refused(HAETAE_SOURCE_DIR "/README.md", 115200, ErrorKind::invalid_input, "no serial port");
  refused(pty.name(), 12345, ErrorKind::invalid_input, "115200");
  const int other = ::open(pty.name().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(flock(other, LOCK_EX | LOCK_NB) == 0);
  refused(pty.name(), 115200, ErrorKind::budget, "another program");
  ::close(other);
  CHECK(recorder.count() == 0);
}

TEST_CASE("a console that is pulled out ends the stream", "[console]") {
  test::MemoryRecorder recorder;
  net::Door opened = door();
  auto pty = std::make_unique<test::Pty>();
  auto conn = opened.console({.device = pty->name(), .baud = 115200, .server = {}}, recorder,
                             "console", "boot", soon());
  REQUIRE(conn);
  pty->unplug();
  std::uint8_t byte = 0;
  const auto got = (*conn)->read_some({&byte, 1}, soon());
  REQUIRE_FALSE(got);
  CHECK(got.error().kind == ErrorKind::closed);
}

TEST_CASE("a console server is asked inside the scope only", "[console]") {
  test::MemoryRecorder recorder;
  net::Door opened = door("127.47.1.0/24");
  const Endpoint outside{*Address::parse("127.47.2.1"), 7001};
  auto conn = opened.console({.device = {}, .baud = 0, .server = outside}, recorder, "console",
                             "boot", soon());
  REQUIRE_FALSE(conn);
  CHECK(conn.error().kind == ErrorKind::out_of_scope);
}

TEST_CASE("a console server's telnet options are declined and kept out", "[console]") {
  const std::string answers("\xff\xfd\x01\xff\xfc\x18", 6);  // DO ECHO, WONT TERMINAL-TYPE
  const test::Peer peer("127.47.1.1", [&](int fd, const test::Peer&) {
    // WILL ECHO, DO TERMINAL-TYPE twice, a subnegotiation, a doubled IAC in the text.
    test::Peer::say(
        fd, {"\xff\xfb\x01\xff\xfd\x18\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0U-B\xff\xffoot", 23});
    std::string heard(answers.size() + 3, '\0');
    for (std::size_t got = 0; got < heard.size();) {
      const auto more = ::recv(fd, heard.data() + got, heard.size() - got, 0);
      if (more <= 0) return;
      got += static_cast<std::size_t>(more);
    }
    test::Peer::say(fd, heard == answers + "x\xff\xff" ? "well" : "evil");
  });
  test::MemoryRecorder recorder;
  net::Door opened = door();
  auto conn = opened.console({.device = {}, .baud = 0, .server = peer.endpoint()}, recorder,
                             "console", "boot", soon());
  REQUIRE(conn);
  CHECK(take(**conn, 7) ==
        "U-B\xff"
        "oot");
  REQUIRE((*conn)->write(as_bytes("x\xff"), soon()));
  CHECK(take(**conn, 4) == "well");
}

TEST_CASE("a raw server's bytes pass as they are", "[console]") {
  net::OptionFilter filter;
  Bytes text;
  Bytes reply;
  const std::string raw(
      "\xff\x00\xff\xff\xf0"
      "boot\xff",
      10);
  filter.feed(as_bytes(raw), text, reply);
  filter.feed(as_bytes("\x01"), text, reply);
  CHECK(as_text(text) == raw + "\x01");
  CHECK(reply.empty());
  CHECK_FALSE(filter.negotiated());
}
