#include "harness/net/gate.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace haetae::net {
namespace {

constexpr std::size_t kSamples = 16;
constexpr std::size_t kFewest = 8;
constexpr int kBetweenChanges = 8;  // a new pace must have shown its effect before the next one
constexpr double kSlowFactor = 4;
constexpr Duration kSlowAtLeast = 20ms;  // below this a slower answer is the noise of our side
constexpr double kRecovery = 1.05;
constexpr double kFloorPart = 64;
constexpr int kBurst = 8;

template <class Durations>
Duration median(const Durations& samples) {
  std::vector<Duration> sorted(samples.begin(), samples.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

}  // namespace

double Stress::factor() const {
  if (baseline.count() <= 0 || recent.count() <= 0) return 1;
  return static_cast<double>(recent.count()) / static_cast<double>(baseline.count());
}

Gate::Gate(const Limits& limits, Clock& clock)
    : limits_(limits), clock_(clock), pace_(limits.per_second) {}

Result<void> Gate::enter(SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  while (in_use_ >= limits_.connections) {
    const Duration left = deadline - clock_.now();
    if (left <= Duration::zero()) {
      return fail(ErrorKind::budget,
                  fmt::format("all {} connections to the device are in use", limits_.connections));
    }
    free_.wait_for(lock, std::min<Duration>(left, 20ms));
  }
  const SteadyTime now = clock_.now();
  const auto step = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / pace_));
  const SteadyTime start = std::max(next_, now - kBurst * step);
  if (start > deadline) {
    return fail(ErrorKind::budget,
                fmt::format("the pace of {:.0f} connections a second left no place", pace_));
  }
  next_ = start + step;
  ++in_use_;
  lock.unlock();
  if (start > now) clock_.sleep(start - now, {});
  return {};
}

void Gate::leave() {
  {
    const std::scoped_lock lock(mutex_);
    --in_use_;
  }
  free_.notify_one();
}

void Gate::answered(Duration latency, ErrorKind outcome) {
  const std::scoped_lock lock(mutex_);
  ++counts_.connects;
  counts_.unanswered_in_a_row = 0;
  if (outcome == ErrorKind::refused) ++counts_.refused;
  if (first_.size() < kSamples) first_.push_back(latency);
  last_.push_back(latency);
  if (last_.size() > kSamples) last_.pop_front();
  const Duration recent = median(last_);
  if (last_.size() >= kFewest && recent > kSlowAtLeast && recent > kSlowFactor * median(first_)) {
    slow_down();
  } else {
    pace_ = std::min(limits_.per_second, pace_ * kRecovery);
    ++since_change_;
  }
}

void Gate::unanswered() {
  const std::scoped_lock lock(mutex_);
  ++counts_.connects;
  ++counts_.timeouts;
  ++counts_.unanswered_in_a_row;
  since_change_ = kBetweenChanges;
  slow_down();
}

void Gate::unreachable() {
  const std::scoped_lock lock(mutex_);
  ++counts_.connects;
  ++counts_.unreachable;
  ++counts_.unanswered_in_a_row;
}

void Gate::reset_by_peer() {
  const std::scoped_lock lock(mutex_);
  ++counts_.resets;
}

void Gate::slow_down() {
  if (++since_change_ < kBetweenChanges) return;
  since_change_ = 0;
  pace_ = std::max(limits_.per_second / kFloorPart, pace_ / 2);
}

Stress Gate::stress() const {
  const std::scoped_lock lock(mutex_);
  Stress out = counts_;
  out.pace = pace_;
  if (first_.size() >= kFewest) {
    out.baseline = std::chrono::duration_cast<std::chrono::microseconds>(median(first_));
    out.recent = std::chrono::duration_cast<std::chrono::microseconds>(median(last_));
  }
  return out;
}

}  // namespace haetae::net
