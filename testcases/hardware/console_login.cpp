#include "testcases/hardware/console_login.hpp"

#include "harness/protocols/login.hpp"

namespace haetae::testcases {
namespace {

using protocols::console::Ask;

constexpr Duration kAnswer = 8s;  // login waits about 3 s before a refusal, and starts slowly
constexpr Duration kMost = 20s;

}  // namespace

Attempt ConsoleLogin::outcome(Answer answer, std::string why) const {
  return {.answer = answer,
          .evidence = terminal_.evidence(),
          .took = {},
          .why = std::move(why),
          .cookies = {}};
}

bool ConsoleLogin::at_prompt() {
  for (int turn = 0; turn < 4; ++turn) {
    if (ask_ == Ask::user) return true;
    if (!terminal_.type(ask_ == Ask::shell ? "exit\r" : "\r")) return false;
    ask_ = terminal_.settle(kAnswer, kMost);
  }
  return ask_ == Ask::user;
}

Attempt ConsoleLogin::inside() {
  const std::string prompt(terminal_.screen().last_line());
  bool proved = prove_shell(terminal_).answered;
  if (!proved && terminal_.type("\r")) {
    // A maker's command line knows no echo; like a shell it brings its prompt again.
    proved = terminal_.settle(3s, kMost) == Ask::shell && terminal_.screen().last_line() == prompt;
  }
  for (const std::string_view keys : {"exit\r", "\x04", "quit\r"}) {
    if (!terminal_.type(keys)) break;
    ask_ = terminal_.settle(kAnswer, kMost);
    if (ask_ != Ask::shell) break;
  }
  return proved ? outcome(Answer::accepted, "a command line was given")
                : outcome(Answer::unknown, "what looks like a prompt answers nothing");
}

Attempt ConsoleLogin::after_password() {
  if (ask_ == Ask::shell) return inside();
  const std::string_view said = terminal_.said();
  // The login of util-linux ends itself after some tries (LOGIN_RETRIES) and getty starts another:
  // the credential was looked at, and nothing is blocked.
  const bool ended =
      protocols::lower(said).find("maximum number of tries exceeded") != std::string::npos &&
      protocols::says_refused(said);
  if (!ended && protocols::says_blocked(said))
    return outcome(Answer::blocked, "the console says that logins are blocked");
  if (ask_ == Ask::user || ask_ == Ask::password || protocols::says_refused(said))
    return outcome(Answer::refused, "the console asks again");
  return outcome(Answer::unknown, "the console neither refused nor asked again");
}

Attempt ConsoleLogin::attempt(const std::string& user, const std::string& password) {
  if (!at_prompt())
    return outcome(Answer::unknown, "the console did not come back to its login prompt");
  (void)terminal_.type(user + "\r");
  ask_ = terminal_.settle(kAnswer, kMost);
  if (ask_ == Ask::shell) return inside();
  if (ask_ != Ask::password) return outcome(Answer::unknown, "no password was asked for");
  (void)terminal_.type(password + "\r");
  ask_ = terminal_.settle(kAnswer, kMost);
  return after_password();
}

}  // namespace haetae::testcases
