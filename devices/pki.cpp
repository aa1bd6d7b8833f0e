#include "devices/pki.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <sstream>
#include <stdexcept>

namespace haetae::devices {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;

[[noreturn]] void fail(std::string_view what) {
  char text[200];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  throw std::runtime_error(fmt::format("{}: {}", what, text));
}

Key ec_key(const char* curve) {
  Key key(EVP_EC_gen(curve));
  if (!key) fail("EC key");
  return key;
}

Key rsa_key(std::size_t bits) {
  Key key(EVP_RSA_gen(static_cast<unsigned>(bits)));
  if (!key) fail("RSA key");
  return key;
}

constexpr long kDay = 24 * 60 * 60;

/// Wanted says what a certificate holds; days are counted from now.
struct Wanted {
  std::string name, issuer, alternative;
  long from_day = -1, to_day = 364;
  bool authority = false;
  const EVP_MD* digest = EVP_sha256();
};

void set_name(X509_NAME* name, const std::string& common) {
  const auto add = [&](const char* field, const std::string& value) {
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(value.data()),
                               static_cast<int>(value.size()), -1, 0);
  };
  add("O", "Haetae simulated device");
  add("CN", common);
}

void extend(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  if (extension == nullptr) fail(value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate certify(const Wanted& wanted, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate result(X509_new());
  auto* x = result.get();
  X509_set_version(x, 2);
  unsigned char serial[16];
  RAND_bytes(serial, sizeof serial);
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40);
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
  BN_free(number);
  X509_gmtime_adj(X509_getm_notBefore(x), wanted.from_day * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x), wanted.to_day * kDay);
  set_name(X509_get_subject_name(x), wanted.name);
  set_name(X509_get_issuer_name(x), wanted.issuer);
  X509_set_pubkey(x, key);
  if (issuer == nullptr) issuer = x;
  extend(x, issuer, NID_basic_constraints, wanted.authority ? "critical,CA:TRUE" : "CA:FALSE");
  extend(x, issuer, NID_key_usage,
         wanted.authority ? "critical,keyCertSign,cRLSign"
                          : "critical,digitalSignature,keyEncipherment");
  extend(x, issuer, NID_subject_key_identifier, "hash");
  extend(x, issuer, NID_authority_key_identifier, "keyid");
  if (!wanted.authority) extend(x, issuer, NID_ext_key_usage, "serverAuth");
  if (!wanted.alternative.empty()) extend(x, issuer, NID_subject_alt_name, wanted.alternative);
  if (X509_sign(x, issuer_key, wanted.digest) == 0) fail("signature");
  return result;
}

std::string der(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int length = i2d_X509(certificate, &bytes);
  if (length < 0) fail("DER");
  std::string result(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return result;
}

std::string pem(X509* certificate) {
  std::unique_ptr<BIO, Deleter<BIO_free>> memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate);
  char* data = nullptr;
  const auto length = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string names_of(const std::string& addresses) {
  std::istringstream stream(addresses);
  std::string result, one;
  while (stream >> one) result += (result.empty() ? "IP:" : ",IP:") + one;
  return result;
}

Wanted leaf_of(const std::string& kind, const std::string& address, const std::string& model) {
  Wanted leaf{
      .name = model, .issuer = "Test authority of " + model, .alternative = names_of(address)};
  if (kind == "expired") leaf.from_day = -730, leaf.to_day = -365;
  if (kind == "not-yet-valid") leaf.from_day = 365, leaf.to_day = 729;
  if (kind == "wrong-name") leaf.name = "other.example", leaf.alternative = "DNS:other.example";
  if (kind == "sha1") leaf.digest = EVP_sha1();
  if (kind == "md5") leaf.digest = EVP_md5();
  if (kind == "self-signed") leaf.issuer = model;
  return leaf;
}

Key leaf_key(const std::string& kind) {
  if (kind == "rsa-1024") return rsa_key(1024);
  if (kind == "rsa-2048") return rsa_key(2048);
  return ec_key("P-256");
}

/// dh_group() is the second Oakley group of 1024 bits (RFC 2409, 6.2), or ffdhe2048 (RFC 7919).
EVP_PKEY* dh_group(bool is_short) {
  if (!is_short) {
    EVP_PKEY* key = nullptr;
    std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
    char name[] = "ffdhe2048";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_end()};
    if (EVP_PKEY_keygen_init(context.get()) <= 0 ||
        EVP_PKEY_CTX_set_params(context.get(), parameters) <= 0 ||
        EVP_PKEY_generate(context.get(), &key) <= 0)
      fail("DH group");
    return key;
  }
  using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
  const Number prime(BN_get_rfc2409_prime_1024(nullptr)), generator(BN_new());
  BN_set_word(generator.get(), 2);
  std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_P, prime.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_G, generator.get());
  std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEY_PARAMETERS, parameters.get()) <= 0)
    fail("DH group");
  return key;
}

int version_of(const std::string& name) {
  if (name == "1.0") return TLS1_VERSION;
  if (name == "1.1") return TLS1_1_VERSION;
  return name == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION;
}

void use(SSL_CTX* context, X509* leaf, EVP_PKEY* key, X509* authority) {
  if (SSL_CTX_use_certificate(context, leaf) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1)
    fail("certificate");
  if (authority != nullptr) SSL_CTX_add1_chain_cert(context, authority);
}

/// restrict() sets versions, suites and groups: ECDHE with AEAD only, unless a setting says worse.
void restrict(SSL_CTX* context, const Settings& settings) {
  SSL_CTX_set_security_level(context, 0);
  const auto& oldest = settings.text("tls.oldest");
  std::string suites =
      "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
      "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384";
  if (oldest == "1.0" || oldest == "1.1") suites += ":ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA";
  if (settings.number("tls.dh-bits") != 0) {
    suites += ":DHE-RSA-AES128-GCM-SHA256";
    SSL_CTX_set0_tmp_dh_pkey(context, dh_group(settings.number("tls.dh-bits") == 1024));
  }
  SSL_CTX_set_min_proto_version(context, version_of(oldest));
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  if (SSL_CTX_set_cipher_list(context, suites.c_str()) != 1 ||
      SSL_CTX_set1_groups_list(context, settings.yes("tls.weak-group")
                                            ? "X25519:P-256:P-384:prime192v1"
                                            : "X25519:P-256:P-384") != 1)
    fail("suites");
  std::string schemes =
      "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA384:RSA+SHA384";
  if (settings.yes("tls.sha1-signatures")) schemes += ":ECDSA+SHA1:RSA+SHA1";
  SSL_CTX_set1_sigalgs_list(context, schemes.c_str());
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

/// Keeper holds keys and certificates in a folder from one start to the next; without a folder it
/// makes them anew each time.
class Keeper {
 public:
  explicit Keeper(std::filesystem::path folder) : folder_(std::move(folder)) {
    if (!folder_.empty()) std::filesystem::create_directories(folder_);
  }

  template <class Make>
  Key key(const std::string& name, const Make& make) const {
    return keep<Key>(
        name + ".key", make,
        [](BIO* bio) { return PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr); },
        [](BIO* bio, EVP_PKEY* key) {
          return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
        });
  }
  template <class Make>
  Certificate certificate(const std::string& name, const Make& make) const {
    return keep<Certificate>(
        name + ".crt", make,
        [](BIO* bio) { return PEM_read_bio_X509(bio, nullptr, nullptr, nullptr); },
        [](BIO* bio, X509* certificate) { return PEM_write_bio_X509(bio, certificate); });
  }

 private:
  using File = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

  template <class Thing, class Make, class Read, class Write>
  Thing keep(const std::string& name, const Make& make, const Read& read,
             const Write& write) const {
    if (folder_.empty()) return make();
    const auto path = folder_ / name;
    if (const File file(BIO_new_file(path.c_str(), "r")); file) {
      Thing held(read(file.get()));
      if (!held) fail(path.string());
      return held;
    }
    ERR_clear_error();
    Thing made = make();
    const File file(BIO_new_file(path.c_str(), "w"));
    if (!file || write(file.get(), made.get()) != 1) fail(path.string());
    return made;
  }

  std::filesystem::path folder_;
};

TlsIdentity make(const Settings& settings, const std::string& address, const std::string& model,
                 const std::filesystem::path& keys) {
  const Keeper keeper(keys);
  TlsIdentity result;
  result.context = {SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  restrict(result.context.get(), settings);

  const auto& kind = settings.text("tls.certificate");
  const bool self_signed = kind == "self-signed";
  // ECDSA signs nothing with MD5.
  const bool rsa_authority = kind == "md5";
  const std::string root_name = rsa_authority ? "authority-rsa" : "authority";
  const auto authority_key =
      keeper.key(root_name, [&] { return rsa_authority ? rsa_key(2048) : ec_key("P-256"); });
  const Wanted root{.name = "Test authority of " + model,
                    .issuer = "Test authority of " + model,
                    .alternative = "",
                    .authority = true};
  const auto authority = keeper.certificate(
      root_name, [&] { return certify(root, authority_key.get(), nullptr, authority_key.get()); });
  const auto key = keeper.key("leaf-" + kind, [&] { return leaf_key(kind); });
  const auto wanted = leaf_of(kind, address, model);
  const auto leaf = keeper.certificate("leaf-" + kind, [&] {
    return certify(wanted, key.get(), self_signed ? nullptr : authority.get(),
                   self_signed ? key.get() : authority_key.get());
  });
  use(result.context.get(), leaf.get(), key.get(), self_signed ? nullptr : authority.get());
  result.chain.push_back(der(leaf.get()));
  if (!self_signed) result.chain.push_back(der(authority.get()));
  result.ca_pem = pem(self_signed ? leaf.get() : authority.get());

  if (settings.text("tls.weak-suite") != "none" || settings.number("tls.dh-bits") != 0 ||
      settings.yes("tls.compression") || settings.yes("tls.ssl3") || settings.yes("tls.ssl2") ||
      settings.yes("tls.weak-group")) {
    const auto second_key = keeper.key("second", [] { return rsa_key(2048); });
    const auto second = keeper.certificate("second-" + kind, [&] {
      return certify(wanted, second_key.get(), authority.get(), authority_key.get());
    });
    use(result.context.get(), second.get(), second_key.get(), authority.get());
    result.rsa_chain = {der(second.get()), der(authority.get())};
  }
  return result;
}

}  // namespace

Outcome<TlsIdentity> make_tls_identity(const Settings& settings, const std::string& address,
                                       const std::string& model,
                                       const std::filesystem::path& keys) {
  try {
    return make(settings, address, model, keys);
  } catch (const std::runtime_error& error) {
    return tl::unexpected(fmt::format("certificate for {}: {}", address, error.what()));
  }
}

}  // namespace haetae::devices
