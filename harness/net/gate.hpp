#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "harness/net/door.hpp"

namespace haetae::net {

/// Gate holds the connection limit and the pace of one device, and slows down where the device's
/// answers do. Safe for several threads.
class Gate {
 public:
  Gate(const Limits& limits, Clock& clock);

  /// enter() takes a place and waits for the pace; ErrorKind::budget if `deadline` comes first.
  [[nodiscard]] Result<void> enter(SteadyTime deadline);
  void leave();

  /// answered() notes how long the device needed for a handshake (outcome internal), or to refuse
  /// or reset it (refused, closed).
  void answered(Duration latency, ErrorKind outcome);
  void unanswered();
  void unreachable();
  void reset_by_peer();
  [[nodiscard]] Stress stress() const;

 private:
  void slow_down();

  const Limits limits_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable free_;
  int in_use_ = 0;
  double pace_;
  SteadyTime next_{};
  std::vector<Duration> first_;
  std::deque<Duration> last_;
  int since_change_ = 0;
  Stress counts_;
};

}  // namespace haetae::net
