#include <openssl/bn.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "devices/device.hpp"

/// What OpenSSL 3.0 cannot be made to say: SSL 2.0, SSL 3.0 and the old cipher suites. The answers
/// end with ServerHelloDone; the peer has then seen what the device would agree to.
namespace haetae::devices {
namespace {

std::string u8(std::size_t value) { return {static_cast<char>(value & 0xff)}; }
std::string u16(std::size_t value) { return u8(value >> 8U) + u8(value); }
std::string u24(std::size_t value) { return u8(value >> 16U) + u16(value); }

std::string random_bytes(std::size_t count) {
  std::string result(count, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(result.data()), static_cast<int>(count));
  return result;
}

/// Hello is what a ClientHello offers.
struct Hello {
  unsigned version = 0;
  std::vector<unsigned> suites;
  bool compresses = false;    ///< offers DEFLATE (RFC 3749)
  bool has_versions = false;  ///< the supported_versions extension of TLS 1.3
};

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  std::size_t number(std::size_t bytes) {
    std::size_t value = 0;
    for (const char c : take(bytes)) value = value * 256 + static_cast<unsigned char>(c);
    return value;
  }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const auto result = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return result;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::optional<Hello> read_hello(std::string_view record) {
  Cursor cursor(record);
  if (cursor.number(1) != 22) return std::nullopt;
  (void)cursor.take(4);
  if (cursor.number(1) != 1) return std::nullopt;
  (void)cursor.take(3);
  Hello hello;
  hello.version = static_cast<unsigned>(cursor.number(2));
  (void)cursor.take(32);
  (void)cursor.take(cursor.number(1));
  Cursor suites(cursor.take(cursor.number(2)));
  const auto compressions = cursor.take(cursor.number(1));
  if (!cursor.good()) return std::nullopt;
  hello.compresses = compressions.find('\1') != std::string_view::npos;
  while (!suites.done()) hello.suites.push_back(static_cast<unsigned>(suites.number(2)));
  if (cursor.done()) return hello;
  Cursor extensions(cursor.take(cursor.number(2)));
  while (!extensions.done()) {
    const auto type = extensions.number(2);
    (void)extensions.take(extensions.number(2));
    hello.has_versions = hello.has_versions || type == 43;
  }
  return hello;
}

std::string record(unsigned type, unsigned version, const std::string& body) {
  return u8(type) + u16(version) + u16(body.size()) + body;
}
std::string handshake(unsigned type, const std::string& body) {
  return u8(type) + u24(body.size()) + body;
}

std::string certificate_message(const std::vector<std::string>& chain) {
  std::string list;
  for (const auto& der : chain) list += u24(der.size()) + der;
  return handshake(11, u24(list.size()) + list);
}

/// anonymous_key() is an unsigned ServerKeyExchange with a 2048 bit group (RFC 5246, 7.4.3).
std::string anonymous_key() {
  BIGNUM* prime = BN_get_rfc3526_prime_2048(nullptr);
  std::string p(256, '\0');
  BN_bn2binpad(prime, reinterpret_cast<unsigned char*>(p.data()), 256);
  BN_free(prime);
  auto ours = random_bytes(256);
  ours[0] = '\x01';
  return handshake(12, u16(256) + p + u16(1) + u8(2) + u16(256) + ours);
}

void send_hello(Connection& connection, const TlsIdentity& identity, unsigned version,
                unsigned suite, unsigned compression = 0) {
  const bool anonymous = suite == 0x0034 || suite == 0x0018;
  auto flight =
      handshake(2, u16(version) + random_bytes(32) + u8(0) + u16(suite) + u8(compression));
  if (!anonymous) flight += certificate_message(identity.rsa_chain);
  if (anonymous) flight += anonymous_key();
  flight += handshake(14, "");
  connection.write(record(22, version, flight));
  // The peer's next flight is read, so that our answer is not lost in a reset.
  connection.patience = milliseconds(3000);
  if (const auto head = connection.read_exact(5); head && (*head)[0] == 22) {
    connection.write(record(21, version, u8(2) + u8(40)));
  }
}

/// answer_ssl2() is the SERVER-HELLO of the SSL 2.0 draft (Hickman 1995).
void answer_ssl2(Connection& connection, const TlsIdentity& identity) {
  const auto& certificate = identity.rsa_chain.front();
  const std::string suites = std::string("\x07\x00\xc0\x05\x00\x80", 6);
  const auto body = u8(4) + u8(0) + u8(1) + u16(2) + u16(certificate.size()) + u16(suites.size()) +
                    u16(16) + certificate + suites + random_bytes(16);
  connection.write(u16(0x8000U | body.size()) + body);
  connection.patience = milliseconds(3000);
  (void)connection.read_exact(1);
}

const std::vector<unsigned>& weak_suites(const std::string& kind) {
  static const std::map<std::string, std::vector<unsigned>> list = {
      {"rc4", {0x0005, 0x0004}},
      {"3des", {0x000a}},
      {"des", {0x0009}},
      {"null", {0x0002, 0x003b, 0x0001}},
      {"anonymous", {0x0034, 0x0018}},
      {"export", {0x0003, 0x0008}},
      {"none", {}}};
  return list.at(kind);
}

bool offers(const Hello& hello, unsigned suite) {
  return std::find(hello.suites.begin(), hello.suites.end(), suite) != hello.suites.end();
}

/// is_sound() says whether the real server could answer that hello.
bool is_sound(const Hello& hello) {
  static constexpr std::array<unsigned, 11> kSound = {
      0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9, 0xc02f, 0xc030, 0x009e, 0xc009, 0xc013};
  return std::any_of(kSound.begin(), kSound.end(), [&](auto one) { return offers(hello, one); });
}

bool starts_ssl2(std::string_view bytes) {
  return bytes.size() >= 5 && (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0 &&
         bytes[2] == 1 && bytes[3] == 0 && bytes[4] == 2;
}

}  // namespace

bool scripted_tls(Device& device, Connection& connection) {
  const auto& settings = device.settings;
  const bool ssl2 = settings.yes("tls.ssl2"), ssl3 = settings.yes("tls.ssl3");
  const auto& kind = settings.text("tls.weak-suite");
  const bool compresses = settings.yes("tls.compression");
  if (!ssl2 && !ssl3 && !compresses && kind == "none") return false;
  const auto identity = device.tls_identity();
  auto bytes = connection.peek(5);
  if (ssl2 && starts_ssl2(bytes)) {
    answer_ssl2(connection, *identity);
    return true;
  }
  if (bytes.size() < 5 || bytes[0] != 22) return false;
  const auto length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[3])) * 256 +
                      static_cast<unsigned char>(bytes[4]);
  bytes = connection.peek(5 + std::min<std::size_t>(length, 16384));
  const auto hello = read_hello(bytes);
  if (!hello) return false;
  if (ssl3 && hello->version == 0x0300 && !hello->has_versions) {
    for (const unsigned suite : {0x002fU, 0x0035U}) {
      if (!offers(*hello, suite)) continue;
      send_hello(connection, *identity, 0x0300, suite);
      return true;
    }
  }
  if (compresses && hello->compresses && !hello->has_versions && !hello->suites.empty()) {
    send_hello(connection, *identity, std::min(hello->version, 0x0303U), hello->suites.front(), 1);
    return true;
  }
  if (hello->version < 0x0301 || is_sound(*hello)) return false;
  if (hello->version < 0x0303 && settings.text("tls.oldest") != "1.0") return false;
  for (const auto suite : weak_suites(kind)) {
    if (!offers(*hello, suite)) continue;
    send_hello(connection, *identity, std::min(hello->version, 0x0303U), suite);
    return true;
  }
  return false;
}

}  // namespace haetae::devices
