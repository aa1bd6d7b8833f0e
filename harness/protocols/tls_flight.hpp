#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/protocols/tls_names.hpp"

/// The clear part of a server's first flight, parsed from hostile bytes. At most 256 KiB, 64
/// certificates and 16 alerts are kept. RFC 5246, RFC 8446, RFC 8422; SSL 2.0: Hickman 1995.
namespace haetae::protocols {

/// Alert is an alert record; the numbers are those of the registry "TLS Alerts".
struct Alert {
  std::uint8_t level = 0;
  std::uint8_t description = 0;
  bool operator==(const Alert&) const = default;
};
/// alert_name() is the registry's name, or alert-N.
[[nodiscard]] std::string alert_name(std::uint8_t description);

/// ServerHello is what the server chose (RFC 8446, section 4.1.3; 4.1.4 for the retry request).
struct ServerHello {
  std::uint16_t version =
      0;  ///< the negotiated one: supported_versions counts before the old field
  std::uint16_t suite = 0;
  std::uint8_t compression = 0;
  bool retry_request = false;
  std::uint16_t group = 0;  ///< TLS 1.3 key_share group; 0 if none
  bool secure_renegotiation = false;
  bool extended_master_secret = false;
  bool session_ticket = false;
  bool operator==(const ServerHello&) const = default;
};

/// KeyExchange is the readable part of ServerKeyExchange.
struct KeyExchange {
  enum class Kind { named_group, explicit_curve, dh, rsa_export, other };
  Kind kind = Kind::other;
  std::uint16_t group = 0;  ///< named_group
  int bits = 0;             ///< of the DH prime or of the export RSA modulus
  Bytes prime;              ///< DH prime, big-endian, without leading zeros
  bool is_signed = false;
  std::uint16_t scheme = 0;  ///< TLS 1.2 only; 0 in older versions, where the suite fixes it
  bool operator==(const KeyExchange&) const = default;
};

/// Flight is what was understood so far.
struct Flight {
  std::vector<Alert> alerts;
  std::optional<ServerHello> hello;
  std::vector<Bytes> certificates;  ///< DER, in the order of the message
  std::optional<KeyExchange> key_exchange;
  bool certificate_request = false;
  bool done = false;  ///< ServerHelloDone, or the clear part of a TLS 1.3 flight
  bool operator==(const Flight&) const = default;
};

/// FlightParser takes bytes as they come, in pieces of any size.
class FlightParser {
 public:
  enum class State {
    more,     ///< needs more bytes
    ended,    ///< an alert that ends it, or the whole flight
    not_tls,  ///< the bytes are not TLS records, or break their rules
  };
  State feed(ByteView bytes);
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const Flight& flight() const { return flight_; }
  /// problem() says what broke the rules, when not_tls.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  State broken(std::string why);
  State records();
  State record(std::uint8_t type, ByteView body);
  State messages();
  State message(std::uint8_t type, ByteView body);

  State state_ = State::more;
  Flight flight_;
  Bytes records_;    // unparsed record bytes
  Bytes handshake_;  // unparsed handshake bytes
  std::size_t total_ = 0;
  std::string problem_;
};

/// Single message bodies, without their headers; std::nullopt if they break the rules.
[[nodiscard]] std::optional<ServerHello> parse_server_hello(ByteView body);
[[nodiscard]] std::optional<std::vector<Bytes>> parse_certificates(ByteView body);
/// parse_key_exchange() needs the negotiated version and suite to know the layout.
[[nodiscard]] std::optional<KeyExchange> parse_key_exchange(ByteView body, std::uint16_t version,
                                                            std::uint16_t suite);

/// Ssl2Hello is an SSL 2.0 SERVER-HELLO.
struct Ssl2Hello {
  std::uint16_t version = 0;
  Bytes certificate;                 ///< DER, may be empty
  std::vector<std::uint32_t> kinds;  ///< cipher kinds that the server shares with the client
  bool operator==(const Ssl2Hello&) const = default;
};
/// parse_ssl2_hello() is empty as long as the bytes are not a whole SERVER-HELLO.
[[nodiscard]] std::optional<Ssl2Hello> parse_ssl2_hello(ByteView bytes);
/// is_ssl2_error() is true for an SSL 2.0 ERROR message: the server speaks it, but shares no
/// cipher.
[[nodiscard]] bool is_ssl2_error(ByteView bytes);

}  // namespace haetae::protocols
