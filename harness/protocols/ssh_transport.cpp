#include "harness/protocols/ssh_transport.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "harness/protocols/reader.hpp"

namespace haetae::protocols {
namespace {

constexpr std::string_view kOurBanner = "SSH-2.0-Haetae\r\n";
constexpr std::size_t kMaxBytes = 512 * 1024;
constexpr std::size_t kMaxPacket = 256 * 1024;
constexpr int kMaxLines = 50;    // before the banner (RFC 4253, section 4.2)
constexpr int kMaxIgnored = 64;  // SSH_MSG_IGNORE and the like

enum Message : std::uint8_t {
  disconnect = 1,
  ignore = 2,
  unimplemented = 3,
  debug = 4,
  kex_init = 30,
  kex_reply = 31,
  gex_group = 31,
  gex_init = 32,
  gex_reply = 33,
  gex_request = 34,
};

/// Exchange is a key exchange method that we can start.
struct Exchange {
  enum class Kind { curve25519, nist, group, group_exchange };
  std::string_view name;
  Kind kind;
  std::string_view detail;  // curve of OpenSSL
  int bits;                 // of the fixed prime
};
// The cheapest for a small device first.
constexpr std::array<Exchange, 15> kExchanges{{
    {"curve25519-sha256", Exchange::Kind::curve25519, "", 0},
    {"curve25519-sha256@libssh.org", Exchange::Kind::curve25519, "", 0},
    {"ecdh-sha2-nistp256", Exchange::Kind::nist, "P-256", 0},
    {"ecdh-sha2-nistp384", Exchange::Kind::nist, "P-384", 0},
    {"ecdh-sha2-nistp521", Exchange::Kind::nist, "P-521", 0},
    {"diffie-hellman-group1-sha1", Exchange::Kind::group, "", 1024},
    {"diffie-hellman-group14-sha1", Exchange::Kind::group, "", 2048},
    {"diffie-hellman-group14-sha256", Exchange::Kind::group, "", 2048},
    {"diffie-hellman-group14-sha256@ssh.com", Exchange::Kind::group, "", 2048},
    {"diffie-hellman-group15-sha512", Exchange::Kind::group, "", 3072},
    {"diffie-hellman-group16-sha512", Exchange::Kind::group, "", 4096},
    {"diffie-hellman-group17-sha512", Exchange::Kind::group, "", 6144},
    {"diffie-hellman-group18-sha512", Exchange::Kind::group, "", 8192},
    {"diffie-hellman-group-exchange-sha256", Exchange::Kind::group_exchange, "", 0},
    {"diffie-hellman-group-exchange-sha1", Exchange::Kind::group_exchange, "", 0},
}};

Result<Bytes> public_key(const char* type, const char* curve) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      curve == nullptr ? EVP_PKEY_Q_keygen(nullptr, nullptr, type)
                       : EVP_PKEY_Q_keygen(nullptr, nullptr, type, curve),
      EVP_PKEY_free);
  unsigned char* encoded = nullptr;
  const std::size_t size = key ? EVP_PKEY_get1_encoded_public_key(key.get(), &encoded) : 0;
  if (size == 0) return fail(ErrorKind::internal, "OpenSSL made no key for the exchange");
  Bytes out(encoded, encoded + size);
  OPENSSL_free(encoded);
  return out;
}

/// below_prime() is a number that a server takes for g^x: all primes in use begin with a set bit.
Bytes below_prime(int bits) {
  Bytes out = random_bytes(static_cast<std::size_t>((bits + 7) / 8));
  if (!out.empty()) out[0] = static_cast<std::uint8_t>(bits % 8 == 0 ? 0x40 : 0);
  return out;
}

/// Wire reads and writes clear packets (RFC 4253, section 6).
class Wire {
 public:
  Wire(net::Conn& conn, SteadyTime deadline)
      : conn_(conn), reader_(conn, kMaxBytes), deadline_(deadline) {}

  Result<SshBanner> banners() {
    auto sent = conn_.write(as_bytes(kOurBanner), deadline_);
    if (!sent) return tl::unexpected(sent.error());
    for (int i = 0; i < kMaxLines; ++i) {
      auto line = reader_.line(deadline_, 1024);
      if (!line) return tl::unexpected(line.error());
      if (auto banner = parse_ssh_banner(*line)) return *banner;
    }
    return fail(ErrorKind::protocol, "no SSH banner in the first 50 lines");
  }

  Result<void> send(ByteView payload) {
    const std::size_t padding = 8 - (payload.size() + 5 + 4) % 8 + 4;
    SshBytes packet;
    packet.uint32(static_cast<std::uint32_t>(payload.size() + padding + 1));
    packet.byte(static_cast<std::uint8_t>(padding));
    Bytes bytes = packet.bytes();
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    bytes.resize(bytes.size() + padding);
    return conn_.write(bytes, deadline_);
  }

  /// receive() is the next payload that is not a remark for the other side.
  Result<Bytes> receive() {
    for (int i = 0; i < kMaxIgnored; ++i) {
      auto payload = packet();
      if (!payload) return payload;
      const std::uint8_t type = payload->empty() ? std::uint8_t{0} : payload->front();
      if (type == disconnect) {
        SshFields fields(ByteView(*payload).subspan(1));
        fields.uint32();
        return fail(ErrorKind::closed,
                    "the SSH server disconnected: " + printable(as_text(fields.string())));
      }
      if (type != ignore && type != debug && type != unimplemented) return payload;
    }
    return fail(ErrorKind::protocol, "the SSH server sends nothing but remarks");
  }

 private:
  Result<Bytes> packet() {
    auto head = reader_.exactly(5, deadline_);
    if (!head) return head;
    SshFields fields(*head);
    const std::size_t length = fields.uint32();
    const std::size_t padding = fields.byte();
    if (length > kMaxPacket || length < padding + 1) {
      return fail(ErrorKind::protocol, "an SSH packet of impossible length");
    }
    auto rest = reader_.exactly(length - 1, deadline_);
    if (!rest) return rest;
    rest->resize(length - 1 - padding);
    return rest;
  }

  net::Conn& conn_;
  Reader reader_;
  SteadyTime deadline_;
};

Result<SshGreeting> greet(Wire& wire) {
  SshGreeting out;
  auto banner = wire.banners();
  if (!banner) return tl::unexpected(banner.error());
  out.banner = *banner;
  if (out.banner.protocol == "1") return out;
  auto payload = wire.receive();
  if (!payload) return fail("reading the server's KEXINIT", payload.error());
  auto lists = parse_kexinit(*payload);
  if (!lists) return fail(ErrorKind::protocol, "a malformed SSH KEXINIT");
  out.kexinit = std::move(*lists);
  out.has_lists = true;
  return out;
}

const Exchange* common_exchange(const SshNames& offered) {
  for (const Exchange& exchange : kExchanges) {
    if (std::find(offered.begin(), offered.end(), exchange.name) != offered.end()) {
      return &exchange;
    }
  }
  return nullptr;
}

/// start() sends our half; for a group exchange it first asks for the prime.
Result<int> start(Wire& wire, const Exchange& exchange) {
  SshBytes init;
  int bits = 0;
  if (exchange.kind == Exchange::Kind::group_exchange) {
    SshBytes request;
    request.byte(gex_request).uint32(1024).uint32(2048).uint32(8192);
    if (auto sent = wire.send(request.bytes()); !sent) return tl::unexpected(sent.error());
    auto group = wire.receive();
    if (!group) return tl::unexpected(group.error());
    SshFields fields(*group);
    if (fields.byte() != gex_group) return fail(ErrorKind::protocol, "no prime was handed out");
    bits = number_bits(fields.string());
    if (!fields.ok() || bits < 16) return fail(ErrorKind::protocol, "a malformed prime");
    init.byte(gex_init).mpint(below_prime(bits));
  } else if (exchange.kind == Exchange::Kind::group) {
    init.byte(kex_init).mpint(below_prime(exchange.bits));
  } else {
    const bool nist = exchange.kind == Exchange::Kind::nist;
    auto key = nist ? public_key("EC", exchange.detail.data()) : public_key("X25519", nullptr);
    if (!key) return tl::unexpected(key.error());
    init.byte(kex_init).string(*key);
  }
  if (auto sent = wire.send(init.bytes()); !sent) return tl::unexpected(sent.error());
  return bits;
}

}  // namespace

Result<SshGreeting> ssh_greet(net::Conn& conn, SteadyTime deadline) {
  Wire wire(conn, deadline);
  return greet(wire);
}

Result<SshHostKeyAnswer> ssh_host_key(net::Conn& conn, const std::string& algorithm,
                                      SteadyTime deadline) {
  Wire wire(conn, deadline);
  auto greeting = greet(wire);
  if (!greeting) return tl::unexpected(greeting.error());
  const Exchange* exchange = common_exchange(greeting->kexinit.kex);
  if (exchange == nullptr) {
    return fail(ErrorKind::unsupported, "the server offers no key exchange that we can make");
  }
  // The server's own lists come back to it, so that only the host key is ours to choose.
  SshKexInit offer = greeting->kexinit;
  offer.kex = {std::string(exchange->name)};
  offer.host_keys = {algorithm};
  auto sent = wire.send(encode_kexinit(offer, random_bytes(16)));
  if (!sent) return tl::unexpected(sent.error());
  auto bits = start(wire, *exchange);
  if (!bits) return fail("asking for the host key " + printable(algorithm), bits.error());
  auto reply = wire.receive();
  if (!reply) return fail("asking for the host key " + printable(algorithm), reply.error());
  SshFields fields(*reply);
  const std::uint8_t expected =
      exchange->kind == Exchange::Kind::group_exchange ? gex_reply : kex_reply;
  const bool right = fields.byte() == expected;
  auto key = parse_host_key(fields.string());
  if (!right || !key) return fail(ErrorKind::protocol, "a malformed SSH key exchange reply");
  return SshHostKeyAnswer{.key = *key, .group_bits = *bits};
}

}  // namespace haetae::protocols
