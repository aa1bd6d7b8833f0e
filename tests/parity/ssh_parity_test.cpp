#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/learned_ssh.hpp"
#include "tests/support/ssh_servers.hpp"

using namespace haetae;

namespace {

using Names = std::vector<std::string>;
using Words = std::set<std::string>;

nlohmann::json audit(const test::SshServer& server) {
  const auto run =
      test::run_tool({"ssh-audit", "-j", "-p", std::to_string(server.port()), server.address()});
  INFO(run.output);
  return nlohmann::json::parse(run.output);
}

/// names_of() is one list of ssh-audit. Whether it tells a list as words or as objects with sizes
/// depends on the list.
Names names_of(const nlohmann::json& list) {
  Names out;
  for (const auto& entry : list) {
    out.push_back(entry.is_string() ? entry.get<std::string>()
                                    : entry.at("algorithm").get<std::string>());
  }
  return out;
}

/// scanned_keys() are the host keys that ssh-keyscan fetches: "type bits fingerprint".
Words scanned_keys(const test::SshServer& server) {
  const auto scan = test::run_tool({"ssh-keyscan", "-T", "10", "-t", "rsa,ecdsa,ed25519", "-p",
                                    std::to_string(server.port()), server.address()});
  Words out;
  std::istringstream lines(scan.output);
  const test::TempDir folder;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string host, type, key, bits, fingerprint;
    words >> host >> type >> key;
    if (host.empty() || host[0] == '#' || key.empty()) continue;
    const auto told =
        test::run_tool({"ssh-keygen", "-l", "-f", folder.write("key", type + " " + key + "\n")});
    std::istringstream(told.output) >> bits >> fingerprint;
    out.insert(type + " " + bits + " " + fingerprint);
  }
  return out;
}

void compare(const test::SshServer& server) {
  const test::LearnedSsh seen(server.address(), server.subject());
  const nlohmann::json theirs = audit(server);
  CHECK(seen.ordered("kex", "both") == names_of(theirs.at("kex")));
  CHECK(seen.ordered("host-key", "both") == names_of(theirs.at("key")));
  // ssh-audit tells one direction; the servers here offer the same in both.
  CHECK(seen.ordered("cipher", "server-to-client") == names_of(theirs.at("enc")));
  CHECK(seen.ordered("mac", "server-to-client") == names_of(theirs.at("mac")));
  CHECK(seen.keys() == scanned_keys(server));
  CHECK(seen.servers().at(0).software == theirs.at("banner").at("software").get<std::string>());
}

}  // namespace

TEST_CASE("OpenSSH as it comes: the same lists as ssh-audit, the same keys as ssh-keyscan") {
  compare(test::SshServers::openssh({"rsa", "ecdsa", "ed25519"}, ""));
}

TEST_CASE("OpenSSH with old algorithms: the same lists as ssh-audit") {
  compare(test::SshServers::openssh(
      {"rsa", "ed25519"},
      "KexAlgorithms +diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,"
      "diffie-hellman-group-exchange-sha1\nHostKeyAlgorithms +ssh-rsa\n"
      "Ciphers +3des-cbc,aes128-cbc\nMACs +hmac-md5,hmac-sha1-96\n"));
}

TEST_CASE("dropbear: the same lists as ssh-audit, the same keys as ssh-keyscan") {
  compare(test::SshServers::dropbear());
}
