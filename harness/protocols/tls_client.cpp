#include "harness/protocols/tls_client.hpp"
#include "harness/protocols/tls_server.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <utility>

namespace haetae::protocols {
namespace {

constexpr std::size_t kChunk = 16 * 1024;
constexpr std::size_t kMaxHandshake = 256 * 1024;
constexpr int kMaxChain = 32;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using ContextHandle = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using SslHandle = std::unique_ptr<SSL, Deleter<SSL_free>>;

std::string library_words() {
  std::string out;
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (!out.empty()) out += ", ";
    out += reason == nullptr ? "error " + std::to_string(code) : std::string(reason);
  }
  return out.empty() ? "no reason given" : out;
}

/// kind_of() tells what OpenSSL could not speak (which says nothing about the device) from bytes
/// that are wrong.
ErrorKind kind_of(unsigned long code) {
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return ErrorKind::protocol;
  switch (ERR_GET_REASON(code)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_ILLEGAL_PARAMETER:
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_BAD_DH_VALUE:
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_WRONG_SIGNATURE_TYPE:
    case SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED:
    case SSL_R_UNKNOWN_PKEY_TYPE:
    case SSL_R_UNSUPPORTED_ELLIPTIC_CURVE:
    case SSL_R_WRONG_CURVE:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return ErrorKind::unsupported;
    default: return ErrorKind::protocol;
  }
}

Result<ContextHandle> make_context(const TlsOptions& options) {
  if (options.max < TlsVersion::tls1_0) {
    return fail(ErrorKind::unsupported, "OpenSSL speaks TLS 1.0 and later only");
  }
  ContextHandle context(SSL_CTX_new(TLS_client_method()));
  if (!context) return fail(ErrorKind::internal, "SSL_CTX_new: " + library_words());
  SSL_CTX* raw = context.get();
  SSL_CTX_set_security_level(raw, 0);
  SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT);
  const std::string suites =
      options.suites.empty() ? "ALL:COMPLEMENTOFALL:@SECLEVEL=0" : options.suites + ":@SECLEVEL=0";
  // Without a curve list OpenSSL offers five; a device may have only one of the others.
  const bool ok =
      SSL_CTX_set_min_proto_version(raw, static_cast<int>(options.min)) == 1 &&
      SSL_CTX_set_max_proto_version(raw, static_cast<int>(options.max)) == 1 &&
      SSL_CTX_set_cipher_list(raw, suites.c_str()) == 1 &&
      // The two CCM suites are what small devices have hardware for; OpenSSL leaves them out.
      SSL_CTX_set_ciphersuites(raw,
                               "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
                               "TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:"
                               "TLS_AES_128_CCM_8_SHA256") == 1 &&
      SSL_CTX_set1_groups_list(raw,
                               "X25519:P-256:P-384:P-521:X448:brainpoolP256r1:brainpoolP384r1:"
                               "brainpoolP512r1:secp256k1:P-224:P-192:"
                               "ffdhe2048:ffdhe3072:ffdhe4096") == 1 &&
      (options.signature_schemes.empty() ||
       SSL_CTX_set1_sigalgs_list(raw, options.signature_schemes.c_str()) == 1);
  if (!ok) return fail(ErrorKind::unsupported, "OpenSSL refuses the options: " + library_words());
  return context;
}

Bytes alpn_list(const std::vector<std::string>& names) {
  Bytes out;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255) continue;
    out.push_back(static_cast<std::uint8_t>(name.size()));
    out.insert(out.end(), name.begin(), name.end());
  }
  return out;
}

/// hash_row() is the high byte of the schemes that use the digest (RFC 5246, section 7.4.1.4.1).
int hash_row(int digest) {
  switch (digest) {
    case NID_sha1: return 0x0200;
    case NID_sha224: return 0x0300;
    case NID_sha256: return 0x0400;
    case NID_sha384: return 0x0500;
    case NID_sha512: return 0x0600;
    default: return 0;
  }
}

/// scheme_of() is the number for OpenSSL's pair of signature type and digest (RFC 8446, section
/// 4.2.3); `key` is the type of the certificate's key, which tells the two kinds of PSS apart.
std::uint16_t scheme_of(int type, int digest, int key) {
  const int row = hash_row(digest);
  const int rank = row / 0x100 - 4;  // SHA-256 is 0
  switch (type) {
    case NID_ED25519: return 0x0807;
    case NID_ED448: return 0x0808;
    case EVP_PKEY_RSA_PSS:
      if (rank < 0) return 0;
      return static_cast<std::uint16_t>((key == EVP_PKEY_RSA_PSS ? 0x0809 : 0x0804) + rank);
    case EVP_PKEY_RSA: return row == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(row + 1);
    case EVP_PKEY_DSA: return row == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(row + 2);
    case EVP_PKEY_EC: return row == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(row + 3);
    default: return 0;
  }
}

class OpenSslConn final : public TlsConn {
 public:
  enum class Side { client, server };
  OpenSslConn(std::unique_ptr<net::Conn> plain, ContextHandle context, SslHandle ssl, Side side)
      : plain_(std::move(plain)), context_(std::move(context)), ssl_(std::move(ssl)) {
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);
    if (side == Side::client)
      SSL_set_connect_state(ssl_.get());
    else
      SSL_set_accept_state(ssl_.get());
  }
  ~OpenSslConn() override { close(); }

  Result<void> handshake(SteadyTime deadline) {
    std::size_t received = 0;
    while (true) {
      ERR_clear_error();
      const int answer = SSL_do_handshake(ssl_.get());
      const int error = SSL_get_error(ssl_.get(), answer);
      const unsigned long code = ERR_peek_error();
      if (auto sent = flush(deadline); !sent) return sent;
      if (answer == 1) break;
      if (error != SSL_ERROR_WANT_READ) {
        return fail(kind_of(code), "TLS handshake: " + library_words());
      }
      auto count = fill(deadline);
      if (!count) return fail("TLS handshake", count.error());
      if (*count == 0) {
        return fail(ErrorKind::closed, "the peer ended the connection during the TLS handshake");
      }
      received += *count;
      if (received > kMaxHandshake) {
        return fail(ErrorKind::protocol, "more than 256 KiB of TLS handshake");
      }
    }
    keep_chain();
    return {};
  }

  Result<std::size_t> read_some(std::span<std::uint8_t> into, SteadyTime deadline) override {
    if (into.empty() || ended_) return std::size_t{0};
    while (true) {
      ERR_clear_error();
      std::size_t count = 0;
      const int answer = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
      const int error = SSL_get_error(ssl_.get(), answer);
      if (answer == 1) {
        plain_->note(Direction::inside_received, into.first(count));
        return count;
      }
      if (auto sent = flush(deadline); !sent) return tl::unexpected(sent.error());
      if (error == SSL_ERROR_ZERO_RETURN) {
        ended_ = true;
        return std::size_t{0};
      }
      if (error != SSL_ERROR_WANT_READ) {
        return fail(ErrorKind::protocol, "TLS: " + library_words());
      }
      auto received = fill(deadline);
      if (!received) return received;
      if (*received == 0) {
        // Many devices close without close_notify: that is the end of the stream, and it is kept.
        truncated_ = ended_ = true;
        plain_->note(Direction::event, as_bytes("the peer ended without close_notify"));
        return std::size_t{0};
      }
    }
  }

  Result<void> write(ByteView bytes, SteadyTime deadline) override {
    while (!bytes.empty()) {
      ERR_clear_error();
      std::size_t count = 0;
      const int answer =
          SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), kChunk), &count);
      const int error = SSL_get_error(ssl_.get(), answer);
      if (auto sent = flush(deadline); !sent) return sent;
      if (answer == 1) {
        plain_->note(Direction::inside_sent, bytes.first(count));
        bytes = bytes.subspan(count);
        continue;
      }
      if (error != SSL_ERROR_WANT_READ) {
        return fail(ErrorKind::protocol, "TLS: " + library_words());
      }
      auto received = fill(deadline);
      if (!received) return tl::unexpected(received.error());
      if (*received == 0) return fail(ErrorKind::closed, "the peer ended the TLS connection");
    }
    return {};
  }

  void close() override {
    if (!plain_ || closed_) return;
    closed_ = true;
    ended_ = true;
    if (SSL_is_init_finished(ssl_.get()) == 1) {
      SSL_shutdown(ssl_.get());
      // A peer that reads no more must not hold us: the alert goes out at once or not at all.
      const auto sent = flush(plain_->now() + 100ms);
      if (!sent) plain_->note(Direction::event, as_bytes("close_notify could not be sent"));
    }
    ERR_clear_error();
    plain_->close();
  }

  EvidenceId evidence() const override { return plain_->evidence(); }
  void note(Direction direction, ByteView bytes) override { plain_->note(direction, bytes); }
  int descriptor() const override { return plain_->descriptor(); }
  SteadyTime now() const override { return plain_->now(); }

  TlsVersion version() const override {
    return tls_version_from(static_cast<std::uint16_t>(SSL_version(ssl_.get())))
        .value_or(TlsVersion::tls1_2);
  }
  std::string suite() const override {
    const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
    return cipher == nullptr ? std::string() : suite_name(SSL_CIPHER_get_protocol_id(cipher));
  }
  std::string alpn() const override {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    return name == nullptr ? std::string() : std::string(as_text(ByteView(name, length)));
  }
  const std::vector<Bytes>& chain() const override { return chain_; }
  std::uint16_t signature_scheme() const override {
    int digest = NID_undef;
    int type = NID_undef;
    if (SSL_get_peer_signature_type_nid(ssl_.get(), &type) != 1) return 0;
    static_cast<void>(SSL_get_peer_signature_nid(ssl_.get(), &digest));
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
    return scheme_of(type, digest, key == nullptr ? NID_undef : EVP_PKEY_get_base_id(key));
  }
  bool truncated() const override { return truncated_; }
  bool secure_renegotiation() const override {
    return SSL_get_secure_renegotiation_support(ssl_.get()) == 1;
  }
  bool extended_master_secret() const override { return SSL_get_extms_support(ssl_.get()) == 1; }
  bool session_ticket() const override {
    const SSL_SESSION* session = SSL_get_session(ssl_.get());
    return session != nullptr && SSL_SESSION_has_ticket(session) == 1;
  }

 private:
  Result<void> flush(SteadyTime deadline) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    if (size <= 0) return {};
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(data),
                         static_cast<std::size_t>(size));
    auto sent = plain_->write(bytes, deadline);
    static_cast<void>(BIO_reset(out_));
    return sent;
  }

  Result<std::size_t> fill(SteadyTime deadline) {
    std::array<std::uint8_t, kChunk> buffer{};
    auto count = plain_->read_some(buffer, deadline);
    if (count && *count > 0) BIO_write(in_, buffer.data(), static_cast<int>(*count));
    return count;
  }

  void keep_chain() {
    const STACK_OF(X509)* certificates = SSL_get_peer_cert_chain(ssl_.get());
    if (certificates == nullptr) return;
    const int count = std::min(sk_X509_num(certificates), kMaxChain);
    for (int i = 0; i < count; ++i) {
      unsigned char* der = nullptr;
      const int size = i2d_X509(sk_X509_value(certificates, i), &der);
      if (size > 0) chain_.emplace_back(der, der + size);
      OPENSSL_free(der);
    }
  }

  std::unique_ptr<net::Conn> plain_;
  ContextHandle context_;
  SslHandle ssl_;
  BIO* in_ = nullptr;  // both belong to ssl_
  BIO* out_ = nullptr;
  std::vector<Bytes> chain_;
  bool ended_ = false;
  bool truncated_ = false;
  bool closed_ = false;
};

}  // namespace

Result<std::unique_ptr<TlsConn>> wrap_tls(std::unique_ptr<net::Conn> plain,
                                          const TlsOptions& options, SteadyTime deadline) {
  auto context = make_context(options);
  if (!context) return tl::unexpected(context.error());
  SslHandle ssl(SSL_new(context->get()));
  if (!ssl) return fail(ErrorKind::internal, "SSL_new: " + library_words());
  if (!options.sni.empty()) SSL_set_tlsext_host_name(ssl.get(), options.sni.c_str());
  const Bytes alpn = alpn_list(options.alpn);
  if (!alpn.empty()) {
    SSL_set_alpn_protos(ssl.get(), alpn.data(), static_cast<unsigned>(alpn.size()));
  }
  auto conn = std::make_unique<OpenSslConn>(std::move(plain), std::move(*context), std::move(ssl),
                                            OpenSslConn::Side::client);
  if (auto done = conn->handshake(deadline); !done) return tl::unexpected(done.error());
  return conn;
}

namespace {

using KeyHandle = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificateHandle = std::unique_ptr<X509, Deleter<X509_free>>;
using BioHandle = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(std::max(size, 0L))};
}

BioHandle reading(const std::string& text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<ContextHandle> server_context(const ServerIdentity& identity) {
  ContextHandle context(SSL_CTX_new(TLS_server_method()));
  if (!context) return fail(ErrorKind::internal, "SSL_CTX_new: " + library_words());
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  const BioHandle chain = reading(identity.certificate_pem);
  const BioHandle secret = reading(identity.key_pem);
  const CertificateHandle leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  const KeyHandle key(PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr));
  if (!leaf || !key || SSL_CTX_use_certificate(raw, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(raw, key.get()) != 1)
    return fail(ErrorKind::invalid_input,
                "certificate and key of our server do not fit: " + library_words());
  for (int i = 0; i < kMaxChain; ++i) {
    const CertificateHandle next(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    SSL_CTX_add1_chain_cert(raw, next.get());
  }
  ERR_clear_error();
  return context;
}

}  // namespace

Result<ServerIdentity> made_up_identity(std::string_view name) {
  const KeyHandle key(EVP_EC_gen("P-256"));
  const CertificateHandle leaf(X509_new());
  if (!key || !leaf) return fail(ErrorKind::internal, "no key for our server: " + library_words());
  X509* raw = leaf.get();
  X509_set_version(raw, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  constexpr long kDay = 24L * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(raw), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(raw), 30 * kDay);
  const std::string common(name.substr(0, 64));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common.data()),
                             static_cast<int>(common.size()), -1, 0);
  X509_set_issuer_name(raw, X509_get_subject_name(raw));
  X509_set_pubkey(raw, key.get());
  const BioHandle open(BIO_new(BIO_s_mem()));
  const BioHandle secret(BIO_new(BIO_s_mem()));
  if (X509_sign(raw, key.get(), EVP_sha256()) == 0 || PEM_write_bio_X509(open.get(), raw) != 1 ||
      PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return fail(ErrorKind::internal, "no certificate for our server: " + library_words());
  return ServerIdentity{.certificate_pem = text_of(open.get()), .key_pem = text_of(secret.get())};
}

Result<std::unique_ptr<TlsConn>> serve_tls(std::unique_ptr<net::Conn> plain,
                                           const ServerIdentity& identity, SteadyTime deadline) {
  auto context = server_context(identity);
  if (!context) return tl::unexpected(context.error());
  SslHandle ssl(SSL_new(context->get()));
  if (!ssl) return fail(ErrorKind::internal, "SSL_new: " + library_words());
  auto conn = std::make_unique<OpenSslConn>(std::move(plain), std::move(*context), std::move(ssl),
                                            OpenSslConn::Side::server);
  if (auto done = conn->handshake(deadline); !done) return tl::unexpected(done.error());
  return conn;
}

}  // namespace haetae::protocols
