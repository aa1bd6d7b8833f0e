#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/personality.hpp"

namespace haetae::devices {

enum class LoginResult { accepted, wrong, blocked };

/// same() compares without a time that depends on the content.
[[nodiscard]] bool same(std::string_view one, std::string_view other);

/// random_hex() is that many random bytes, in hexadecimal digits.
[[nodiscard]] std::string random_hex(std::size_t bytes);

/// AccountBook holds accounts, the password policy, the lockout and the sessions. It is shared by
/// all login surfaces of a device and safe to call from any thread.
class AccountBook {
 public:
  using Proof = std::function<bool(const std::string& password)>;

  explicit AccountBook(const Personality& personality);

  void to_factory();
  /// Kept is what a reset by the user leaves where it should not.
  struct Kept {
    bool accounts = false, passwords = false, sessions = false;
  };
  /// reset() is what the user's own reset does: as to_factory(), but for what is kept: a
  /// device that kept somebody takes itself for set up.
  void reset(const Kept& kept);
  void to_normal();
  [[nodiscard]] bool factory() const;

  /// login() counts a failure, or resets the count. proof says whether what the peer sent was made
  /// from that password.
  LoginResult login(const std::string& surface, const std::string& user, const std::string& peer,
                    const Proof& proof);
  LoginResult login(const std::string& surface, const std::string& user, const std::string& peer,
                    std::string_view password);
  /// when_tried() names who is told of every login; set before anybody logs in.
  using Watch =
      std::function<void(const std::string& surface, const std::string& user, LoginResult result)>;
  void when_tried(Watch watch) { watch_ = std::move(watch); }
  [[nodiscard]] bool knows(const std::string& user) const;
  [[nodiscard]] std::vector<std::string> names() const;
  /// administers() is whether the user is the account that the device is shipped with.
  [[nodiscard]] bool administers(const std::string& user) const;

  /// open_session() gives a new value, or keeps the `planted` one where the settings say so.
  [[nodiscard]] std::string open_session(const std::string& user, const std::string& planted = {});
  /// session_user() is the user of a living session, and keeps it alive.
  [[nodiscard]] std::optional<std::string> session_user(const std::string& token);
  void close_session(const std::string& token);
  void close_all_sessions();
  /// forget_failures() sets every count to zero and ends every block.
  void forget_failures();
  /// is_password() compares without counting a failure.
  [[nodiscard]] bool is_password(const std::string& user, std::string_view password) const;

  /// change_password() returns why not, or an empty text. Success ends the user's other sessions.
  [[nodiscard]] std::string change_password(const std::string& user, const std::string& old_one,
                                            const std::string& new_one, const std::string& token);

 private:
  struct Account {
    AccountSpec spec;
    std::string password;
  };
  struct Count {
    int failures = 0;
    std::chrono::steady_clock::time_point until{};
  };
  struct Session {
    std::string token, user;
    std::chrono::steady_clock::time_point used;
  };
  [[nodiscard]] Account* find(std::string_view user);
  [[nodiscard]] bool matches(const std::string& surface, const std::string& user,
                             const Proof& proof);
  [[nodiscard]] std::string new_token();
  [[nodiscard]] std::string refusal(const Account& account, const std::string& new_one) const;

  LoginResult decide(const std::string& surface, const std::string& user, const std::string& peer,
                     const Proof& proof);

  Watch watch_;
  const Personality& personality_;
  mutable std::mutex mutex_;
  bool factory_ = false;
  std::map<std::string, Account, std::less<>> accounts_;
  std::map<std::string, Count> counts_;
  std::deque<Session> sessions_;
  unsigned next_token_ = 1000;
};

}  // namespace haetae::devices
