#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "devices/simulator.hpp"
#include "harness/protocols/ssh_session.hpp"
#include "tests/support/learned_ssh.hpp"
#include "tests/support/ssh_servers.hpp"

using namespace haetae;

namespace {

using Words = std::set<std::string>;

test::LearnedSsh learned(const test::SshServer& server) {
  return {server.address(), server.subject()};
}

Result<protocols::SshAnswer> login(const test::SshServer& server, std::string_view user,
                                   std::string_view password, Duration limit = 20s) {
  test::FakeContext context(test::lab_declaration(server.address()));
  auto conn =
      context.connect(declaration::PortName{.transport = "tcp", .number = server.port()}, "login");
  if (!conn) return tl::unexpected(conn.error());
  return protocols::ssh_login(**conn, user, password, context.clock().now() + limit);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("a login leaves no descriptor open, however it ends") {
  auto server = test::SshServers::openssh({"ed25519"}, "");
  const std::size_t before = open_descriptors();
  CHECK(login(server, "nobody-here", "wrong").has_value());
  CHECK(open_descriptors() == before);
  server.daemon().signal(SIGSTOP);
  CHECK_FALSE(login(server, "nobody-here", "wrong", 1s).has_value());
  CHECK(open_descriptors() == before);
}

TEST_CASE("OpenSSH as Debian sets it up is read whole") {
  const auto server = test::SshServers::openssh({"ed25519", "ecdsa", "rsa"}, "");
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  REQUIRE(seen.servers().size() == 1);
  CHECK(seen.servers()[0].protocol == "2.0");
  CHECK(seen.servers()[0].software.find("OpenSSH") == 0);
  CHECK(seen.algorithms("kex").count("curve25519-sha256") == 1);
  CHECK(seen.algorithms("mac").count("hmac-sha1") == 1);
  CHECK(seen.keys() == server.keys());
  CHECK(seen.keys().size() == 3);
  CHECK(seen.methods() == Words{"password", "publickey"});
}

TEST_CASE("an OpenSSH server with old algorithms alone is read and can be logged in to") {
  const auto server = test::SshServers::openssh(
      {"rsa"},
      "KexAlgorithms diffie-hellman-group1-sha1\nHostKeyAlgorithms ssh-rsa\n"
      "Ciphers 3des-cbc\nMACs hmac-sha1\n");
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  CHECK(seen.algorithms("kex").count("diffie-hellman-group1-sha1") == 1);
  CHECK(seen.algorithms("cipher") == Words{"3des-cbc"});
  CHECK(seen.keys() == server.keys());
  const auto wrong = login(server, "nobody-here", "wrong");
  REQUIRE(wrong.has_value());
  CHECK(wrong->outcome == protocols::SshOutcome::refused);
}

TEST_CASE("a cipher that libssh has not is read, and a login is no refusal") {
  const auto server =
      test::SshServers::openssh({"ed25519"}, "MACs umac-64@openssh.com\nCiphers aes128-ctr\n");
  const auto seen = learned(server);
  CHECK(seen.algorithms("mac") == Words{"umac-64@openssh.com"});
  CHECK(seen.keys() == server.keys());
  const Coverage auth = seen.context().coverage("ssh.auth", server.subject());
  CHECK(auth.state == CoverageState::partial);
  CHECK(auth.cause == Cause::tool);
  const auto answer = login(server, "root", "wrong");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == ErrorKind::unsupported);
}

TEST_CASE("group exchange is the only key exchange") {
  const auto server = test::SshServers::openssh(
      {"ed25519"}, "KexAlgorithms diffie-hellman-group-exchange-sha256\n");
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  CHECK(seen.keys() == server.keys());
}

TEST_CASE("dropbear is read whole and tells a wrong password") {
  const auto server = test::SshServers::dropbear();
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  CHECK(seen.keys() == server.keys());
  CHECK(seen.methods().count("password") == 1);
  const auto wrong = login(server, "root", "certainly-wrong");
  REQUIRE(wrong.has_value());
  CHECK(wrong->outcome == protocols::SshOutcome::refused);
}

TEST_CASE(
    "a server that ends the connection after too many tries blocks, and nobody waits for it") {
  const auto server = test::SshServers::openssh({"ed25519"}, "MaxAuthTries 2\n");
  test::FakeContext context(test::lab_declaration(server.address()));
  auto conn =
      context.connect(declaration::PortName{.transport = "tcp", .number = server.port()}, "tries");
  REQUIRE(conn.has_value());
  const SteadyTime deadline = context.clock().now() + 30s;
  auto session = protocols::SshSession::open(**conn, deadline);
  REQUIRE(session.has_value());
  std::vector<protocols::SshOutcome> outcomes;
  for (int i = 0; i < 3; ++i) {
    const auto answer = session->try_password("nobody-here", "wrong", deadline);
    if (answer) outcomes.push_back(answer->outcome);
  }
  REQUIRE(outcomes.size() >= 2);
  CHECK(outcomes.front() == protocols::SshOutcome::refused);
  CHECK(outcomes.back() == protocols::SshOutcome::blocked);
}

TEST_CASE("a password is also tried where only keyboard-interactive is offered") {
  const auto server = test::SshServers::openssh(
      {"ed25519"}, "PasswordAuthentication no\nAuthenticationMethods keyboard-interactive\n",
      test::SshServers::Login::pam);
  CHECK(learned(server).methods() == Words{"keyboard-interactive"});
  const auto wrong = login(server, "nobody-here", "wrong");
  REQUIRE(wrong.has_value());
  CHECK(wrong->outcome == protocols::SshOutcome::refused);
}

TEST_CASE("a server that takes keys alone offers no password to try") {
  const auto server = test::SshServers::openssh({"ed25519"}, "PasswordAuthentication no\n");
  CHECK(learned(server).methods() == Words{"publickey"});
  const auto answer = login(server, "nobody-here", "wrong");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == ErrorKind::unsupported);
}

TEST_CASE("the right password is accepted, a wrong one refused, and no password needed is said") {
  const auto start = [](const char* address, std::vector<std::string> defects) {
    auto device = devices::Simulator::start(
        std::string(HAETAE_SOURCE_DIR) + "/devices/personalities/conformant-camera.xml",
        {.address = address, .defects = std::move(defects), .settings = {}, .control = {}});
    REQUIRE(device.has_value());
    return std::move(*device);
  };
  const auto try_on = [](const char* address, std::string_view password) {
    test::FakeContext context(test::lab_declaration(address));
    auto conn = context.connect(declaration::PortName{.transport = "tcp", .number = 22}, "login");
    REQUIRE(conn.has_value());
    return protocols::ssh_login(**conn, "admin", password, context.clock().now() + 20s);
  };
  const auto sound = start("127.56.6.1", {});
  const auto right = try_on("127.56.6.1", "Sim!Cam-2026x");
  REQUIRE(right.has_value());
  CHECK(right->outcome == protocols::SshOutcome::accepted);
  const auto wrong = try_on("127.56.6.1", "Sim!Cam-2026y");
  REQUIRE(wrong.has_value());
  CHECK(wrong->outcome == protocols::SshOutcome::refused);

  const auto open = start("127.56.6.2", {"ssh-none"});
  const test::LearnedSsh seen("127.56.6.2", "lan:tcp/22");
  CHECK(seen.methods().count("none") == 1);
}

TEST_CASE("a server that hangs costs no more than the deadline") {
  auto server = test::SshServers::openssh({"ed25519"}, "");
  server.daemon().signal(SIGSTOP);
  const auto start = std::chrono::steady_clock::now();
  const auto answer = login(server, "root", "x", 2s);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == ErrorKind::timed_out);
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}
