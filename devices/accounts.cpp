#include "devices/accounts.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <thread>
#include <vector>

namespace haetae::devices {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t kMostCounts = 4096, kMostSessions = 64;

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

int classes(const std::string& text) {
  bool digit = false, upper = false, small = false, special = false;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    digit = digit || std::isdigit(u) != 0;
    upper = upper || std::isupper(u) != 0;
    small = small || std::islower(u) != 0;
    special = special || std::isalnum(u) == 0;
  }
  return int{digit} + int{upper} + int{small} + int{special};
}

bool has_repeat(const std::string& text) {
  for (std::size_t i = 2; i < text.size(); ++i)
    if (text[i] == text[i - 1] && text[i] == text[i - 2]) return true;
  return false;
}

/// has_sequence() finds four neighbours of the alphabet, the digits or a keyboard row, either way.
bool has_sequence(const std::string& text) {
  static constexpr std::array<std::string_view, 5> kRows = {
      "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"};
  const auto low = lower(text);
  for (std::size_t i = 0; i + 4 <= low.size(); ++i) {
    const std::string part = low.substr(i, 4), back(part.rbegin(), part.rend());
    for (const auto row : kRows)
      if (row.find(part) != std::string_view::npos || row.find(back) != std::string_view::npos)
        return true;
  }
  return false;
}

bool well_known(const std::string& text) {
  static constexpr std::array<std::string_view, 42> kWords = {
      "password", "passw0rd", "p@ssw0rd", "p@ssword", "letmein",  "iloveyou", "welcome",
      "monkey",   "dragon",   "sunshine", "princess", "football", "baseball", "admin123",
      "changeme", "superman", "trustno1", "master",   "qwerty",   "123456",   "888888",
      "666666",   "000000",   "111111",   "1q2w3e",   "1qaz",     "zaq1",     "samsung1",
      "korea1",   "tkfkdgo",  "rkskekfk", "qlalfqj",  "abc123",   "hello123", "root123",
      "test123",  "user123",  "guest123", "xmhdipc",  "vizxv",    "juantech", "hikvision"};
  const auto low = lower(text);
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](auto word) { return low.find(word) != std::string::npos; });
}

}  // namespace

bool same(std::string_view one, std::string_view other) {
  const auto length = std::max(one.size(), other.size());
  std::string a(one), b(other);
  a.resize(length, '\0');
  b.resize(length, '\1');
  return CRYPTO_memcmp(a.data(), b.data(), length) == 0 && one.size() == other.size();
}

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> raw(bytes);
  RAND_bytes(raw.data(), static_cast<int>(bytes));
  std::string text;
  for (const auto byte : raw) text += fmt::format("{:02x}", byte);
  return text;
}

AccountBook::AccountBook(const Personality& personality) : personality_(personality) {
  to_normal();
}

void AccountBook::to_normal() {
  const std::lock_guard lock(mutex_);
  factory_ = false;
  accounts_.clear();
  for (const auto& spec : personality_.accounts)
    accounts_.emplace(spec.name, Account{spec, spec.password});
  counts_.clear();
  sessions_.clear();
}

void AccountBook::to_factory() {
  const std::lock_guard lock(mutex_);
  factory_ = true;
  accounts_.clear();
  for (const auto& spec : personality_.accounts)
    if (spec.factory) accounts_.emplace(spec.name, Account{spec, spec.factory_password});
  counts_.clear();
  sessions_.clear();
}

void AccountBook::reset(const Kept& kept) {
  const std::lock_guard lock(mutex_);
  factory_ = !kept.accounts && !kept.passwords && !kept.sessions;
  for (auto one = accounts_.begin(); one != accounts_.end();) {
    if (!one->second.spec.factory && !kept.accounts) {
      one = accounts_.erase(one);
      continue;
    }
    if (one->second.spec.factory && !kept.passwords)
      one->second.password = one->second.spec.factory_password;
    ++one;
  }
  counts_.clear();
  if (!kept.sessions) sessions_.clear();
}

bool AccountBook::factory() const {
  const std::lock_guard lock(mutex_);
  return factory_;
}

AccountBook::Account* AccountBook::find(std::string_view user) {
  const auto found = accounts_.find(user);
  return found == accounts_.end() ? nullptr : &found->second;
}

bool AccountBook::knows(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  return accounts_.find(user) != accounts_.end();
}

std::vector<std::string> AccountBook::names() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [name, account] : accounts_) out.push_back(name);
  return out;
}

bool AccountBook::administers(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(user);
  return found != accounts_.end() && found->second.spec.factory;
}

bool AccountBook::matches(const std::string& surface, const std::string& user, const Proof& proof) {
  const auto& settings = personality_.settings;
  if (settings.yes("login.accepts-everything")) return true;
  if (settings.yes("login.refuses-everything")) return false;
  const auto& backdoor = settings.text("login.backdoor");
  const auto prefix = surface + ":" + user + ":";
  if (backdoor.compare(0, prefix.size(), prefix) == 0 && proof(backdoor.substr(prefix.size())))
    return true;
  const auto* account = find(user);
  if (account == nullptr || !account->spec.surfaces.contains(surface)) {
    (void)proof("no such account");
    return false;
  }
  if (proof(account->password)) return true;
  return settings.text("login.factory-password") == "accepted" &&
         !account->spec.factory_password.empty() && proof(account->spec.factory_password);
}

LoginResult AccountBook::login(const std::string& surface, const std::string& user,
                               const std::string& peer, const Proof& proof) {
  const LoginResult result = decide(surface, user, peer, proof);
  if (watch_) watch_(surface, user, result);
  return result;
}

LoginResult AccountBook::decide(const std::string& surface, const std::string& user,
                                const std::string& peer, const Proof& proof) {
  const auto& settings = personality_.settings;
  if (const int longer = settings.number("login.known-user-ms"); longer > 0 && knows(user))
    std::this_thread::sleep_for(std::chrono::milliseconds(longer));
  const std::lock_guard lock(mutex_);
  const int limit = settings.number("lockout.failures");
  const auto* account = find(user);
  // A name that nobody can log in with here has nothing to be locked.
  const bool counted = settings.text("lockout.counts") == "address" ||
                       settings.text("lockout.unknown-accounts") == "counted" ||
                       (account != nullptr && account->spec.surfaces.contains(surface));
  const bool exempt = limit == 0 || !counted || settings.text("lockout.exempt") == surface;
  if (counts_.size() > kMostCounts) counts_.clear();
  const auto service = surface == "stream" ? "web" : surface;
  const auto scope = settings.text("lockout.scope") == "device" ? "" : service;
  auto& count =
      counts_[scope + (settings.text("lockout.counts") == "address" ? "@" + peer : ":" + user)];
  const auto now = steady_clock::now();
  if (count.until != steady_clock::time_point{} && now >= count.until) count = {};
  const bool blocked = !exempt && count.until != steady_clock::time_point{};
  const bool right = matches(surface, user, proof);
  if (blocked && !(right && settings.text("lockout.right-password") == "accepted"))
    return LoginResult::blocked;
  if (right) {
    count = {};
    return LoginResult::accepted;
  }
  if (!exempt && ++count.failures >= limit) {
    count.until = now + seconds(settings.number("lockout.seconds"));
    if (settings.text("lockout.told") == "last-try") return LoginResult::blocked;
  }
  return LoginResult::wrong;
}

LoginResult AccountBook::login(const std::string& surface, const std::string& user,
                               const std::string& peer, std::string_view password) {
  return login(surface, user, peer,
               [password](const std::string& right) { return same(right, password); });
}

std::string AccountBook::new_token() {
  const auto& kind = personality_.settings.text("session.value");
  if (kind == "counter") return std::to_string(next_token_++);
  if (kind == "worn") return "5a0f19c3d2e84b7700000000" + random_hex(4);
  if (kind != "hashed") return random_hex(24);
  const auto text = std::to_string(next_token_++);
  std::array<unsigned char, 16> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_md5(), nullptr) != 1)
    return random_hex(24);
  std::string out;
  for (const auto byte : digest) out += fmt::format("{:02x}", byte);
  return out;
}

std::string AccountBook::open_session(const std::string& user, const std::string& planted) {
  const std::lock_guard lock(mutex_);
  const auto of_user = [&](const Session& one) { return one.user == user; };
  const auto limit = std::max(1, personality_.settings.number("session.limit"));
  while (std::count_if(sessions_.begin(), sessions_.end(), of_user) >= limit)
    sessions_.erase(std::find_if(sessions_.begin(), sessions_.end(), of_user));
  if (sessions_.size() >= kMostSessions) sessions_.pop_front();
  const bool keeps = personality_.settings.text("session.planted") == "kept" && !planted.empty() &&
                     planted.size() <= 128;
  const auto token = keeps ? planted : new_token();
  sessions_.push_back({token, user, steady_clock::now()});
  return token;
}

std::optional<std::string> AccountBook::session_user(const std::string& token) {
  const std::lock_guard lock(mutex_);
  const auto idle = seconds(personality_.settings.number("session.idle-seconds"));
  std::erase_if(sessions_, [&](const Session& one) {
    return steady_clock::now() - one.used > idle || accounts_.find(one.user) == accounts_.end();
  });
  for (auto& one : sessions_)
    if (same(one.token, token)) {
      one.used = steady_clock::now();
      return one.user;
    }
  return std::nullopt;
}

void AccountBook::close_session(const std::string& token) {
  if (personality_.settings.text("session.after-logout") == "lives") return;
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const Session& one) { return one.token == token; });
}

void AccountBook::close_all_sessions() {
  const std::lock_guard lock(mutex_);
  sessions_.clear();
}

void AccountBook::forget_failures() {
  const std::lock_guard lock(mutex_);
  counts_.clear();
}

bool AccountBook::is_password(const std::string& user, std::string_view password) const {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(user);
  return found != accounts_.end() && same(found->second.password, password);
}

std::string AccountBook::refusal(const Account& account, const std::string& new_one) const {
  const auto& settings = personality_.settings;
  const auto refuses = [&](std::string_view name) { return settings.text(name) == "refused"; };
  const auto& factory_value = account.spec.factory_password;
  if (factory_ && new_one == factory_value)
    return refuses("factory.change-to-same") ? "the factory password has to be replaced" : "";
  if (settings.yes("policy.ignored")) return "";
  if (refuses("policy.factory-value") && !factory_value.empty() && new_one == factory_value)
    return "the factory password may not be used";
  // A rule that is switched off lets its own kind pass whatever its length, and no other kind.
  struct Rule {
    std::string_view setting;
    bool broken;
    const char* says;
  };
  const auto low = lower(new_one), name = lower(account.spec.name);
  const std::array<Rule, 4> rules{{
      {"policy.user-name", low.find(name) != std::string::npos,
       "the password may not contain the user name"},
      {"policy.sequence", has_sequence(new_one), "the password may not contain a sequence"},
      {"policy.repeat", has_repeat(new_one), "the password may not repeat a character"},
      {"policy.well-known", well_known(new_one), "the password is a well-known one"},
  }};
  bool let_pass = false;
  for (const auto& rule : rules) {
    if (rule.broken && refuses(rule.setting)) return rule.says;
    let_pass = let_pass || rule.broken;
  }
  if (let_pass) return "";
  const auto length = static_cast<int>(new_one.size());
  const auto kinds = classes(new_one);
  if (length > settings.number("policy.maximum")) return "the password is too long";
  const bool short_rule = length >= settings.number("policy.short-length") &&
                          kinds >= settings.number("policy.short-classes");
  const bool long_rule = length >= settings.number("policy.long-length") &&
                         kinds >= settings.number("policy.long-classes");
  return short_rule || long_rule ? "" : "use 8 or more characters of three classes, or 10 of two";
}

std::string AccountBook::change_password(const std::string& user, const std::string& old_one,
                                         const std::string& new_one, const std::string& token) {
  const std::lock_guard lock(mutex_);
  auto* account = find(user);
  if (account == nullptr) return "no such account";
  if (personality_.settings.yes("web.change-needs-old") && !same(account->password, old_one))
    return "the old password is wrong";
  if (auto why = refusal(*account, new_one); !why.empty()) return why;
  if (personality_.settings.yes("policy.pretends")) return "";
  account->password = new_one;
  factory_ = false;
  if (personality_.settings.text("session.after-change") == "ends")
    std::erase_if(sessions_,
                  [&](const Session& one) { return one.user == user && one.token != token; });
  return "";
}

}  // namespace haetae::devices
