#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "harness/protocols/tls_flight.hpp"
#include "harness/protocols/tls_hello.hpp"
#include "harness/protocols/tls_names.hpp"
#include "harness/protocols/tls_probe.hpp"
#include "tests/support/daemon.hpp"

using namespace haetae;
using namespace haetae::protocols;

namespace {

std::map<std::uint32_t, std::string> table(std::span<const NamedNumber> entries) {
  std::map<std::uint32_t, std::string> out;
  for (const NamedNumber& entry : entries) out[entry.number] = entry.name;
  return out;
}

/// lines_matching() gives the groups (high byte, low byte, name) of each line of `text`.
std::map<std::uint32_t, std::string> parsed(const std::string& text, const char* pattern, int high,
                                            int low, int name) {
  std::map<std::uint32_t, std::string> out;
  const std::regex expression(pattern);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, expression)) continue;
    const auto number = static_cast<std::uint32_t>(std::stoul(
        match[static_cast<std::size_t>(high)].str() + match[static_cast<std::size_t>(low)].str(),
        nullptr, 16));
    out[number] = match[static_cast<std::size_t>(name)].str();
  }
  return out;
}

void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

Bytes record(std::uint8_t type, const Bytes& body) {
  Bytes out{type, 3, 3};
  put16(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes message(std::uint8_t type, const Bytes& body) {
  Bytes out{type, 0};
  put16(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes hello_body(std::uint16_t version, std::uint16_t suite, const Bytes& extensions = {}) {
  Bytes out;
  put16(out, version);
  out.resize(34, 7);
  out.push_back(0);
  put16(out, suite);
  out.push_back(0);
  if (!extensions.empty()) {
    put16(out, extensions.size());
    out.insert(out.end(), extensions.begin(), extensions.end());
  }
  return out;
}

Bytes joined(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace

TEST_CASE("suite names are those that OpenSSL and IANA use") {
  const auto ours = table(tls_suites());
  CHECK(ours.size() >= 330);
  CHECK(std::is_sorted(tls_suites().begin(), tls_suites().end(),
                       [](const auto& a, const auto& b) { return a.number < b.number; }));
  std::set<std::string> names;
  for (const auto& [number, name] : ours) names.insert(name);
  CHECK(names.size() == ours.size());

  const auto tool = test::run_tool({"openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL"});
  const auto theirs = parsed(tool.output, "0x([0-9A-F]{2}),0x([0-9A-F]{2}) - (\\S+)", 1, 2, 3);
  CHECK(theirs.size() > 100);
  for (const auto& [number, name] : theirs) {
    INFO(number);
    REQUIRE(ours.count(number) == 1);
    CHECK(ours.at(number) == name);
  }
}

TEST_CASE("suite numbers are those that GnuTLS knows under its own names") {
  const auto tool = test::run_tool({"gnutls-cli", "-l"});
  const auto theirs =
      parsed(tool.output, "^(TLS_\\S+)\\s+0x([0-9a-f]{2}), 0x([0-9a-f]{2})", 2, 3, 1);
  const auto ours = table(tls_suites());
  CHECK(theirs.size() > 150);
  const auto replaced = [](std::string text, const char* what, const char* with) {
    return std::regex_replace(text, std::regex(what), with);
  };
  for (const auto& [number, theirs_name] : theirs) {
    INFO(theirs_name);
    REQUIRE(ours.count(number) == 1);
    // GnuTLS leaves WITH out, says ARCFOUR for RC4, ANON for anon and SHA1 for SHA.
    std::string name = replaced(ours.at(number), "_WITH_", "_");
    name = replaced(name, "RC4", "ARCFOUR");
    name = replaced(name, "anon", "ANON");
    name = replaced(name, "_SHA$", "_SHA1");
    name = replaced(name, "PSK_DHE", "DHE_PSK");
    name = replaced(name, "POLY1305_SHA256$", "POLY1305");
    CHECK(name == replaced(theirs_name, "POLY1305_SHA256$", "POLY1305"));
  }
}

TEST_CASE("numbers without a name keep their number") {
  CHECK(suite_name(0xeaea) == "0xEAEA");
  CHECK(group_name(0x2a2a) == "0x2A2A");
  CHECK(signature_scheme_name(0xffee) == "0xFFEE");
  CHECK(ssl2_kind_name(0x0a0b0c) == "0x0A0B0C");
  CHECK(group_name(29) == "x25519");
  CHECK(group_bits(23) == 256);
  CHECK(group_bits(0x2a2a) == 0);
  CHECK(word(TlsVersion::tls1_1) == "tls1.1");
  CHECK_FALSE(tls_version_from(0x0305).has_value());
}

TEST_CASE("a ClientHello says what was asked and no more") {
  const Bytes random(32, 0xab);
  ClientHello hello{.version = TlsVersion::ssl3, .suites = {0x0005, 0x000a}};
  CHECK(to_hex(encode(hello, random)) == "16030000310100002d0300" + to_hex(random) +
                                             "00"
                                             "0006"
                                             "0005000a00ff"
                                             "0100");
  hello.version = TlsVersion::tls1_2;
  hello.extensions = Extensions::none;
  CHECK(to_hex(encode(hello, random)) == "16030100310100002d0303" + to_hex(random) +
                                             "00"
                                             "0006"
                                             "0005000a00ff"
                                             "0100");
  hello.version = TlsVersion::tls1_3;
  hello.suites = {0x1301};
  hello.groups = {29};
  hello.extensions = Extensions::few;
  hello.key_shares = {{.group = 29, .key = Bytes(2, 1)}};
  const std::string hex = to_hex(encode(hello, random));
  CHECK(hex.find("002b0003020304") != std::string::npos);            // supported_versions
  CHECK(hex.find("003300080006001d00020101") != std::string::npos);  // key_share
  CHECK(hex.find("000a00040002001d") != std::string::npos);          // supported_groups
  CHECK(hex.find("00ff") == std::string::npos);
}

TEST_CASE("an SSL 2.0 hello has the layout of its specification") {
  CHECK(to_hex(encode_ssl2({0x010080, 0x0700c0}, Bytes(16, 1))) ==
        "801f0100020006000000100100800700c0" + to_hex(Bytes(16, 1)));
}

TEST_CASE("a TLS 1.2 flight is read in pieces of any size") {
  Bytes certificates{0, 0, 8, 0, 0, 2, 0xaa, 0xbb, 0, 0, 0};
  Bytes exchange{3, 0, 23, 2, 4, 5, 0x08, 0x04, 0, 1, 9};
  const Bytes whole =
      joined({record(22, message(2, hello_body(0x0303, 0xc02f, {0xff, 1, 0, 1, 0, 0, 23, 0, 0}))),
              record(22, joined({message(11, certificates), message(12, exchange)})),
              record(22, message(13, {})), record(22, message(14, {}))});
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, whole.size()}) {
    FlightParser parser;
    for (std::size_t at = 0; at < whole.size(); at += step) {
      parser.feed(ByteView(whole).subspan(at, std::min(step, whole.size() - at)));
    }
    REQUIRE(parser.state() == FlightParser::State::ended);
    const Flight& flight = parser.flight();
    CHECK(flight.done);
    CHECK(flight.certificate_request);
    REQUIRE(flight.hello.has_value());
    CHECK(flight.hello->version == 0x0303);
    CHECK(flight.hello->suite == 0xc02f);
    CHECK(flight.hello->secure_renegotiation);
    CHECK(flight.hello->extended_master_secret);
    CHECK_FALSE(flight.hello->session_ticket);
    CHECK(flight.certificates == std::vector<Bytes>{{0xaa, 0xbb}, {}});
    REQUIRE(flight.key_exchange.has_value());
    CHECK(flight.key_exchange->group == 23);
    CHECK(flight.key_exchange->scheme == 0x0804);
  }
}

TEST_CASE("a TLS 1.3 answer ends at the ServerHello, a retry request too") {
  const Bytes extensions{0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 24};
  FlightParser parser;
  CHECK(parser.feed(record(22, message(2, hello_body(0x0303, 0x1302, extensions)))) ==
        FlightParser::State::ended);
  CHECK(parser.flight().hello->version == 0x0304);
  CHECK(parser.flight().hello->group == 24);
  CHECK_FALSE(parser.flight().hello->retry_request);
}

TEST_CASE("a warning may stand before the ServerHello, a fatal alert ends the flight") {
  FlightParser parser;
  CHECK(parser.feed(record(21, {1, 112})) == FlightParser::State::more);
  CHECK(parser.feed(record(21, {2, 40})) == FlightParser::State::ended);
  CHECK(parser.flight().alerts == std::vector<Alert>{{1, 112}, {2, 40}});
  CHECK(alert_name(40) == "handshake_failure");
  CHECK(alert_name(200) == "alert-200");
}

TEST_CASE("bytes that are not TLS are told apart from silence") {
  const std::vector<Bytes> bad{
      Bytes{'H', 'T', 'T', 'P', '/', '1', '.', '1'},
      record(22, message(11, {0, 0, 0})),                               // before the ServerHello
      record(22, message(2, Bytes(10, 3))),                             // cut
      record(23, {1, 2, 3}),                                            // data at once
      Bytes{22, 3, 3, 0xff, 0xff},                                      // record too long
      record(21, {2}),                                                  // half an alert
      record(22, message(2, hello_body(0x0303, 5, {0, 43, 0, 9, 1}))),  // extension too long
      record(22, joined({message(2, hello_body(0x0303, 5)), message(2, hello_body(0x0303, 5))})),
      record(22, joined({message(2, hello_body(0x0303, 5)), message(11, {0, 0, 9, 0, 0, 1})})),
      record(22, joined({message(2, hello_body(0x0303, 0xc02f)), message(12, {3, 0})})),
  };
  for (const Bytes& bytes : bad) {
    INFO(to_hex(bytes));
    FlightParser parser;
    CHECK(parser.feed(bytes) == FlightParser::State::not_tls);
    CHECK_FALSE(parser.problem().empty());
  }
  FlightParser flood;
  const Bytes request = record(22, message(0, {}));
  while (flood.feed(request) == FlightParser::State::more) continue;
  CHECK(flood.state() == FlightParser::State::not_tls);
}

TEST_CASE("key exchange parameters of each family are read") {
  const Bytes dh{0, 3, 0, 0x80, 1, 0, 1, 2, 0, 1, 9, 4, 1, 0, 1, 9};
  const auto dhe = parse_key_exchange(dh, 0x0303, 0x009e);
  REQUIRE(dhe.has_value());
  CHECK(dhe->kind == KeyExchange::Kind::dh);
  CHECK(dhe->bits == 16);
  CHECK(dhe->prime == Bytes{0x80, 1});
  CHECK(dhe->scheme == 0x0401);
  const auto old = parse_key_exchange(dh, 0x0301, 0x0033);
  REQUIRE(old.has_value());
  CHECK(old->is_signed);
  CHECK(old->scheme == 0);
  const auto anon = parse_key_exchange(Bytes(dh.begin(), dh.begin() + 11), 0x0303, 0x0018);
  REQUIRE(anon.has_value());
  CHECK_FALSE(anon->is_signed);
  const auto weak = parse_key_exchange({{0, 2, 2, 0, 0, 1, 3, 0, 1, 9}}, 0x0301, 0x0003);
  REQUIRE(weak.has_value());
  CHECK(weak->kind == KeyExchange::Kind::rsa_export);
  CHECK(weak->bits == 10);
  const auto curve = parse_key_exchange({{1, 0, 0}}, 0x0301, 0xc013);
  REQUIRE(curve.has_value());
  CHECK(curve->kind == KeyExchange::Kind::explicit_curve);
  const auto psk = parse_key_exchange({{0, 1, 'h', 3, 0, 29, 1, 9}}, 0x0303, 0xc035);
  REQUIRE(psk.has_value());
  CHECK(psk->group == 29);
  CHECK_FALSE(parse_key_exchange({{0, 9, 1}}, 0x0303, 0x009e).has_value());
}

TEST_CASE("an SSL 2.0 answer is recognised, an error message too") {
  Bytes body{4, 0, 1, 0, 2, 0, 2, 0, 3, 0, 1, 0xaa, 0xbb, 1, 0, 0x80, 9};
  Bytes whole{0x80, static_cast<std::uint8_t>(body.size())};
  whole.insert(whole.end(), body.begin(), body.end());
  const auto hello = parse_ssl2_hello(whole);
  REQUIRE(hello.has_value());
  CHECK(hello->certificate == Bytes{0xaa, 0xbb});
  CHECK(hello->kinds == std::vector<std::uint32_t>{0x010080});
  whole.pop_back();
  CHECK_FALSE(parse_ssl2_hello(whole).has_value());
  CHECK(is_ssl2_error(Bytes{0x80, 3, 0, 0, 1}));
  CHECK_FALSE(is_ssl2_error(Bytes{0x15, 3, 1, 0, 2}));
}

TEST_CASE("key shares are fresh and have the size of their group") {
  const auto one = fresh_key_shares();
  REQUIRE(one.size() == 2);
  CHECK(one[0].key.size() == 32);
  CHECK(one[1].key.size() == 65);
  CHECK(one != fresh_key_shares());
}

TEST_CASE("Diffie-Hellman primes of RFC 7919 are named, others are custom") {
  CHECK(dh_group_name(Bytes(256, 0xff)) == "dh-custom");
  CHECK(dh_group_name(Bytes(128, 0xff)) == "dh-custom");
  CHECK(dh_group_name({}) == "dh-custom");
}
