#include "reports/pdf/sign.hpp"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "reports/pdf/file.hpp"

namespace haetae::reports {
namespace {

using namespace print;  // NOLINT(google-build-using-namespace)

/// Room for the signature: a chain of several certificates fits.
constexpr std::size_t kRoom = 24'000;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(CMS_ContentInfo* cms) const { CMS_ContentInfo_free(cms); }
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
  void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string trouble() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  return code == 0                       ? "unknown"
         : ERR_reason_error_string(code) ? ERR_reason_error_string(code)
                                         : "unknown";
}

struct Chain {
  Owned<X509> signer;
  Owned<STACK_OF(X509)> others;
};

Result<Chain> chain_of(const std::string& pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Chain chain{Owned<X509>(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)),
              Owned<STACK_OF(X509)>(sk_X509_new_null())};
  if (!chain.signer) {
    ERR_clear_error();
    return fail(ErrorKind::invalid_input,
                "the file of certificates holds none in PEM form (BEGIN CERTIFICATE)");
  }
  while (X509* more = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    sk_X509_push(chain.others.get(), more);
  }
  ERR_clear_error();
  return chain;
}

std::time_t seconds_of(WallTime at) {
  return std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(at));
}

Result<const EVP_MD*> digest_for(EVP_PKEY* key, X509* certificate, std::time_t at) {
  const int kind = EVP_PKEY_get_base_id(key);
  if (kind != EVP_PKEY_EC && kind != EVP_PKEY_RSA) {
    return fail(ErrorKind::invalid_input,
                "a PDF is signed with an EC or RSA key; this key is of another kind");
  }
  if (X509_check_private_key(certificate, key) != 1) {
    ERR_clear_error();
    return fail(ErrorKind::invalid_input,
                "the key does not fit the first certificate of the file: give the signer's first");
  }
  std::time_t when = at;
  if (X509_cmp_time(X509_get0_notBefore(certificate), &when) > 0 ||
      X509_cmp_time(X509_get0_notAfter(certificate), &when) < 0) {
    return fail(ErrorKind::invalid_input, "the certificate is not valid at the time of signing");
  }
  return EVP_PKEY_get_bits(key) > 256 && kind == EVP_PKEY_EC ? EVP_sha384() : EVP_sha256();
}

std::string common_name(X509* certificate) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return "";
  unsigned char* text = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (length < 0) return "";
  const Owned<unsigned char> owned(text);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)};
}

/// signature_over() is a detached CMS with the attributes of CAdES (RFC 5126): the certificate is
/// bound by signing-certificate-v2.
Result<Bytes> signature_over(ByteView first, ByteView second, EVP_PKEY* key, const Chain& chain,
                             const EVP_MD* digest, std::time_t at) {
  constexpr unsigned kFlags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_CADES | CMS_NOSMIMECAP;
  const Owned<CMS_ContentInfo> cms(CMS_sign(nullptr, nullptr, chain.others.get(), nullptr, kFlags));
  CMS_SignerInfo* const signer =
      cms ? CMS_add1_signer(cms.get(), chain.signer.get(), key, digest, kFlags) : nullptr;
  const Owned<ASN1_TIME> time(ASN1_TIME_set(nullptr, at));
  // OpenSSL would put its own clock in; this keeps the bytes a function of what was asked for.
  const bool ready =
      signer != nullptr && time &&
      CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, time->type, time.get(), -1) == 1;
  if (!ready) return fail(ErrorKind::internal, "the signature cannot be prepared: " + trouble());
  const Owned<BIO> content(BIO_new(BIO_s_mem()));
  for (const ByteView part : {first, second}) {
    BIO_write(content.get(), part.data(), static_cast<int>(part.size()));
  }
  if (CMS_final(cms.get(), content.get(), nullptr, CMS_DETACHED | CMS_BINARY) != 1) {
    return fail(ErrorKind::storage, "the key did not sign: " + trouble());
  }
  unsigned char* der = nullptr;
  const int length = i2d_CMS_ContentInfo(cms.get(), &der);
  if (length <= 0) return fail(ErrorKind::internal, "the signature cannot be written");
  const Owned<unsigned char> owned(der);
  return Bytes(der, der + length);
}

/// first_page() follows the first child of each node of the page tree.
Result<int> first_page(const PdfFile& file, const std::string& catalog) {
  int number = reference_after(catalog, "/Pages");
  for (int depth = 0; depth < 32 && number > 0; ++depth) {
    const auto node = file.dictionary(number);
    if (!node) return tl::unexpected(node.error());
    if (node->find("/Kids") == std::string::npos) return number;
    const std::size_t open = node->find('[', node->find("/Kids"));
    if (open == std::string::npos) break;
    number = reference_after("/Kid " + node->substr(open + 1, 40), "/Kid");
  }
  return fail(ErrorKind::invalid_input, "the PDF has no first page");
}

std::string with_annotation(const std::string& page, int widget) {
  const std::size_t found = page.find("/Annots");
  const std::size_t open = found == std::string::npos ? found : page.find('[', found);
  if (open == std::string::npos) {
    return with_entries(page, fmt::format("   /Annots [ {} 0 R ]", widget));
  }
  return page.substr(0, open + 1) + fmt::format(" {} 0 R", widget) + page.substr(open + 1);
}

constexpr std::string_view kRangePlace = "[0 0000000000 0000000000 0000000000]";

std::string signature_dictionary(const Signing& signing, const std::string& name, std::time_t at) {
  std::string out = "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached\n";
  out += fmt::format("/M (D:{:%Y%m%d%H%M%S}Z)\n", fmt::gmtime(at));
  out += fmt::format("/Name {}\n", pdf_text(name));
  if (!signing.reason.empty()) out += fmt::format("/Reason {}\n", pdf_text(signing.reason));
  if (!signing.location.empty()) out += fmt::format("/Location {}\n", pdf_text(signing.location));
  out += fmt::format("/ByteRange {}\n/Contents <{}>\n>>", kRangePlace, std::string(kRoom, '0'));
  return out;
}

Result<Bytes> with_field(ByteView pdf, const std::string& signature) {
  const auto file = PdfFile::read(pdf);
  if (!file) return tl::unexpected(file.error());
  const auto catalog = file->dictionary(file->root());
  if (!catalog) return tl::unexpected(catalog.error());
  if (catalog->find("/AcroForm") != std::string::npos) {
    return fail(ErrorKind::invalid_input, "the PDF is signed already, or holds a form");
  }
  const auto page_number = first_page(*file, *catalog);
  if (!page_number) return tl::unexpected(page_number.error());
  const auto page = file->dictionary(*page_number);
  if (!page) return tl::unexpected(page.error());
  const int value = file->next();
  const int widget = value + 1;
  std::map<int, std::string> objects;
  objects[value] = signature;
  objects[widget] = fmt::format(
      "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /TU {} /F 132 /Rect [0 0 0 0] "
      "/P {} 0 R /V {} 0 R >>",
      pdf_text("Signature"), *page_number, value);
  objects[*page_number] = with_annotation(*page, widget);
  objects[file->root()] = with_entries(
      *catalog, fmt::format("   /AcroForm << /Fields [ {} 0 R ] /SigFlags 3 >>", widget));
  const Bytes more = file->update(objects);
  Bytes out(pdf.begin(), pdf.end());
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace

Result<Bytes> sign_pdf(ByteView pdf, evp_pkey_st* key, const std::string& certificates,
                       const Signing& signing) {
  auto chain = chain_of(certificates);
  if (!chain) return tl::unexpected(chain.error());
  const std::time_t at = seconds_of(signing.at);
  const auto digest = digest_for(key, chain->signer.get(), at);
  if (!digest) return tl::unexpected(digest.error());
  const std::string name = signing.name.empty() ? common_name(chain->signer.get()) : signing.name;
  auto out = with_field(pdf, signature_dictionary(signing, name, at));
  if (!out) return out;
  // Behind the old end, so that nothing in the report itself can be mistaken for the place.
  const std::string_view text = as_text(*out);
  const std::size_t range = text.find(kRangePlace, pdf.size());
  const std::size_t open = text.find("/Contents <", pdf.size()) + 10;
  const std::size_t behind = open + kRoom + 2;
  const std::string numbers =
      fmt::format("[0 {:<10} {:<10} {:<10}]", open, behind, out->size() - behind);
  std::ranges::copy(numbers, out->begin() + static_cast<std::ptrdiff_t>(range));
  const ByteView whole(*out);
  const auto signature =
      signature_over(whole.first(open), whole.subspan(behind), key, *chain, *digest, at);
  if (!signature) return tl::unexpected(signature.error());
  const std::string hex = to_hex(*signature);
  if (hex.size() > kRoom) {
    return fail(ErrorKind::invalid_input,
                "the certificates are too long for a PDF signature: leave the root out");
  }
  std::ranges::copy(hex, out->begin() + static_cast<std::ptrdiff_t>(open + 1));
  return out;
}

}  // namespace haetae::reports
