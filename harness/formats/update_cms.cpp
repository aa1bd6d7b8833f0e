#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "harness/formats/update_openssl.hpp"

namespace haetae::formats::update {
namespace {

using Cms = std::unique_ptr<CMS_ContentInfo, Freed<CMS_ContentInfo_free>>;
using Store = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;

struct StackFree {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using Stack = std::unique_ptr<STACK_OF(X509), StackFree>;

struct BorrowedFree {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Borrowed = std::unique_ptr<STACK_OF(X509), BorrowedFree>;

constexpr int kMostSigners = 16;

std::string digest_word(int nid) {
  switch (nid) {
    case NID_md5: return "md5";
    case NID_sha1: return "sha1";
    case NID_sha224: return "sha224";
    case NID_sha256: return "sha256";
    case NID_sha384: return "sha384";
    case NID_sha512: return "sha512";
    default: return "unknown";
  }
}

Cms parse_cms(ByteView der) {
  if (der.empty() || der.size() > kLargestSignature) return {};
  const unsigned char* at = der.data();
  Cms cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (cms && OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) return {};
  return cms;
}

Stack certificates_of(const Keys& keys) {
  Stack stack(sk_X509_new_null());
  for (const TrustedKey& key : keys) {
    if (!key.certificate) continue;
    X509_up_ref(key.certificate.get());
    sk_X509_push(stack.get(), key.certificate.get());
  }
  return stack;
}

// Dates are facts of their own, so they do not decide whether the signature verifies.
bool verify_chain(CMS_ContentInfo* cms, BIO* content, const Keys& keys) {
  const Store store(X509_STORE_new());
  for (const TrustedKey& key : keys)
    if (key.certificate) X509_STORE_add_cert(store.get(), key.certificate.get());
  X509_VERIFY_PARAM* how = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  X509_VERIFY_PARAM_set_purpose(how, X509_PURPOSE_ANY);
  const Stack extra = certificates_of(keys);
  const Bio nowhere(BIO_new(BIO_s_null()));
  const bool good =
      CMS_verify(cms, extra.get(), store.get(), content, nowhere.get(), CMS_BINARY) == 1;
  ERR_clear_error();
  return good;
}

bool verify_alone(CMS_ContentInfo* cms, BIO* content, const Keys& keys) {
  const Stack extra = certificates_of(keys);
  const Bio nowhere(BIO_new(BIO_s_null()));
  const bool good = CMS_verify(cms, extra.get(), nullptr, content, nowhere.get(),
                               CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1;
  ERR_clear_error();
  return good;
}

bool holds_key(const Keys& keys, X509* signer) {
  EVP_PKEY* key = X509_get0_pubkey(signer);
  return key != nullptr && std::any_of(keys.begin(), keys.end(), [&](const TrustedKey& k) {
           return EVP_PKEY_eq(k.key.get(), key) == 1;
         });
}

void fill_signer(CMS_ContentInfo* cms, CMS_SignerInfo* info, const Keys& keys,
                 ImageSignature& out) {
  X509_ALGOR *digest = nullptr, *signature = nullptr;
  EVP_PKEY* unused = nullptr;
  X509* set = nullptr;
  CMS_SignerInfo_get0_algs(info, &unused, &set, &digest, &signature);
  if (digest != nullptr) out.digest = digest_word(OBJ_obj2nid(digest->algorithm));
  const Stack inside(CMS_get1_certs(cms));
  X509* signer = nullptr;
  for (int at = 0; inside && at < sk_X509_num(inside.get()); ++at)
    if (CMS_SignerInfo_cert_cmp(info, sk_X509_value(inside.get(), at)) == 0)
      signer = sk_X509_value(inside.get(), at);
  if (signer != nullptr) out.certificates.push_back(der_of(signer));
  for (int at = 0; inside && at < std::min(sk_X509_num(inside.get()), kMostSigners); ++at)
    if (sk_X509_value(inside.get(), at) != signer)
      out.certificates.push_back(der_of(sk_X509_value(inside.get(), at)));
  for (const TrustedKey& key : keys) {
    if (signer != nullptr || !key.certificate) continue;
    if (CMS_SignerInfo_cert_cmp(info, key.certificate.get()) != 0) continue;
    signer = key.certificate.get();
    out.certificates.insert(out.certificates.begin(), der_of(signer));
  }
  if (signer != nullptr) describe_key(X509_get0_pubkey(signer), out);
}

std::string cms_verdict(const Cms& cms, const Pieces& content, const Keys& keys) {
  ASN1_OCTET_STRING** inner = CMS_get0_content(cms.get());
  const bool detached = inner == nullptr || *inner == nullptr;
  const Bytes joined = detached && content.size() != 1 ? join(content) : Bytes();
  const ByteView whole = content.size() == 1 ? content.front() : ByteView(joined);
  const auto bio = [&] { return detached ? memory(whole) : Bio(); };
  const Stack inside(CMS_get1_certs(cms.get()));
  const bool any_certificate = inside && sk_X509_num(inside.get()) > 0;
  const Bio first = bio();
  if (detached && !first) return "unknown";
  const bool bears_certificate =
      any_certificate || std::any_of(keys.begin(), keys.end(),
                                     [](const TrustedKey& k) { return k.certificate != nullptr; });
  if (!bears_certificate) return "unknown";
  if (!verify_alone(cms.get(), first.get(), keys))
    return keys.empty() && !any_certificate ? "unknown" : "no";
  if (keys.empty()) return "unknown";
  const Bio second = bio();
  if (verify_chain(cms.get(), second.get(), keys)) return "yes";
  // A bare key that was handed over stands for the certificate around it.
  // The stack is ours, the certificates in it are not.
  const Borrowed signers(CMS_get0_signers(cms.get()));
  for (int at = 0; signers && at < sk_X509_num(signers.get()); ++at)
    if (!holds_key(keys, sk_X509_value(signers.get(), at))) return "no";
  return signers && sk_X509_num(signers.get()) > 0 ? "yes" : "no";
}

}  // namespace

std::size_t der_length(ByteView der) {
  if (der.size() < 2 || der[0] != 0x30) return 0;
  std::size_t length = der[1], head = 2;
  if ((length & 0x80U) != 0) {
    const std::size_t count = length & 0x7fU;
    if (count == 0 || count > 4 || der.size() < 2 + count) return 0;
    length = 0;
    for (std::size_t at = 0; at < count; ++at) length = length << 8U | der[2 + at];
    head += count;
  }
  return length <= der.size() - head ? head + length : 0;
}

bool is_cms(ByteView der) {
  static constexpr std::array<std::uint8_t, 11> kSigned{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                        0xf7, 0x0d, 0x01, 0x07, 0x02};
  if (der.size() < 4 || der[0] != 0x30) return false;
  const std::size_t head = (der[1] & 0x80U) == 0 ? 2 : 2 + (der[1] & 0x7fU);
  return der.size() >= head + kSigned.size() &&
         std::equal(kSigned.begin(), kSigned.end(), der.begin() + static_cast<long>(head));
}

std::vector<ImageSignature> judge_cms(ByteView der, const Pieces& content, const Keys& keys) {
  ImageSignature base;
  base.scheme = "cms";
  base.digest = "unknown";
  base.length = der.size();
  const Cms cms = parse_cms(der);
  if (!cms) {
    base.verifies = "no";
    return {base};
  }
  base.verifies = cms_verdict(cms, content, keys);
  STACK_OF(CMS_SignerInfo)* infos = CMS_get0_SignerInfos(cms.get());
  std::vector<ImageSignature> out;
  for (int at = 0; at < std::min(sk_CMS_SignerInfo_num(infos), kMostSigners); ++at) {
    ImageSignature one = base;
    fill_signer(cms.get(), sk_CMS_SignerInfo_value(infos, at), keys, one);
    out.push_back(std::move(one));
  }
  ERR_clear_error();
  // Certificates without a signer sign nothing.
  if (out.empty()) {
    base.verifies = "no";
    out.push_back(base);
  }
  return out;
}

Bytes cms_content(ByteView der) {
  const Cms cms = parse_cms(der);
  if (!cms) return {};
  ASN1_OCTET_STRING** inner = CMS_get0_content(cms.get());
  if (inner == nullptr || *inner == nullptr) return {};
  const unsigned char* data = ASN1_STRING_get0_data(*inner);
  return {data, data + ASN1_STRING_length(*inner)};
}

Result<Bytes> with_content(ByteView der, ByteView content) {
  const Cms cms = parse_cms(der);
  ASN1_OCTET_STRING** inner = cms ? CMS_get0_content(cms.get()) : nullptr;
  if (inner == nullptr || *inner == nullptr || content.size() > kLargestSignature ||
      ASN1_OCTET_STRING_set(*inner, content.data(), static_cast<int>(content.size())) != 1)
    return fail(ErrorKind::unsupported, "the CMS holds no content that could be changed");
  unsigned char* out = nullptr;
  const int length = i2d_CMS_ContentInfo(cms.get(), &out);
  if (length <= 0) return fail(ErrorKind::internal, "the changed CMS could not be written");
  Bytes bytes(out, out + length);
  OPENSSL_free(out);
  return bytes;
}

CmsForm cms_form(ByteView der) {
  CmsForm form;
  const Cms cms = parse_cms(der);
  if (!cms) return form;
  ASN1_OCTET_STRING** inner = CMS_get0_content(cms.get());
  form.embedded = inner != nullptr && *inner != nullptr;
  STACK_OF(CMS_SignerInfo)* infos = CMS_get0_SignerInfos(cms.get());
  if (sk_CMS_SignerInfo_num(infos) > 0)
    form.attributes = CMS_signed_get_attr_count(sk_CMS_SignerInfo_value(infos, 0)) > 0;
  return form;
}

}  // namespace haetae::formats::update
