#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// The keys that seal a run file, and the check of what they signed.
///
/// Algorithms of a seal, by kind of key:
///   ed25519         Ed25519 (RFC 8032), 64 bytes
///   ecdsa-sha256    P-256, ECDSA-Sig-Value in DER (RFC 3279), s at most half the order
///   ecdsa-sha384    P-384, the same
///   rsa-pss-sha256  RSA of 2048 to 8192 bits, RSASSA-PSS (RFC 8017) with SHA-256, MGF1 with
///   SHA-256
///                   and a salt of 32 bytes
namespace haetae::evidence {

/// AskPassphrase asks a person for the passphrase or PIN of `what`.
using AskPassphrase = std::function<Result<std::string>(const std::string& what)>;

/// SigningKey is the private key that a laboratory seals with. It may lie in a file or in a token;
/// one thread at a time.
class SigningKey {
 public:
  /// load() takes a PEM file (PKCS #8 or the older forms, with or without passphrase) or a URI
  /// `pkcs11:…` (RFC 7512). A passphrase or PIN comes from the URI's pin-source, from the file that
  /// HAETAE_KEY_PASSPHRASE_FILE names (its first line), or from `ask`. With `create` a new Ed25519
  /// key is made (mode 0600) where a file is absent. The error says what to do.
  [[nodiscard]] static Result<SigningKey> load(const std::filesystem::path& source, bool create,
                                               const AskPassphrase& ask = {});
  [[nodiscard]] const std::string& algorithm() const { return algorithm_; }
  [[nodiscard]] Bytes public_key() const;  ///< SubjectPublicKeyInfo, DER
  [[nodiscard]] std::string public_pem() const;
  /// sign() fails where a token refuses, or signs with another key than its public half says.
  [[nodiscard]] Result<Bytes> sign(ByteView message) const;
  /// handle() is the EVP_PKEY behind it, for other signatures with the same key; not owned.
  [[nodiscard]] void* handle() const { return key_.get(); }

 private:
  SigningKey(std::shared_ptr<void> key, std::string algorithm)
      : key_(std::move(key)), algorithm_(std::move(algorithm)) {}
  std::shared_ptr<void> key_;
  std::string algorithm_;
};

/// is_token() says whether a key source is a pkcs11: URI and no file.
[[nodiscard]] bool is_token(const std::filesystem::path& source);

/// signed_by() checks a signature by the rules above; a malformed key or signature, a key of
/// another kind than the algorithm asks for and an unknown algorithm are false.
[[nodiscard]] bool signed_by(std::string_view algorithm, ByteView public_key, ByteView message,
                             ByteView signature);

/// fingerprint() is the SHA-256 of a SubjectPublicKeyInfo, hex.
[[nodiscard]] std::string fingerprint(ByteView public_key);

/// public_key_from_pem() reads a public key that can seal (or the one of a certificate) as
/// SubjectPublicKeyInfo, DER.
[[nodiscard]] Result<Bytes> public_key_from_pem(const std::filesystem::path& file);

}  // namespace haetae::evidence
