#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "harness/protocols/http.hpp"

namespace haetae::protocols {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool token_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  [[nodiscard]] bool end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return end() ? '\0' : text_[at_]; }
  void skip() { ++at_; }
  void blanks(bool commas) {
    while (!end() && (peek() == ' ' || peek() == '\t' || (commas && peek() == ','))) ++at_;
  }
  std::string_view token() {
    const std::size_t from = at_;
    while (!end() && token_char(peek())) ++at_;
    return text_.substr(from, at_ - from);
  }
  std::string quoted() {
    std::string out;
    skip();
    while (!end() && peek() != '"') {
      if (peek() == '\\' && at_ + 1 < text_.size()) skip();
      out += peek();
      skip();
    }
    if (!end()) skip();
    return out;
  }
  std::string_view until_comma() {
    const std::size_t from = at_;
    while (!end() && peek() != ',') ++at_;
    return trim(text_.substr(from, at_ - from));
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  void back_to(std::size_t at) { at_ = at; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// "name = value" at the scanner; false (and nothing consumed) if it is something else.
bool parameter(Scanner& in, Challenge& into) {
  const std::size_t start = in.at();
  const std::string name = lower(in.token());
  in.blanks(false);
  if (name.empty() || in.peek() != '=') {
    in.back_to(start);
    return false;
  }
  in.skip();
  in.blanks(false);
  std::string value = in.peek() == '"' ? in.quoted() : std::string(in.until_comma());
  if (into.params.size() < 32) into.params.emplace(name, std::move(value));
  return true;
}

std::string hash_hex(const EVP_MD* kind, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), out.data(), &size, kind, nullptr) != 1) return {};
  return to_hex(ByteView(out.data(), size));
}

struct Algorithm {
  const EVP_MD* kind = nullptr;
  bool session = false;
  int rank = 0;
};

std::optional<Algorithm> algorithm_of(const Challenge& challenge) {
  const auto found = challenge.params.find("algorithm");
  std::string name = found == challenge.params.end() ? "md5" : lower(found->second);
  Algorithm out;
  if (name.ends_with("-sess")) {
    out.session = true;
    name.resize(name.size() - 5);
  }
  if (name == "md5" || name.empty()) {
    out.kind = EVP_md5();
    out.rank = 1;
  } else if (name == "sha-256") {
    out.kind = EVP_sha256();
    out.rank = 3;
  } else if (name == "sha-512-256") {
    out.kind = EVP_sha512_256();
    out.rank = 2;
  } else {
    return std::nullopt;
  }
  return out;
}

bool offers_auth(std::string_view qop) {
  Scanner in(qop);
  while (!in.end()) {
    in.blanks(true);
    const std::string_view one = in.until_comma();
    if (lower(one) == "auth") return true;
  }
  return false;
}

std::string param(const Challenge& challenge, const std::string& name) {
  const auto found = challenge.params.find(name);
  return found == challenge.params.end() ? std::string() : found->second;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
  }
  return out;
}

bool answerable(const Challenge& challenge) {
  if (challenge.scheme != "digest" || !challenge.params.contains("nonce")) return false;
  const std::string qop = param(challenge, "qop");
  return algorithm_of(challenge) && (qop.empty() || offers_auth(qop));
}

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view value) {
  std::vector<Challenge> out;
  Scanner in(value.substr(0, 8192));
  while (out.size() < 16) {
    in.blanks(true);
    if (in.end()) break;
    if (!out.empty() && parameter(in, out.back())) continue;
    const std::string scheme = lower(in.token());
    if (scheme.empty()) {
      in.skip();
      continue;
    }
    out.push_back({.scheme = scheme, .params = {}});
    in.blanks(false);
    // A token68 (Negotiate data) is not a parameter: left out.
    const std::size_t before = in.at();
    if (!in.end() && in.peek() != ',' && !parameter(in, out.back())) {
      const std::string_view rest = in.until_comma();
      if (rest.empty() && in.at() == before) in.skip();
    }
  }
  return out;
}

std::vector<Challenge> challenges_of(const HttpResponse& response) {
  std::vector<Challenge> out;
  for (const std::string_view value : response.all("WWW-Authenticate"))
    for (Challenge& one : parse_challenges(value))
      if (out.size() < 16) out.push_back(std::move(one));
  return out;
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  const std::string plain = std::string(user) + ":" + std::string(password);
  std::string out(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(plain.data()),
                                   static_cast<int>(plain.size()));
  out.resize(static_cast<std::size_t>(std::max(size, 0)));
  return "Basic " + out;
}

Result<std::string> digest_authorization(const Challenge& challenge, const DigestInput& input) {
  const auto algorithm = algorithm_of(challenge);
  if (!answerable(challenge) || !algorithm)
    return fail(ErrorKind::unsupported,
                "this Digest challenge uses an algorithm or qop that our side cannot answer");
  const std::string realm = param(challenge, "realm");
  const std::string nonce = param(challenge, "nonce");
  const bool qop = !param(challenge, "qop").empty();
  const auto hash = [&](const std::string& text) { return hash_hex(algorithm->kind, text); };
  std::array<char, 9> count{};
  std::snprintf(count.data(), count.size(), "%08x", input.count);

  std::string a1 = hash(input.user + ":" + realm + ":" + input.password);
  if (algorithm->session) a1 = hash(a1 + ":" + nonce + ":" + input.cnonce);
  const std::string a2 = hash(input.method + ":" + input.uri);
  const std::string response =
      qop ? hash(a1 + ":" + nonce + ":" + count.data() + ":" + input.cnonce + ":auth:" + a2)
          : hash(a1 + ":" + nonce + ":" + a2);

  const bool hashed_user = lower(param(challenge, "userhash")) == "true";
  const std::string user = hashed_user ? hash(input.user + ":" + realm) : input.user;
  std::string out = "Digest username=\"" + escaped(user) + "\", realm=\"" + escaped(realm) +
                    "\", nonce=\"" + escaped(nonce) + "\", uri=\"" + escaped(input.uri) +
                    "\", response=\"" + response + "\"";
  if (challenge.params.contains("algorithm"))
    out += ", algorithm=" + escaped(param(challenge, "algorithm"));
  if (challenge.params.contains("opaque"))
    out += ", opaque=\"" + escaped(param(challenge, "opaque")) + "\"";
  if (qop || algorithm->session) {
    if (qop) out += std::string(", qop=auth, nc=") + count.data();
    out += ", cnonce=\"" + escaped(input.cnonce) + "\"";
  }
  if (hashed_user) out += ", userhash=true";
  return out;
}

const Challenge* best_digest(const std::vector<Challenge>& challenges) {
  const Challenge* best = nullptr;
  int rank = 0;
  for (const Challenge& one : challenges) {
    if (!answerable(one)) continue;
    const int mine = algorithm_of(one)->rank;
    if (mine > rank) {
      best = &one;
      rank = mine;
    }
  }
  return best;
}

std::optional<SetCookie> parse_set_cookie(std::string_view value) {
  value = value.substr(0, 8192);
  SetCookie out;
  bool first = true;
  while (!value.empty() || first) {
    const std::size_t semicolon = value.find(';');
    const std::string_view part = trim(value.substr(0, semicolon));
    value = semicolon == std::string_view::npos ? std::string_view{} : value.substr(semicolon + 1);
    const std::size_t equals = part.find('=');
    const std::string_view name = trim(part.substr(0, equals));
    const std::string_view text =
        equals == std::string_view::npos ? std::string_view{} : trim(part.substr(equals + 1));
    if (first) {
      if (equals == std::string_view::npos || name.empty()) return std::nullopt;
      out.name = name;
      out.value = text;
      first = false;
      continue;
    }
    const std::string attribute = lower(name);
    if (attribute == "secure") out.secure = true;
    if (attribute == "httponly") out.http_only = true;
    if (attribute == "path") out.path = text;
    if (attribute == "domain") out.domain = text;
    if (attribute == "samesite") {
      const std::string wish = lower(text);
      out.same_site = wish == "strict" || wish == "lax" || wish == "none" ? wish : "";
    }
    if (attribute == "max-age") {
      long long age = 1;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), age);
      if (error == std::errc{} && end != text.data() && age <= 0) out.expired = true;
    }
  }
  return out;
}

std::vector<SetCookie> cookies_of(const HttpResponse& response) {
  std::vector<SetCookie> out;
  for (const std::string_view value : response.all("Set-Cookie"))
    if (auto one = parse_set_cookie(value); one && out.size() < 64) out.push_back(std::move(*one));
  return out;
}

}  // namespace haetae::protocols
