#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/net/door.hpp"
#include "harness/protocols/tls_names.hpp"

/// A complete TLS handshake (TLS 1.0 to 1.3) by OpenSSL over a net::Conn. It accepts every
/// certificate and every suite that OpenSSL has (security level 0): what the peer shows is data.
namespace haetae::protocols {

struct TlsOptions {
  std::string sni{};                    ///< host name sent in server_name; empty: none is sent
  std::vector<std::string> alpn{};      ///< offered in this order; empty: no ALPN extension
  TlsVersion min = TlsVersion::tls1_0;  ///< SSL 2.0 and 3.0 are ErrorKind::unsupported
  TlsVersion max = TlsVersion::tls1_3;
  std::string suites{};  ///< OpenSSL list for TLS up to 1.2; empty: all that it has
  std::string
      signature_schemes{};  ///< OpenSSL list (SSL_CTX_set1_sigalgs_list); empty: its default
};

/// TlsConn is the clear stream inside a TLS connection. The clear bytes enter the transcript as
/// inside_sent and inside_received; the records stand there as sent and received.
class TlsConn : public net::Conn {
 public:
  [[nodiscard]] virtual TlsVersion version() const = 0;
  /// suite() is the IANA name of the negotiated suite.
  [[nodiscard]] virtual std::string suite() const = 0;
  /// alpn() is the protocol that the server chose, empty if none.
  [[nodiscard]] virtual std::string alpn() const = 0;
  /// chain() is what the peer sent, DER, in the order of the message; nothing in it is verified.
  [[nodiscard]] virtual const std::vector<Bytes>& chain() const = 0;
  /// signature_scheme() is the number of the scheme with which the peer signed the handshake, 0 if
  /// it did not or OpenSSL does not tell.
  [[nodiscard]] virtual std::uint16_t signature_scheme() const = 0;
  /// truncated() is true if the peer ended the stream without a close_notify alert.
  [[nodiscard]] virtual bool truncated() const = 0;
  /// secure_renegotiation() and extended_master_secret() are RFC 5746 and RFC 7627, as negotiated.
  [[nodiscard]] virtual bool secure_renegotiation() const = 0;
  [[nodiscard]] virtual bool extended_master_secret() const = 0;
  /// session_ticket() is true if the server handed out a ticket (RFC 5077); in TLS 1.3 tickets
  /// come after the handshake, so it is known only once something was read.
  [[nodiscard]] virtual bool session_ticket() const = 0;
};

/// wrap_tls() makes the handshake on `plain` and returns the stream inside. Renegotiation that the
/// peer asks for is refused. Errors: `unsupported` where OpenSSL has no version, suite or key size
/// in common with the peer (which proves nothing about the device), `protocol` where the peer does
/// not speak TLS or its bytes are wrong, `closed`, `timed_out`.
[[nodiscard]] Result<std::unique_ptr<TlsConn>> wrap_tls(std::unique_ptr<net::Conn> plain,
                                                        const TlsOptions& options,
                                                        SteadyTime deadline);

}  // namespace haetae::protocols
