#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

#include <fmt/format.h>

#include "harness/evidence/key_kind.hpp"

namespace haetae::evidence {

namespace {

constexpr int kSmallestRsa = 2048;
constexpr int kLargestRsa = 8192;  // beyond it a signature in a hostile file costs seconds

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

const char* digest_of(std::string_view algorithm) {
  if (algorithm == "ed25519") return nullptr;
  return algorithm == "ecdsa-sha384" ? "SHA384" : "SHA256";
}

bool set_padding(std::string_view algorithm, EVP_PKEY_CTX* context) {
  if (algorithm != "rsa-pss-sha256") return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1;
}

/// order_of() is the order of the curve's group (FIPS 186-4, D.1.2).
Number order_of(std::string_view algorithm) {
  BIGNUM* order = nullptr;
  BN_hex2bn(&order, algorithm == "ecdsa-sha384"
                        ? "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB2"
                          "48B0A77AECEC196ACCC52973"
                        : "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
  return Number(order);
}

/// low() brings an ECDSA signature into the one of its two forms with the smaller s; empty if it is
/// no DER of r and s.
Bytes low(std::string_view algorithm, ByteView signature) {
  const std::uint8_t* at = signature.data();
  const std::unique_ptr<ECDSA_SIG, FreeSignature> parsed(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
  const Number order = order_of(algorithm);
  if (!parsed || !order || at != signature.data() + signature.size()) return {};
  const BIGNUM* r = nullptr;
  const BIGNUM* s = nullptr;
  ECDSA_SIG_get0(parsed.get(), &r, &s);
  const Number other(BN_new());
  if (!other || BN_is_negative(s) != 0 || BN_sub(other.get(), order.get(), s) != 1) return {};
  if (BN_cmp(other.get(), s) < 0) {
    if (ECDSA_SIG_set0(parsed.get(), BN_dup(r), BN_dup(other.get())) != 1) return {};
  }
  Bytes out(static_cast<std::size_t>(std::max(i2d_ECDSA_SIG(parsed.get(), nullptr), 0)));
  std::uint8_t* to = out.data();
  if (!out.empty()) i2d_ECDSA_SIG(parsed.get(), &to);
  return out;
}

bool is_ecdsa(std::string_view algorithm) { return algorithm.starts_with("ecdsa-"); }

bool verified(std::string_view algorithm, EVP_PKEY* key, ByteView message, ByteView signature) {
  const Context context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* details = nullptr;
  return context &&
         EVP_DigestVerifyInit_ex(context.get(), &details, digest_of(algorithm), nullptr, nullptr,
                                 key, nullptr) == 1 &&
         set_padding(algorithm, details) &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

tl::unexpected<Error> no_key(std::string text) {
  return fail(ErrorKind::invalid_input, std::move(text));
}

}  // namespace

Result<std::string> algorithm_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519: return "ed25519";
    case EVP_PKEY_RSA: {
      const int bits = EVP_PKEY_get_bits(key);
      if (bits < kSmallestRsa)
        return no_key(
            fmt::format("is an RSA key of {} bits, too short to seal: make one of {} or "
                        "more bits (openssl genpkey -algorithm RSA -pkeyopt "
                        "rsa_keygen_bits:3072)",
                        bits, kSmallestRsa));
      if (bits > kLargestRsa)
        return no_key(
            fmt::format("is an RSA key of {} bits; at most {} are taken", bits, kLargestRsa));
      return "rsa-pss-sha256";
    }
    case EVP_PKEY_EC: {
      char name[80] = "of unknown name";
      std::size_t size = 0;
      EVP_PKEY_get_group_name(key, name, sizeof name, &size);
      const std::string_view curve = name;
      if (curve == "prime256v1" || curve == "P-256") return "ecdsa-sha256";
      if (curve == "secp384r1" || curve == "P-384") return "ecdsa-sha384";
      return no_key(
          fmt::format("is a key on the curve {}; take P-256 or P-384 (openssl genpkey "
                      "-algorithm EC -pkeyopt ec_paramgen_curve:P-256)",
                      printable(curve, 80)));
    }
    default: {
      const char* const name = EVP_PKEY_get0_type_name(key);
      return no_key(
          fmt::format("is a key of the kind {}, which cannot seal; take Ed25519, ECDSA "
                      "P-256 or P-384, or RSA of {} or more bits (openssl genpkey "
                      "-algorithm ED25519)",
                      name == nullptr ? "unknown" : name, kSmallestRsa));
    }
  }
}

Bytes public_der(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
    // A key of an engine knows no parameters and writes its point uncompressed anyway.
    EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
  }
  const int size = i2d_PUBKEY(key, nullptr);
  if (size <= 0) return {};
  Bytes out(static_cast<std::size_t>(size));
  std::uint8_t* to = out.data();
  i2d_PUBKEY(key, &to);
  return out;
}

Result<Bytes> SigningKey::sign(ByteView message) const {
  auto* const key = static_cast<EVP_PKEY*>(key_.get());
  const Context context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* details = nullptr;
  std::size_t size = 0;
  Bytes out;
  bool done = context &&
              EVP_DigestSignInit_ex(context.get(), &details, digest_of(algorithm_), nullptr,
                                    nullptr, key, nullptr) == 1 &&
              set_padding(algorithm_, details) &&
              EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1;
  if (done) {
    out.resize(size);
    done = EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1;
    out.resize(size);
  }
  if (done && is_ecdsa(algorithm_)) out = low(algorithm_, out);
  if (!done || out.empty()) {
    return fail(ErrorKind::storage,
                "the key did not sign; if it lies in a token, check that the token is still there "
                "and lets this key sign");
  }
  if (!signed_by(algorithm_, public_key(), message, out)) {
    return fail(ErrorKind::storage,
                "what the key signed does not fit its public half; name the private key itself "
                "(pkcs11: with its id), nothing was sealed");
  }
  return out;
}

bool signed_by(std::string_view algorithm, ByteView public_key, ByteView message,
               ByteView signature) {
  if (public_key.empty() || public_key.size() > 4096 || signature.size() > 4096) return false;
  const std::uint8_t* at = public_key.data();
  const Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())));
  if (!key || at != public_key.data() + public_key.size()) return false;
  const Bytes written = public_der(key.get());
  if (!std::equal(written.begin(), written.end(), public_key.begin(), public_key.end())) {
    return false;  // bytes that DER leaves free could be changed unnoticed
  }
  const auto kind = algorithm_of(key.get());
  if (!kind || *kind != algorithm) return false;
  // Both forms of an ECDSA signature are right mathematically; only one is written.
  if (is_ecdsa(algorithm)) {
    const Bytes one = low(algorithm, signature);
    if (!std::equal(one.begin(), one.end(), signature.begin(), signature.end())) return false;
  }
  return verified(algorithm, key.get(), message, signature);
}

std::string fingerprint(ByteView public_key) { return to_hex(sha256(public_key)); }

}  // namespace haetae::evidence
