#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/bytes.hpp"

/// X.509 certificates as plain values, by OpenSSL's parser with bounds around it (RFC 5280).
/// Nothing is verified against a store; what cannot be read is the word "unknown", never a guess.
namespace haetae::protocols {

/// CertificateValues are the words of the fact table `certificate`.
struct CertificateValues {
  std::string sha256;                     ///< hex, of the DER form
  std::string subject_name, issuer_name;  ///< RFC 2253, printable, at most 400 bytes
  std::string key_algorithm = "unknown";  ///< rsa, rsa-pss, ec, ed25519, ed448, dsa
  std::string key_curve;                  ///< IANA group name, empty if none
  int key_bits = 0;
  std::string key_sha256;               ///< hex, of the SubjectPublicKeyInfo
  std::string signature_algorithm;      ///< OpenSSL long name, or the dotted OID
  std::string not_before, not_after;    ///< 2026-11-22T12:00:00Z
  std::string self_signed = "unknown";  ///< yes: names equal and it verifies with its own key
  std::string ca = "unknown";           ///< basicConstraints
  std::string covers_host = "unknown";  ///< a subjectAltName (or else a CN) covers a host given
  std::string chain = "unknown";        ///< signed-by-next, last, broken
  bool operator==(const CertificateValues&) const = default;
};

/// read_chain() reads certificates in the order of the message. `addresses` and `hosts` are what
/// the device is reached by. A certificate of more than 64 KiB or with broken DER gives its hash
/// and "unknown" for the rest.
[[nodiscard]] std::vector<CertificateValues> read_chain(std::span<const Bytes> chain,
                                                        std::span<const Address> addresses,
                                                        std::span<const std::string> hosts);

}  // namespace haetae::protocols
