#include "harness/protocols/tls_probe.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

namespace haetae::protocols {
namespace {

constexpr std::size_t kChunk = 16 * 1024;
constexpr std::size_t kMaxSsl2 = 64 * 1024;

/// quiet() is what a failed read or write means for the reply.
Reply quiet(const Error& error) {
  return error.kind == ErrorKind::timed_out ? Reply::silent : Reply::closed;
}

HelloAnswer finish(const FlightParser& parser, Reply without_hello, std::string detail) {
  HelloAnswer out{.reply = without_hello, .flight = parser.flight(), .detail = std::move(detail)};
  if (out.flight.hello) {
    out.reply = Reply::answered;
    out.detail = "ServerHello";
  } else if (!out.flight.alerts.empty()) {
    out.reply = Reply::alert;
    out.detail = "alert " + alert_name(out.alert());
  }
  return out;
}

Bytes prime_of(const char* group) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr), EVP_PKEY_CTX_free);
  if (!context || EVP_PKEY_paramgen_init(context.get()) != 1) return {};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(group), 0),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_CTX_set_params(context.get(), parameters.data()) != 1 ||
      EVP_PKEY_generate(context.get(), &raw) != 1) {
    return {};
  }
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(raw, EVP_PKEY_free);
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_FFC_P, &number) != 1) return {};
  Bytes out(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, out.data());
  BN_free(number);
  return out;
}

}  // namespace

HelloAnswer say_hello(net::Conn& conn, const ClientHello& hello, SteadyTime deadline) {
  FlightParser parser;
  const Bytes bytes = encode(hello, random_bytes(32));
  if (auto sent = conn.write(bytes, deadline); !sent) {
    return finish(parser, quiet(sent.error()), sent.error().message());
  }
  std::array<std::uint8_t, kChunk> buffer{};
  while (true) {
    auto count = conn.read_some(buffer, deadline);
    if (!count) return finish(parser, quiet(count.error()), count.error().message());
    if (*count == 0) return finish(parser, Reply::closed, "the peer ended the stream");
    switch (parser.feed(ByteView(buffer).first(*count))) {
      case FlightParser::State::more: break;
      case FlightParser::State::ended: return finish(parser, Reply::closed, "ended");
      case FlightParser::State::not_tls: return finish(parser, Reply::not_tls, parser.problem());
    }
  }
}

Ssl2Answer say_ssl2_hello(net::Conn& conn, SteadyTime deadline) {
  Ssl2Answer out;
  std::vector<std::uint32_t> kinds;
  for (const NamedNumber& kind : ssl2_cipher_kinds()) kinds.push_back(kind.number);
  Bytes got;
  const auto end = [&out](Reply reply, std::string detail) {
    out.reply = reply;
    out.detail = std::move(detail);
    return out;
  };
  const auto sent = conn.write(encode_ssl2(kinds, random_bytes(16)), deadline);
  if (!sent) return end(quiet(sent.error()), sent.error().message());
  std::array<std::uint8_t, kChunk> buffer{};
  while (got.size() < kMaxSsl2) {
    auto count = conn.read_some(buffer, deadline);
    if (!count) return end(quiet(count.error()), count.error().message());
    if (*count == 0) return end(Reply::closed, "the peer ended the stream");
    got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
    if (auto hello = parse_ssl2_hello(got)) {
      out.hello = std::move(*hello);
      out.speaks_ssl2 = true;
      return end(Reply::answered, "SSL 2.0 SERVER-HELLO");
    }
    if (is_ssl2_error(got)) {
      out.speaks_ssl2 = true;
      return end(Reply::alert, "SSL 2.0 ERROR message");
    }
    if (got.size() >= 7 && got[0] == 21 && got[1] == 3) {
      return end(Reply::alert, "alert " + alert_name(got[6]));
    }
  }
  return end(Reply::not_tls, "bytes that are no SSL 2.0");
}

std::string dh_group_name(ByteView prime) {
  for (const char* name : {"ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"}) {
    // Generating a key costs milliseconds, so the size decides first.
    const int bits = std::stoi(std::string(name).substr(5));
    if (prime.size() * 8 != static_cast<std::size_t>(bits)) continue;
    const Bytes known = prime_of(name);
    if (std::equal(prime.begin(), prime.end(), known.begin(), known.end())) return name;
  }
  return "dh-custom";
}

}  // namespace haetae::protocols
