#pragma once

#include <chrono>
#include <stop_token>
#include <string>

namespace haetae {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::steady_clock::duration;
using namespace std::chrono_literals;

/// Clock is the only source of time of the harness; tests hand in a fake one.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime now() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;
  /// sleep() returns false if it was woken by `stop`.
  virtual bool sleep(Duration duration, std::stop_token stop) = 0;
};

/// system_clock() is the real clock; it lives as long as the program.
[[nodiscard]] Clock& system_clock();

/// iso8601() is UTC with milliseconds, 2026-11-22T12:00:00.000Z.
[[nodiscard]] std::string iso8601(WallTime time);

}  // namespace haetae
