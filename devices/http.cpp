#include "devices/http.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>

#include "devices/accounts.hpp"

namespace haetae::devices {
namespace {

constexpr std::size_t kMostHeader = 16384, kMostBody = 65536, kMostUpdate = 1U << 20U;
constexpr std::string_view kRealm = "SimCam";

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::string hash_hex(const EVP_MD* kind, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest, &length, kind, nullptr);
  std::string result;
  for (unsigned i = 0; i < length; ++i) result += fmt::format("{:02x}", digest[i]);
  return result;
}

bool parse_head(std::string_view head, Request& request) {
  auto end = head.find('\n');
  auto line = trim(head.substr(0, end));
  const auto first = line.find(' '), second = line.rfind(' ');
  if (first == std::string_view::npos || second == first) return false;
  request.method = line.substr(0, first);
  request.target = trim(line.substr(first + 1, second - first - 1));
  request.version = line.substr(second + 1);
  while (end != std::string_view::npos && end + 1 < head.size()) {
    head.remove_prefix(end + 1);
    end = head.find('\n');
    line = trim(head.substr(0, end));
    if (line.empty()) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    request.headers.emplace_back(lower_case(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return true;
}

/// parameters() reads name=value and name="value" pairs, with backslash escapes (RFC 9110, 5.6).
Headers parameters(std::string_view text) {
  Headers result;
  std::size_t i = 0;
  while (i < text.size()) {
    while (i < text.size() && (text[i] == ' ' || text[i] == ',')) ++i;
    const auto equals = text.find('=', i);
    if (equals == std::string_view::npos) break;
    const auto name = lower_case(trim(text.substr(i, equals - i)));
    std::string value;
    i = equals + 1;
    if (i < text.size() && text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        value += text[i];
      }
      ++i;
    } else {
      const auto comma = std::min(text.find(',', i), text.size());
      value = trim(text.substr(i, comma - i));
      i = comma;
    }
    result.emplace_back(name, value);
  }
  return result;
}

std::string nonce_for(std::string_view secret, std::string_view time) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(time.data()), time.size(), digest, &length);
  std::string result(time);
  result += '.';
  for (unsigned i = 0; i < 16; ++i) result += fmt::format("{:02x}", digest[i]);
  return result;
}

long long seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return result;
}

std::string from_base64(std::string_view text) {
  std::string padded(text), result;
  while (padded.size() % 4 != 0) padded += '=';
  result.resize(padded.size());
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                                     reinterpret_cast<const unsigned char*>(padded.data()),
                                     static_cast<int>(padded.size()));
  if (length < 0) return "";
  const auto pads =
      std::count(padded.end() - std::min<std::ptrdiff_t>(2, std::ssize(padded)), padded.end(), '=');
  result.resize(static_cast<std::size_t>(length - pads));
  return result;
}

std::string Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return "";
}

std::optional<Request> read_request(Connection& connection, Request* broken) {
  std::string head;
  for (;;) {
    auto line = connection.read_until("\n", kMostHeader);
    if (!line) return std::nullopt;
    const bool empty = *line == "\n" || *line == "\r\n";
    if (empty && head.empty()) continue;
    if (empty) break;
    head += *line;
    if (head.size() > kMostHeader) return std::nullopt;
  }
  Request request;
  if (!parse_head(head, request)) {
    connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return std::nullopt;
  }
  const auto length = request.header("content-length");
  if (!request.header("transfer-encoding").empty()) {
    connection.write(
        "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return std::nullopt;
  }
  if (length.empty()) return request;
  std::size_t count = 0;
  const auto parsed = std::from_chars(length.data(), length.data() + length.size(), count);
  if (parsed.ec != std::errc() || parsed.ptr != length.data() + length.size() ||
      count > (request.path() == "/api/update" ? kMostUpdate : kMostBody)) {
    connection.write(
        "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return std::nullopt;
  }
  auto body = connection.read_exact(count);
  if (!body) {
    if (broken != nullptr) *broken = std::move(request);
    return std::nullopt;
  }
  request.body = std::move(*body);
  return request;
}

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 429: return "Too Many Requests";
    case 454: return "Session Not Found";
    default: return "Error";
  }
}

std::string cookie(const Request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto part = trim(rest.substr(0, rest.find(';')));
      const auto equals = part.find('=');
      if (equals != std::string_view::npos && part.substr(0, equals) == name)
        return std::string(part.substr(equals + 1));
      const auto semicolon = rest.find(';');
      rest = semicolon == std::string_view::npos ? std::string_view{} : rest.substr(semicolon + 1);
    }
  }
  return "";
}

std::optional<DigestProof> digest_proof(const Request& request) {
  const auto text = request.header("authorization");
  if (lower_case(text.substr(0, 7)) != "digest ") return std::nullopt;
  DigestProof proof;
  proof.method = request.method;
  for (const auto& [name, value] : parameters(std::string_view(text).substr(7))) {
    if (name == "username") proof.user = value;
    if (name == "realm") proof.realm = value;
    if (name == "nonce") proof.nonce = value;
    if (name == "uri") proof.uri = value;
    if (name == "response") proof.response = lower_case(value);
    if (name == "algorithm") proof.algorithm = lower_case(value);
    if (name == "qop") proof.qop = lower_case(value);
    if (name == "nc") proof.nc = value;
    if (name == "cnonce") proof.cnonce = value;
  }
  return proof;
}

bool DigestProof::made_from(const std::string& password) const {
  if (realm != kRealm) return false;
  const EVP_MD* kind = nullptr;
  if (algorithm.empty() || algorithm == "md5") kind = EVP_md5();
  if (algorithm == "sha-256") kind = EVP_sha256();
  if (kind == nullptr || (!qop.empty() && qop != "auth")) return false;
  const auto secret = hash_hex(kind, fmt::format("{}:{}:{}", user, realm, password));
  const auto act = hash_hex(kind, fmt::format("{}:{}", method, uri));
  const auto right = qop.empty()
                         ? fmt::format("{}:{}:{}", secret, nonce, act)
                         : fmt::format("{}:{}:{}:{}:{}:{}", secret, nonce, nc, cnonce, qop, act);
  return same(hash_hex(kind, right), response);
}

std::string make_nonce(std::string_view secret) {
  return nonce_for(secret, fmt::format("{}-{}", seconds_now(), random_hex(4)));
}

bool good_nonce(std::string_view secret, std::string_view nonce) {
  const auto time = nonce.substr(0, nonce.find('.'));
  long long then = 0;
  std::from_chars(time.data(), time.data() + time.size(), then);
  return same(nonce_for(secret, time), nonce) && seconds_now() - then < 300;
}

std::vector<std::string> digest_challenges(std::string_view secret, bool stale) {
  std::vector<std::string> result;
  for (const auto* algorithm : {"SHA-256", "MD5"})
    result.push_back(fmt::format(R"(Digest realm="{}", qop="auth", algorithm={}, nonce="{}"{})",
                                 kRealm, algorithm, make_nonce(secret),
                                 stale ? ", stale=true" : ""));
  return result;
}

}  // namespace haetae::devices
