#include "harness/protocols/tls_hello.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace haetae::protocols {
namespace {

constexpr std::uint16_t kRenegotiationScsv = 0x00ff;

enum Extension : std::uint16_t {
  server_name = 0,
  supported_groups = 10,
  ec_point_formats = 11,
  signature_algorithms = 13,
  extended_master_secret = 23,
  session_ticket = 35,
  supported_versions = 43,
  psk_key_exchange_modes = 45,
  key_share = 51,
  renegotiation_info = 0xff01,
};

void put8(Bytes& out, std::size_t value) { out.push_back(static_cast<std::uint8_t>(value)); }
void put16(Bytes& out, std::size_t value) {
  put8(out, value >> 8);
  put8(out, value);
}
void put24(Bytes& out, std::size_t value) {
  put8(out, value >> 16);
  put16(out, value);
}
void put(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Bytes list16(const std::vector<std::uint16_t>& numbers, std::size_t limit = 16000) {
  Bytes out;
  for (std::size_t i = 0; i < std::min(numbers.size(), limit); ++i) put16(out, numbers[i]);
  return out;
}

Bytes sized16(ByteView body) {
  Bytes out;
  put16(out, body.size());
  put(out, body);
  return out;
}

void extension(Bytes& out, Extension type, ByteView body) {
  put16(out, type);
  put(out, sized16(body));
}

Bytes fixed(ByteView from, std::size_t size) {
  Bytes out(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(std::min(from.size(), size)));
  out.resize(size);
  return out;
}

Bytes server_name_body(const std::string& name) {
  Bytes entry{0};
  put(entry, sized16(as_bytes(name)));
  return sized16(entry);
}

Bytes key_share_body(const std::vector<KeyShare>& shares) {
  Bytes list;
  for (const KeyShare& share : shares) {
    put16(list, share.group);
    put(list, sized16(share.key));
  }
  return sized16(list);
}

Bytes extensions_of(const ClientHello& hello) {
  Bytes out;
  const bool v13 = hello.version == TlsVersion::tls1_3;
  const bool usual = hello.extensions == Extensions::usual;
  if (!hello.sni.empty()) extension(out, server_name, server_name_body(hello.sni.substr(0, 255)));
  if (!hello.groups.empty()) {
    extension(out, supported_groups, sized16(list16(hello.groups)));
    extension(out, ec_point_formats, Bytes{1, 0});
  }
  if (hello.version >= TlsVersion::tls1_2 && !hello.schemes.empty()) {
    extension(out, signature_algorithms, sized16(list16(hello.schemes)));
  }
  if (usual) {
    extension(out, extended_master_secret, {});
    extension(out, session_ticket, {});
    if (!v13) extension(out, renegotiation_info, Bytes{0});
  }
  if (v13) {
    extension(out, supported_versions, Bytes{2, 3, 4});
    extension(out, psk_key_exchange_modes, Bytes{1, 1});
    extension(out, key_share, key_share_body(hello.key_shares));
  }
  return out;
}

}  // namespace

Bytes encode(const ClientHello& hello, ByteView random) {
  const bool v13 = hello.version == TlsVersion::tls1_3;
  const bool extended =
      v13 || (hello.version > TlsVersion::ssl3 && hello.extensions != Extensions::none);
  Bytes body;
  put16(body, v13 ? 0x0303 : static_cast<std::size_t>(hello.version));
  put(body, fixed(random, 32));
  // TLS 1.3 servers behind old middleboxes expect a session id (RFC 8446, appendix D.4).
  const Bytes session = v13 ? sha256(random) : Bytes{};
  put8(body, session.size());
  put(body, session);
  Bytes suites = list16(hello.suites);
  if (!extended) put16(suites, kRenegotiationScsv);
  put(body, sized16(suites));
  const std::size_t compressions = std::min<std::size_t>(hello.compressions.size(), 255);
  put8(body, compressions);
  put(body, ByteView(hello.compressions).first(compressions));
  if (extended) {
    const Bytes extensions = extensions_of(hello);
    if (!extensions.empty()) put(body, sized16(extensions));
  }
  Bytes record{22};
  put16(record, hello.version == TlsVersion::ssl3 ? 0x0300 : 0x0301);
  put16(record, body.size() + 4);
  put8(record, 1);
  put24(record, body.size());
  put(record, body);
  return record;
}

Bytes encode_ssl2(const std::vector<std::uint32_t>& kinds, ByteView challenge) {
  Bytes specs;
  for (const std::uint32_t kind : kinds) put24(specs, kind);
  Bytes body{1, 0, 2};
  put16(body, specs.size());
  put16(body, 0);
  put16(body, 16);
  put(body, specs);
  put(body, fixed(challenge, 16));
  Bytes out;
  put16(out, 0x8000 | body.size());
  put(out, body);
  return out;
}

std::vector<KeyShare> fresh_key_shares() {
  std::vector<KeyShare> out;
  const auto add = [&out](std::uint16_t group, EVP_PKEY* raw) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(raw, EVP_PKEY_free);
    unsigned char* encoded = nullptr;
    const std::size_t size =
        key ? EVP_PKEY_get1_encoded_public_key(key.get(), &encoded) : std::size_t{0};
    if (size == 0) throw std::runtime_error("OpenSSL made no key share");
    out.push_back({.group = group, .key = Bytes(encoded, encoded + size)});
    OPENSSL_free(encoded);
  };
  add(29, EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  add(23, EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  return out;
}

}  // namespace haetae::protocols
