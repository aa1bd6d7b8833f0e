#pragma once

#include <string>

#include "testcases/authentication/login_client.hpp"
#include "testcases/hardware/terminal.hpp"

namespace haetae::testcases {

/// ConsoleLogin tries credentials at the login prompt of a console, and logs out again.
class ConsoleLogin {
 public:
  explicit ConsoleLogin(Terminal& terminal) : terminal_(terminal) {}
  /// attempt() makes one try. A refusal is that the console asks again or says so; access is a
  /// command line that answers.
  [[nodiscard]] Attempt attempt(const std::string& user, const std::string& password);

 private:
  bool at_prompt();
  Attempt inside();
  Attempt after_password();
  [[nodiscard]] Attempt outcome(Answer answer, std::string why) const;

  Terminal& terminal_;
  Terminal::Ask ask_ = Terminal::Ask::nothing;
};

}  // namespace haetae::testcases
