#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/daemon.hpp"

/// SSH servers that other people wrote, each on a loopback address of its own.
namespace haetae::test {

class SshServer {
 public:
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string subject() const { return "lan:tcp/" + std::to_string(port_); }
  [[nodiscard]] Daemon& daemon() { return *daemon_; }
  /// keys() are the server's host keys as ssh-keygen -l tells them: "type bits fingerprint".
  [[nodiscard]] const std::set<std::string>& keys() const { return keys_; }

 private:
  friend class SshServers;
  std::unique_ptr<TempDir> folder_ = std::make_unique<TempDir>();
  std::string address_;
  std::uint16_t port_ = 0;
  std::set<std::string> keys_;
  std::unique_ptr<Daemon> daemon_;
};

class SshServers {
 public:
  /// Login says who checks a password: sshd itself, or PAM by keyboard-interactive.
  enum class Login { plain, pam };
  /// openssh() has a host key of each type and further lines of sshd_config.
  static SshServer openssh(const std::vector<std::string>& key_types, const std::string& more,
                           Login login = Login::plain);
  /// dropbear() has an RSA, an ECDSA and an Ed25519 key.
  static SshServer dropbear(const std::vector<std::string>& more = {});
};

}  // namespace haetae::test
