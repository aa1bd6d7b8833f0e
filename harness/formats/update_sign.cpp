#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>

#include "harness/formats/update_openssl.hpp"

namespace haetae::formats::update {
namespace {

KeyPtr fresh_key(const ImageSignature& like) {
  if (like.key_algorithm == "ed25519" || like.scheme == "ed25519")
    return own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (like.key_algorithm == "ec" || like.scheme == "ecdsa") {
    const char* curve = "P-256";
    if (like.key_bits == 384) curve = "P-384";
    if (like.key_bits == 521) curve = "P-521";
    return own(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
  }
  // A key of less than 1024 bits cannot sign with SHA-512, one of more than 4096 takes minutes.
  const int told = like.key_bits >= 1024 && like.key_bits <= 4096 ? like.key_bits : 2048;
  return own(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(told)));
}

CertificatePtr genuine_certificate(const ImageSignature& like) {
  if (like.certificates.empty()) return {};
  const Bytes& der = like.certificates.front();
  const unsigned char* at = der.data();
  CertificatePtr out = own(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return out;
}

void name_of(X509_NAME* name, const char* common) {
  X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("Haetae test"), -1, -1, 0);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common), -1, -1, 0);
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr) return;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

struct Names {
  const X509_NAME *subject = nullptr, *issuer = nullptr;
};

CertificatePtr blank(EVP_PKEY* key, const Names& names, const char* from, const char* until) {
  CertificatePtr out = own(X509_new());
  const Bytes serial = random_bytes(8);
  X509_set_version(out.get(), 2);
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(out.get()));
  BN_free(number);
  ASN1_TIME_set_string_X509(X509_getm_notBefore(out.get()), from);
  ASN1_TIME_set_string_X509(X509_getm_notAfter(out.get()), until);
  X509_set_pubkey(out.get(), key);
  X509_set_subject_name(out.get(), names.subject);
  X509_set_issuer_name(out.get(), names.issuer);
  return out;
}

// What the genuine certificate may be used for, ours may be used for as well.
void copy_usage(X509* from, X509* to) {
  for (int at = 0; at < X509_get_ext_count(from); ++at) {
    X509_EXTENSION* extension = X509_get_ext(from, at);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (nid == NID_key_usage || nid == NID_ext_key_usage || nid == NID_basic_constraints)
      X509_add_ext(to, extension, -1);
  }
}

const EVP_MD* digest_for(EVP_PKEY* key, const ImageSignature& like) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) return nullptr;
  if (like.digest == "sha1") return EVP_sha1();
  if (like.digest == "sha224") return EVP_sha224();
  if (like.digest == "sha384") return EVP_sha384();
  if (like.digest == "sha512") return EVP_sha512();
  return EVP_sha256();
}

bool sign_certificate(X509* certificate, EVP_PKEY* key) {
  const bool edwards = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
  return X509_sign(certificate, key, edwards ? nullptr : EVP_sha256()) > 0;
}

}  // namespace

Result<Signer> make_signer(const ImageSignature& like, Who who) {
  Signer out;
  out.key = fresh_key(like);
  const KeyPtr authority = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!out.key || !authority)
    return fail(ErrorKind::internal, "no key could be made to sign an altered update with");
  const std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)> ours(X509_NAME_new(), X509_NAME_free),
      above(X509_NAME_new(), X509_NAME_free);
  name_of(ours.get(), "Haetae unknown signer");
  name_of(above.get(), "Haetae unknown authority");
  const CertificatePtr genuine = genuine_certificate(like);
  Names leaf{ours.get(), above.get()};
  if (genuine && who != Who::stranger)
    leaf = {X509_get_subject_name(genuine.get()), X509_get_issuer_name(genuine.get())};
  const char* until = who == Who::expired ? "20210101000000Z" : "20491231235959Z";
  const CertificatePtr root =
      blank(authority.get(), {leaf.issuer, leaf.issuer}, "20190101000000Z", "20491231235959Z");
  add_extension(root.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  out.certificate = blank(out.key.get(), leaf, "20200101000000Z", until);
  if (genuine) copy_usage(genuine.get(), out.certificate.get());
  if (!sign_certificate(root.get(), authority.get()) ||
      !sign_certificate(out.certificate.get(), authority.get()))
    return fail(ErrorKind::internal, "no certificate could be made to sign an altered update with");
  out.issuers = {root};
  ERR_clear_error();
  return out;
}

Result<Bytes> sign_raw(const Signer& signer, const ImageSignature& like, const Pieces& content) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_PKEY_CTX* how = nullptr;
  const Bytes all = join(content);
  bool good = EVP_DigestSignInit(context.get(), &how, digest_for(signer.key.get(), like), nullptr,
                                 signer.key.get()) == 1;
  if (good && like.scheme == "rsa-pss")
    good = EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1;
  std::size_t length = 0;
  good = good && EVP_DigestSign(context.get(), nullptr, &length, all.data(), all.size()) == 1;
  Bytes out(length);
  good = good && EVP_DigestSign(context.get(), out.data(), &length, all.data(), all.size()) == 1;
  ERR_clear_error();
  if (!good) return fail(ErrorKind::internal, "an altered update could not be signed");
  out.resize(length);
  return out;
}

Result<Bytes> sign_cms(const Signer& signer, const ImageSignature& like, ByteView content,
                       CmsForm form) {
  if (content.size() > static_cast<std::size_t>(INT_MAX))
    return fail(ErrorKind::unsupported, "an update of more than 2 GiB is not signed again");
  const Bio in = memory(content);
  unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
  if (!form.embedded) flags |= CMS_DETACHED;
  const std::unique_ptr<CMS_ContentInfo, decltype(&CMS_ContentInfo_free)> cms(
      CMS_sign(nullptr, nullptr, nullptr, in.get(), flags), CMS_ContentInfo_free);
  bool good = cms != nullptr;
  unsigned more = flags;
  if (!form.attributes) more |= CMS_NOATTR;
  good = good && CMS_add1_signer(cms.get(), signer.certificate.get(), signer.key.get(),
                                 digest_for(signer.key.get(), like), more) != nullptr;
  for (const CertificatePtr& issuer : signer.issuers)
    good = good && CMS_add1_cert(cms.get(), issuer.get()) == 1;
  good = good && CMS_final(cms.get(), in.get(), nullptr, flags) == 1;
  unsigned char* der = nullptr;
  const int length = good ? i2d_CMS_ContentInfo(cms.get(), &der) : 0;
  ERR_clear_error();
  if (length <= 0)
    return fail(ErrorKind::unsupported,
                "no CMS signature could be made with a key like the genuine one");
  Bytes out(der, der + length);
  OPENSSL_free(der);
  return out;
}

}  // namespace haetae::formats::update
