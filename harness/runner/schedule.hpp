#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "harness/runner/attempt.hpp"
#include "harness/runner/plan.hpp"
#include "harness/runner/pulse.hpp"

namespace haetae::runner {

/// Schedule executes the planned procedures: what a procedure requires comes first, then the least
/// harmful first; safe ones side by side, all others alone. Every attempt stands between two
/// pulses.
class Schedule {
 public:
  Schedule(Surroundings& around, const Plan& plan, std::stop_token stop);

  /// resume() takes over what an earlier process finished, and puts the device back where it died.
  [[nodiscard]] Result<void> resume();
  /// execute() returns when every planned procedure has ended or the run was stopped. Its error is
  /// one of storage: the run file takes no more.
  [[nodiscard]] Result<void> execute();

  [[nodiscard]] bool reachable() const { return reachable_; }
  [[nodiscard]] const std::string& lost() const { return lost_; }

 private:
  enum class State { waiting, running, ended };
  struct Task {
    const Procedure* procedure = nullptr;
    State state = State::waiting;
    bool gave_facts = false;
    std::stop_source stop;
    std::optional<SteadyTime> deadline;
    Attempt* attempt = nullptr;
    std::jthread thread;
  };

  [[nodiscard]] Task* next_startable();
  [[nodiscard]] bool may_start(const Task& task) const;
  [[nodiscard]] std::optional<std::string> unmet(const Task& task, bool& wait) const;
  void work(Task& task);
  Ending attempt_once(Task& task, Attempt& attempt);
  Ending repeat(Task& task, Attempt& attempt);
  void end(Task& task, Attempt* attempt, const Ending& ending);
  [[nodiscard]] bool present_before(Task& task, Attempt& attempt, Ending& ending);
  void check_after(Task& task, Attempt& attempt);
  Pulse wait_for_device(Attempt& attempt);
  void record_pulse(Attempt& attempt, std::string_view moment, const Pulse& pulse);
  void taint_running(const std::string& why);
  [[nodiscard]] Result<bool> may_repeat(const Procedure& procedure, const std::string& since);

  Surroundings& around_;
  PulseTaker pulses_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::optional<Error> storage_error_;
  bool reachable_ = true;
  std::atomic<bool> ever_seen_ = false;
  std::string lost_;
};

}  // namespace haetae::runner
