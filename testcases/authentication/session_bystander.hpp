#pragma once

#include <memory>
#include <string>
#include <vector>

#include "testcases/authentication/session_bench.hpp"

/// A session of an account that stays open elsewhere while its password is changed.
namespace haetae::testcases {

/// SessionBystander records session_after_change and the coverage of `session.change` for one
/// login. For logins without sessions it does nothing.
class SessionBystander {
 public:
  SessionBystander(runner::Context& context, const declaration::Login& login,
                   const declaration::Account& account);

  /// open() opens the session; call it while the declared password is in force.
  void open();
  /// before() and after() look what the session opens, right before a change is asked for and right
  /// after the device said yes. Only the first change counts.
  void before();
  void after();
  /// changed() says that a login proved the new password.
  void changed();
  /// finish() logs out and writes the coverage.
  void finish();

 private:
  [[nodiscard]] bool idle() const { return values_.empty() || done_; }

  runner::Context& context_;
  bool sessions_;
  SessionBench bench_;
  HeldSession session_;
  std::vector<SessionValue> values_;
  SessionBench::Access before_ = SessionBench::Access::unknown;
  SessionBench::Access after_ = SessionBench::Access::unknown;
  bool asked_ = false, done_ = false;
  std::string why_ = "the session of another login was not opened";
  Cause cause_ = Cause::tool;
};

}  // namespace haetae::testcases
