#include <atomic>
#include <catch2/catch.hpp>

#include "tests/support/learned_tls.hpp"
#include "tests/support/peer.hpp"
#include "tests/support/tls_servers.hpp"

using namespace haetae;

namespace {

const std::set<std::string> kVersions{"ssl2", "ssl3", "tls1.0", "tls1.1", "tls1.2", "tls1.3"};

test::LearnedTls learned(const test::Peer& peer) {
  return {peer.endpoint().address.text(), "lan:tcp/" + std::to_string(peer.endpoint().port)};
}

/// read_hello() is one record (or SSL 2.0 message) as far as it came in one piece.
std::string read_hello(int fd) {
  std::string bytes(4096, 0);
  const ssize_t count = recv(fd, bytes.data(), bytes.size(), 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

std::string alert(char description) {
  return std::string("\x15\x03\x01\x00\x02\x02", 6) + description;
}

/// relay() passes `hello` to a real server and its first answer back.
void relay(int fd, const std::string& hello, const test::TlsServer& server) {
  const int to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(server.port());
  inet_pton(AF_INET, server.address().c_str(), &name.sin_addr);
  if (connect(to, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0) {
    test::Peer::say(to, hello);
    for (int i = 0; i < 8; ++i) {
      pollfd ready{to, POLLIN, 0};
      if (poll(&ready, 1, 100) <= 0) break;
      const std::string answer = read_hello(to);
      if (answer.empty()) break;
      test::Peer::say(fd, answer);
    }
  }
  ::close(to);
}

}  // namespace

TEST_CASE("a server that drops long hellos does not look as if it offered nothing") {
  const auto real = test::TlsServers::openssl(
      "rsa:2048", {"-tls1_2", "-cipher", "AES128-SHA:AES256-SHA:ECDHE-RSA-AES128-GCM-SHA256"});
  const test::Peer peer("127.56.3.1", [&real](int fd, const test::Peer&) {
    const std::string hello = read_hello(fd);
    if (hello.size() < 200) relay(fd, hello, real);
  });
  const auto seen = learned(peer);
  CHECK(seen.offered("tls1.2") == "yes");
  CHECK(seen.suites("tls1.2") == std::set<std::string>{"TLS_RSA_WITH_AES_128_CBC_SHA",
                                                       "TLS_RSA_WITH_AES_256_CBC_SHA",
                                                       "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
}

TEST_CASE("a server that closes without a word on what it has not is refused twice, then counts") {
  const auto real = test::TlsServers::openssl("rsa:2048", {"-tls1_2", "-cipher", "AES128-SHA"});
  const test::Peer peer("127.56.3.2", [&real](int fd, const test::Peer&) {
    const std::string hello = read_hello(fd);
    const bool right = hello.size() > 11 && hello[9] == 3 && hello[10] == 3 &&
                       hello.find(std::string("\x00\x2f", 2)) != std::string::npos;
    if (right) relay(fd, hello, real);
  });
  const auto seen = learned(peer);
  CHECK(seen.offered("tls1.2") == "yes");
  CHECK(seen.offered("ssl3") == "no");
  CHECK(seen.offered("tls1.0") == "no");
  CHECK(seen.suites("tls1.2").count("TLS_RSA_WITH_AES_128_CBC_SHA") == 1);
}

TEST_CASE("a server that always says handshake_failure has no version, by its own word") {
  const test::Peer peer("127.56.3.3", [](int fd, const test::Peer&) {
    if (!read_hello(fd).empty()) test::Peer::say(fd, alert(40));
  });
  const auto seen = learned(peer);
  for (const std::string& version : kVersions) CHECK(seen.offered(version) == "no");
  CHECK(seen.pairs().empty());
  // Without one accepted suite there is no certificate and no group to be complete about.
  CHECK(seen.gaps().find("tls.certificate") != std::string::npos);
  CHECK(seen.gaps().find("tls.groups") != std::string::npos);
}

TEST_CASE("a port that answers with other bytes leaves every version unknown") {
  const test::Peer peer("127.56.3.4", [](int fd, const test::Peer&) {
    if (!read_hello(fd).empty()) test::Peer::say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const auto seen = learned(peer);
  for (const std::string& version : kVersions) CHECK(seen.offered(version) == "unknown");
  CHECK(seen.gaps().find("tls.versions") != std::string::npos);
}

TEST_CASE("a server with none but an unusual suite is its own reference") {
  // TLS 1.0 with one export suite; whatever else is offered, it closes without a word.
  const std::string hello = std::string("\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01", 11) +
                            std::string(32, 'r') + std::string("\x00\x00\x08\x00", 4);
  const test::Peer peer("127.56.3.8", [&hello](int fd, const test::Peer&) {
    const std::string asked = read_hello(fd);
    const bool right = asked.size() > 46 && asked[9] == 3 && asked[10] == 1 &&
                       asked.find(std::string("\x00\x08", 2), 44) < 44 + 800;
    if (right) test::Peer::say(fd, hello);
  });
  const auto seen = learned(peer);
  CHECK(seen.suites("tls1.0") == std::set<std::string>{"TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"});
  CHECK(seen.offered("tls1.2") == "no");
  CHECK(seen.offered("ssl2") == "no");
}

TEST_CASE("a server that dies on the way leaves no version refused") {
  const auto real = test::TlsServers::openssl("rsa:2048", {"-tls1_2", "-cipher", "AES128-SHA"});
  std::atomic<int> count{0};
  const test::Peer peer("127.56.3.5", [&](int fd, const test::Peer&) {
    const std::string hello = read_hello(fd);
    if (++count < 20) relay(fd, hello, real);
  });
  const auto seen = learned(peer);
  for (const std::string& version : kVersions) {
    INFO(version);
    CHECK(seen.offered(version) != "no");
  }
  for (const char* topic : {"tls.versions", "tls.suites", "tls.groups", "tls.certificate"}) {
    CHECK(seen.gaps().find(topic) != std::string::npos);
  }
}

TEST_CASE("a server that insists on one suite is asked a bounded number of times") {
  // A ServerHello for TLS 1.2 with RC4, whatever was offered.
  const std::string hello = std::string("\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03", 11) +
                            std::string(32, 'r') + std::string("\x00\x00\x05\x00", 4);
  const test::Peer peer("127.56.3.6", [&hello](int fd, const test::Peer&) {
    if (!read_hello(fd).empty()) test::Peer::say(fd, hello);
  });
  const auto seen = learned(peer);
  CHECK(seen.offered("tls1.2") == "yes");
  CHECK(seen.suites("tls1.2") == std::set<std::string>{"TLS_RSA_WITH_RC4_128_SHA"});
  CHECK(seen.offered("tls1.3") == "no");
  CHECK(peer.accepted() < 500);
}

TEST_CASE("endless certificates and warnings end at the limit") {
  const test::Peer peer("127.56.3.7", [](int fd, const test::Peer& self) {
    if (read_hello(fd).empty()) return;
    const std::string warning("\x15\x03\x01\x00\x02\x01\x70", 7);
    for (int i = 0; i < 1000 && !self.gone(); ++i) test::Peer::say(fd, warning);
  });
  const auto seen = learned(peer);
  for (const std::string& version : kVersions) CHECK(seen.offered(version) != "yes");
}
