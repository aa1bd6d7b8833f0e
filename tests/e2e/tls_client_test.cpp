#include <signal.h>

#include <catch2/catch.hpp>

#include "harness/protocols/tls_client.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/peer.hpp"
#include "tests/support/tls_servers.hpp"

using namespace haetae;
using protocols::TlsOptions;
using protocols::TlsVersion;

namespace {

/// Client makes one TLS connection with a context of its own.
struct Client {
  Client(const std::string& address, std::uint16_t port, const TlsOptions& options,
         Duration limit = 5s)
      : context(test::lab_declaration(address)) {
    auto plain = context.connect(declaration::PortName{.transport = "tcp", .number = port}, "tls");
    if (!plain) throw std::runtime_error(plain.error().message());
    evidence = (*plain)->evidence();
    conn = protocols::wrap_tls(std::move(*plain), options, context.clock().now() + limit);
  }
  Client(const test::TlsServer& server, const TlsOptions& options)
      : Client(server.address(), server.port(), options) {}
  Client(const test::Peer& peer, const TlsOptions& options, Duration limit)
      : Client(peer.endpoint().address.text(), peer.endpoint().port, options, limit) {}

  test::FakeContext context;
  EvidenceId evidence = 0;
  Result<std::unique_ptr<protocols::TlsConn>> conn = fail(ErrorKind::internal, "not made");
};

}  // namespace

TEST_CASE("a page is fetched inside TLS and both sides stand in the transcript") {
  const auto server = test::TlsServers::openssl("P-256", {"-alpn", "http/1.1"});
  Client client(server, {.sni = "device.test", .alpn = {"h2", "http/1.1"}});
  REQUIRE(client.conn.has_value());
  protocols::TlsConn& conn = **client.conn;
  CHECK(conn.version() == TlsVersion::tls1_3);
  CHECK(conn.suite() == "TLS_AES_256_GCM_SHA384");
  CHECK(conn.alpn() == "http/1.1");
  CHECK(conn.signature_scheme() == 0x0403);
  REQUIRE(conn.chain().size() == 1);
  const SteadyTime deadline = client.context.clock().now() + 5s;
  REQUIRE(conn.write(as_bytes("GET / HTTP/1.0\r\n\r\n"), deadline).has_value());
  const Bytes page = net::read_all(conn, 1 << 20, 1s, deadline);
  CHECK(as_text(page).find("200") != std::string_view::npos);
  const auto& evidence = client.context.evidence();
  CHECK(evidence.text(client.evidence, Direction::inside_sent) == "GET / HTTP/1.0\r\n\r\n");
  CHECK(evidence.text(client.evidence, Direction::inside_received) == as_text(page));
  CHECK(evidence.text(client.evidence, Direction::sent).find("GET") == std::string::npos);
}

TEST_CASE("old versions and short keys are spoken where OpenSSL can") {
  const auto server =
      test::TlsServers::openssl("rsa:1024", {"-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"});
  const Client client(server, {});
  REQUIRE(client.conn.has_value());
  CHECK((*client.conn)->version() == TlsVersion::tls1_0);
  CHECK((*client.conn)->suite() == "TLS_RSA_WITH_AES_128_CBC_SHA");
}

TEST_CASE("CCM suites of TLS 1.3 are spoken") {
  const auto server =
      test::TlsServers::openssl("P-256", {"-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256"});
  const Client client(server, {});
  REQUIRE(client.conn.has_value());
  CHECK((*client.conn)->suite() == "TLS_AES_128_CCM_8_SHA256");
}

TEST_CASE("what OpenSSL cannot speak is unsupported, never a refusal of the device") {
  const auto rc4 = test::TlsServers::gnutls(
      "rsa:2048", "NONE:+VERS-TLS1.2:+ARCFOUR-128:+RSA:+SHA1:+COMP-NULL:+SIGN-ALL:+CTYPE-X509");
  const Client first(rc4, {});
  REQUIRE_FALSE(first.conn.has_value());
  CHECK(first.conn.error().kind == ErrorKind::unsupported);

  const auto modern = test::TlsServers::openssl("P-256", {"-tls1_3"});
  const Client second(modern, {.max = TlsVersion::tls1_2});
  REQUIRE_FALSE(second.conn.has_value());
  CHECK(second.conn.error().kind == ErrorKind::unsupported);

  const Client third(modern, {.max = TlsVersion::ssl3});
  REQUIRE_FALSE(third.conn.has_value());
  CHECK(third.conn.error().kind == ErrorKind::unsupported);
}

TEST_CASE("peers that are silent, gone or no TLS are told apart") {
  const test::Peer silent("127.56.5.1", [](int fd, const test::Peer& self) { self.hold(fd); });
  CHECK(Client(silent, {}, 500ms).conn.error().kind == ErrorKind::timed_out);

  const test::Peer http("127.56.5.2", [](int fd, const test::Peer& self) {
    test::Peer::say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
    self.hold(fd);
  });
  CHECK(Client(http, {}, 3s).conn.error().kind == ErrorKind::protocol);

  const test::Peer closing("127.56.5.3", [](int fd, const test::Peer&) {
    char byte = 0;
    static_cast<void>(recv(fd, &byte, 1, 0));
    test::Peer::reset(fd);
  });
  CHECK(Client(closing, {}, 3s).conn.error().kind == ErrorKind::closed);
}

TEST_CASE("a server that stops inside TLS costs no more than the deadline") {
  auto server = test::TlsServers::openssl("P-256", {});
  Client client(server, {});
  REQUIRE(client.conn.has_value());
  server.daemon().signal(SIGSTOP);
  std::array<std::uint8_t, 64> buffer{};
  const auto got = (*client.conn)->read_some(buffer, client.context.clock().now() + 300ms);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().kind == ErrorKind::timed_out);
  server.daemon().signal(SIGCONT);
}
