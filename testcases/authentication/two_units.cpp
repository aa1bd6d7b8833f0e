#include <algorithm>
#include <memory>

#include "testcases/authentication/login_client.hpp"
#include "testcases/authentication/state_hooks.hpp"
#include "testcases/authentication/unit_context.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Whether the factory password of one unit opens another: it is tried on the second unit, beside
/// that unit's own. A refusal counts only from a unit whose own factory password is accepted, and
/// only if the first unit was seen to accept the tried one in its factory state.
namespace haetae::testcases {
namespace {

constexpr const char* kTopic = "units.logins";
constexpr const char* kFirst = "first-factory";
constexpr const char* kSecond = "second-factory";
constexpr int kMostRefused = 2;  // by the first unit as it stands

// A page behind the login may be closed in factory state, until the password is replaced.
declaration::Login in_first_use(declaration::Login login) {
  login.check_path.clear();
  return login;
}

/// Trial is one account on one login surface of both units.
class Trial {
 public:
  Trial(runner::Context& first, UnitContext& second, const declaration::Account& account,
        const declaration::Login& login, std::string second_password)
      : first_(first),
        account_(account),
        login_(in_first_use(login)),
        second_password_(std::move(second_password)),
        on_first_(first, login_),
        on_second_(second, login_),
        first_budget_(budget_of(first, login_.port, account.name)),
        second_budget_(unit_budget(first, login_.port, account.name)) {}

  /// ask_second() tries on the second unit, as it stands, its own password and the first unit's.
  void ask_second() {
    const std::string& firsts = account_.factory_password;
    Attempt own;
    if (!second_password_.empty()) {
      own = made(on_second_, second_budget_, second_password_);
      if (own.answer == Answer::unknown || own.answer == Answer::blocked) {
        note("second", kSecond, "as-found", second_password_, own);
        return;
      }
    }
    const Attempt other =
        second_password_ == firsts ? own : made(on_second_, second_budget_, firsts);
    note("second", kFirst, "as-found", firsts, other);
    if (other.answer == Answer::accepted) {
      const std::string random = "Hx7-" + to_hex(random_bytes(6));
      note("second", "random", "as-found", random, made(on_second_, second_budget_, random));
    }
    if (own.answer == Answer::accepted) {
      // It sets the unit's count back. Who took it once and not again tells nothing by a refusal.
      const Attempt again = made(on_second_, second_budget_, second_password_);
      if (again.answer != Answer::accepted) {
        own.answer = Answer::unknown;
        lost("the second unit took its own factory password once and not again");
      }
    }
    if (!second_password_.empty()) note("second", kSecond, "as-found", second_password_, own);
    own_ = own.answer;
    other_ = other.answer;
  }

  /// answered() is whether the second unit looked at a credential.
  [[nodiscard]] bool answered() const {
    return own_ != Answer::unknown || other_ == Answer::accepted || other_ == Answer::refused;
  }

  /// tell_apart() tries on the first unit, as it stands, what the second one took: another answer
  /// shows that two devices answer.
  void tell_apart() {
    if (first_budget_.policy.success_resets && account_.has_password &&
        left(first_, first_budget_) < kMostRefused)
      (void)booked_attempt(first_, on_first_, account_.name, account_.password, first_budget_);
    if (own_ == Answer::accepted && second_password_ != account_.factory_password)
      (void)ask_first(kSecond, second_password_, "as-found");
    if (other_ == Answer::accepted) prove_by("as-found");
  }

  /// prove() shows that the first unit takes its declared factory password: in its factory state,
  /// or, without hooks that bring it there, as it stands.
  void prove(bool by_hook) {
    if (!proved_ && (by_hook || other_ != Answer::accepted))
      prove_by(by_hook ? "factory" : "as-found");
    if (proved_) return;
    lost(by_hook ? "the first unit did not accept its declared factory password in factory state"
                 : "the first unit does not accept its declared factory password as it stands, and "
                   "no hooks factory-state and normal-state are declared");
  }

  [[nodiscard]] bool proved() const { return proved_; }
  [[nodiscard]] std::string subject() const { return login_.port.subject(); }
  [[nodiscard]] const std::string& why() const { return why_; }
  [[nodiscard]] Cause cause() const { return cause_; }
  void lost(std::string why, Cause cause = Cause::device) {
    if (!why_.empty()) return;
    why_ = std::move(why);
    cause_ = cause;
  }

 private:
  Attempt made(LoginClient& client, const Budget& budget, const std::string& password) {
    const auto out = booked_attempt(first_, client, account_.name, password, budget);
    if (!out) {
      lost(printable(out.error().message()), cause_of(out.error()));
      return {};
    }
    if (out->answer == Answer::unknown) lost("it is not known what a unit answered: " + out->why);
    if (out->answer == Answer::blocked) lost("a unit blocks logins of this account");
    return *out;
  }

  Answer ask_first(const char* credential, const std::string& password, const char* moment) {
    const Attempt out = made(on_first_, first_budget_, password);
    note("first", credential, moment, password, out);
    return out.answer;
  }

  void prove_by(const char* moment) {
    proved_ = ask_first(kFirst, account_.factory_password, moment) == Answer::accepted;
  }

  void note(const char* unit, const char* credential, const char* moment,
            const std::string& password, const Attempt& attempt) {
    if (attempt.evidence == 0) return;
    facts::UnitLogin fact;
    fact.evidence = attempt.evidence;
    fact.subject = subject();
    fact.method = login_.method;
    fact.path = login_.path;
    fact.account = account_.name;
    fact.unit = unit;
    fact.credential = credential;
    fact.moment = moment;
    fact.secret = first_.secret("password", password);
    fact.outcome = word(attempt.answer);
    runner::record(first_, fact);
  }

  runner::Context& first_;
  const declaration::Account& account_;
  declaration::Login login_;
  std::string second_password_;
  LoginClient on_first_, on_second_;
  Budget first_budget_, second_budget_;
  Answer own_ = Answer::unknown, other_ = Answer::unknown;
  bool proved_ = false;
  std::string why_;
  Cause cause_ = Cause::device;
};

using Trials = std::vector<std::unique_ptr<Trial>>;

// One login for each account: a factory password is the account's, not the service's.
Trials trials_of(runner::Context& context, UnitContext& second) {
  const auto& device = context.device();
  Trials out;
  for (const auto& account : device.accounts) {
    if (account.factory_password.empty()) continue;
    for (const auto& login : device.logins) {
      if (!uses(account, login.id)) continue;
      out.push_back(std::make_unique<Trial>(context, second, account, login,
                                            device.second_unit->factory_password(account.name)));
      break;
    }
  }
  return out;
}

void prove_in_factory_state(runner::Context& context, Trials& trials,
                            const declaration::Hook& there, const declaration::Hook& back) {
  EvidenceId evidence = 0;
  const bool reached = bring_by_hook(context, there, evidence);
  for (const auto& trial : trials) {
    if (reached && trial->answered()) trial->prove(true);
    if (!reached)
      trial->lost("the hook " + there.name + " did not bring the first unit to factory state");
  }
  if (bring_by_hook(context, back, evidence) && normal_again(context)) return;
  context.log("error", "the device was not brought back to its normal state");
  for (const auto& trial : trials)
    trial->lost("the first unit was not brought back to its normal state");
}

void compare(runner::Context& context, Trials& trials) {
  for (const auto& trial : trials) {
    trial->ask_second();
    // A unit that is silent or blocks is not asked further.
    if (!trial->answered()) {
      trial->lost("the second unit did not answer a login");
      break;
    }
    trial->tell_apart();
  }
  const auto open = [](const auto& trial) { return trial->answered() && !trial->proved(); };
  if (std::none_of(trials.begin(), trials.end(), open)) return;
  const auto* there = first_hook(context, {"factory-state", "factory-reset"});
  const auto* back = first_hook(context, {"normal-state"});
  if (there != nullptr && back != nullptr) {
    prove_in_factory_state(context, trials, *there, *back);
    return;
  }
  for (const auto& trial : trials)
    if (open(trial)) trial->prove(false);
}

Result<void> try_two_units(runner::Context& context) {
  const auto& unit = context.device().second_unit;
  if (!unit) {
    context.cover(
        gap(kTopic, "lan", Cause::declaration, "no second unit of the product is declared"));
    return {};
  }
  UnitContext second(context, *unit);
  Trials trials = trials_of(context, second);
  if (trials.empty()) {
    context.cover(gap(kTopic, "lan", Cause::declaration,
                      "no account with a factory password and a login is declared"));
    return {};
  }
  compare(context, trials);
  std::string why;
  Cause cause = Cause::none;
  for (const auto& trial : trials) {
    const bool good = trial->answered() && trial->why().empty();
    if (!good) trial->lost("not tried, since the second unit did not answer");
    context.cover(good ? whole(kTopic, trial->subject())
                       : gap(kTopic, trial->subject(), trial->cause(), trial->why()));
    if (!good && why.empty()) {
      why = trial->why();
      cause = trial->cause();
    }
  }
  const std::string tried = std::to_string(trials.size()) + " accounts with a factory password";
  context.cover(why.empty() ? whole(kTopic, "lan", tried) : gap(kTopic, "lan", cause, why, tried));
  return {};
}

Result<void> to_normal(runner::Context& context) {
  const auto* back = first_hook(context, {"normal-state"});
  EvidenceId evidence = 0;
  if (context.device().second_unit && back != nullptr && !bring_by_hook(context, *back, evidence))
    return fail(ErrorKind::unreachable, "the hook normal-state did not bring the device back");
  return {};
}

}  // namespace

runner::Procedure two_units_procedure() {
  runner::Info info;
  info.id = "two-units";
  info.title = {"두 시료의 공장 비밀번호 비교", "factory passwords of two units"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"service"};
  info.provides_facts = {"unit_login"};
  info.topics = {kTopic};
  info.exclusive = {"login", "device-state"};
  info.connections = 20;
  info.logins = 8;
  info.expected = std::chrono::seconds(3);
  info.deadline = std::chrono::seconds(600);
  info.recovery = {
      "normal-state 훅이 기기를 정상 상태로 되돌린다. 두 번째 시료에서는 로그인만 한다.",
      "The hook normal-state brings the device back; on the second unit nothing but "
      "logins is tried."};
  return {.info = std::move(info), .run = try_two_units, .recover = to_normal};
}

}  // namespace haetae::testcases
