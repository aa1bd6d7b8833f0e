#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "testcases/facts/facts.hpp"
#include "testcases/network/network.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/net_space.hpp"
#include "tests/support/peer.hpp"
#include "tests/support/zoo.hpp"

// Devices that lie, stall or flood while they are discovered and identified.
using namespace haetae;
using namespace haetae::test;

namespace {

const char* kHost = "127.58.0.20";

/// identify() runs the procedure on one port and returns its fact.
facts::Service identify(FakeContext& context, std::uint16_t port) {
  context.given(facts::Port{.evidence = 1,
                            .subject = "lan:tcp/" + std::to_string(port),
                            .transport = "tcp",
                            .number = port,
                            .state = "open",
                            .over_ipv4 = "open",
                            .over_ipv6 = "not-asked"});
  const auto begin = system_clock().now();
  const auto done = testcases::service_identification().run(context);
  REQUIRE(done);
  CHECK(system_clock().now() - begin < 20s);
  const auto seen = runner::facts<facts::Service>(context);
  REQUIRE(seen.size() == 1);
  return seen.front();
}

bool clean(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

TEST_CASE("hostile: a banner without end") {
  const Peer peer(kHost, [](int fd, const Peer& self) {
    const std::string block(4096, 'A');
    for (int i = 0; i < 4096 && !self.gone(); ++i)
      if (send(fd, block.data(), block.size(), MSG_NOSIGNAL) <= 0) return;
  });
  FakeContext context(lab_declaration(kHost));
  const facts::Service fact = identify(context, peer.endpoint().port);
  CHECK(fact.protocol == "unknown");
  CHECK(fact.banner.size() <= 256);
  CHECK(context.coverage("services", fact.subject).state == CoverageState::partial);
}

TEST_CASE("hostile: escape sequences in a banner reach no fact") {
  const Peer peer(kHost, [](int fd, const Peer& self) {
    Peer::say(fd, "SSH-2.0-\x1b]0;owned\x07_\x1b[2J \xe2\x80\xae\r\n");
    self.hold(fd);
  });
  FakeContext context(lab_declaration(kHost));
  const facts::Service fact = identify(context, peer.endpoint().port);
  CHECK(fact.protocol == "ssh");
  CHECK(clean(fact.banner));
  CHECK(clean(fact.product));
  CHECK(clean(fact.version));
}

TEST_CASE("hostile: a TLS server that stalls after its hello is TLS, and nobody knows what else") {
  const Peer peer(kHost, [](int fd, const Peer& self) {
    std::string hello(4096, '\0');
    // Whoever begins with a handshake record gets the head of one, and then nothing.
    if (recv(fd, hello.data(), hello.size(), 0) > 0 && hello[0] == 0x16)
      Peer::say(fd, std::string("\x15\x03\x03\x00\x02\x01\x00", 7));
    self.hold(fd);
  });
  FakeContext context(lab_declaration(kHost));
  const facts::Service fact = identify(context, peer.endpoint().port);
  CHECK(fact.protocol == "unknown");
  CHECK(fact.tls != "no");
}

TEST_CASE("hostile: a port that accepts and stays silent is unknown, with and without TLS") {
  const Peer peer(kHost, [](int fd, const Peer& self) { self.hold(fd); });
  FakeContext context(lab_declaration(kHost));
  const facts::Service fact = identify(context, peer.endpoint().port);
  CHECK(fact.protocol == "unknown");
  CHECK(fact.tls == "unknown");
  CHECK(context.coverage("tls.endpoints", "lan").state == CoverageState::partial);
}

TEST_CASE("hostile: an answer to HTTP that comes a byte at a time") {
  const Peer peer(kHost, [](int fd, const Peer& self) {
    const std::string answer = "HTTP/1.1 200 OK\r\nServer: drip/1.0\r\n\r\n";
    for (const char c : answer) {
      if (self.gone() || send(fd, &c, 1, MSG_NOSIGNAL) <= 0) return;
      pollfd entry{fd, 0, 0};
      poll(&entry, 1, 20);
    }
    self.hold(fd);
  });
  FakeContext context(lab_declaration(kHost));
  const facts::Service fact = identify(context, peer.endpoint().port);
  CHECK(fact.protocol == "http");
}

TEST_CASE("hostile: a trap that accepts on every port ends, and coverage says what was left out") {
  if (!can_make_net_space()) {
    WARN("not root: no network namespace can be made");
    return;
  }
  const NetSpace space;
  const TempDir folder;
  // One process for all connections: a child for each would load the machine that tests.
  const std::string config = folder.write(
      "nginx.conf", "daemon off;\nmaster_process off;\npid " + folder.file("pid") +
                        ";\nerror_log stderr;\nevents { worker_connections 8192; }\nhttp { "
                        "access_log off; client_body_temp_path " +
                        folder.file("n1") + "; proxy_temp_path " + folder.file("n2") +
                        "; fastcgi_temp_path " + folder.file("n3") + "; uwsgi_temp_path " +
                        folder.file("n4") + "; scgi_temp_path " + folder.file("n5") +
                        "; server { listen 9 backlog=4096; return 200; } }\n");
  Daemon trap(space.inside({find_tool("nginx"), "-e", "stderr", "-c", config}), folder);
  trap.wait_for_port(space.v4(), 9);
  space.redirect_all_tcp(9);
  FakeContext context(lab_declaration(space.v4()));
  const auto begin = system_clock().now();
  const auto done = testcases::discovery().run(context);
  REQUIRE(done);
  CHECK(system_clock().now() - begin < 120s);
  std::size_t open = 0;
  for (const facts::Port& port : runner::facts<facts::Port>(context))
    if (port.transport == "tcp" && port.state == "open") ++open;
  CHECK(open > 60000);
  REQUIRE(testcases::service_identification().run(context));
  std::size_t services = 0;
  for (const facts::Service& service : runner::facts<facts::Service>(context))
    services += service.subject.starts_with("lan:tcp/") ? 1 : 0;
  CHECK(services == open);
  CHECK(context.coverage("services", "lan").state == CoverageState::partial);
  CHECK(context.coverage("tls.endpoints", "lan").state == CoverageState::partial);
}
