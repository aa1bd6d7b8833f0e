#pragma once

#include <map>
#include <string>
#include <vector>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

/// WipeBench holds what one reset is judged by: planted values, accounts and an open session before
/// it, and what is left of them after it. Each step says in why() what it could not learn.
class WipeBench {
 public:
  explicit WipeBench(runner::Context& context);

  /// possible() is whether the declaration says how the device is reset and set up again.
  [[nodiscard]] bool possible();
  /// before() plants the values and sees what is there; false: nothing may be reset.
  [[nodiscard]] bool before();
  /// reset_inside_session() resets the device while a session is open, and tries the session after.
  void reset_inside_session();
  /// after() looks and tries again in the state that the reset left.
  void after();
  /// set_up() sends the declared calls, looks for the values once more, and runs the hook
  /// normal-state where there is one; true if a declared login is accepted again.
  bool set_up();
  /// works() is whether a declared login is accepted.
  [[nodiscard]] bool works();
  /// tell() records facts and coverage.
  void tell();

 private:
  struct Planted {
    std::string name, canary;
    facts::WipeTrial fact;
  };
  struct Tried {
    const declaration::Account* account = nullptr;
    const declaration::Login* login = nullptr;
    facts::WipeTrial fact;
  };
  struct Looked {
    bool whole = false;  ///< every place could be read
    EvidenceId evidence = 0;
    std::string subject;
    std::map<std::string, std::pair<std::string, EvidenceId>> seen;  ///< plant to place
  };

  void lost(std::string why, Cause cause);
  [[nodiscard]] const declaration::Account* shipped_account(std::string_view login) const;
  [[nodiscard]] Looked look(bool shipped);
  [[nodiscard]] Attempt log_in(const declaration::Login& login,
                               const declaration::Account& account);
  void plant(const declaration::NamedCall& one);
  void see_accounts();
  void control(const declaration::Login& login, const declaration::Account& account);
  [[nodiscard]] const declaration::Login* session_login() const;
  [[nodiscard]] std::string session_path(const declaration::Login& login) const;
  void reset();
  void reset_by_call();
  [[nodiscard]] bool wait_alive();
  void again();
  [[nodiscard]] bool send_set_up(const declaration::HttpCall& call);
  void run_hook(const char* name, bool& done, EvidenceId& evidence);

  runner::Context& context_;
  const declaration::Wipe* wipe_;
  std::vector<Planted> planted_;
  std::vector<Tried> accounts_;
  std::vector<facts::WipeTrial> sessions_;
  facts::WipeReset reset_;
  bool was_reset_ = false;
  std::string why_;
  Cause cause_ = Cause::none;
};

}  // namespace haetae::testcases
