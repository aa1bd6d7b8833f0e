#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Names of TLS numbers, exactly as the IANA registries "TLS Cipher Suites", "TLS Supported Groups"
/// and "TLS SignatureScheme" write them; where IANA has none, the name of the specification.
namespace haetae::protocols {

/// TlsVersion is a protocol version; its value is the number on the wire.
enum class TlsVersion : std::uint16_t {
  ssl2 = 0x0002,
  ssl3 = 0x0300,
  tls1_0 = 0x0301,
  tls1_1 = 0x0302,
  tls1_2 = 0x0303,
  tls1_3 = 0x0304,
};

/// word() is the word of the fact tables: ssl2, ssl3, tls1.0 … tls1.3.
[[nodiscard]] std::string_view word(TlsVersion version);
[[nodiscard]] std::optional<TlsVersion> tls_version_from(std::uint16_t number);

/// NamedNumber is a registry entry. SSL 2.0 cipher kinds have three bytes (0x010080).
struct NamedNumber {
  std::uint32_t number = 0;
  std::string_view name;
};

/// Tables in ascending order of numbers, without signalling values (SCSV) and GREASE.
[[nodiscard]] std::span<const NamedNumber> tls_suites();  ///< SSL 3.0 to TLS 1.3
[[nodiscard]] std::span<const NamedNumber> ssl2_cipher_kinds();
[[nodiscard]] std::span<const NamedNumber> tls_groups();
[[nodiscard]] std::span<const NamedNumber> tls_signature_schemes();

/// The names of single numbers; 0xHHHH (0xHHHHHH for SSL 2.0) where the table has none.
[[nodiscard]] std::string suite_name(std::uint16_t number);
[[nodiscard]] std::string ssl2_kind_name(std::uint32_t number);
[[nodiscard]] std::string group_name(std::uint16_t number);
[[nodiscard]] std::string signature_scheme_name(std::uint16_t number);

/// group_bits() is the size of the field or modulus; 0 if the group is not known.
[[nodiscard]] int group_bits(std::uint16_t number);

/// is_tls13_suite() is true for suites that only TLS 1.3 uses (0x13xx, and the national ones).
[[nodiscard]] bool is_tls13_suite(std::uint16_t number);

}  // namespace haetae::protocols
