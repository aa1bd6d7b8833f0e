#include "harness/protocols/x509.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>

namespace haetae::protocols {
namespace {

constexpr std::size_t kMaxCertificate = 64 * 1024;
constexpr std::size_t kMaxName = 400;
// Verifying with a key of this size takes long enough for a device to hold us up.
constexpr int kMaxVerifyBits = 16384;

struct X509Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Handle = std::unique_ptr<X509, X509Free>;

Handle parse(const Bytes& der) {
  if (der.empty() || der.size() > kMaxCertificate) return nullptr;
  const unsigned char* at = der.data();
  Handle out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  // Bytes behind the certificate are not part of what it says.
  if (out && at != der.data() + der.size()) out.reset();
  return out;
}

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
    return {};
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size <= 0 ? std::string()
                   : printable(std::string_view(text, static_cast<std::size_t>(size)), kMaxName);
}

std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

std::string curve_name(EVP_PKEY* key) {
  std::array<char, 80> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                     &size) != 1) {
    return "unknown";
  }
  const std::string text(name.data(), size);
  // OpenSSL keeps the X9.62 names of two curves that IANA names after SEC 2.
  if (text == "prime256v1") return "secp256r1";
  return text == "prime192v1" ? "secp192r1" : text;
}

void read_key(X509* certificate, CertificateValues& out) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size > 0) out.key_sha256 = to_hex(sha256(ByteView(der, static_cast<std::size_t>(size))));
  OPENSSL_free(der);
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return;
  out.key_bits = EVP_PKEY_get_bits(key);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: out.key_algorithm = "rsa"; break;
    case EVP_PKEY_RSA_PSS: out.key_algorithm = "rsa-pss"; break;
    case EVP_PKEY_EC:
      out.key_algorithm = "ec";
      out.key_curve = curve_name(key);
      break;
    case EVP_PKEY_ED25519: out.key_algorithm = "ed25519"; break;
    case EVP_PKEY_ED448: out.key_algorithm = "ed448"; break;
    case EVP_PKEY_DSA: out.key_algorithm = "dsa"; break;
    default: break;
  }
}

std::string signature_name(const X509* certificate) {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, certificate);
  if (algorithm == nullptr) return {};
  std::array<char, 120> text{};
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), algorithm->algorithm, 0);
  return text.data();
}

/// signed_by() is yes, no, or unknown where the key cannot be used.
std::string signed_by(X509* certificate, X509* signer) {
  EVP_PKEY* key = X509_get0_pubkey(signer);
  if (key == nullptr || EVP_PKEY_get_bits(key) > kMaxVerifyBits) return "unknown";
  const int answer = X509_verify(certificate, key);
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (answer == 1) return "yes";
  // A hash that OpenSSL does not have (MD2) says nothing about the signature.
  const bool unknown_algorithm =
      answer < 0 || (ERR_GET_LIB(code) == ERR_LIB_ASN1 &&
                     (ERR_GET_REASON(code) == ASN1_R_UNKNOWN_SIGNATURE_ALGORITHM ||
                      ERR_GET_REASON(code) == ASN1_R_UNKNOWN_MESSAGE_DIGEST_ALGORITHM));
  return unknown_algorithm ? "unknown" : "no";
}

bool names_match(const X509* issuer, const X509* certificate) {
  return X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(certificate)) == 0;
}

std::string covers(X509* certificate, std::span<const Address> addresses,
                   std::span<const std::string> hosts) {
  if (addresses.empty() && hosts.empty()) return "unknown";
  for (const Address& address : addresses) {
    if (X509_check_ip_asc(certificate, address.text().c_str(), 0) == 1) return "yes";
    // Old device certificates carry the address as common name; X509_check_host looks there.
    if (X509_check_host(certificate, address.text().c_str(), 0, 0, nullptr) == 1) return "yes";
  }
  for (const std::string& host : hosts) {
    if (X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1) return "yes";
  }
  return "no";
}

std::string ca_word(X509* certificate) {
  const std::uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_INVALID) != 0) return "unknown";
  return (flags & EXFLAG_CA) != 0 ? "yes" : "no";
}

CertificateValues read(X509* certificate, std::span<const Address> addresses,
                       std::span<const std::string> hosts) {
  CertificateValues out;
  out.subject_name = name_text(X509_get_subject_name(certificate));
  out.issuer_name = name_text(X509_get_issuer_name(certificate));
  read_key(certificate, out);
  out.signature_algorithm = signature_name(certificate);
  out.not_before = time_text(X509_get0_notBefore(certificate));
  out.not_after = time_text(X509_get0_notAfter(certificate));
  out.self_signed = names_match(certificate, certificate) ? signed_by(certificate, certificate)
                                                          : std::string("no");
  out.ca = ca_word(certificate);
  out.covers_host = covers(certificate, addresses, hosts);
  return out;
}

}  // namespace

std::vector<CertificateValues> read_chain(std::span<const Bytes> chain,
                                          std::span<const Address> addresses,
                                          std::span<const std::string> hosts) {
  std::vector<Handle> parsed;
  for (const Bytes& der : chain) parsed.push_back(parse(der));
  std::vector<CertificateValues> out;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    CertificateValues values =
        parsed[i] ? read(parsed[i].get(), addresses, hosts) : CertificateValues{};
    values.sha256 = to_hex(sha256(chain[i]));
    if (i + 1 == chain.size()) {
      values.chain = "last";
    } else if (parsed[i] && parsed[i + 1]) {
      const bool names = names_match(parsed[i + 1].get(), parsed[i].get());
      const std::string answer =
          names ? signed_by(parsed[i].get(), parsed[i + 1].get()) : std::string("no");
      values.chain = answer == "yes" ? "signed-by-next" : answer == "no" ? "broken" : "unknown";
    }
    out.push_back(std::move(values));
  }
  ERR_clear_error();
  return out;
}

}  // namespace haetae::protocols
