#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/net/door.hpp"
#include "harness/protocols/tls_client.hpp"

/// Our own side of a TLS connection that the device opens: TLS 1.2 and 1.3 by OpenSSL.
namespace haetae::protocols {

/// ServerIdentity is what our server shows: PEM, the leaf first.
struct ServerIdentity {
  std::string certificate_pem, key_pem;
};

/// made_up_identity() is a certificate for `name` signed by its own fresh key, which nobody trusts.
[[nodiscard]] Result<ServerIdentity> made_up_identity(std::string_view name);

/// serve_tls() makes the handshake as a server. The name that the client asks for is not looked at.
/// A client that dislikes the certificate may finish the handshake all the same and only then
/// close: judge by what it sends. Errors as wrap_tls(); `invalid_input` if certificate and key do
/// not fit.
[[nodiscard]] Result<std::unique_ptr<TlsConn>> serve_tls(std::unique_ptr<net::Conn> plain,
                                                         const ServerIdentity& identity,
                                                         SteadyTime deadline);

}  // namespace haetae::protocols
