#pragma once

#include <map>
#include <mutex>
#include <string>

#include "harness/model/clock.hpp"

namespace haetae::runner {

/// Patience is how long a service that does not answer is waited for. The first request has all the
/// time that was asked for; each that stays without an answer leaves less to the next, down to
/// `kLeast`, until the service answers again. Every kAgain one request is given more, so that a
/// service which came back slowly is seen. Safe for several threads.
class Patience {
 public:
  static constexpr Duration kSome = std::chrono::seconds(3);    ///< after one without an answer
  static constexpr Duration kLittle = std::chrono::seconds(1);  ///< after three
  static constexpr Duration kLeast = std::chrono::milliseconds(300);  ///< after eight
  static constexpr Duration kAgain = std::chrono::seconds(10);

  /// wait() is how long a request to `subject` may wait of the `asked` time.
  [[nodiscard]] Duration wait(const std::string& subject, Duration asked, SteadyTime now);
  /// answered() says that a byte of an answer came; silent() that the whole wait was in vain.
  void answered(const std::string& subject);
  void silent(const std::string& subject);
  /// limit() is the longest wait of all from now on (tests).
  void limit(Duration longest);

 private:
  struct Silence {
    int in_a_row = 0;
    SteadyTime again{};  ///< when a request gets kSome once more
  };
  std::mutex mutex_;
  std::map<std::string, Silence> silent_;
  Duration longest_ = std::chrono::hours(1);
};

}  // namespace haetae::runner
