#include <algorithm>
#include <map>

#include "testcases/authentication/well_known_subject.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Credentials that anybody knows, tried on every login surface: the factory account, lists of
/// well-known pairs, blank and same as the user. Controls come first, the ledger is never
/// overdrawn.
namespace haetae::testcases {
namespace {

/// Unit is tries that are made one after the other, because they share a budget: those of one
/// account, over all ports.
struct Unit {
  struct Step {
    TriedSubject* subject;
    OnSurface* surface;
    const Trial* trial;
  };
  std::vector<Step> steps;
};

class Campaign {
 public:
  explicit Campaign(runner::Context& context) : context_(context) {
    std::map<std::string, std::vector<Surface>> ports;
    for (auto& one : surfaces(context_)) ports[one.login.port.subject()].push_back(std::move(one));
    for (auto& [name, list] : ports)
      subjects_.push_back(std::make_unique<TriedSubject>(context_, name, std::move(list)));
  }

  void work() {
    context_.each(subjects_.size(), 16, [&](std::size_t i) { subjects_[i]->prepare(); });
    for (const auto& subject : subjects_) subject->positives();
    const auto units = bound_units();
    std::size_t done = 0;
    std::mutex mutex;
    context_.each(units.size() + subjects_.size(), 32, [&](std::size_t i) {
      if (i < units.size()) {
        run(units[i]);
        return;
      }
      subjects_[i - units.size()]->through();
      const std::lock_guard lock(mutex);
      context_.progress(++done, subjects_.size(), subjects_[i - units.size()]->name());
    });
    for (const auto& subject : subjects_) subject->finish();
  }

 private:
  std::vector<Unit> bound_units();
  void run(const Unit& unit);
  void set_back(const Unit::Step& step, const Budget& budget);

  runner::Context& context_;
  std::vector<std::unique_ptr<TriedSubject>> subjects_;
};

std::vector<Unit> Campaign::bound_units() {
  std::map<std::string, Unit> by_count;
  for (const auto& subject : subjects_)
    for (const auto& surface : subject->surfaces()) {
      if (!surface->negative_held || surface->client.surface().method == "snmp") continue;
      for (const Trial& trial : surface->trials) {
        const Budget budget =
            guess_budget_of(context_, surface->client.surface().port, trial.account);
        if (budget.unbounded) continue;
        const auto& key = budget.keys.front();
        by_count[key.subject + " " + key.account].steps.push_back(
            {subject.get(), surface.get(), &trial});
      }
    }
  std::vector<Unit> out;
  for (auto& [key, unit] : by_count) out.push_back(std::move(unit));
  return out;
}

// The right password sets the device's count to zero; the same port comes first, because a device
// may count for each of its services.
void Campaign::set_back(const Unit::Step& step, const Budget& budget) {
  if (!budget.policy.success_resets) return;
  const bool by_address = budget.keys.front().account == "(address)";
  const declaration::Account* account = nullptr;
  OnSurface* with = nullptr;
  const auto look = [&](const TriedSubject& subject) {
    for (const auto& surface : subject.surfaces())
      for (const auto& one : context_.device().accounts)
        if (with == nullptr && surface->positive_held && one.has_password &&
            uses(one, surface->client.surface().id) &&
            (by_address || one.name == step.trial->account)) {
          with = surface.get();
          account = &one;
        }
  };
  look(*step.subject);
  // A service that knows the account may count by itself: a login elsewhere would not help there.
  const bool known_here = std::any_of(
      context_.device().accounts.begin(), context_.device().accounts.end(), [&](const auto& one) {
        return one.name == step.trial->account &&
               std::any_of(step.subject->surfaces().begin(), step.subject->surfaces().end(),
                           [&](const auto& at) { return uses(one, at->client.surface().id); });
      });
  if (!known_here)
    for (const auto& subject : subjects_) look(*subject);
  if (with != nullptr)
    (void)booked_attempt(context_, with->client, account->name, account->password, budget);
}

void Campaign::run(const Unit& unit) {
  bool blocked = false;
  for (const auto& step : unit.steps) {
    auto& [subject, surface, trial] = step;
    if (blocked) {
      subject->note(*surface, *trial, "not-tried", 0);
      subject->lost(
          "tries of account " + printable(trial->account) + " ended, because the device blocks it",
          Cause::device);
      continue;
    }
    const Budget budget = guess_budget_of(context_, surface->client.surface().port, trial->account);
    if (left(context_, budget) == 1) set_back(step, budget);
    if (subject->make(*surface, *trial, budget) == TriedSubject::Made::noted) continue;
    blocked = true;
    subject->note(*surface, *trial, "blocked", 0);
    subject->lost("the device blocks further logins of account " + printable(trial->account),
                  Cause::device);
  }
}

Result<void> try_logins(runner::Context& context) {
  Campaign(context).work();
  return {};
}

}  // namespace

runner::Procedure well_known_logins_procedure() {
  runner::Info info;
  info.id = "well-known-logins";
  info.title = {"잘 알려진 계정과 비밀번호", "well-known accounts and passwords"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"login_control", "login_trial"};
  info.topics = {"login.well-known"};
  info.exclusive = {"login"};
  info.connections = 300;
  info.logins = 300;
  info.expected = std::chrono::seconds(10);
  info.deadline = std::chrono::seconds(600);
  info.recovery = {
      "실패 횟수는 장부에서 관리하며 기간이 지나면 초기화된다.",
      "The ledger keeps failures below the limit; the device's count runs out by itself."};
  return {.info = std::move(info),
          .run = try_logins,
          .recover = [](runner::Context&) -> Result<void> { return {}; }};
}

}  // namespace haetae::testcases
