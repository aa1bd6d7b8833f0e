#include "devices/update_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>

namespace haetae::devices {
namespace {

constexpr std::size_t kMostAnswer = 1U << 20U;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using File = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, Deleter<SSL_free>>;

Certificate self_signed(EVP_PKEY* key) {
  Certificate out(X509_new());
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -24 * 60 * 60);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 3650L * 24 * 60 * 60);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("update.example"), -1, -1, 0);
  X509_set_issuer_name(out.get(), X509_get_subject_name(out.get()));
  X509_set_pubkey(out.get(), key);
  if (X509_sign(out.get(), key, EVP_sha256()) == 0) out.reset();
  return out;
}

class Socket {
 public:
  explicit Socket(const ServerName& server)
      : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{3, 0};
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server.port);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    connected_ = ::inet_pton(AF_INET, server.own.c_str(), &from.sin_addr) == 1 &&
                 ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
                 ::inet_pton(AF_INET, server.address.c_str(), &to.sin_addr) == 1 &&
                 ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
  bool connected_ = false;
};

/// ask() is the body of a 200 answer, empty for anything else.
std::string ask(const ServerName& server, SSL_CTX* context, const std::string& path) {
  const Socket socket(server);
  if (!socket.connected()) return "";
  const Ssl ssl(SSL_new(context));
  SSL_set_fd(ssl.get(), socket.get());
  if (SSL_connect(ssl.get()) != 1) return "";
  const auto request =
      fmt::format("GET {} HTTP/1.1\r\nHost: update.example\r\nConnection: close\r\n\r\n", path);
  if (SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())) <= 0) return "";
  std::string answer;
  std::array<char, 16384> bytes;
  while (answer.size() < kMostAnswer) {
    const int got = SSL_read(ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (got <= 0) break;
    answer.append(bytes.data(), static_cast<std::size_t>(got));
  }
  const auto end = answer.find("\r\n\r\n");
  if (end == std::string::npos || answer.rfind("HTTP/1.1 200", 0) != 0) return "";
  return answer.substr(end + 4);
}

}  // namespace

Outcome<void> make_server_certificate(const std::filesystem::path& keys) {
  const auto name = keys / "update-server.crt";
  if (std::filesystem::exists(name)) return {};
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = key ? self_signed(key.get()) : nullptr;
  const File secret(BIO_new_file((keys / "update-server.key").c_str(), "w"));
  const File open(BIO_new_file(name.c_str(), "w"));
  if (!certificate || !secret || !open ||
      PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_X509(open.get(), certificate.get()) != 1)
    return tl::unexpected(fmt::format("{}: cannot be written", name.string()));
  return {};
}

ServerName update_server_of(const std::string& setting, const std::string& own) {
  ServerName out;
  out.own = own;
  if (setting == "=") {
    out.address = own.substr(0, own.rfind('.')) + ".1";
    out.port = 8443;
    return out;
  }
  const auto colon = setting.rfind(':');
  out.address = setting.substr(0, colon);
  if (colon != std::string::npos)
    std::from_chars(setting.data() + colon + 1, setting.data() + setting.size(), out.port);
  return out;
}

namespace {

/// trusting_context() knows the server's certificate, or believes any.
Context trusting_context(const std::filesystem::path& keys, bool trusting) {
  Context context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  if (!trusting) {
    if (SSL_CTX_load_verify_file(context.get(), (keys / "update-server.crt").c_str()) != 1)
      return nullptr;
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

}  // namespace

std::string newest_version(const ServerName& server, const std::filesystem::path& keys,
                           bool trusting) {
  const Context context = trusting_context(keys, trusting);
  if (!context) return "";
  auto newest = ask(server, context.get(), "/version");
  while (!newest.empty() && (newest.back() == '\n' || newest.back() == '\r')) newest.pop_back();
  return newest;
}

std::string fetch_update(const ServerName& server, const std::filesystem::path& keys, bool trusting,
                         const std::string& running, long (*rank)(std::string_view)) {
  if (rank(newest_version(server, keys, trusting)) <= rank(running)) return "";
  const Context context = trusting_context(keys, trusting);
  return context ? ask(server, context.get(), "/image") : "";
}

}  // namespace haetae::devices
