#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/daemon.hpp"

/// Real servers of Debian's packages on one loopback address, at their usual ports.
namespace haetae::test {

/// Zoo starts what a method names; everything ends with the object.
class Zoo {
 public:
  explicit Zoo(std::string host) : host_(std::move(host)) {}

  void dropbear(std::uint16_t port = 22);
  void openssh(std::uint16_t port);
  void vsftpd(std::uint16_t port = 21);
  void telnetd(std::uint16_t port = 23);
  /// nginx() serves http on `plain` and https on `tls`.
  void nginx(std::uint16_t plain, std::uint16_t tls);
  void lighttpd(std::uint16_t port);
  /// mosquitto() is open to anyone on `plain`, and inside TLS on `tls`.
  void mosquitto(std::uint16_t plain, std::uint16_t tls);
  /// dnsmasq() speaks DNS on 53 (TCP and UDP) and TFTP on 69.
  void dnsmasq();
  void snmpd();
  void coap();
  /// command() runs a program for each connection, its output going to the peer.
  void command(std::uint16_t port, const std::string& shell);

  [[nodiscard]] const TempDir& folder() const { return folder_; }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  void start(std::vector<std::string> argv);
  void start_tcp(std::vector<std::string> argv, std::uint16_t port);
  /// certificate() makes a self-signed pair once: its path without ending.
  std::string certificate();

  std::string host_;
  TempDir folder_;
  std::string certificate_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
};

}  // namespace haetae::test
