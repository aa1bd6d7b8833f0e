#include "testcases/authentication/lockout_trial.hpp"

#include <algorithm>

namespace haetae::testcases {
namespace {

using std::chrono::seconds;

constexpr int kMostTries = 20;

bool no(Answer answer) { return answer == Answer::refused || answer == Answer::blocked; }

}  // namespace

LockoutLimits lockout_limits(const runner::Context& context) {
  LockoutLimits out;
  const auto& catalogue = context.catalogue();
  const auto& lockout = context.device().lockout;
  out.allowed = static_cast<int>(number(catalogue, "lockout.failures").value_or(out.allowed));
  out.minimum = seconds(number(catalogue, "lockout.block-minimum").value_or(30));
  out.maximum = seconds(number(catalogue, "lockout.block-maximum").value_or(3600));
  out.tolerance = seconds(number(catalogue, "lockout.tolerance").value_or(10));
  out.expected = out.minimum;
  out.tries = out.allowed;
  if (lockout.declared) {
    out.declared = lockout.failures;
    out.tries = std::clamp(lockout.failures, out.allowed, std::max(out.allowed, kMostTries));
    if (lockout.block.count() > 0) out.expected = lockout.block;
  }
  return out;
}

void TrialLog::add(std::string_view what, const Attempt& attempt) {
  const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - begin_);
  text_ += std::to_string(at.count()) + " ms: " + std::string(what) + ": " +
           std::string(word(attempt.answer)) + " (" + attempt.why + "), evidence " +
           std::to_string(attempt.evidence) + "\n";
}

LockoutTrial::LockoutTrial(runner::Context& context, declaration::Login login,
                           const declaration::Account& account, LockoutLimits limits)
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

Attempt LockoutTrial::attempt(const std::string& password, std::string_view what, int turns) {
  Attempt out;
  for (int turn = 0; turn < turns; ++turn) {
    out = {};
    auto made = booked_attempt(context_, client_, account_.name, password, budget_);
    if (!made) {
      out.why = printable(made.error().message());
      cause = cause_of(made.error());
    } else {
      out = std::move(*made);
    }
    log_.add(what, out);
    if (out.answer != Answer::unknown) break;
    if (turn + 1 < turns && !context_.clock().sleep(1s, context_.stop())) break;
  }
  return out;
}

Attempt LockoutTrial::wrong(int turns) {
  return attempt("Wrong-" + to_hex(random_bytes(6)), "wrong password", turns);
}

void LockoutTrial::blocked_within(int least, int most) {
  fact_.blocked = "yes";
  most_ = std::max(most, 1);
  least_ = std::clamp(least, 1, most_);
  fact_.failures = most_;
  begin_ = context_.clock().now();
}

// Wrong tries until the answer changes to a block; true if it did or the sequence broke off.
bool LockoutTrial::series(int most) {
  fact_.attempts = 0;
  unclear_ = 0;
  while (fact_.attempts < most) {
    if (context_.stop().stop_requested()) {
      fact_.blocked = "unknown";
      why = "the run was asked to stop";
      cause = Cause::lab;
      return true;
    }
    Attempt made = wrong(1);
    ++fact_.attempts;
    if (made.answer == Answer::unknown) {
      // Whether the device counted it is not known: it may have, and is replaced by one more.
      ++unclear_;
      if (!context_.clock().sleep(1s, context_.stop())) continue;
      made = wrong(1);
      ++fact_.attempts;
    }
    const int count = static_cast<int>(fact_.attempts);
    if (made.answer == Answer::refused)
      fact_.delay_ms = std::chrono::duration_cast<std::chrono::milliseconds>(made.took).count();
    if (made.answer == Answer::blocked) {
      told_at_ = count;
      blocked_within(count - 1 - unclear_, count);
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

// A block may look like any refusal: only the right password tells.
void LockoutTrial::first_look() {
  const int made_tries = static_cast<int>(fact_.attempts);
  const Attempt made = right("after " + std::to_string(made_tries) + " wrong tries");
  if (no(made.answer)) {
    // A device that tells of its block did not tell before; a silent one may have begun earlier.
    blocked_within(made.answer == Answer::blocked ? made_tries - unclear_ : 1, made_tries);
    fact_.right_refused = "yes";
    last_refused_ = context_.clock().now();
  } else if (made.answer == Answer::unknown) {
    fact_.blocked = "unknown";
    why = "the right password was not answered clearly (" + made.why + ")";
  } else {
    second_series();
  }
}

// The first series caused no block that holds back the right password: one try more than it.
void LockoutTrial::second_series() {
  const int before = static_cast<int>(fact_.attempts);
  if (!series(before + 1)) {
    // The last word is a right login, so that the device's count is at zero again.
    const Attempt made = right("at the end");
    const int made_tries = static_cast<int>(fact_.attempts);
    fact_.blocked = made.answer == Answer::accepted ? "no" : "unknown";
    if (no(made.answer)) {
      blocked_within(std::min(before + 1, made_tries - unclear_), made_tries);
      fact_.right_refused = "yes";
      last_refused_ = context_.clock().now();
    } else if (made.answer == Answer::unknown) {
      why = "the right password was not answered clearly (" + made.why + ")";
    }
    return;
  }
  if (fact_.blocked != "yes") return;
  look_while_blocked();
  if (told_at_ <= before) {
    // So many were borne before: the right password between them did not set the count back.
    log_.say("the right password did not set the count back");
    fact_.attempts += before;
    blocked_within(before + told_at_ - 1 - unclear_, before + told_at_);
  } else if (fact_.right_refused == "yes" && unclear_ == 0) {
    // A block holds back the right password here, and after one try less it was accepted.
    least_ = most_;
  }
}

void LockoutTrial::look_while_blocked() {
  const Attempt made = right("while blocked");
  if (made.answer != Answer::unknown) fact_.right_refused = yes_no(made.answer != Answer::accepted);
  last_refused_ = context_.clock().now();
  if (made.answer == Answer::accepted) {
    fact_.block_ended = "yes";
    fact_.block_seconds = 0;
  }
}

bool LockoutTrial::ready() {
  const bool accepted = right("before the tries").answer == Answer::accepted;
  if (accepted) other_stood_ = other_answer("before the tries") == Answer::accepted;
  ready_at_ = context_.clock().now();
  return accepted;
}

bool LockoutTrial::count() {
  tried_ = true;
  if (!series(limits_.tries)) first_look();
  if (fact_.blocked == "yes" && fact_.right_refused == "unknown") look_while_blocked();
  if (fact_.blocked == "yes") whose_count();
  if (fact_.blocked == "unknown") (void)right("at the end");
  return fact_.blocked == "yes" && fact_.block_ended != "yes";
}

// Another account from the same address, which may tell what is counted.
const declaration::Account* LockoutTrial::other_account() const {
  const declaration::Account* other = nullptr;
  for (const auto& one : context_.device().accounts)
    if (one.name != account_.name && one.has_password && uses(one, client_.surface().id) &&
        (other == nullptr || other->sacrificial))
      other = &one;
  return other;
}

Answer LockoutTrial::other_answer(std::string_view when) {
  const declaration::Account* other = other_account();
  if (other == nullptr) return Answer::unknown;
  // A right password is no guess: it is not held back by what others of this trial have used up.
  Budget budget = budget_;
  budget.keys = {{"lan", other->name}};
  const auto made = booked_attempt(context_, client_, other->name, other->password, budget);
  if (!made) return Answer::unknown;
  log_.add("right password of another account " + std::string(when), *made);
  return made->answer;
}

// Let in means that only the account is blocked. Kept out shows something only if it was let in
// before: an earlier trial may have left the other account blocked.
void LockoutTrial::whose_count() {
  const Answer answer = other_answer("while blocked");
  if (answer == Answer::accepted) fact_.counts = "account";
  const bool kept_out = answer == Answer::blocked || answer == Answer::refused;
  if (kept_out && other_stood_) fact_.counts = "address";
}

// The right password at a moment after the block began; true if it is accepted.
bool LockoutTrial::poll(Duration after) {
  const Duration wait = begin_ + after - context_.clock().now();
  if (wait > Duration::zero() && !context_.clock().sleep(wait, context_.stop())) return false;
  if (right("is the block over").answer == Answer::accepted) return true;
  last_refused_ = context_.clock().now();
  return false;
}

// A poll is a try and may lengthen the block. So there are few: soon after it began, just before
// and after the moments that matter, some at the tolerated distance, and one after a long silence.
void LockoutTrial::watch() {
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

// The numbers of failures between which a verdict changes, as far as they lie in the range.
std::vector<int> LockoutTrial::cuts() const {
  std::vector<int> out;
  for (const int cut : {limits_.allowed, limits_.declared - 1, limits_.declared})
    if (cut >= least_ && cut < most_) out.push_back(cut);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void LockoutTrial::undecided(const std::string& reason) {
  note_ = "the block came after " + std::to_string(least_) + " to " + std::to_string(most_) +
          " failures, the greater number is kept: " + reason;
  log_.say(note_);
}

// Right after the block ended: the count is at zero.
LockoutTrial::Probe LockoutTrial::probe(int failures) {
  log_.say("again, with " + std::to_string(failures) + " wrong tries");
  bool clear = true;
  for (int i = 0; i < failures && clear; ++i) clear = wrong(1).answer == Answer::refused;
  const Attempt made = right("after " + std::to_string(failures) + " wrong tries");
  if (clear && made.answer == Answer::accepted) least_ = failures + 1;
  if (clear && no(made.answer)) most_ = failures;
  clear = clear && made.answer != Answer::unknown;
  if (made.answer != Answer::accepted && !wait_until_free()) return Probe::still_blocked;
  return clear ? Probe::decided : Probe::unclear;
}

bool LockoutTrial::wait_until_free() {
  const seconds block{fact_.block_seconds};
  for (int turn = 0; turn < 3; ++turn) {
    const Duration wait = block + seconds(1) + turn * limits_.tolerance;
    if (!context_.clock().sleep(wait, context_.stop())) return false;
    if (right("is the block over").answer == Answer::accepted) return true;
  }
  return false;
}

void LockoutTrial::settle() {
  if (fact_.blocked != "yes") return;
  if (cuts().empty()) {
    if (least_ < most_)
      log_.say("the block came after " + std::to_string(least_) + " to " + std::to_string(most_) +
               " failures; which of them changes no verdict");
    return;
  }
  if (fact_.right_refused != "yes") {
    undecided("the right password is let in while blocked and cannot tell");
    return;
  }
  if (fact_.block_ended != "yes") {
    undecided("the end of the block was not seen");
    return;
  }
  for (auto open = cuts(); !open.empty(); open = cuts()) {
    const Probe made = probe(open.front());
    if (made == Probe::decided) continue;
    if (!cuts().empty()) undecided("the tries were not answered alike when they were made again");
    if (why.empty()) {
      const bool stopped = context_.stop().stop_requested();
      why = stopped                        ? "the run was asked to stop"
            : made == Probe::still_blocked ? "the account is still blocked after the second count"
                                           : note_;
      cause = stopped ? Cause::lab : Cause::device;
    }
    break;
  }
  fact_.failures = most_;
}

void LockoutTrial::finish() {
  if (tried_) {
    fact_.evidence = context_.recorder().attach(fact_.subject, "lockout trial", "text/plain",
                                                as_bytes(log_.text()));
    runner::record(context_, fact_);
  }
}

}  // namespace haetae::testcases
