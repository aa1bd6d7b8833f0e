#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haetae::testcases::firmware {

/// PrivateKey is what stands at a place in a file: a private key that can be read, or is encrypted.
struct PrivateKey {
  std::size_t length = 0;  ///< bytes from the place on
  std::string form;        ///< word of firmware_key
  std::string algorithm = "unknown";
  std::int64_t bits = 0;
  std::string encrypted = "unknown";
  std::string key_sha256;  ///< of the public half (SubjectPublicKeyInfo), empty if not computed
  std::size_t shown = 0;   ///< bytes from the place on that tell what it is
  std::size_t secret_at = 0, secret_length = 0;  ///< of what is shown, the part that is secret
};

/// The readers get the content and the place of what starts such a key; nothing comes back unless a
/// whole key is there (a program that writes keys holds the first line of one, too).
[[nodiscard]] std::optional<PrivateKey> read_pem_key(std::string_view content, std::size_t at);
[[nodiscard]] std::optional<PrivateKey> read_putty_key(std::string_view content, std::size_t at);
[[nodiscard]] std::optional<PrivateKey> read_der_key(std::string_view content, std::size_t at);
/// read_dropbear_key() reads a whole file as dropbearkey(1) writes it.
[[nodiscard]] std::optional<PrivateKey> read_dropbear_key(std::string_view content);

/// FoundCertificate is an X.509 certificate at a place in a file.
struct FoundCertificate {
  std::size_t length = 0;
  std::string sha256, subject_name, issuer_name, not_before, not_after, ca, key_sha256;
};
[[nodiscard]] std::optional<FoundCertificate> read_pem_certificate(std::string_view content,
                                                                   std::size_t at);
[[nodiscard]] std::optional<FoundCertificate> read_der_certificate(std::string_view content,
                                                                   std::size_t at);

}  // namespace haetae::testcases::firmware
