#include <algorithm>
#include <map>
#include <memory>
#include <thread>

#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// What a login surface does against repeated failures: after how many it blocks, whether the right
/// password is refused meanwhile, how long the block lasts, and what the count belongs to.
namespace haetae::testcases {
namespace {

using std::chrono::seconds;

constexpr int kMostTries = 20;

/// Limits are the numbers that the catalogue and the declaration ask about.
struct Limits {
  int tries = 5;          ///< wrong tries after which a block must have come
  seconds minimum{30};    ///< least length of a block
  seconds maximum{3600};  ///< greatest length of a block
  seconds tolerance{10};
  seconds expected{30};  ///< declared length, else the least
};

Limits limits_of(const runner::Context& context) {
  Limits out;
  const auto& catalogue = context.catalogue();
  const auto& lockout = context.device().lockout;
  out.tries = static_cast<int>(number(catalogue, "lockout.failures").value_or(out.tries));
  out.minimum = seconds(number(catalogue, "lockout.block-minimum").value_or(30));
  out.maximum = seconds(number(catalogue, "lockout.block-maximum").value_or(3600));
  out.tolerance = seconds(number(catalogue, "lockout.tolerance").value_or(10));
  out.expected = out.minimum;
  if (lockout.declared) {
    out.tries = std::clamp(lockout.failures, out.tries, std::max(out.tries, kMostTries));
    if (lockout.block.count() > 0) out.expected = lockout.block;
  }
  return out;
}

/// Log is the tries of one trial, for the reader.
class Log {
 public:
  explicit Log(Clock& clock) : clock_(clock), begin_(clock.now()) {}
  void add(std::string_view what, const Attempt& attempt) {
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - begin_);
    text_ += std::to_string(at.count()) + " ms: " + std::string(what) + ": " +
             std::string(word(attempt.answer)) + " (" + attempt.why + "), evidence " +
             std::to_string(attempt.evidence) + "\n";
  }
  void say(const std::string& line) { text_ += line + "\n"; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  Clock& clock_;
  SteadyTime begin_;
  std::string text_;
};

/// Trial is one login surface with the account on which it is tried.
class Trial {
 public:
  Trial(runner::Context& context, declaration::Login login, const declaration::Account& account,
        Limits limits)
      : context_(context),
        client_(context, std::move(login)),
        account_(account),
        limits_(limits),
        log_(context.clock()) {
    budget_.policy = {.failures = 100000, .window = seconds(1800), .success_resets = true};
    budget_.keys = {{"lan", account_.name}};
    fact_.subject = client_.subject();
    fact_.method = client_.surface().method;
    fact_.account = account_.name;
  }

  /// ready() is whether the right password is accepted before the first wrong try.
  bool ready() { return right("before the tries").answer == Answer::accepted; }
  /// count() makes wrong tries until a block shows; false if none came.
  bool count();
  /// watch() waits for the end of the block.
  void watch();
  /// finish() records what was seen; `why` is why there was no trial.
  void finish();
  [[nodiscard]] const LoginClient& client() const { return client_; }
  [[nodiscard]] const declaration::Account& account() const { return account_; }
  std::string why;  ///< what is missing
  Cause cause = Cause::device;

 private:
  Attempt attempt(const std::string& password, std::string_view what);
  Attempt right(std::string_view what) { return attempt(account_.password, what); }
  Attempt wrong();
  bool series(int most);
  void blocked_after(int failures);
  void whose_count();
  bool poll(Duration after);

  runner::Context& context_;
  LoginClient client_;
  declaration::Account account_;
  Limits limits_;
  Log log_;
  Budget budget_;
  facts::LockoutTrial fact_;
  SteadyTime begin_{};
  SteadyTime last_refused_{};
  bool tried_ = false;
};

Attempt Trial::attempt(const std::string& password, std::string_view what) {
  Attempt out;
  for (int turn = 0; turn < 2; ++turn) {
    auto made = booked_attempt(context_, client_, account_.name, password, budget_);
    if (!made) {
      out.why = printable(made.error().message());
      cause = cause_of(made.error());
    } else {
      out = std::move(*made);
    }
    log_.add(what, out);
    if (out.answer != Answer::unknown) break;
    if (!context_.clock().sleep(1s, context_.stop())) break;
  }
  return out;
}

Attempt Trial::wrong() {
  Attempt out = attempt("Wrong-" + to_hex(random_bytes(6)), "wrong password");
  ++fact_.attempts;
  if (out.answer == Answer::refused)
    fact_.delay_ms = std::chrono::duration_cast<std::chrono::milliseconds>(out.took).count();
  return out;
}

void Trial::blocked_after(int failures) {
  fact_.blocked = "yes";
  fact_.failures = std::max(failures, 1);
  begin_ = context_.clock().now();
}

// Wrong tries until the answer changes to a block; true if it did or the sequence broke off.
bool Trial::series(int most) {
  fact_.attempts = 0;
  for (int i = 1; i <= most; ++i) {
    if (context_.stop().stop_requested()) {
      fact_.blocked = "unknown";
      why = "the run was asked to stop";
      cause = Cause::lab;
      return true;
    }
    const Attempt made = wrong();
    begin_ = context_.clock().now();
    if (made.answer == Answer::blocked) {
      // The try that meets the block is one more than those that caused it, unless the maker's own
      // number says that this one did.
      const auto& declared = context_.device().lockout;
      blocked_after(declared.declared && declared.failures == i ? i : i - 1);
      return true;
    }
    if (made.answer != Answer::refused) {
      fact_.blocked = "unknown";
      why = made.answer == Answer::accepted
                ? "a random wrong password was accepted"
                : "a wrong try was not answered clearly (" + made.why + ")";
      return true;
    }
  }
  return false;
}

bool Trial::count() {
  tried_ = true;
  if (!series(limits_.tries)) {
    // A block may look like any refusal: only the right password tells.
    const Attempt made = right("after " + std::to_string(limits_.tries) + " wrong tries");
    if (made.answer == Answer::refused || made.answer == Answer::blocked) {
      blocked_after(limits_.tries);
      fact_.right_refused = "yes";
      last_refused_ = context_.clock().now();
    } else if (made.answer == Answer::unknown) {
      fact_.blocked = "unknown";
      why = "the right password was not answered clearly (" + made.why + ")";
    } else if (!series(limits_.tries + 1)) {
      fact_.blocked = "no";
      // The last word is a right login, so that the device's count is at zero again.
      (void)right("at the end");
    }
  }
  if (fact_.blocked == "yes" && fact_.right_refused == "unknown") {
    const Attempt made = right("while blocked");
    if (made.answer != Answer::unknown)
      fact_.right_refused = yes_no(made.answer != Answer::accepted);
    last_refused_ = context_.clock().now();
    if (made.answer == Answer::accepted) {
      fact_.block_ended = "yes";
      fact_.block_seconds = 0;
    }
  }
  if (fact_.blocked == "yes") whose_count();
  if (fact_.blocked == "unknown") (void)right("at the end");
  return fact_.blocked == "yes" && fact_.block_ended != "yes";
}

// Another account from the same address: let in means that only the account is blocked.
void Trial::whose_count() {
  const declaration::Account* other = nullptr;
  for (const auto& one : context_.device().accounts)
    if (one.name != account_.name && one.has_password && uses(one, client_.surface().id) &&
        (other == nullptr || other->sacrificial))
      other = &one;
  if (other == nullptr) return;
  // A right password is no guess: it is not held back by what others of this trial have used up.
  Budget budget = budget_;
  budget.keys = {{"lan", other->name}};
  const auto made = booked_attempt(context_, client_, other->name, other->password, budget);
  if (!made) return;
  log_.add("right password of another account", *made);
  if (made->answer == Answer::accepted) fact_.counts = "account";
  if (made->answer == Answer::blocked || made->answer == Answer::refused) fact_.counts = "address";
}

// The right password at a moment after the block began; true if it is accepted.
bool Trial::poll(Duration after) {
  const Duration wait = begin_ + after - context_.clock().now();
  if (wait > Duration::zero() && !context_.clock().sleep(wait, context_.stop())) return false;
  if (right("is the block over").answer == Answer::accepted) return true;
  last_refused_ = context_.clock().now();
  return false;
}

// A poll is a try and may lengthen the block. So there are few: soon after it began, just before
// and after the moments that matter, some at the tolerated distance, and one after a long silence.
void Trial::watch() {
  std::vector<seconds> moments{seconds(3), limits_.minimum - seconds(2),
                               limits_.expected - seconds(2), limits_.expected + seconds(1)};
  for (int i = 1; i <= 3; ++i)
    moments.push_back(limits_.expected + i * limits_.tolerance + seconds(1));
  std::sort(moments.begin(), moments.end());
  moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
  fact_.block_ended = "no";
  for (const seconds moment : moments) {
    if (moment.count() < 1 || fact_.block_ended == "yes" || context_.stop().stop_requested())
      continue;
    if (poll(moment)) fact_.block_ended = "yes";
  }
  const auto since = [&](SteadyTime from) {
    return std::chrono::duration_cast<seconds>(context_.clock().now() - from).count();
  };
  if (fact_.block_ended == "yes") {
    fact_.block_seconds = since(begin_);
  } else if (!context_.stop().stop_requested()) {
    const Duration silence = last_refused_ - begin_ + limits_.expected + seconds(2);
    if (poll(silence)) {
      fact_.block_ended = "yes";
      fact_.block_seconds = std::chrono::duration_cast<seconds>(limits_.expected).count();
      log_.say("the block ended only after a silence: each try begins it anew");
    }
  }
  fact_.watched_seconds = since(begin_);
  if (fact_.block_ended == "no") {
    why =
        "the end of the block was not seen within " + std::to_string(fact_.watched_seconds) + " s";
    if (context_.stop().stop_requested()) fact_.block_ended = "unknown";
    cause = context_.stop().stop_requested() ? Cause::lab : Cause::device;
  }
}

void Trial::finish() {
  if (tried_) {
    fact_.evidence = context_.recorder().attach(fact_.subject, "lockout trial", "text/plain",
                                                as_bytes(log_.text()));
    runner::record(context_, fact_);
  }
}

const declaration::Account* victim(const declaration::Declaration& device,
                                   const std::string& login_id) {
  for (const auto& one : device.accounts)
    if (one.sacrificial && one.has_password && uses(one, login_id)) return &one;
  // Without a sacrificial account only where the risk was permitted; the planner sees to it that
  // this procedure does not run otherwise.
  return device.permit >= Hazard::lockout_risk ? account_for(device, login_id) : nullptr;
}

struct Reason {
  std::string why;
  Cause cause = Cause::none;
};

// One after the other, because a device may count for all services together; the waits overlap.
// A surface that is blocked by the trial of another one waits for the next round.
void rounds(runner::Context& context, std::vector<std::unique_ptr<Trial>>& trials) {
  std::vector<Trial*> pending;
  for (auto& one : trials) pending.push_back(one.get());
  std::size_t done = 0;
  while (!pending.empty() && !context.stop().stop_requested()) {
    std::vector<Trial*> later;
    std::vector<std::jthread> watches;
    for (Trial* one : pending) {
      context.progress(done, trials.size(), one->client().subject());
      if (!one->ready()) {
        if (watches.empty()) {
          one->why = "the right password was not accepted before the first wrong try";
          ++done;
        } else {
          later.push_back(one);
        }
        continue;
      }
      ++done;
      if (one->count()) watches.emplace_back([one] { one->watch(); });
    }
    watches.clear();
    pending = std::move(later);
  }
  for (Trial* one : pending) {
    one->why = "the run was asked to stop";
    one->cause = Cause::lab;
  }
}

Result<void> try_lockout(runner::Context& context) {
  const Limits limits = limits_of(context);
  std::map<std::string, Reason> subjects;
  std::vector<std::unique_ptr<Trial>> trials;
  for (const Surface& surface : surfaces(context)) {
    const auto& login = surface.login;
    if (login.method == "snmp") continue;
    Reason& reason = subjects[login.port.subject()];
    const auto* account = login.id.empty() ? nullptr : victim(context.device(), login.id);
    if (!surface.usable) {
      reason = {login.method + " cannot be driven by our side", Cause::tool};
    } else if (account == nullptr) {
      reason = {"no account with a known password was handed over for the login at " +
                    login.method + " " + login.path,
                Cause::declaration};
    } else {
      trials.push_back(std::make_unique<Trial>(context, login, *account, limits));
    }
  }
  rounds(context, trials);
  for (auto& one : trials) {
    one->finish();
    Reason& reason = subjects[one->client().subject()];
    if (!one->why.empty() && reason.why.empty()) reason = {one->why, one->cause};
  }
  const std::string tried = "lockout.failures " + std::to_string(limits.tries) +
                            ", block watched around " + std::to_string(limits.expected.count()) +
                            " s";
  for (const auto& [subject, reason] : subjects)
    context.cover(reason.why.empty() ? whole("lockout", subject, tried)
                                     : gap("lockout", subject, reason.cause, reason.why, tried));
  return {};
}

// After an interrupted run the right password must be accepted again; a declared block is waited
// for.
Result<void> unlock(runner::Context& context) {
  const Limits limits = limits_of(context);
  for (const auto& login : context.device().logins) {
    const auto* account = victim(context.device(), login.id);
    if (account == nullptr || login.method == "snmp") continue;
    LoginClient client(context, login);
    Budget budget;
    budget.policy = {.failures = 100000, .window = seconds(1800), .success_resets = true};
    budget.keys = {{"lan", account->name}};
    bool accepted = false;
    for (int turn = 0; turn < 3 && !accepted; ++turn) {
      if (turn > 0 && !context.clock().sleep(limits.expected + seconds(2), context.stop())) break;
      const auto made = booked_attempt(context, client, account->name, account->password, budget);
      accepted = made && made->answer == Answer::accepted;
    }
    if (!accepted)
      return fail(ErrorKind::refused, "account " + account->name + " at " + login.id +
                                          " is still blocked after the interrupted lockout trial");
  }
  return {};
}

}  // namespace

runner::Procedure lockout_procedure() {
  runner::Info info;
  info.id = "lockout";
  info.title = {"반복된 로그인 실패에 대한 차단", "block after repeated failed logins"};
  info.hazard = Hazard::lockout_risk;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"lockout_trial"};
  info.topics = {"lockout"};
  info.exclusive = {"login"};
  info.connections = 60;
  info.logins = 60;
  info.expected = std::chrono::seconds(70);
  info.deadline = std::chrono::seconds(3900);
  info.recovery = {"차단이 끝나기를 기다려 올바른 비밀번호로 로그인한다.",
                   "Waits for the end of the block and logs in with the right password."};
  info.last = true;
  return {.info = std::move(info), .run = try_lockout, .recover = unlock};
}

}  // namespace haetae::testcases
