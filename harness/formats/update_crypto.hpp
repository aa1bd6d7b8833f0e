#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/formats/update_image.hpp"

struct evp_pkey_st;
struct x509_st;

/// Signatures of update files: judged offline with keys that were handed over, and made again with
/// fresh keys of our own.
namespace haetae::formats::update {

using KeyPtr = std::shared_ptr<evp_pkey_st>;
using CertificatePtr = std::shared_ptr<x509_st>;

/// TrustedKey is a public key that was handed over; the certificate is null for a bare key.
struct TrustedKey {
  KeyPtr key;
  CertificatePtr certificate;
};
using Keys = std::vector<TrustedKey>;

/// Pieces are the stretches that a signature covers, one after the other.
using Pieces = std::vector<ByteView>;

/// read_keys() reads PEM (each block) and DER, public keys and certificates; what is neither is
/// left out.
[[nodiscard]] Keys read_keys(const std::vector<Bytes>& files);

/// describe_key() gives a name and size as the fact table `certificate` writes them.
void describe_key(evp_pkey_st* key, ImageSignature& into);

/// is_cms() is true for DER that begins as CMS SignedData (RFC 5652, 5.1).
[[nodiscard]] bool is_cms(ByteView der);

/// cms_length() is the length of the DER element at the start, 0 if it is cut off or not definite.
[[nodiscard]] std::size_t der_length(ByteView der);

/// judge_cms() reads CMS SignedData, one result a signer; `content` is what a detached one covers.
/// Damaged CMS gives one result of scheme cms whose other words are unknown.
[[nodiscard]] std::vector<ImageSignature> judge_cms(ByteView der, const Pieces& content,
                                                    const Keys& keys);

/// cms_content() is the content inside of CMS SignedData, empty if it is detached or damaged.
[[nodiscard]] Bytes cms_content(ByteView der);

/// judge_raw() judges a bare signature. What `known` already says (scheme, digest) is taken for
/// certain, the rest is told by the key that verifies it, or by its form where that is certain.
[[nodiscard]] ImageSignature judge_raw(ByteView signature, const Pieces& content, const Keys& keys,
                                       ImageSignature known);

/// Who signs an altered file.
enum class Who {
  same_names,  ///< a fresh key; certificate and issuer bear the names of the genuine ones
  expired,     ///< the same, and the certificate ran out years ago
  stranger     ///< a certificate of a name that the maker never used
};

struct Signer {
  KeyPtr key;
  CertificatePtr certificate;           ///< of the key
  std::vector<CertificatePtr> issuers;  ///< self-made
};

/// make_signer() makes a key of the kind and size of the genuine one, and certificates for it.
[[nodiscard]] Result<Signer> make_signer(const ImageSignature& like, Who who);

/// sign_raw() signs as the genuine signature is made. A digest that nothing told is SHA-256.
[[nodiscard]] Result<Bytes> sign_raw(const Signer& signer, const ImageSignature& like,
                                     const Pieces& content);

/// sign_cms() makes CMS SignedData in DER. `embedded` puts the content into it; without
/// `attributes` the signature is over the content itself.
struct CmsForm {
  bool embedded = false;
  bool attributes = true;
};
[[nodiscard]] Result<Bytes> sign_cms(const Signer& signer, const ImageSignature& like,
                                     ByteView content, CmsForm form);

/// with_content() puts other content into CMS that embeds it, and leaves its signature as it was.
[[nodiscard]] Result<Bytes> with_content(ByteView der, ByteView content);

/// cms_form() tells how an existing one is made, so that ours is made alike.
[[nodiscard]] CmsForm cms_form(ByteView der);

/// fixed_ecdsa() turns a DER signature of two integers into r and s of `width` bytes each, and
/// back; empty where the bytes are not what they should be.
[[nodiscard]] Bytes ecdsa_to_fixed(ByteView der, std::size_t width);
[[nodiscard]] Bytes ecdsa_from_fixed(ByteView fixed);

/// hash() is a digest by its name (md5, sha1, sha224, sha256, sha384, sha512), empty if unknown.
[[nodiscard]] Bytes hash(std::string_view name, const Pieces& content);

/// join() puts pieces together.
[[nodiscard]] Bytes join(const Pieces& pieces);

}  // namespace haetae::formats::update
