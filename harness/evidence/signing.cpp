#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include <fmt/format.h>

#include "harness/evidence/run_file.hpp"

namespace haetae::evidence {

namespace {

using Key = std::shared_ptr<void>;

EVP_PKEY* pkey(const Key& key) { return static_cast<EVP_PKEY*>(key.get()); }

Key own(EVP_PKEY* key) {
  return {key, [](void* raw) { EVP_PKEY_free(static_cast<EVP_PKEY*>(raw)); }};
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

Bio open_bio(const std::filesystem::path& file) {
  return {BIO_new_file(file.c_str(), "r"), &BIO_free_all};
}

/// No passphrase is ever asked for: a prompt would hang an unattended run.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<void> write_new_key(const std::filesystem::path& file) {
  const Key key = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return fail(ErrorKind::internal, "OpenSSL could not make an Ed25519 key");
  std::error_code ignored;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(ErrorKind::storage,
                fmt::format("cannot write the signing key {}; check the folder", file.string()));
  }
  const Bio bio(BIO_new_fd(descriptor, BIO_CLOSE), &BIO_free_all);
  const bool written = PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey(key), nullptr, nullptr, 0,
                                                     nullptr, nullptr) == 1;
  if (!written || ::fsync(descriptor) != 0) {
    ::unlink(file.c_str());
    return fail(ErrorKind::storage,
                fmt::format("cannot write the signing key {}; is the disk full?", file.string()));
  }
  return {};
}

Bytes raw_public(EVP_PKEY* key) {
  Bytes out(32);
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key, out.data(), &size) != 1 || size != 32) out.clear();
  return out;
}

}  // namespace

Result<SigningKey> SigningKey::load(const std::filesystem::path& file, bool create) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    if (!create) {
      return fail(ErrorKind::not_found,
                  fmt::format("the signing key {} does not exist", file.string()));
    }
    if (auto made = write_new_key(file); !made) return tl::unexpected(made.error());
  }
  const Bio bio = open_bio(file);
  if (!bio) {
    return fail(ErrorKind::storage, fmt::format("cannot read the signing key {}", file.string()));
  }
  Key key = own(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr));
  if (!key || EVP_PKEY_get_id(pkey(key)) != EVP_PKEY_ED25519) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} holds no Ed25519 private key (PEM, PKCS #8, no passphrase)",
                            file.string()));
  }
  return SigningKey(std::move(key));
}

Bytes SigningKey::public_key() const { return raw_public(pkey(key_)); }

std::string SigningKey::public_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free_all);
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), pkey(key_)) != 1) {
    throw std::runtime_error("OpenSSL could not write a public key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Bytes SigningKey::sign(ByteView message) const {
  Bytes out(64);
  std::size_t size = out.size();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey(key_)) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) {
    throw std::runtime_error("OpenSSL could not sign");
  }
  return out;
}

Result<Bytes> public_key_from_pem(const std::filesystem::path& file) {
  const Bio bio = open_bio(file);
  if (!bio) {
    return fail(ErrorKind::not_found, fmt::format("cannot read the public key {}", file.string()));
  }
  const Key key = own(PEM_read_bio_PUBKEY(bio.get(), nullptr, &no_passphrase, nullptr));
  Bytes raw = key ? raw_public(pkey(key)) : Bytes{};
  if (raw.size() != 32 || EVP_PKEY_get_id(pkey(key)) != EVP_PKEY_ED25519) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} holds no Ed25519 public key (PEM)", file.string()));
  }
  return raw;
}

}  // namespace haetae::evidence
