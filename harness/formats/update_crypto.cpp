#include "harness/formats/update_crypto.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "harness/formats/update_openssl.hpp"

namespace haetae::formats::update {
namespace {

using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

void add_certificate(Keys& keys, CertificatePtr certificate) {
  if (!certificate) return;
  KeyPtr key = own(X509_get_pubkey(certificate.get()));
  if (key) keys.push_back({std::move(key), std::move(certificate)});
}

void read_pem(const Bytes& file, Keys& keys) {
  const Bio bio = memory(file);
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;
  while (bio && PEM_read_bio(bio.get(), &name, &header, &data, &length) == 1) {
    const std::string_view kind(name);
    const unsigned char* at = data;
    if (kind == "CERTIFICATE" || kind == "TRUSTED CERTIFICATE" || kind == "X509 CERTIFICATE") {
      add_certificate(keys, own(d2i_X509(nullptr, &at, length)));
    } else if (kind == "PUBLIC KEY") {
      if (KeyPtr key = own(d2i_PUBKEY(nullptr, &at, length))) keys.push_back({key, nullptr});
    } else if (kind == "RSA PUBLIC KEY") {
      if (KeyPtr key = own(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, length)))
        keys.push_back({key, nullptr});
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    name = header = nullptr;
    data = nullptr;
  }
}

std::string curve_name(EVP_PKEY* key) {
  std::array<char, 80> name{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1) return {};
  std::string text(name.data(), length);
  // OpenSSL keeps the X9.62 names of two curves that IANA names after SEC 2.
  if (text == "prime256v1") return "secp256r1";
  if (text == "prime192v1") return "secp192r1";
  return text;
}

const EVP_MD* digest_of(std::string_view name) {
  if (name == "md5") return EVP_md5();
  if (name == "sha1") return EVP_sha1();
  if (name == "sha224") return EVP_sha224();
  if (name == "sha256") return EVP_sha256();
  if (name == "sha384") return EVP_sha384();
  if (name == "sha512") return EVP_sha512();
  return nullptr;
}

bool verify_with(EVP_PKEY* key, std::string_view scheme, std::string_view digest,
                 ByteView signature, const Pieces& content) {
  const Digest context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* how = nullptr;
  const bool one_shot = scheme == "ed25519";
  const EVP_MD* md = one_shot ? nullptr : digest_of(digest);
  bool good = (one_shot || md != nullptr) &&
              EVP_DigestVerifyInit(context.get(), &how, md, nullptr, key) == 1;
  if (good && scheme == "rsa-pss")
    good = EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_AUTO) == 1;
  if (good && one_shot) {
    const Bytes all = join(content);
    good = EVP_DigestVerify(context.get(), signature.data(), signature.size(), all.data(),
                            all.size()) == 1;
  } else if (good) {
    for (const ByteView piece : content)
      good = good && EVP_DigestVerifyUpdate(context.get(), piece.data(), piece.size()) == 1;
    good = good && EVP_DigestVerifyFinal(context.get(), signature.data(), signature.size()) == 1;
  }
  ERR_clear_error();
  return good;
}

std::vector<std::string> schemes_for(EVP_PKEY* key, const std::string& known) {
  std::vector<std::string> out;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: out = {"rsa-pkcs1", "rsa-pss"}; break;
    case EVP_PKEY_RSA_PSS: out = {"rsa-pss"}; break;
    case EVP_PKEY_EC: out = {"ecdsa"}; break;
    case EVP_PKEY_ED25519: out = {"ed25519"}; break;
    default: break;
  }
  if (known != "unknown") std::erase_if(out, [&](const std::string& s) { return s != known; });
  return out;
}

// The size of the group of an ECDSA signature: 32 bytes of r and s come of no curve of 384 bits
// but once in 2^128.
int group_bits(ByteView der) {
  const unsigned char* at = der.data();
  ECDSA_SIG* raw = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  ERR_clear_error();
  if (raw == nullptr) return -1;
  const std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> held(raw);
  if (at != der.data() + der.size()) return -1;
  const int bits = std::max(BN_num_bits(ECDSA_SIG_get0_r(raw)), BN_num_bits(ECDSA_SIG_get0_s(raw)));
  for (const int size : {256, 384, 521})
    if (bits <= size && bits > size - 24) return size;
  return 0;
}

}  // namespace

Bytes join(const Pieces& pieces) {
  Bytes out;
  for (const ByteView piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

Bytes hash(std::string_view name, const Pieces& content) {
  const EVP_MD* md = digest_of(name);
  if (md == nullptr) return {};
  const Digest context(EVP_MD_CTX_new());
  Bytes out(static_cast<std::size_t>(EVP_MD_get_size(md)));
  bool good = EVP_DigestInit_ex(context.get(), md, nullptr) == 1;
  for (const ByteView piece : content)
    good = good && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  return good && EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1 ? out : Bytes();
}

Keys read_keys(const std::vector<Bytes>& files) {
  Keys keys;
  for (const Bytes& file : files) {
    if (file.empty() || file.size() > kLargestSignature) continue;
    const std::size_t before = keys.size();
    read_pem(file, keys);
    if (keys.size() != before) continue;
    const unsigned char* at = file.data();
    add_certificate(keys, own(d2i_X509(nullptr, &at, static_cast<long>(file.size()))));
    if (keys.size() != before) continue;
    at = file.data();
    if (KeyPtr key = own(d2i_PUBKEY(nullptr, &at, static_cast<long>(file.size()))))
      keys.push_back({key, nullptr});
  }
  ERR_clear_error();
  return keys;
}

void describe_key(evp_pkey_st* key, ImageSignature& into) {
  if (key == nullptr) return;
  into.key_bits = EVP_PKEY_get_bits(key);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: into.key_algorithm = "rsa"; break;
    case EVP_PKEY_RSA_PSS: into.key_algorithm = "rsa-pss"; break;
    case EVP_PKEY_DSA: into.key_algorithm = "dsa"; break;
    case EVP_PKEY_ED25519: into.key_algorithm = "ed25519"; break;
    case EVP_PKEY_ED448: into.key_algorithm = "ed448"; break;
    case EVP_PKEY_EC:
      into.key_algorithm = "ec";
      into.key_curve = curve_name(key);
      break;
    default: into.key_algorithm = "unknown";
  }
}

ImageSignature judge_raw(ByteView signature, const Pieces& content, const Keys& keys,
                         ImageSignature known) {
  known.length = signature.size();
  if (signature.empty() || signature.size() > kLargestSignature) {
    known.verifies = "no";
    return known;
  }
  std::vector<std::string> digests{"sha256", "sha512", "sha384", "sha1", "sha224", "md5"};
  if (known.digest != "unknown") digests = {known.digest};
  for (const TrustedKey& key : keys) {
    for (const std::string& scheme : schemes_for(key.key.get(), known.scheme)) {
      for (const std::string& digest : digests) {
        if (!verify_with(key.key.get(), scheme, digest, signature, content)) continue;
        known.scheme = scheme;
        known.digest = scheme == "ed25519" ? "sha512" : digest;
        known.verifies = "yes";
        describe_key(key.key.get(), known);
        if (key.certificate) known.certificates = {der_of(key.certificate.get())};
        return known;
      }
    }
  }
  if (known.scheme == "unknown" || known.scheme == "ecdsa") {
    const int bits = group_bits(signature);
    if (bits >= 0) {
      known.scheme = "ecdsa";
      known.key_algorithm = "ec";
      if (known.key_bits == 0) known.key_bits = bits;
    }
  }
  // The signature of an RSA key is as long as its modulus.
  if (known.scheme.starts_with("rsa")) {
    known.key_algorithm = "rsa";
    known.key_bits = static_cast<int>(signature.size() * 8);
  }
  if (known.scheme == "ed25519") {
    known.key_algorithm = "ed25519";
    known.key_bits = 253;
  }
  known.verifies = keys.empty() ? "unknown" : "no";
  return known;
}

Bytes ecdsa_to_fixed(ByteView der, std::size_t width) {
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> sig(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  Bytes out(2 * width);
  const int one = static_cast<int>(width);
  if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig.get()), out.data(), one) != one ||
      BN_bn2binpad(ECDSA_SIG_get0_s(sig.get()), out.data() + width, one) != one)
    return {};
  return out;
}

Bytes ecdsa_from_fixed(ByteView fixed) {
  if (fixed.empty() || fixed.size() % 2 != 0 || fixed.size() > 132) return {};
  const int width = static_cast<int>(fixed.size() / 2);
  const std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> sig(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(fixed.data(), width, nullptr);
  BIGNUM* s = BN_bin2bn(fixed.data() + width, width, nullptr);
  if (ECDSA_SIG_set0(sig.get(), r, s) != 1) return {};
  unsigned char* out = nullptr;
  const int length = i2d_ECDSA_SIG(sig.get(), &out);
  if (length <= 0) return {};
  Bytes bytes(out, out + length);
  OPENSSL_free(out);
  return bytes;
}

}  // namespace haetae::formats::update
