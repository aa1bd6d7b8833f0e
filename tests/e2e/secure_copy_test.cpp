#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "harness/net/door.hpp"
#include "harness/protocols/ssh_session.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/login_daemons.hpp"

/// Files copied by SCP, and the command that starts their installation, with the SSH servers that
/// Debian ships.
namespace {

using namespace haetae;

constexpr const char* kPassword = "Str0ng!Operator-77";

/// rounds() copies a file and lets a command hash it, each time on a new connection, as a whole run
/// does a few dozen times.
void rounds(const test::LoginDaemon& ssh, int count) {
  NoRecorder recorder;
  net::Door door(Scope{.networks = {*Network::parse("127.0.0.0/8")}}, {}, system_clock());
  const std::string copied = ssh.folder->write("incoming.bin", "");
  namespace fs = std::filesystem;
  fs::permissions(ssh.folder->path(), fs::perms(0755));
  fs::permissions(copied, fs::perms(0666));
  for (int round = 0; round < count; ++round) {
    INFO("round " << round);
    const std::string file(20'000 + static_cast<std::size_t>(round) * 7919,
                           static_cast<char>('a' + round % 26));
    const auto until = std::chrono::steady_clock::now() + 60s;
    auto conn = door.connect({.address = *Address::parse(ssh.address), .port = ssh.port}, recorder,
                             "lan", "copy", until);
    REQUIRE(conn);
    auto session = protocols::SshSession::open(**conn, until);
    REQUIRE(session);
    const auto login = session->try_password("operator", kPassword, until);
    REQUIRE(login);
    REQUIRE(login->outcome == protocols::SshOutcome::accepted);
    const auto put = session->copy(copied, as_bytes(file), until);
    INFO((put ? "" : put.error().message()));
    REQUIRE(put);
    const auto ran = session->run("sha256sum <" + copied + "; exit 7", until);
    INFO((ran ? ran->output : ran.error().message()));
    INFO(ssh.daemon->output());
    REQUIRE(ran);
    CHECK(ran->exit_code == 7);
    CHECK(ran->output.starts_with(to_hex(sha256(as_bytes(file)))));
  }
}

}  // namespace

TEST_CASE("a command follows a copy on the same connection to dropbear", "[e2e]") {
  rounds(test::dropbear({{"operator", kPassword}}), 20);
}

TEST_CASE("a command follows a copy on the same connection to OpenSSH's sshd", "[e2e]") {
  rounds(test::openssh({{"operator", kPassword}}), 20);
}
