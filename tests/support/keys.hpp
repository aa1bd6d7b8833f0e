#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <catch2/catch.hpp>

/// Keys of every kind as files. Test-only.
namespace haetae::test {

using TestKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

inline TestKey make_key(const std::string& kind) {
  EVP_PKEY* key = nullptr;
  if (kind.starts_with("RSA:")) {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t(std::stoul(kind.substr(4))));
  } else if (kind.starts_with("EC:")) {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.substr(3).c_str());
  } else {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, kind.c_str());
  }
  INFO(kind);
  REQUIRE(key != nullptr);
  return {key, &EVP_PKEY_free};
}

/// write_private() writes PKCS #8, encrypted where a passphrase is given.
inline std::filesystem::path write_private(const TestKey& key, const std::filesystem::path& file,
                                           const std::string& passphrase = {}) {
  BIO* const bio = BIO_new_file(file.c_str(), "w");
  REQUIRE(bio != nullptr);
  const bool locked = !passphrase.empty();
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(bio, key.get(), locked ? EVP_aes_256_cbc() : nullptr,
                                        locked ? passphrase.data() : nullptr,
                                        static_cast<int>(passphrase.size()), nullptr,
                                        nullptr) == 1);
  BIO_free_all(bio);
  return file;
}

inline std::filesystem::path write_public(const TestKey& key, const std::filesystem::path& file) {
  BIO* const bio = BIO_new_file(file.c_str(), "w");
  REQUIRE(bio != nullptr);
  REQUIRE(PEM_write_bio_PUBKEY(bio, key.get()) == 1);
  BIO_free_all(bio);
  return file;
}

/// Setting is an environment variable while it lives.
class Setting {
 public:
  Setting(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Setting() { ::unsetenv(name_.c_str()); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  std::string name_;
};

}  // namespace haetae::test
