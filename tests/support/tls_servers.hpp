#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/daemon.hpp"

/// TLS servers that other people wrote, each on a loopback address of its own.
namespace haetae::test {

/// TlsServer is a running server; it ends with the object.
class TlsServer {
 public:
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string subject() const { return "lan:tcp/" + std::to_string(port_); }
  [[nodiscard]] std::string where() const { return address_ + ":" + std::to_string(port_); }
  [[nodiscard]] const TempDir& folder() const { return *folder_; }
  [[nodiscard]] Daemon& daemon() { return *daemon_; }

 private:
  friend class TlsServers;
  std::unique_ptr<TempDir> folder_ = std::make_unique<TempDir>();
  std::string address_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Daemon> daemon_;
};

/// make_key_pair() writes NAME.key and NAME.crt: `key` is rsa:BITS or an EC curve of OpenSSL.
void make_key_pair(const TempDir& folder, const std::string& name, const std::string& key,
                   const std::string& digest = "sha256");

class TlsServers {
 public:
  /// openssl() is `openssl s_server` with a certificate of `key` and further arguments.
  static TlsServer openssl(const std::string& key, std::vector<std::string> arguments);
  /// gnutls() is gnutls-serv with a priority string and a certificate of `key`.
  static TlsServer gnutls(const std::string& key, const std::string& priority);
  /// nginx() serves files with RSA and ECDSA certificates; `tls` are further directives.
  static TlsServer nginx(const std::string& tls);
  /// lighttpd() serves files; `tls` are lines for ssl.openssl.ssl-conf-cmd.
  static TlsServer lighttpd(const std::string& tls);
  /// mosquitto() is an MQTT broker with TLS; `tls` are further lines.
  static TlsServer mosquitto(const std::string& tls);
};

}  // namespace haetae::test
