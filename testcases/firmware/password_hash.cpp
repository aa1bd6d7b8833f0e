#include "testcases/firmware/password_hash.hpp"

#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "harness/model/bytes.hpp"
#include "testcases/firmware/text.hpp"

namespace haetae::testcases::firmware {
namespace {

constexpr std::string_view kCrypt =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool all_of(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

std::size_t span_of(std::string_view text) {
  return std::min(text.find_first_not_of(kCrypt), text.size());
}

// $id$ [rounds=N$] salt $ hash, with the lengths that each scheme has (crypt(5)).
struct Form {
  std::string_view prefix, scheme;
  std::size_t salt_least, salt_most, hash;
  int parameters;  // fields before the salt
};
constexpr Form kForms[] = {
    {"$1$", "md5crypt", 0, 8, 22, 0},     {"$apr1$", "apr1", 0, 8, 22, 0},
    {"$5$", "sha256crypt", 0, 16, 43, 0}, {"$6$", "sha512crypt", 0, 16, 86, 0},
    {"$y$", "yescrypt", 1, 86, 43, 1},    {"$gy$", "yescrypt", 1, 86, 43, 1},
};

std::size_t bcrypt_length(std::string_view text) {
  if (text.size() < 60 || !text.starts_with("$2") || text[3] != '$' || text[6] != '$') return 0;
  if (std::string_view("abxy").find(text[2]) == std::string_view::npos) return 0;
  if (!all_of(text.substr(4, 2), "0123456789")) return 0;
  return span_of(text.substr(7)) == 53 ? 60 : 0;
}

std::size_t form_length(const Form& form, std::string_view text) {
  if (!text.starts_with(form.prefix)) return 0;
  std::size_t at = form.prefix.size();
  if (text.substr(at).starts_with("rounds=")) {
    const std::size_t end = text.find('$', at);
    if (end == std::string_view::npos || end - at > 20) return 0;
    at = end + 1;
  }
  for (int count = 0; count < form.parameters; ++count) {
    const std::size_t length = span_of(text.substr(at));
    if (length == 0 || length > 12 || at + length >= text.size() || text[at + length] != '$')
      return 0;
    at += length + 1;
  }
  const std::size_t salt = span_of(text.substr(at));
  if (salt < form.salt_least || salt > form.salt_most) return 0;
  if (at + salt >= text.size() || text[at + salt] != '$') return 0;
  at += salt + 1;
  return span_of(text.substr(at)) == form.hash ? at + form.hash : 0;
}

Bytes digest(const EVP_MD* kind, std::initializer_list<std::string_view> pieces) {
  Bytes out(static_cast<std::size_t>(EVP_MAX_MD_SIZE));
  unsigned length = 0;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), kind, nullptr) != 1) return {};
  for (const std::string_view piece : pieces)
    EVP_DigestUpdate(context.get(), piece.data(), piece.size());
  if (EVP_DigestFinal_ex(context.get(), out.data(), &length) != 1) return {};
  out.resize(length);
  return out;
}

std::string_view text_of(const Bytes& bytes) { return as_text(bytes); }

// The MD5 scheme of Apache is the one of FreeBSD with another magic (apr_md5.c).
std::string apr1(std::string_view password, std::string_view salt) {
  const Bytes inner = digest(EVP_md5(), {password, salt, password});
  std::string first = std::string(password) + "$apr1$" + std::string(salt);
  for (std::size_t left = password.size(); left > 0; left -= std::min<std::size_t>(16, left))
    first += text_of(inner).substr(0, std::min<std::size_t>(16, left));
  for (std::size_t bits = password.size(); bits != 0; bits >>= 1U)
    first += (bits & 1U) != 0 ? '\0' : (password.empty() ? '\0' : password[0]);
  Bytes now = digest(EVP_md5(), {first});
  for (unsigned round = 0; round < 1000; ++round) {
    const std::string held(text_of(now));
    std::string next((round & 1U) != 0 ? std::string(password) : held);
    if (round % 3 != 0) next += salt;
    if (round % 7 != 0) next += password;
    next += (round & 1U) != 0 ? held : std::string(password);
    now = digest(EVP_md5(), {next});
  }
  if (now.size() != 16) return {};
  constexpr std::array<std::array<int, 3>, 5> kOrder{
      {{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}}};
  std::string out = "$apr1$" + std::string(salt) + "$";
  const auto put = [&out](unsigned value, int count) {
    for (; count > 0; --count, value >>= 6U) out += kCrypt[value & 0x3FU];
  };
  for (const auto& [a, b, c] : kOrder)
    put(static_cast<unsigned>(now[static_cast<std::size_t>(a)]) << 16U |
            static_cast<unsigned>(now[static_cast<std::size_t>(b)]) << 8U |
            now[static_cast<std::size_t>(c)],
        4);
  put(now[11], 2);
  return out;
}

// mosquitto_passwd(1): $6$salt$hash is one SHA-512 over password and salt, $7$rounds$salt$hash is
// PBKDF2 with HMAC-SHA-512; salt and hash in base64.
bool mosquitto_fits(std::string_view hash, std::string_view password) {
  const auto parts = fields(hash, '$', 6);
  if (parts.size() == 4) {
    const std::string salt = unbase64(parts[2]);
    return text_of(digest(EVP_sha512(), {password, salt})) == unbase64(parts[3]);
  }
  if (parts.size() != 5) return false;
  int rounds = 0;
  std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), rounds);
  const std::string salt = unbase64(parts[3]), wanted = unbase64(parts[4]);
  if (rounds < 1 || rounds > 2'000'000 || wanted.empty() || wanted.size() > 64) return false;
  Bytes out(wanted.size());
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(salt.data()),
                        static_cast<int>(salt.size()), rounds, EVP_sha512(),
                        static_cast<int>(out.size()), out.data()) != 1)
    return false;
  return text_of(out) == wanted;
}

bool mosquitto(std::string_view field) {
  const auto parts = fields(field, '$', 6);
  if (parts.size() == 4 && parts[0].empty() && parts[1] == "6")
    return unbase64(parts[3]).size() == 64 && !unbase64(parts[2]).empty();
  return parts.size() == 5 && parts[0].empty() && parts[1] == "7" &&
         all_of(parts[2], "0123456789") && unbase64(parts[4]).size() == 64;
}

}  // namespace

std::size_t hash_length(std::string_view text) {
  text = text.substr(0, 256);
  std::size_t length = bcrypt_length(text);
  for (const Form& form : kForms)
    if (length == 0) length = form_length(form, text);
  // A hash that no password has is written with one character: $2a$10$xxxx…
  constexpr std::size_t kTail = 22;
  constexpr double kLeast = 2.5;
  return length < kTail || entropy(text.substr(length - kTail, kTail)) < kLeast ? 0 : length;
}

std::string scheme_of(std::string_view field) {
  if (field.size() > 256) return {};
  for (const Form& form : kForms)
    if (form_length(form, field) == field.size() && !field.empty()) return std::string(form.scheme);
  if (bcrypt_length(field) == 60 && field.size() == 60) return "bcrypt";
  if (mosquitto(field)) return field[1] == '6' ? "mosquitto-sha512" : "mosquitto-pbkdf2";
  if (field.starts_with("$7$") && field.size() > 40) return "scrypt";
  if (field.starts_with("{SHA}") && unbase64(field.substr(5)).size() == 20) return "sha1";
  if (field.size() == 13 && all_of(field, kCrypt)) return "descrypt";
  if (field.size() == 20 && field[0] == '_' && all_of(field.substr(1), kCrypt)) return "bsdicrypt";
  if (field.size() == 32 && all_of(lowered(field), "0123456789abcdef")) return "digest";
  return {};
}

struct Guesser::Crypt {
  crypt_data data{};
};

Guesser::Guesser(const catalogue::Catalogue& catalogue, std::chrono::milliseconds budget)
    : until_(std::chrono::steady_clock::now() + budget), crypt_(std::make_unique<Crypt>()) {
  guesses_.push_back({"", "", "blank"});
  std::set<std::pair<std::string, std::string>> seen;
  for (const Row& row : table(catalogue, "well_known_login"))
    if (seen.emplace(cell(row, "account"), cell(row, "password")).second)
      guesses_.push_back({cell(row, "password"), cell(row, "account"), cell(row, "entry")});
  for (const Row& row : table(catalogue, "well_known_password"))
    guesses_.push_back({cell(row, "password"), "", "well_known_password"});
}

Guesser::~Guesser() = default;

bool Guesser::out_of_time() {
  exhausted_ = exhausted_ || std::chrono::steady_clock::now() > until_;
  return exhausted_;
}

bool Guesser::fits(const std::string& hash, const std::string& scheme, const std::string& account,
                   const std::string& realm, const std::string& password) {
  if (scheme == "apr1") return apr1(password, fields(hash, '$', 5)[2]) == hash;
  if (scheme == "sha1")
    return text_of(digest(EVP_sha1(), {password})) == unbase64(std::string_view(hash).substr(5));
  if (scheme == "digest")
    return to_hex(digest(EVP_md5(), {account, ":", realm, ":", password})) == lowered(hash);
  if (scheme.starts_with("mosquitto")) return mosquitto_fits(hash, password);
  const char* made = crypt_r(password.c_str(), hash.c_str(), &crypt_->data);
  return made != nullptr && hash == made;
}

Guesser::Answer Guesser::guess(const std::string& hash, const std::string& account,
                               const std::string& realm) {
  const std::string scheme = scheme_of(hash);
  if (scheme.empty() || guesses_.size() < 2) return {"not-tried", {}};
  if (scheme == "digest" && realm.empty()) return {"not-tried", {}};
  const bool by_crypt = scheme != "apr1" && scheme != "sha1" && scheme != "digest" &&
                        !scheme.starts_with("mosquitto");
  if (by_crypt && crypt_checksalt(hash.c_str()) == CRYPT_SALT_INVALID) return {"not-tried", {}};
  std::vector<const Guess*> order;
  const Guess own{account, account, "same-as-user"};
  if (!account.empty()) order.push_back(&own);
  for (const Guess& one : guesses_)
    if (one.account.empty() || one.account == account) order.push_back(&one);
  for (const Guess& one : guesses_)
    if (!one.account.empty() && one.account != account) order.push_back(&one);
  std::set<std::string_view> tried;
  for (const Guess* one : order) {
    if (!tried.insert(one->password).second) continue;
    if (out_of_time()) return {"not-tried", {}};
    if (fits(hash, scheme, account, realm, one->password)) return {"yes", *one};
  }
  return {"no", {}};
}

}  // namespace haetae::testcases::firmware
