#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <climits>
#include <memory>

#include "harness/formats/update_crypto.hpp"

/// Owners of what OpenSSL gives out, for the files that judge and make signatures of updates.
namespace haetae::formats::update {

/// kLargestSignature is how long a signature, key or certificate is read at most, in bytes.
inline constexpr std::size_t kLargestSignature = std::size_t{1} << 20U;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* what) const {
    Free(what);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;

/// own() takes over a key or certificate; null for null.
[[nodiscard]] inline KeyPtr own(EVP_PKEY* key) {
  return key == nullptr ? KeyPtr() : KeyPtr(key, [](EVP_PKEY* k) { EVP_PKEY_free(k); });
}
[[nodiscard]] inline CertificatePtr own(X509* certificate) {
  return certificate == nullptr ? CertificatePtr()
                                : CertificatePtr(certificate, [](X509* c) { X509_free(c); });
}

/// memory() reads from the bytes, which must stay; null for more than OpenSSL can count.
[[nodiscard]] inline Bio memory(ByteView bytes) {
  if (bytes.size() > static_cast<std::size_t>(INT_MAX)) return {};
  // OpenSSL takes no null pointer, not even for nothing.
  const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  return Bio(BIO_new_mem_buf(data, static_cast<int>(bytes.size())));
}

/// der_of() is a certificate in DER, empty if it cannot be written.
[[nodiscard]] inline Bytes der_of(X509* certificate) {
  unsigned char* out = nullptr;
  const int length = i2d_X509(certificate, &out);
  if (length <= 0) return {};
  Bytes bytes(out, out + length);
  OPENSSL_free(out);
  return bytes;
}

}  // namespace haetae::formats::update
