#pragma once

#include <string>

#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"

/// What one login surface does against repeated failures.
namespace haetae::testcases {

/// LockoutLimits are the numbers that the catalogue and the declaration ask about.
struct LockoutLimits {
  int allowed = 5;   ///< failures after which a block must have come, by the catalogue
  int declared = 0;  ///< failures after which it comes, by the maker; 0 if not declared
  int tries = 5;     ///< wrong tries made before the first look: the greater of both
  std::chrono::seconds minimum{30};    ///< least length of a block
  std::chrono::seconds maximum{3600};  ///< greatest length of a block
  std::chrono::seconds tolerance{10};
  std::chrono::seconds expected{30};  ///< declared length, else the least
};
[[nodiscard]] LockoutLimits lockout_limits(const runner::Context& context);

/// TrialLog is the tries of one trial, for the reader.
class TrialLog {
 public:
  explicit TrialLog(Clock& clock) : clock_(clock), begin_(clock.now()) {}
  void add(std::string_view what, const Attempt& attempt);
  void say(const std::string& line) { text_ += line + "\n"; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  Clock& clock_;
  SteadyTime begin_;
  std::string text_;
};

/// LockoutTrial is one login surface with the account on which it is tried. The number of failures
/// until the block is measured as a range, never taken from the declaration: a device that tells of
/// the block in its answer to a wrong password does not tell whether it judged that password first.
class LockoutTrial {
 public:
  LockoutTrial(runner::Context& context, declaration::Login login,
               const declaration::Account& account, LockoutLimits limits);

  /// ready() is whether the right password is accepted before the first wrong try.
  [[nodiscard]] bool ready();
  /// count() makes wrong tries until a block shows; false if none came or it stops nobody.
  [[nodiscard]] bool count();
  /// watch() waits for the end of the block.
  void watch();
  /// ready_at() is when the right password was accepted before the first wrong try.
  [[nodiscard]] SteadyTime ready_at() const { return ready_at_; }
  /// held_beyond() is whether there was no block, or one that was seen to hold later than `moment`.
  [[nodiscard]] bool held_beyond(SteadyTime moment) const {
    return fact_.blocked != "yes" || last_refused_ > moment;
  }
  /// settle() counts again where a verdict depends on where in the range the number lies: so many
  /// wrong tries, then the right password. It takes another block at most twice. Where it cannot be
  /// told, the greater number stands and note() says so.
  void settle();
  /// finish() records what was seen.
  void finish();
  [[nodiscard]] const LoginClient& client() const { return client_; }
  [[nodiscard]] const declaration::Account& account() const { return account_; }
  /// note() is what the reader of the coverage must know about the number, or empty.
  [[nodiscard]] const std::string& note() const { return note_; }
  std::string why;  ///< what is missing
  Cause cause = Cause::device;

 private:
  enum class Probe { decided, unclear, still_blocked };

  Attempt attempt(const std::string& password, std::string_view what, int turns);
  Attempt right(std::string_view what) { return attempt(account_.password, what, 2); }
  Attempt wrong(int turns);
  bool series(int most);
  void first_look();
  void second_series();
  void blocked_within(int least, int most);
  void look_while_blocked();
  [[nodiscard]] const declaration::Account* other_account() const;
  Answer other_answer(std::string_view when);
  void whose_count();
  bool poll(Duration after);
  [[nodiscard]] std::vector<int> cuts() const;
  Probe probe(int failures);
  bool wait_until_free();
  void undecided(const std::string& reason);

  runner::Context& context_;
  LoginClient client_;
  declaration::Account account_;
  LockoutLimits limits_;
  TrialLog log_;
  Budget budget_;
  facts::LockoutTrial fact_;
  SteadyTime ready_at_{};
  SteadyTime begin_{};
  SteadyTime last_refused_{};
  std::string note_;
  int least_ = 0;    ///< so many failures may have caused the block, at least
  int most_ = 0;     ///< and at most
  int told_at_ = 0;  ///< the try of the series that was answered by a block, 0 if none
  int unclear_ = 0;  ///< tries of the series without a clear answer, which may have counted or not
  bool tried_ = false;
  bool other_stood_ = false;  ///< the other account was let in before the tries
};

}  // namespace haetae::testcases
