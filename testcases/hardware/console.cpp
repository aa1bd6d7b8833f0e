#include <algorithm>

#include "testcases/facts/facts.hpp"
#include "testcases/hardware/console_login.hpp"
#include "testcases/hardware/console_trials.hpp"
#include "testcases/procedures.hpp"

/// What the serial console of the running device gives: a shell without login, or a login prompt
/// and which well-known credentials it takes.
namespace haetae::testcases {
namespace {

using protocols::console::Ask;

class RunningConsole {
 public:
  RunningConsole(runner::Context& context, Terminal& terminal)
      : context_(context), terminal_(terminal), login_(terminal) {}

  void look() {
    wake();
    record_seen();
    record_prompt();
    if (prompt_.prompt == "login") try_logins();
    cover();
  }

 private:
  void wake();
  void record_seen();
  void record_prompt();
  void leave_shell();
  void cover();
  void try_logins();
  void make(const Trial& trial, facts::ConsoleLogin& fact);
  [[nodiscard]] facts::ConsoleLogin fact_of(const Trial& trial) const;
  void lost(const std::string& why, Cause cause) {
    if (!why_.empty()) return;
    why_ = why;
    cause_ = cause;
  }

  runner::Context& context_;
  Terminal& terminal_;
  ConsoleLogin login_;
  Ask ask_ = Ask::nothing;
  facts::ConsolePrompt prompt_;
  std::string why_;
  Cause cause_ = Cause::none;
  std::size_t tried_ = 0;
};

// First only listens, then presses Enter until something asks. Ctrl-C ends what somebody left
// running there.
void RunningConsole::wake() {
  (void)terminal_.listen(1s);
  for (const std::string_view keys : {"\r", "\r", "\x03\r"}) {
    if (!terminal_.type(keys)) return;
    ask_ = terminal_.settle(3s, 15s);
    if (ask_ == Ask::nothing && terminal_.standing() < 1s && !terminal_.gone()) {
      lost("the console never falls silent, so that no prompt can be told", Cause::device);
      return;
    }
    // A password is asked for of whoever typed a name before: that is let be refused.
    if (ask_ != Ask::nothing && ask_ != Ask::password) return;
  }
}

void RunningConsole::record_seen() {
  const auto& screen = terminal_.screen();
  facts::ConsoleSeen fact;
  fact.evidence = terminal_.evidence();
  fact.subject = kConsole;
  fact.moment = "running";
  fact.state = state_of(screen);
  fact.loader = screen.loader().empty() ? "none" : screen.loader();
  fact.kernel = yes_no(screen.kernel());
  fact.bytes = static_cast<std::int64_t>(screen.bytes());
  fact.banner = screen.banner();
  runner::record(context_, fact);
  if (fact.state == "silent") lost("nothing came out of the console", Cause::lab);
  if (fact.state == "garbage")
    lost("what comes out of the console is no text: its speed may be another", Cause::lab);
}

void RunningConsole::record_prompt() {
  prompt_.evidence = terminal_.evidence();
  prompt_.subject = kConsole;
  prompt_.moment = "running";
  if (terminal_.screen().garbage()) ask_ = Ask::nothing;
  switch (ask_) {
    case Ask::user:
      prompt_.prompt = "login";
      prompt_.shell = "no";
      break;
    case Ask::password: prompt_.prompt = "password"; break;
    case Ask::loader: prompt_.prompt = "loader"; break;
    case Ask::shell:
      prompt_.prompt = "shell";
      leave_shell();
      break;
    case Ask::nothing: prompt_.prompt = terminal_.gone() ? "unknown" : "none"; break;
  }
  runner::record(context_, prompt_);
  if (terminal_.gone()) lost("the console went away: " + terminal_.why_gone(), Cause::lab);
  if (prompt_.prompt == "none" || prompt_.prompt == "password")
    lost("nothing shows that the device hears what is typed at the console", Cause::lab);
  if (prompt_.prompt == "loader") lost("the device stands in its boot loader", Cause::lab);
}

// Somebody may have logged in and gone away: then leaving the shell brings a login prompt.
void RunningConsole::leave_shell() {
  const ShellSeen shell = prove_shell(terminal_);
  if (!shell.answered) {
    lost("a command line was found that answers no known command", Cause::tool);
    return;
  }
  prompt_.account = shell.account;
  prompt_.shell = "yes";
  if (shell.first_process) return;
  (void)terminal_.type("exit\r");
  Ask after = terminal_.settle(3s, 15s);
  if (after == Ask::nothing && terminal_.type("\r")) after = terminal_.settle(3s, 15s);
  if (after == Ask::shell && prove_shell(terminal_).answered) return;
  prompt_.shell = "unknown";
  if (after == Ask::user) {
    prompt_.shell = "left-open";
    prompt_.prompt = "login";
  } else {
    lost("whether somebody had left the shell at the console open is not known", Cause::lab);
  }
}

facts::ConsoleLogin RunningConsole::fact_of(const Trial& trial) const {
  facts::ConsoleLogin fact;
  fact.evidence = terminal_.evidence();
  fact.subject = kConsole;
  fact.account = trial.origin == "negative-control" ? "control" : trial.account;
  fact.credential = trial.credential;
  fact.origin = trial.origin;
  fact.list = trial.list;
  fact.secret = trial.secret;
  fact.outcome = "not-tried";
  return fact;
}

void RunningConsole::make(const Trial& trial, facts::ConsoleLogin& fact) {
  const Budget budget = console_budget(context_, trial.account);
  Attempt attempt;
  for (int turn = 0; turn < 2 && attempt.answer == Answer::unknown; ++turn) {
    if (context_.stop().stop_requested() || terminal_.gone()) break;
    auto done =
        booked(context_, budget, [&] { return login_.attempt(trial.account, trial.password); });
    if (!done) {
      lost("account " + printable(trial.account) + ": " + done.error().message(),
           cause_of(done.error()));
      break;
    }
    attempt = std::move(*done);
    fact.outcome = word(attempt.answer);
  }
  if (attempt.answer == Answer::unknown)
    lost("a login at the console has no clear answer: " + attempt.why, Cause::device);
  if (attempt.answer == Answer::blocked) lost(attempt.why, Cause::device);
  if (fact.outcome != "not-tried") ++tried_;
}

void RunningConsole::try_logins() {
  Trial control;
  control.account = "u" + to_hex(random_bytes(5));
  control.password = "P-" + to_hex(random_bytes(9));
  control.credential = "random";
  control.origin = "negative-control";
  control.secret = context_.secret("password", control.password);
  facts::ConsoleLogin refused = fact_of(control);
  make(control, refused);
  runner::record(context_, refused);
  bool going_on = refused.outcome == "refused";
  if (!going_on) lost("the console did not refuse random credentials", Cause::device);
  const auto most = number(context_.catalogue(), "console.tries").value_or(0);
  const auto trials =
      console_trials(context_, static_cast<std::size_t>(std::max<std::int64_t>(0, most)));
  for (const Trial& trial : trials) {
    context_.progress(tried_, trials.size() + 1, kConsole);
    facts::ConsoleLogin fact = fact_of(trial);
    if (going_on) make(trial, fact);
    going_on = going_on && fact.outcome != "blocked";
    runner::record(context_, fact);
  }
}

void RunningConsole::cover() {
  const std::string tried = "Enter at the console, " + std::to_string(tried_) + " logins";
  if (context_.stop().stop_requested()) lost("the run was asked to stop", Cause::lab);
  const std::string subject(kConsole);
  context_.cover(why_.empty() ? whole("console", subject, tried)
                              : gap("console", subject, cause_, why_, tried));
}

Result<void> look_at_console(runner::Context& context) {
  if (!context.device().console) return {};
  auto terminal = open_console(context, "console of the running device");
  if (!terminal) {
    facts::ConsoleSeen fact;
    const std::string why = printable(terminal.error().message(), 400);
    fact.evidence = context.recorder().attach(kConsole, "console that could not be opened",
                                              "text/plain", as_bytes(why));
    fact.subject = kConsole;
    fact.moment = "running";
    fact.state = "unopened";
    runner::record(context, fact);
    context.cover(gap("console", std::string(kConsole), Cause::lab, why));
    return {};
  }
  RunningConsole(context, **terminal).look();
  return {};
}

}  // namespace

runner::Procedure console_procedure() {
  runner::Info info;
  info.id = "console";
  info.title = {"직렬 콘솔의 셸과 로그인", "shell and login at the serial console"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"declared_console"};
  info.provides_facts = {"console_seen", "console_prompt", "console_login"};
  info.topics = {"console"};
  info.exclusive = {"login", "console"};
  info.connections = 1;
  info.logins = 9;
  info.expected = std::chrono::seconds(2);
  info.deadline = std::chrono::seconds(600);
  info.recovery = {
      "로그인에 성공하면 곧바로 로그아웃한다. 실패 횟수는 장부에서 관리한다.",
      "Logs out again after a login that succeeded; the ledger keeps failures below the limit."};
  return {.info = std::move(info),
          .run = look_at_console,
          .recover = [](runner::Context&) -> Result<void> { return {}; }};
}

}  // namespace haetae::testcases
