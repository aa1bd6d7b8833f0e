#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "harness/evidence/signing.hpp"

/// What the files about keys share.
namespace haetae::evidence {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

/// algorithm_of() is the algorithm that a key seals with, or the reason why it cannot, as the end
/// of a sentence that begins with the name of the key.
[[nodiscard]] Result<std::string> algorithm_of(const EVP_PKEY* key);

/// public_der() is the SubjectPublicKeyInfo; points of curves are uncompressed, so that one key has
/// one form.
[[nodiscard]] Bytes public_der(EVP_PKEY* key);

/// from_token() loads the private key that a pkcs11: URI names: by a provider that the OpenSSL
/// configuration loads, else by the ENGINE "pkcs11".
[[nodiscard]] Result<Key> from_token(const std::string& uri, const AskPassphrase& ask);

/// first_line_of() is the passphrase or PIN in the first line of a file, without its end of line;
/// `what` is what errors call the file.
[[nodiscard]] Result<std::string> first_line_of(const std::filesystem::path& file,
                                                std::string_view what);

/// passphrase_for() is the first line of the file that HAETAE_KEY_PASSPHRASE_FILE names, else what
/// `ask` says.
[[nodiscard]] Result<std::string> passphrase_for(const std::string& what, const AskPassphrase& ask);

}  // namespace haetae::evidence
