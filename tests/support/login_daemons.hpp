#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/daemon.hpp"

/// Login services that other people wrote, each with accounts of its own: the accounts live in the
/// service's files, or in a mount namespace with its own /etc/passwd and /etc/shadow.
namespace haetae::test {

using Accounts = std::vector<std::pair<std::string, std::string>>;  ///< name, password

/// LoginDaemon is a running service at address:port.
struct LoginDaemon {
  std::unique_ptr<TempDir> folder;
  std::unique_ptr<Daemon> daemon;
  std::string address;
  std::uint16_t port = 0;
};

[[nodiscard]] LoginDaemon lighttpd_auth(const std::string& scheme, const Accounts& accounts);
/// nginx_basic() without accounts asks nobody for a login.
[[nodiscard]] LoginDaemon nginx_basic(const Accounts& accounts);
[[nodiscard]] LoginDaemon busybox_httpd(const Accounts& accounts);
[[nodiscard]] LoginDaemon dropbear(const Accounts& accounts);
/// openssh() takes further lines for its configuration.
[[nodiscard]] LoginDaemon openssh(const Accounts& accounts, const std::string& further = {});
[[nodiscard]] LoginDaemon telnetd(const Accounts& accounts);
/// vsftpd() without accounts lets anonymous in.
[[nodiscard]] LoginDaemon vsftpd(const Accounts& accounts);
/// mosquitto() without accounts takes everybody in.
[[nodiscard]] LoginDaemon mosquitto(const Accounts& accounts);
/// snmpd() with a community answers v1 and v2c; without one v3 only.
[[nodiscard]] LoginDaemon snmpd(const std::string& community);
/// coap_server() is libcoap's example server, which gives everything to everybody.
[[nodiscard]] LoginDaemon coap_server();

}  // namespace haetae::test
