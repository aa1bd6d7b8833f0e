#include <algorithm>
#include <map>
#include <memory>
#include <thread>

#include "testcases/authentication/lockout_trial.hpp"
#include "testcases/procedures.hpp"

/// What a login surface does against repeated failures: after how many it blocks, whether the right
/// password is refused meanwhile, how long the block lasts, and what the count belongs to.
namespace haetae::testcases {
namespace {

using std::chrono::seconds;

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

// Whether each surface was let in while those before it were blocked: then they share no count.
bool apart(const std::vector<LockoutTrial*>& counted) {
  for (std::size_t later = 1; later < counted.size(); ++later)
    for (std::size_t i = 0; i < later; ++i)
      if (!counted[i]->held_beyond(counted[later]->ready_at())) return false;
  return true;
}

// One after the other, because a device may count for all services together; the waits overlap.
// A surface that is blocked by the trial of another one waits for the next round. The second counts
// run side by side only where no count is shared, as another's tries would be taken for one's own.
void rounds(runner::Context& context, std::vector<std::unique_ptr<LockoutTrial>>& trials) {
  std::vector<LockoutTrial*> pending;
  for (auto& one : trials) pending.push_back(one.get());
  std::size_t done = 0;
  while (!pending.empty() && !context.stop().stop_requested()) {
    std::vector<LockoutTrial*> later;
    std::vector<LockoutTrial*> counted;
    std::vector<std::jthread> watches;
    for (LockoutTrial* one : pending) {
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
      counted.push_back(one);
      if (one->count()) watches.emplace_back([one] { one->watch(); });
    }
    watches.clear();
    const bool beside = apart(counted);
    for (LockoutTrial* one : counted) {
      if (beside)
        watches.emplace_back([one] { one->settle(); });
      else
        one->settle();
    }
    watches.clear();
    pending = std::move(later);
  }
  for (LockoutTrial* one : pending) {
    one->why = "the run was asked to stop";
    one->cause = Cause::lab;
  }
}

Result<void> try_lockout(runner::Context& context) {
  const LockoutLimits limits = lockout_limits(context);
  std::map<std::string, Reason> subjects;
  std::map<std::string, std::string> notes;
  std::vector<std::unique_ptr<LockoutTrial>> trials;
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
      trials.push_back(std::make_unique<LockoutTrial>(context, login, *account, limits));
    }
  }
  rounds(context, trials);
  for (auto& one : trials) {
    one->finish();
    Reason& reason = subjects[one->client().subject()];
    if (!one->why.empty() && reason.why.empty()) reason = {one->why, one->cause};
    if (!one->note().empty())
      notes[one->client().subject()] += "; " + one->client().surface().method + ": " + one->note();
  }
  const std::string tried = "lockout.failures " + std::to_string(limits.tries) +
                            ", block watched around " + std::to_string(limits.expected.count()) +
                            " s";
  for (const auto& [subject, reason] : subjects) {
    const std::string made = tried + notes[subject];
    context.cover(reason.why.empty() ? whole("lockout", subject, made)
                                     : gap("lockout", subject, reason.cause, reason.why, made));
  }
  return {};
}

// After an interrupted run the right password must be accepted again; a declared block is waited
// for.
Result<void> unlock(runner::Context& context) {
  const LockoutLimits limits = lockout_limits(context);
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
