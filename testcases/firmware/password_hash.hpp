#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"

namespace haetae::testcases::firmware {

/// scheme_of() names how a password field is hashed: descrypt, bsdicrypt, md5crypt, sha256crypt,
/// sha512crypt, bcrypt, yescrypt, scrypt, apr1, sha1, digest (32 hexadecimal), mosquitto-sha512,
/// mosquitto-pbkdf2; empty if it is no hash as crypt(5), Apache and mosquitto write them.
[[nodiscard]] std::string scheme_of(std::string_view field);

/// hash_length() is the length of the hash in crypt form that starts the text, 0 if none does.
[[nodiscard]] std::size_t hash_length(std::string_view text);

/// Guess is a password that is tried, and where it comes from.
struct Guess {
  std::string password;
  std::string account;  ///< tried first for this account; empty for any
  std::string entry;    ///< blank, same-as-user, or an entry or the name of a list
};

/// Guesser tries the well-known passwords of the catalogue, for as long as its budget lasts.
class Guesser {
 public:
  Guesser(const catalogue::Catalogue& catalogue, std::chrono::milliseconds budget);
  ~Guesser();

  /// Answer: yes with the guess, no, or not-tried where the scheme or the budget did not allow it.
  struct Answer {
    std::string word;
    Guess guess;
  };
  /// `realm` is that of a digest file, empty elsewhere.
  [[nodiscard]] Answer guess(const std::string& hash, const std::string& account,
                             const std::string& realm);
  [[nodiscard]] bool exhausted() const { return exhausted_; }
  [[nodiscard]] std::size_t size() const { return guesses_.size(); }

 private:
  [[nodiscard]] bool out_of_time();
  [[nodiscard]] bool fits(const std::string& hash, const std::string& scheme,
                          const std::string& account, const std::string& realm,
                          const std::string& password);
  struct Crypt;
  std::vector<Guess> guesses_;
  std::chrono::steady_clock::time_point until_;
  std::unique_ptr<Crypt> crypt_;
  bool exhausted_ = false;
};

}  // namespace haetae::testcases::firmware
