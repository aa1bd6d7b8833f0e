#include <algorithm>
#include <map>
#include <memory>

#include "testcases/authentication/login_client.hpp"
#include "testcases/authentication/state_hooks.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Whether switching the power takes a block of logins away: every login that was seen to block is
/// blocked, the power is switched once, and the right password is tried on each while the block
/// must still last.
namespace haetae::testcases {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kTopic = "lockout.restart";

/// Blocked is a login of which the lockout trial showed a block that holds back and ends.
struct Blocked {
  facts::LockoutTrial seen;
  std::unique_ptr<LoginClient> client;
  declaration::Account account;
  Budget budget;
  SteadyTime begin{};
  facts::LockoutRestart fact;
  std::string log;
};

Answer log_in(runner::Context& context, Blocked& one, const std::string& password,
              const std::string& what) {
  const auto made = booked_attempt(context, *one.client, one.account.name, password, one.budget);
  const Answer answer = made ? made->answer : Answer::unknown;
  one.log += what + ": " + std::string(word(answer)) + " (" +
             (made ? made->why : printable(made.error().message())) + ")\n";
  return answer;
}

bool no(Answer answer) { return answer == Answer::refused || answer == Answer::blocked; }

std::vector<Blocked> blocking_logins(runner::Context& context) {
  std::vector<Blocked> out;
  for (const auto& seen : runner::facts<facts::LockoutTrial>(context)) {
    if (seen.blocked != "yes" || seen.right_refused != "yes" || seen.block_ended != "yes") continue;
    for (const auto& login : context.device().logins) {
      if (login.port.subject() != seen.subject || login.method != seen.method) continue;
      for (const auto& account : context.device().accounts) {
        if (account.name != seen.account || !account.has_password) continue;
        Blocked one;
        one.seen = seen;
        one.client = std::make_unique<LoginClient>(context, login);
        one.account = account;
        one.budget.policy = {.failures = 100000, .window = seconds(1800), .success_resets = true};
        one.budget.keys = {{"lan", account.name}};
        one.fact.subject = seen.subject;
        one.fact.method = seen.method;
        one.fact.account = seen.account;
        out.push_back(std::move(one));
      }
      break;
    }
  }
  return out;
}

void block(runner::Context& context, Blocked& one) {
  for (std::int64_t i = 0; i < one.seen.failures && !context.stop().stop_requested(); ++i)
    (void)log_in(context, one, "Wrong-" + to_hex(random_bytes(6)), "wrong password");
  one.begin = context.clock().now();
  const Answer right = log_in(context, one, one.account.password, "right password, blocked");
  one.fact.blocked = no(right) ? "yes" : right == Answer::accepted ? "no" : "unknown";
}

// A service may come back later than the first one that answers.
void look(runner::Context& context, Blocked& one, bool restarted) {
  one.fact.restarted = yes_no(restarted);
  if (!restarted || one.fact.blocked != "yes") return;
  const seconds left{one.seen.block_seconds};
  Answer answer = Answer::unknown;
  while (answer == Answer::unknown && context.clock().now() < one.begin + left) {
    answer = log_in(context, one, one.account.password, "right password after the restart");
    if (answer == Answer::unknown && !context.clock().sleep(500ms, context.stop())) break;
  }
  const Duration since = context.clock().now() - one.begin;
  one.fact.after_ms = std::chrono::duration_cast<milliseconds>(since).count();
  // The length was measured to the second.
  const bool in_time = since < left - seconds(2);
  if (no(answer)) one.fact.held = "yes";
  if (answer == Answer::accepted && in_time) one.fact.held = "no";
}

bool wait_for_end(runner::Context& context, Blocked& one) {
  const seconds block{one.seen.block_seconds};
  for (int turn = 0; turn < 3; ++turn) {
    if (log_in(context, one, one.account.password, "is the block over") == Answer::accepted)
      return true;
    if (!context.clock().sleep(block + seconds(1 + turn), context.stop())) return false;
  }
  return log_in(context, one, one.account.password, "is the block over") == Answer::accepted;
}

Result<void> try_restart(runner::Context& context) {
  const auto* hook = context.device().hook("power-cycle");
  auto logins = blocking_logins(context);
  if (hook == nullptr) {
    for (const Blocked& one : logins)
      context.cover(gap(kTopic, one.fact.subject, Cause::declaration,
                        "no hook power-cycle is declared that switches the power of the device"));
    return {};
  }
  if (logins.empty()) return {};
  for (Blocked& one : logins) block(context, one);
  EvidenceId evidence = 0;
  const bool restarted = bring_by_hook(context, *hook, evidence);
  for (Blocked& one : logins) look(context, one, restarted);
  std::map<std::string, std::string> whys;
  for (Blocked& one : logins) {
    const bool free = wait_for_end(context, one);
    one.fact.evidence = context.recorder().attach(one.fact.subject, "lockout and restart",
                                                  "text/plain", as_bytes(one.log));
    runner::record(context, one.fact);
    std::string& why = whys[one.fact.subject];
    if (!free && why.empty())
      why = "account " + one.account.name + " was not seen to be free again after the block";
    if (!restarted) why = "the device did not answer after the hook power-cycle";
  }
  for (const auto& [subject, why] : whys)
    context.cover(why.empty() ? whole(kTopic, subject) : gap(kTopic, subject, Cause::lab, why));
  return {};
}

Result<void> unblock(runner::Context& context) {
  for (Blocked& one : blocking_logins(context))
    if (!wait_for_end(context, one))
      return fail(ErrorKind::refused, "account " + one.account.name + " at " + one.fact.subject +
                                          " is still blocked after the interrupted trial");
  return {};
}

}  // namespace

runner::Procedure lockout_restart_procedure() {
  runner::Info info;
  info.id = "lockout-restart";
  info.title = {"재시작 뒤의 로그인 차단", "block of logins after a restart"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"service", "lockout_trial"};
  info.provides_facts = {"lockout_restart"};
  info.topics = {kTopic};
  info.exclusive = {"login", "device-state"};
  info.connections = 50;
  info.logins = 50;
  info.expected = std::chrono::seconds(40);
  info.deadline = std::chrono::seconds(3900);
  info.recovery = {"차단이 끝나기를 기다려 올바른 비밀번호로 로그인한다.",
                   "Waits for the end of the block and logs in with the right password."};
  return {.info = std::move(info), .run = try_restart, .recover = unblock};
}

}  // namespace haetae::testcases
