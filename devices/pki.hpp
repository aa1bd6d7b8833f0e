#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "devices/settings.hpp"

namespace haetae::devices {

/// TlsIdentity is a test authority with one device certificate, made in memory, and the server
/// context that uses it.
struct TlsIdentity {
  std::shared_ptr<SSL_CTX> context;
  std::vector<std::string> chain;      ///< DER, leaf first, as the device sends it
  std::vector<std::string> rsa_chain;  ///< the same for the scripted suites that need an RSA key
  std::string ca_pem;
};

/// make_tls_identity() makes keys and certificates for that address by the tls.* settings; with a
/// folder `keys` it takes those that an earlier start left there, as a device does that restarts.
[[nodiscard]] Outcome<TlsIdentity> make_tls_identity(const Settings& settings,
                                                     const std::string& address,
                                                     const std::string& model,
                                                     const std::filesystem::path& keys = {});

}  // namespace haetae::devices
