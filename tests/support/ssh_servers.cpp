#include "tests/support/ssh_servers.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace haetae::test {
namespace {

constexpr int kBlock = 56;

/// told() is what ssh-keygen says of a public key file, in the words of the fact table.
std::string told(const std::string& file) {
  std::istringstream words(run_tool({"ssh-keygen", "-l", "-f", file}).output);
  std::string bits;
  std::string fingerprint;
  words >> bits >> fingerprint;
  std::istringstream key(run_tool({"ssh-keygen", "-y", "-f", file}).output);
  std::string type;
  key >> type;
  return type + " " + bits + " " + fingerprint;
}

}  // namespace

SshServer SshServers::openssh(const std::vector<std::string>& key_types, const std::string& more,
                              Login login) {
  SshServer out;
  out.address_ = free_address(kBlock);
  out.port_ = free_port(out.address_);
  const TempDir& folder = *out.folder_;
  const std::string word = login == Login::pam ? "yes" : "no";
  std::string config = "Port " + std::to_string(out.port_) + "\nListenAddress " + out.address_ +
                       "\nPidFile none\nUsePAM " + word + "\nKbdInteractiveAuthentication " + word +
                       "\nStrictModes no\n" + more;
  for (const std::string& type : key_types) {
    const std::string file = folder.file("key_" + type);
    const ToolResult made = run_tool({"ssh-keygen", "-q", "-t", type, "-N", "", "-f", file});
    if (made.exit_code != 0) throw std::runtime_error("ssh-keygen: " + made.output);
    config += "HostKey " + file + "\n";
    out.keys_.insert(told(file));
  }
  // sshd wants its separation folder; the path is compiled in.
  std::filesystem::create_directories("/run/sshd");
  out.daemon_ = std::make_unique<Daemon>(
      std::vector<std::string>{"sshd", "-D", "-e", "-f", folder.write("sshd_config", config)},
      folder);
  out.daemon_->wait_for_port(out.address_, out.port_);
  return out;
}

SshServer SshServers::dropbear(const std::vector<std::string>& more) {
  SshServer out;
  out.address_ = free_address(kBlock);
  out.port_ = free_port(out.address_);
  const TempDir& folder = *out.folder_;
  std::vector<std::string> argv{"dropbear", "-F", "-E", "-p",
                                out.address_ + ":" + std::to_string(out.port_)};
  for (const char* type : {"rsa", "ecdsa", "ed25519"}) {
    const std::string file = folder.file(std::string("dropbear_") + type);
    const ToolResult made = run_tool({"dropbearkey", "-t", type, "-f", file});
    if (made.exit_code != 0) throw std::runtime_error("dropbearkey: " + made.output);
    argv.insert(argv.end(), {"-r", file});
    // dropbearkey prints the public key in OpenSSH's form among its lines.
    std::istringstream lines(made.output);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("ssh-") && !line.starts_with("ecdsa-")) continue;
      const std::string pub = folder.write(std::string(type) + ".pub", line + "\n");
      std::istringstream words(run_tool({"ssh-keygen", "-l", "-f", pub}).output);
      std::string bits;
      std::string fingerprint;
      words >> bits >> fingerprint;
      out.keys_.insert(line.substr(0, line.find(' ')) + " " + bits + " " + fingerprint);
    }
  }
  argv.insert(argv.end(), more.begin(), more.end());
  out.daemon_ = std::make_unique<Daemon>(argv, folder);
  out.daemon_->wait_for_port(out.address_, out.port_);
  return out;
}

}  // namespace haetae::test
