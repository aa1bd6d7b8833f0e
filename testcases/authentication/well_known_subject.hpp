#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <set>
#include <string>
#include <vector>

#include "testcases/authentication/well_known_list.hpp"

namespace haetae::testcases {

/// OnSurface is one login surface with its controls and tries.
struct OnSurface {
  OnSurface(runner::Context& context, declaration::Login login)
      : client(context, std::move(login)) {}
  LoginClient client;
  std::vector<Trial> trials;
  bool negative_held = false;
  bool positive_held = false;
};

/// TriedSubject is the login surfaces of one port: their controls, what is tried on them, and what
/// kept it from being whole. Its functions may be called from several threads.
class TriedSubject {
 public:
  TriedSubject(runner::Context& context, std::string name, std::vector<Surface> surfaces);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<std::unique_ptr<OnSurface>>& surfaces() const {
    return surfaces_;
  }
  /// blocked() is whether the device no longer looks at any login here.
  [[nodiscard]] bool blocked() const { return blocked_; }

  /// prepare() makes the lists and the negative controls; SNMP communities are tried in it too.
  void prepare();
  /// positives() makes the positive controls, one after the other, because a try that is under way
  /// counts like a failure until its answer is there.
  void positives();
  /// Made is what became of one try.
  enum class Made { noted, blocked };
  /// make() tries and notes one trial; a block is not noted, so that it can be tried again.
  Made make(OnSurface& surface, const Trial& trial, const Budget& budget);
  /// through() tries what no budget binds, and waits for declared blocks to end.
  void through();
  /// note() records a trial.
  void note(OnSurface& surface, const Trial& trial, std::string_view outcome, EvidenceId evidence);
  /// lost() keeps the first reason why the list was not tried in full.
  void lost(const std::string& why, Cause cause);
  /// finish() looks whether the right credential still works and writes the coverage.
  void finish();

 private:
  struct Step {
    OnSurface* surface;
    const Trial* trial;
  };
  void control(OnSurface& surface, const char* which, const Attempt& attempt);
  bool negative(OnSurface& surface);
  void positive(OnSurface& surface);
  void communities(OnSurface& surface);
  void right_still_accepted();
  EvidenceId last();
  EvidenceId nothing_sent();
  std::vector<Step> round(const std::vector<Step>& pending);

  runner::Context& context_;
  std::string name_;
  std::vector<std::unique_ptr<OnSurface>> surfaces_;
  std::counting_semaphore<16> lanes_;  // connections to this port at once
  std::mutex mutex_;
  std::atomic<bool> blocked_ = false;
  std::size_t tried_ = 0, left_out_ = 0;
  EvidenceId last_ = 0;
  EvidenceId nothing_sent_ = 0;
  std::string why_;
  Cause cause_ = Cause::none;
};

}  // namespace haetae::testcases
