#include "testcases/firmware/key_files.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <vector>

#include "harness/model/bytes.hpp"
#include "testcases/firmware/text.hpp"

namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kLongest = 32'768;  // of one key or certificate in text form
constexpr std::size_t kShown = 64;        // bytes of a binary key

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* one) const {
    Free(one);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Freer<X509_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex_hash(const unsigned char* data, int length) {
  if (length <= 0) return {};
  return to_hex(sha256({data, static_cast<std::size_t>(length)}));
}

std::string public_hash(EVP_PKEY* key) {
  unsigned char* out = nullptr;
  const int length = i2d_PUBKEY(key, &out);
  std::string hash = out == nullptr ? std::string() : hex_hash(out, length);
  OPENSSL_free(out);
  return hash;
}

void describe(EVP_PKEY* key, PrivateKey& out) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS: out.algorithm = "rsa"; break;
    case EVP_PKEY_DSA: out.algorithm = "dsa"; break;
    case EVP_PKEY_EC: out.algorithm = "ec"; break;
    case EVP_PKEY_ED25519: out.algorithm = "ed25519"; break;
    case EVP_PKEY_ED448: out.algorithm = "ed448"; break;
    case EVP_PKEY_DH:
    case EVP_PKEY_X25519:
    case EVP_PKEY_X448: out.algorithm = "dh"; break;
    default: break;
  }
  out.bits = EVP_PKEY_get_bits(key);
  out.key_sha256 = public_hash(key);
}

Pkey private_key(std::string_view der) {
  const unsigned char* at = raw(der);
  Pkey key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return key;
}

// der_length() is the length of the SEQUENCE at the start, 0 if there is none that fits.
std::size_t der_length(std::string_view bytes) {
  if (bytes.size() < 4 || bytes[0] != '\x30') return 0;
  const unsigned first = raw(bytes)[1];
  std::size_t length = first, head = 2;
  if (first > 0x80) {
    const std::size_t count = first & 0x7FU;
    if (count > 2 || bytes.size() < 2 + count) return 0;
    length = 0;
    for (std::size_t index = 0; index < count; ++index)
      length = length << 8U | raw(bytes)[2 + index];
    head += count;
  } else if (first == 0x80) {
    return 0;
  }
  return head + length <= bytes.size() ? head + length : 0;
}

// Armor is what stands between the lines of RFC 7468.
struct Armor {
  std::string label, headers, body;
  std::size_t length = 0;
  std::size_t first = 0;                                  // where the body starts
  std::vector<std::pair<std::size_t, std::size_t>> rows;  // its first two lines
};

std::optional<Armor> armor(std::string_view content, std::size_t at) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  const std::string_view all = content.substr(at, kLongest);
  if (!all.starts_with(kBegin)) return std::nullopt;
  const std::size_t close = all.find("-----", kBegin.size());
  if (close == std::string_view::npos || close > 64) return std::nullopt;
  Armor out;
  out.label = all.substr(kBegin.size(), close - kBegin.size());
  const std::size_t end = all.find("-----END " + out.label + "-----", close);
  if (end == std::string_view::npos) return std::nullopt;
  out.length = end + out.label.size() + 14;
  const std::string_view inside = all.substr(close + 5, end - close - 5);
  std::size_t line_at = close + 5;
  for (const std::string_view line : fields(inside, '\n', 1000)) {
    // Strings of a program or a script may have the line end written out.
    std::string_view text = trimmed(line);
    while (text.ends_with("\\n")) text.remove_suffix(2);
    if (text.find(':') != std::string_view::npos) {
      out.headers += std::string(text) + "\n";
    } else if (!text.empty()) {
      if (out.rows.size() < 2)
        out.rows.emplace_back(line_at + static_cast<std::size_t>(text.data() - line.data()),
                              text.size());
      out.body += text;
    }
    line_at += line.size() + 1;
  }
  for (std::size_t cut; (cut = out.body.find("\\n")) != std::string::npos;) out.body.erase(cut, 2);
  return out;
}

// Reader of the wire format of SSH (RFC 4251 section 5).
class Wire {
 public:
  explicit Wire(std::string_view bytes) : bytes_(bytes) {}
  std::string_view string() {
    const std::uint32_t length = number();
    if (failed_ || length > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view out = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return out;
  }
  std::uint32_t number() {
    if (bytes_.size() < 4) {
      failed_ = true;
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < 4; ++index) value = value << 8U | raw(bytes_)[index];
    bytes_.remove_prefix(4);
    return value;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

std::int64_t bits_of(std::string_view number) {
  const Number value(BN_bin2bn(raw(number), static_cast<int>(number.size()), nullptr));
  return value ? BN_num_bits(value.get()) : 0;
}

std::string rsa_hash(std::string_view e, std::string_view n) {
  const Number exponent(BN_bin2bn(raw(e), static_cast<int>(e.size()), nullptr));
  const Number modulus(BN_bin2bn(raw(n), static_cast<int>(n.size()), nullptr));
  const std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>> build(OSSL_PARAM_BLD_new());
  if (!exponent || !modulus || !build) return {};
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  const std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>> params(
      OSSL_PARAM_BLD_to_param(build.get()));
  const std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr));
  EVP_PKEY* key = nullptr;
  if (params && context && EVP_PKEY_fromdata_init(context.get()) == 1)
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get());
  const Pkey held(key);
  ERR_clear_error();
  return held ? public_hash(held.get()) : std::string();
}

std::string ed25519_hash(std::string_view point) {
  if (point.size() != 32) return {};
  const Pkey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(point), point.size()));
  return key ? public_hash(key.get()) : std::string();
}

// public_blob() reads the public half as OpenSSH keeps it before the private one.
void public_blob(std::string_view blob, PrivateKey& out) {
  Wire wire(blob);
  const std::string_view name = wire.string();
  if (name == "ssh-rsa") {
    const std::string_view e = wire.string(), n = wire.string();
    out.algorithm = "rsa";
    out.bits = bits_of(n);
    if (!wire.failed()) out.key_sha256 = rsa_hash(e, n);
  } else if (name == "ssh-ed25519") {
    out.algorithm = "ed25519";
    out.bits = 256;
    out.key_sha256 = ed25519_hash(wire.string());
  } else if (name.starts_with("ecdsa-sha2-nistp")) {
    const std::string_view size = name.substr(16);
    std::from_chars(size.data(), size.data() + size.size(), out.bits);
    out.algorithm = "ec";
  } else if (name == "ssh-dss") {
    out.algorithm = "dsa";
    out.bits = bits_of(wire.string());
  }
}

bool openssh(const Armor& held, PrivateKey& out) {
  constexpr std::string_view kMagic("openssh-key-v1\0", 15);
  const std::string bytes = unbase64(held.body);
  if (!bytes.starts_with(kMagic)) return false;
  Wire wire(std::string_view(bytes).substr(kMagic.size()));
  const std::string_view cipher = wire.string();
  (void)wire.string();
  (void)wire.string();
  if (wire.number() < 1) return false;
  const std::string_view blob = wire.string(), secret = wire.string();
  if (wire.failed() || secret.size() < 16) return false;
  out.form = "openssh";
  out.encrypted = cipher == "none" ? "no" : "yes";
  public_blob(blob, out);
  return true;
}

std::string time_text(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, Freer<BIO_free>> out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
  const char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  return printable({data, static_cast<std::size_t>(std::max(length, 0L))}, 300);
}

std::optional<FoundCertificate> certificate(std::string_view der) {
  const unsigned char* at = raw(der);
  const Cert held(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!held) return std::nullopt;
  FoundCertificate out;
  out.sha256 = hex_hash(raw(der), static_cast<int>(at - raw(der)));
  out.subject_name = name_text(X509_get_subject_name(held.get()));
  out.issuer_name = name_text(X509_get_issuer_name(held.get()));
  out.not_before = time_text(X509_get0_notBefore(held.get()));
  out.not_after = time_text(X509_get0_notAfter(held.get()));
  out.ca = X509_check_ca(held.get()) > 0 ? "yes" : "no";
  unsigned char* spki = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(held.get()), &spki);
  if (spki != nullptr) out.key_sha256 = hex_hash(spki, length);
  OPENSSL_free(spki);
  ERR_clear_error();
  return out;
}

}  // namespace

std::optional<PrivateKey> read_pem_key(std::string_view content, std::size_t at) {
  const auto held = armor(content, at);
  if (!held || !held->label.ends_with("PRIVATE KEY") || held->rows.empty()) return std::nullopt;
  PrivateKey out;
  out.length = held->length;
  const auto& row = held->rows.back();
  out.secret_at = row.first;
  out.secret_length = std::min<std::size_t>(row.second, 80);
  out.shown = out.secret_at + out.secret_length;
  if (held->label == "OPENSSH PRIVATE KEY") {
    if (!openssh(*held, out)) return std::nullopt;
    return out;
  }
  out.form = "pem";
  const std::string der = unbase64(held->body);
  if (der.size() < 32) return std::nullopt;
  if (held->label == "ENCRYPTED PRIVATE KEY" ||
      held->headers.find("ENCRYPTED") != std::string::npos) {
    if (held->label.starts_with("RSA ")) out.algorithm = "rsa";
    if (held->label.starts_with("EC ")) out.algorithm = "ec";
    if (held->label.starts_with("DSA ")) out.algorithm = "dsa";
    out.encrypted = "yes";
    return out;
  }
  const Pkey key = private_key(der);
  if (!key) return std::nullopt;
  out.encrypted = "no";
  describe(key.get(), out);
  return out;
}

std::optional<PrivateKey> read_putty_key(std::string_view content, std::size_t at) {
  const std::string_view all = content.substr(at, kLongest);
  if (!all.starts_with("PuTTY-User-Key-File-")) return std::nullopt;
  PrivateKey out;
  out.form = "putty";
  std::size_t secret_lines = 0;
  for (const Line& line : lines(all, 400)) {
    out.length = line.at + line.text.size();
    const std::size_t colon = line.text.find(": ");
    if (colon == std::string_view::npos) {
      if (secret_lines > 0 && out.secret_length == 0) {
        out.secret_at = line.at;
        out.secret_length = std::min<std::size_t>(line.text.size(), 80);
      }
      continue;
    }
    const std::string_view name = line.text.substr(0, colon), value = line.text.substr(colon + 2);
    if (name.starts_with("PuTTY-User-Key-File-")) {
      if (value == "ssh-rsa") out.algorithm = "rsa";
      if (value == "ssh-ed25519") out.algorithm = "ed25519";
      if (value == "ssh-dss") out.algorithm = "dsa";
      if (value.starts_with("ecdsa-")) out.algorithm = "ec";
    }
    if (name == "Encryption") out.encrypted = value == "none" ? "no" : "yes";
    if (name == "Private-Lines") secret_lines = 1;
    if (name == "Private-MAC") break;
  }
  if (out.secret_length < 16 || out.encrypted == "unknown") return std::nullopt;
  out.shown = std::min(out.secret_at + out.secret_length, out.length);
  return out;
}

std::optional<PrivateKey> read_der_key(std::string_view content, std::size_t at) {
  const std::string_view all = content.substr(at, kLongest);
  const std::size_t length = der_length(all);
  if (length < 32) return std::nullopt;
  const Pkey key = private_key(all.substr(0, length));
  if (!key) return std::nullopt;
  PrivateKey out;
  out.form = "der";
  out.length = length;
  out.encrypted = "no";
  out.shown = std::min(length, kShown);
  out.secret_length = out.shown;
  describe(key.get(), out);
  return out.algorithm == "unknown" ? std::nullopt : std::optional(out);
}

std::optional<PrivateKey> read_dropbear_key(std::string_view content) {
  if (content.size() > 8192) return std::nullopt;
  Wire wire(content);
  const std::string_view name = wire.string();
  PrivateKey out;
  if (name == "ssh-rsa") {
    const std::string_view e = wire.string(), n = wire.string(), d = wire.string();
    if (wire.failed() || d.size() < 32) return std::nullopt;
    out.algorithm = "rsa";
    out.bits = bits_of(n);
    out.key_sha256 = rsa_hash(e, n);
  } else if (name == "ssh-ed25519") {
    const std::string_view both = wire.string();
    if (wire.failed() || both.size() != 64) return std::nullopt;
    out.algorithm = "ed25519";
    out.bits = 256;
    out.key_sha256 = ed25519_hash(both.substr(32));
  } else if (name.starts_with("ecdsa-sha2-nistp")) {
    (void)wire.string();
    (void)wire.string();
    const std::string_view scalar = wire.string();
    if (wire.failed() || scalar.size() < 16) return std::nullopt;
    const std::string_view size = name.substr(16);
    std::from_chars(size.data(), size.data() + size.size(), out.bits);
    out.algorithm = "ec";
  } else if (name == "ssh-dss") {
    const std::string_view p = wire.string();
    for (int count = 0; count < 4; ++count) (void)wire.string();
    if (wire.failed() || !wire.empty()) return std::nullopt;
    out.algorithm = "dsa";
    out.bits = bits_of(p);
  } else {
    return std::nullopt;
  }
  out.form = "dropbear";
  out.encrypted = "no";
  out.length = content.size();
  out.shown = std::min<std::size_t>(content.size(), 2 * kShown);
  out.secret_at = std::min<std::size_t>(content.size(), 16);
  out.secret_length = out.shown - out.secret_at;
  return out;
}

std::optional<FoundCertificate> read_pem_certificate(std::string_view content, std::size_t at) {
  const auto held = armor(content, at);
  if (!held || !held->label.ends_with("CERTIFICATE")) return std::nullopt;
  auto out = certificate(unbase64(held->body));
  if (out) out->length = held->length;
  return out;
}

std::optional<FoundCertificate> read_der_certificate(std::string_view content, std::size_t at) {
  const std::string_view all = content.substr(at, kLongest);
  const std::size_t length = der_length(all);
  if (length < 64) return std::nullopt;
  auto out = certificate(all.substr(0, length));
  if (out) out->length = length;
  return out;
}

}  // namespace haetae::testcases::firmware
