#include "harness/runner/patience.hpp"

#include <algorithm>

namespace haetae::runner {

Duration Patience::wait(const std::string& subject, Duration asked, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  asked = std::min(asked, longest_);
  const auto found = silent_.find(subject);
  if (found == silent_.end()) return asked;
  Silence& silence = found->second;
  if (silence.in_a_row < 3) return std::min(asked, kSome);
  if (silence.in_a_row < 8) return std::min(asked, kLittle);
  if (now < silence.again) return std::min(asked, kLeast);
  silence.again = now + kAgain;
  return std::min(asked, kSome);
}

void Patience::answered(const std::string& subject) {
  const std::lock_guard lock(mutex_);
  silent_.erase(subject);
}

void Patience::silent(const std::string& subject) {
  const std::lock_guard lock(mutex_);
  ++silent_[subject].in_a_row;
}

void Patience::limit(Duration longest) {
  const std::lock_guard lock(mutex_);
  longest_ = longest;
}

}  // namespace haetae::runner
