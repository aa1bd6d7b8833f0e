#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/protocols/tls_names.hpp"

/// The first message of a TLS client as own bytes: no library can offer everything that a device
/// may still accept (SSL 2.0 and 3.0, RC4, export, NULL, unknown suites). RFC 5246, RFC 8446, RFC
/// 6101 (SSL 3.0), Hickman 1995 (SSL 2.0).
namespace haetae::protocols {

/// Extensions says how much a ClientHello carries: small stacks choke on long ones.
enum class Extensions {
  usual,  ///< what browsers send: also extended master secret, ticket, renegotiation info
  few,    ///< only what the version needs: groups, point formats, signature schemes, versions
  none,   ///< none at all (not for TLS 1.3)
};

/// KeyShare is a public key for a group (RFC 8446, section 4.2.8).
struct KeyShare {
  std::uint16_t group = 0;
  Bytes key;
  bool operator==(const KeyShare&) const = default;
};

/// ClientHello is what is offered. Lists are sent in the order given, without any filter, each cut
/// at what its length field can hold.
struct ClientHello {
  TlsVersion version = TlsVersion::tls1_2;  ///< the only one offered in TLS 1.3, else the highest
  std::vector<std::uint16_t> suites{};
  std::vector<std::uint16_t> groups{};   ///< supported_groups; empty: the extension is left out
  std::vector<std::uint16_t> schemes{};  ///< signature_algorithms, from TLS 1.2
  std::vector<KeyShare> key_shares{};    ///< TLS 1.3; may be empty, which asks for a retry request
  std::vector<std::uint8_t> compressions{0};
  std::string sni{};
  Extensions extensions = Extensions::usual;
};

/// encode() is the record with the message; 32 bytes of `random` are taken (missing ones are 0).
[[nodiscard]] Bytes encode(const ClientHello& hello, ByteView random);

/// encode_ssl2() is an SSL 2.0 CLIENT-HELLO that offers `kinds` (three bytes each).
[[nodiscard]] Bytes encode_ssl2(const std::vector<std::uint32_t>& kinds, ByteView challenge);

/// fresh_key_shares() are public keys for x25519 and secp256r1, from OpenSSL.
[[nodiscard]] std::vector<KeyShare> fresh_key_shares();

}  // namespace haetae::protocols
