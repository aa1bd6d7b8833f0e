#include "harness/protocols/tls_flight.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace haetae::protocols {
namespace {

constexpr std::size_t kMaxTotal = 256 * 1024;
constexpr std::size_t kMaxRecord = 18 * 1024;
constexpr std::size_t kMaxCertificates = 64;
constexpr std::size_t kMaxAlerts = 16;

// SHA-256("HelloRetryRequest"), RFC 8446, section 4.1.3.
constexpr std::array<std::uint8_t, 32> kRetryRandom{
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/// Reader walks over bytes; once it wanted more than there was, it stays failed and gives zeros.
class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : take(size)) value = (value << 8) | byte;
    return value;
  }
  ByteView take(std::size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView out = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return out;
  }
  ByteView sized(std::size_t length_size) { return take(number(length_size)); }

 private:
  ByteView bytes_;
  bool ok_ = true;
};

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

int bit_length(ByteView number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  if (number.empty()) return 0;
  return static_cast<int>(number.size() - 1) * 8 + std::bit_width(number.front());
}

bool extensions(Reader list, ServerHello& hello) {
  while (list.ok() && list.left() > 0) {
    const std::uint32_t type = list.number(2);
    Reader body(list.sized(2));
    switch (type) {
      case 23: hello.extended_master_secret = true; break;
      case 35: hello.session_ticket = true; break;
      case 43: hello.version = static_cast<std::uint16_t>(body.number(2)); break;
      case 51: hello.group = static_cast<std::uint16_t>(body.number(2)); break;
      case 0xff01: hello.secure_renegotiation = true; break;
      default: break;
    }
    if (!body.ok()) return false;
  }
  return list.ok();
}

bool has(const std::string& name, std::string_view part) {
  return name.find(part) != std::string::npos;
}

}  // namespace

std::string alert_name(std::uint8_t description) {
  static constexpr std::array<std::pair<int, std::string_view>, 36> kNames{{
      {0, "close_notify"},
      {10, "unexpected_message"},
      {20, "bad_record_mac"},
      {21, "decryption_failed"},
      {22, "record_overflow"},
      {30, "decompression_failure"},
      {40, "handshake_failure"},
      {41, "no_certificate"},
      {42, "bad_certificate"},
      {43, "unsupported_certificate"},
      {44, "certificate_revoked"},
      {45, "certificate_expired"},
      {46, "certificate_unknown"},
      {47, "illegal_parameter"},
      {48, "unknown_ca"},
      {49, "access_denied"},
      {50, "decode_error"},
      {51, "decrypt_error"},
      {60, "export_restriction"},
      {70, "protocol_version"},
      {71, "insufficient_security"},
      {80, "internal_error"},
      {86, "inappropriate_fallback"},
      {90, "user_canceled"},
      {100, "no_renegotiation"},
      {109, "missing_extension"},
      {110, "unsupported_extension"},
      {111, "certificate_unobtainable"},
      {112, "unrecognized_name"},
      {113, "bad_certificate_status_response"},
      {114, "bad_certificate_hash_value"},
      {115, "unknown_psk_identity"},
      {116, "certificate_required"},
      {117, "general_error"},
      {120, "no_application_protocol"},
      {121, "ech_required"},
  }};
  for (const auto& [number, name] : kNames) {
    if (number == description) return std::string(name);
  }
  return "alert-" + std::to_string(description);
}

std::optional<ServerHello> parse_server_hello(ByteView body) {
  Reader reader(body);
  ServerHello hello;
  hello.version = static_cast<std::uint16_t>(reader.number(2));
  const ByteView random = reader.take(32);
  if (reader.sized(1).size() > 32) return std::nullopt;
  hello.suite = static_cast<std::uint16_t>(reader.number(2));
  hello.compression = static_cast<std::uint8_t>(reader.number(1));
  if (!reader.ok()) return std::nullopt;
  hello.retry_request = std::equal(random.begin(), random.end(), kRetryRandom.begin());
  // Older servers end here; some append an empty list.
  if (reader.left() > 0 && !extensions(Reader(reader.sized(2)), hello)) return std::nullopt;
  if (!reader.ok() || reader.left() > 0) return std::nullopt;
  return hello;
}

std::optional<std::vector<Bytes>> parse_certificates(ByteView body) {
  Reader reader(body);
  Reader list(reader.sized(3));
  std::vector<Bytes> out;
  while (reader.ok() && list.left() > 0) {
    const ByteView certificate = list.sized(3);
    if (!list.ok()) return std::nullopt;
    if (out.size() < kMaxCertificates) out.push_back(copy(certificate));
  }
  if (!reader.ok() || reader.left() > 0) return std::nullopt;
  return out;
}

std::optional<KeyExchange> parse_key_exchange(ByteView body, std::uint16_t version,
                                              std::uint16_t suite) {
  const std::string name = suite_name(suite);
  Reader reader(body);
  KeyExchange out;
  if (has(name, "_PSK_") || has(name, "PSK_DHE")) reader.sized(2);  // RFC 4279: identity hint
  if (has(name, "_ECDH")) {
    const std::uint32_t curve_type = reader.number(1);
    if (curve_type != 3) {
      out.kind = KeyExchange::Kind::explicit_curve;
      return reader.ok() ? std::optional(out) : std::nullopt;
    }
    out.kind = KeyExchange::Kind::named_group;
    out.group = static_cast<std::uint16_t>(reader.number(2));
    reader.sized(1);
  } else if (has(name, "_DH_") || has(name, "_DHE_") || has(name, "_EXPORT")) {
    const ByteView first = reader.sized(2);
    reader.sized(2);
    const bool dh = !has(name, "TLS_RSA_EXPORT");
    out.kind = dh ? KeyExchange::Kind::dh : KeyExchange::Kind::rsa_export;
    out.bits = bit_length(first);
    if (dh) {
      reader.sized(2);
      const auto start =
          std::find_if(first.begin(), first.end(), [](std::uint8_t byte) { return byte != 0; });
      out.prime.assign(start, first.end());
    }
  } else {
    return out;  // SRP, GOST, KRB5, plain PSK: nothing more is read
  }
  if (!reader.ok()) return std::nullopt;
  out.is_signed = !has(name, "_anon_") && !has(name, "PSK") && reader.left() > 0;
  if (out.is_signed && version >= 0x0303) {
    out.scheme = static_cast<std::uint16_t>(reader.number(2));
    if (!reader.ok()) return std::nullopt;
  }
  return out;
}

FlightParser::State FlightParser::broken(std::string why) {
  problem_ = std::move(why);
  return state_ = State::not_tls;
}

FlightParser::State FlightParser::feed(ByteView bytes) {
  if (state_ != State::more) return state_;
  total_ += bytes.size();
  if (total_ > kMaxTotal) return broken("more than 256 KiB before the end of the flight");
  records_.insert(records_.end(), bytes.begin(), bytes.end());
  return records();
}

FlightParser::State FlightParser::records() {
  std::size_t used = 0;
  while (state_ == State::more && records_.size() - used >= 5) {
    const ByteView rest = ByteView(records_).subspan(used);
    const std::uint8_t type = rest[0];
    const std::size_t length = static_cast<std::size_t>(rest[3]) << 8 | rest[4];
    if (type < 20 || type > 24 || rest[1] != 3 || length > kMaxRecord) {
      return broken("no TLS record where one must be");
    }
    if (rest.size() - 5 < length) break;
    record(type, rest.subspan(5, length));
    used += 5 + length;
  }
  records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(used));
  return state_;
}

FlightParser::State FlightParser::record(std::uint8_t type, ByteView body) {
  if (type == 21) {
    if (body.size() != 2) return broken("an alert record that is not two bytes long");
    if (flight_.alerts.size() == kMaxAlerts) return broken("more than 16 alerts");
    flight_.alerts.push_back({.level = body[0], .description = body[1]});
    // A warning such as unrecognized_name may go before the ServerHello (RFC 6066, section 3).
    if (body[0] != 1 || body[1] == 0) state_ = State::ended;
    return state_;
  }
  if (type == 22) {
    handshake_.insert(handshake_.end(), body.begin(), body.end());
    return messages();
  }
  return flight_.hello ? (state_ = State::ended) : broken("a record before the ServerHello");
}

FlightParser::State FlightParser::messages() {
  std::size_t used = 0;
  while (state_ == State::more && handshake_.size() - used >= 4) {
    const ByteView rest = ByteView(handshake_).subspan(used);
    const std::size_t length =
        static_cast<std::size_t>(rest[1]) << 16 | static_cast<std::size_t>(rest[2]) << 8 | rest[3];
    if (length > kMaxTotal) return broken("a handshake message of more than 256 KiB");
    if (rest.size() - 4 < length) break;
    message(rest[0], rest.subspan(4, length));
    used += 4 + length;
  }
  handshake_.erase(handshake_.begin(), handshake_.begin() + static_cast<std::ptrdiff_t>(used));
  return state_;
}

FlightParser::State FlightParser::message(std::uint8_t type, ByteView body) {
  if (type == 0) return state_;  // HelloRequest: to be ignored (RFC 5246, section 7.4.1.1)
  if (type == 2) {
    if (flight_.hello) return broken("two ServerHello messages");
    flight_.hello = parse_server_hello(body);
    if (!flight_.hello) return broken("a malformed ServerHello");
    if (flight_.hello->version >= 0x0304) {
      flight_.done = true;
      state_ = State::ended;
    }
    return state_;
  }
  if (!flight_.hello) return broken("a handshake message before the ServerHello");
  switch (type) {
    case 11: {
      auto certificates = parse_certificates(body);
      if (!certificates) return broken("a malformed Certificate message");
      flight_.certificates = std::move(*certificates);
      break;
    }
    case 12:
      flight_.key_exchange = parse_key_exchange(body, flight_.hello->version, flight_.hello->suite);
      if (!flight_.key_exchange) return broken("a malformed ServerKeyExchange");
      break;
    case 13: flight_.certificate_request = true; break;
    case 14:
      flight_.done = true;
      state_ = State::ended;
      break;
    default: break;
  }
  return state_;
}

std::optional<Ssl2Hello> parse_ssl2_hello(ByteView bytes) {
  Reader reader(bytes);
  const std::uint32_t head = reader.number(2);
  std::size_t length = head & 0x7fff;
  std::size_t padding = 0;
  if ((head & 0x8000) == 0) {
    length = head & 0x3fff;
    padding = reader.number(1);
  }
  Reader body(reader.take(length + padding));
  if (!reader.ok() || body.number(1) != 4) return std::nullopt;
  Ssl2Hello out;
  body.number(1);  // session id hit
  body.number(1);  // certificate type
  out.version = static_cast<std::uint16_t>(body.number(2));
  const std::size_t certificate = body.number(2);
  const std::size_t specs = body.number(2);
  const std::size_t connection = body.number(2);
  out.certificate = copy(body.take(certificate));
  Reader kinds(body.take(specs));
  body.take(connection);
  if (!body.ok() || out.version != 2 || specs % 3 != 0) return std::nullopt;
  while (kinds.left() >= 3) out.kinds.push_back(kinds.number(3));
  return out;
}

bool is_ssl2_error(ByteView bytes) {
  return bytes.size() >= 5 && bytes[0] == 0x80 && bytes[1] == 3 && bytes[2] == 0 && bytes[3] == 0;
}

}  // namespace haetae::protocols
