#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "harness/protocols/snmp.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Credentials that anybody knows, tried on every login surface: the factory account, lists of
/// well-known pairs, blank and same as the user. Controls come first, the ledger is never
/// overdrawn.
namespace haetae::testcases {
namespace {

// Connections to one subject at once. SSH servers drop what comes beyond a handful of unfinished
// logins from one address (MaxStartups, MAX_UNAUTH_PER_IP).
constexpr std::size_t kLanes = 8;
constexpr std::size_t kSshLanes = 4;

struct Trial {
  std::string account, password;
  std::string credential, origin, list;
  SecretId secret = 0;
  bool right = false;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

// A list names makers and models in small pieces; an empty piece fits everything.
bool fits(const std::string& wanted, const std::string& declared) {
  return wanted.empty() || wanted == "*" ||
         lower(declared).find(lower(wanted)) != std::string::npos;
}

bool fits_protocol(const std::string& wanted, const std::string& method) {
  if (wanted.empty() || wanted == "*" || wanted == "any") return true;
  const std::string family = method.starts_with("http-") ? "http" : method;
  for (std::size_t at = 0; at < wanted.size();) {
    const std::size_t end = std::min(wanted.find_first_of(" ,", at), wanted.size());
    const std::string one = wanted.substr(at, end - at);
    if (one == method || one == family) return true;
    at = end + 1;
  }
  return false;
}

class TrialList {
 public:
  TrialList(runner::Context& context, const declaration::Login& login)
      : context_(context), login_(login) {}

  std::vector<Trial> make() {
    if (login_.method == "snmp") {
      communities();
      return std::move(trials_);
    }
    declared();
    list("maker-specific");
    list("well-known");
    return std::move(trials_);
  }

 private:
  void add(Trial trial) {
    if (!seen_.emplace(trial.account, trial.password).second) return;
    trial.secret = context_.secret("password", trial.password);
    for (const auto& one : context_.device().accounts)
      if (one.name == trial.account && one.has_password && one.password == trial.password &&
          uses(one, login_.id))
        trial.right = true;
    trials_.push_back(std::move(trial));
  }

  void declared() {
    for (const auto& one : context_.device().accounts) {
      if (!login_.id.empty() && !uses(one, login_.id)) continue;
      if (!one.factory_password.empty())
        add({one.name, one.factory_password, "declared-factory", "declared-factory", "", 0, false});
    }
    for (const auto& one : context_.device().accounts) {
      if (!login_.id.empty() && !uses(one, login_.id)) continue;
      add({one.name, "", "blank", "blank", "", 0, false});
      add({one.name, one.name, "same-as-user", "same-as-user", "", 0, false});
    }
  }

  void list(std::string_view origin) {
    const auto* reference = context_.catalogue().reference("well_known_login");
    if (reference == nullptr) return;
    const auto& who = context_.device().identity;
    std::size_t index = 0;
    for (const auto& row : reference->rows) {
      ++index;
      const std::string maker = column(*reference, row, "maker");
      const std::string model = column(*reference, row, "model");
      const bool specific = !maker.empty() || !model.empty();
      if (specific != (origin == "maker-specific")) continue;
      if (specific && (!fits(maker, who.maker) || !fits(model, who.model))) continue;
      if (!fits_protocol(column(*reference, row, "protocol"), login_.method)) continue;
      std::string entry = column(*reference, row, "entry");
      if (entry.empty()) entry = "entry-" + std::to_string(index);
      add({column(*reference, row, "account"), column(*reference, row, "password"), entry,
           std::string(origin), reference->name, 0, false});
    }
  }

  void communities() {
    const auto* reference = context_.catalogue().reference("snmp_community");
    if (reference == nullptr) return;
    std::size_t index = 0;
    for (const auto& row : reference->rows)
      add({"", column(*reference, row, "community"), "entry-" + std::to_string(++index),
           "well-known", reference->name, 0, false});
  }

  runner::Context& context_;
  const declaration::Login& login_;
  std::vector<Trial> trials_;
  std::set<std::pair<std::string, std::string>> seen_;
};

/// OnSurface is one login surface with its controls and tries.
struct OnSurface {
  OnSurface(runner::Context& context, declaration::Login login)
      : client(context, std::move(login)) {}
  LoginClient client;
  std::vector<Trial> trials;
  bool negative_held = false;
  bool positive_held = false;
};

/// Unit is tries that are made one after the other, because they share a budget.
struct Unit {
  struct Step {
    OnSurface* surface;
    const Trial* trial;
  };
  Budget budget;
  const declaration::Account* known = nullptr;  // whose right password sets the count back
  std::vector<Step> steps;
};

class Subject {
 public:
  Subject(runner::Context& context, std::string name, std::vector<Surface> surfaces)
      : context_(context), name_(std::move(name)) {
    for (auto& one : surfaces) {
      if (!one.usable) lost(one.login.method + " cannot be driven by our side", Cause::tool);
      if (one.usable)
        surfaces_.push_back(std::make_unique<OnSurface>(context_, std::move(one.login)));
    }
  }
  void work();

 private:
  void lost(const std::string& why, Cause cause);
  void control(OnSurface& surface, const char* which, const Attempt& attempt);
  bool negative(OnSurface& surface);
  void positive(OnSurface& surface);
  std::vector<Unit> units();
  void run(const Unit& unit);
  bool set_back(const Unit& unit, OnSurface& surface);
  void note(OnSurface& surface, const Trial& trial, std::string_view outcome, EvidenceId evidence);
  void communities(OnSurface& surface);
  void right_still_accepted();
  void finish();

  runner::Context& context_;
  std::string name_;
  std::vector<std::unique_ptr<OnSurface>> surfaces_;
  std::mutex mutex_;
  std::atomic<bool> blocked_ = false;
  std::size_t tried_ = 0, left_out_ = 0;
  EvidenceId last_ = 0;
  std::string why_;
  Cause cause_ = Cause::none;
};

void Subject::lost(const std::string& why, Cause cause) {
  const std::lock_guard lock(mutex_);
  if (!why_.empty()) return;
  why_ = why;
  cause_ = cause;
}

void Subject::control(OnSurface& surface, const char* which, const Attempt& attempt) {
  facts::LoginControl fact;
  fact.evidence = attempt.evidence;
  fact.subject = name_;
  fact.method = surface.client.surface().method;
  fact.path = surface.client.surface().path;
  fact.control = which;
  fact.outcome = word(attempt.answer);
  runner::record(context_, fact);
  const std::lock_guard lock(mutex_);
  last_ = std::max(last_, attempt.evidence);
}

bool Subject::negative(OnSurface& surface) {
  Attempt attempt;
  for (int round = 0; round < 2 && attempt.answer == Answer::unknown; ++round) {
    const std::string user = "u" + to_hex(random_bytes(5));
    const std::string password = "P-" + to_hex(random_bytes(9));
    auto made = booked_attempt(context_, surface.client, user, password, budget_of(context_, user));
    if (!made) {
      lost("the negative control was not made: " + made.error().message(), cause_of(made.error()));
      return false;
    }
    attempt = std::move(*made);
  }
  control(surface, "negative", attempt);
  if (attempt.answer == Answer::refused) return true;
  const std::string method = surface.client.surface().method;
  if (attempt.answer == Answer::accepted) {
    lost(method + " gives access with random credentials, so an accepted pair shows nothing",
         Cause::device);
  } else {
    if (attempt.answer == Answer::blocked) blocked_ = true;
    lost(method + " did not refuse random credentials (" + attempt.why + ")", Cause::device);
  }
  return false;
}

void Subject::positive(OnSurface& surface) {
  const auto& login = surface.client.surface();
  const auto* account = login.id.empty() ? nullptr : account_for(context_.device(), login.id);
  if (account == nullptr) return;
  auto made = booked_attempt(context_, surface.client, account->name, account->password,
                             budget_of(context_, account->name));
  if (!made) {
    lost("the positive control was not made: " + made.error().message(), cause_of(made.error()));
    return;
  }
  control(surface, "positive", *made);
  surface.positive_held = made->answer == Answer::accepted;
  if (!surface.positive_held)
    lost("the declared credential of " + login.id + " was not accepted (" + made->why + ")",
         made->answer == Answer::refused ? Cause::declaration : Cause::device);
}

// Tries that share a budget stay in one unit, one after the other. Those of accounts that nobody
// loses if they are locked stand alone, so that a delayed refusal costs less.
std::vector<Unit> Subject::units() {
  std::map<std::string, Unit> bound;
  std::vector<Unit> out;
  for (const auto& surface : surfaces_) {
    if (!surface->negative_held || surface->client.surface().method == "snmp") continue;
    for (const Trial& trial : surface->trials) {
      const Budget budget = budget_of(context_, trial.account);
      if (budget.unbounded) {
        out.push_back({.budget = budget, .known = nullptr, .steps = {{surface.get(), &trial}}});
        continue;
      }
      Unit& unit = bound[budget.account];
      unit.budget = budget;
      unit.steps.push_back({surface.get(), &trial});
    }
  }
  for (auto& [account, unit] : bound) {
    for (const auto& one : context_.device().accounts)
      if (one.has_password && (one.name == account || unit.budget.account == "(address)"))
        unit.known = &one;
    out.push_back(std::move(unit));
  }
  return out;
}

// One wrong try before the limit, the right password sets the device's count to zero.
bool Subject::set_back(const Unit& unit, OnSurface& surface) {
  if (unit.known == nullptr || !unit.budget.policy.success_resets) return false;
  OnSurface* with = nullptr;
  for (const auto& one : surfaces_)
    if (one->positive_held && uses(*unit.known, one->client.surface().id) &&
        (with == nullptr || one.get() == &surface))
      with = one.get();
  if (with == nullptr) return false;
  const auto made =
      booked_attempt(context_, with->client, unit.known->name, unit.known->password, unit.budget);
  if (made && made->answer == Answer::blocked) blocked_ = true;
  return made && made->answer == Answer::accepted;
}

void Subject::note(OnSurface& surface, const Trial& trial, std::string_view outcome,
                   EvidenceId evidence) {
  facts::LoginTrial fact;
  fact.subject = name_;
  fact.method = surface.client.surface().method;
  fact.path = surface.client.surface().path;
  fact.account = trial.account;
  fact.credential = trial.credential;
  fact.origin = trial.origin;
  fact.list = trial.list;
  fact.secret = trial.secret;
  fact.outcome = outcome;
  fact.right = yes_no(trial.right);
  const std::lock_guard lock(mutex_);
  if (evidence != 0) last_ = evidence;
  fact.evidence = evidence != 0 ? evidence : last_;
  ++(outcome == "not-tried" ? left_out_ : tried_);
  runner::record(context_, fact);
}

void Subject::run(const Unit& unit) {
  for (const auto& [surface, trial] : unit.steps) {
    const bool stopped = context_.stop().stop_requested();
    if (stopped) lost("the run was asked to stop", Cause::lab);
    if (stopped || blocked_) {
      note(*surface, *trial, "not-tried", 0);
      continue;
    }
    auto& ledger = context_.ledger();
    if (!unit.budget.unbounded && ledger.left(name_, unit.budget.account, unit.budget.policy) == 1)
      (void)set_back(unit, *surface);
    Attempt attempt;
    bool budget = true;
    for (int round = 0; round < 2 && budget && attempt.answer == Answer::unknown; ++round) {
      auto made =
          booked_attempt(context_, surface->client, trial->account, trial->password, unit.budget);
      budget = made.has_value();
      if (made) attempt = std::move(*made);
      if (!made && made.error().kind != ErrorKind::budget)
        lost(made.error().message(), cause_of(made.error()));
    }
    if (!budget && attempt.evidence == 0) {
      note(*surface, *trial, "not-tried", 0);
      lost("the login ledger allows no more tries of " +
               (unit.budget.account == "(address)" ? std::string("this address")
                                                   : "account " + printable(unit.budget.account)) +
               " before " + iso8601(ledger.free_at(name_, unit.budget.account, unit.budget.policy)),
           Cause::lab);
      continue;
    }
    note(*surface, *trial, word(attempt.answer), attempt.evidence);
    if (attempt.answer == Answer::blocked) {
      blocked_ = true;
      lost("the device blocks further logins (" + attempt.why + ")", Cause::device);
    }
    if (attempt.answer == Answer::unknown)
      lost("a try was not answered clearly (" + attempt.why + ")", Cause::device);
  }
}

// All communities are asked at once. A wrong one is met by silence, so silence counts only from an
// agent that shows life by another community or by the engine discovery of SNMPv3. The ledger has
// no part in it: a community is no account, and no agent counts wrong ones.
void Subject::communities(OnSurface& surface) {
  const Endpoint endpoint{context_.address(), surface.client.surface().port.number};
  const std::string random = "c" + to_hex(random_bytes(8));
  const auto* account = account_for(context_.device(), surface.client.surface().id);
  std::vector<std::string> names{random};
  for (const Trial& trial : surface.trials) names.push_back(trial.password);
  if (account != nullptr) names.push_back(account->password);
  const auto answers = protocols::snmp::try_communities(context_.door(), endpoint, name_, names, 1s,
                                                        context_.recorder(), context_.stop());
  const auto engine = protocols::snmp::discover_engine(context_.door(), endpoint, name_, 1s,
                                                       context_.recorder(), context_.stop());
  if (!answers) {
    lost(answers.error().message(), cause_of(answers.error()));
    return;
  }
  std::map<std::string, EvidenceId> hits;
  std::map<std::string, EvidenceId> asked;
  for (const auto& one : *answers) {
    asked[one.community] = one.evidence;
    if (one.answered) hits[one.community] = one.evidence;
  }
  const bool alive = !hits.empty() || (engine && engine->answered);
  const auto attempt = [&](const std::string& name) {
    Attempt out;
    out.answer = hits.contains(name) ? Answer::accepted : alive ? Answer::refused : Answer::unknown;
    out.evidence = hits.contains(name) ? hits[name] : asked[name];
    return out;
  };
  control(surface, "negative", attempt(random));
  if (account != nullptr) control(surface, "positive", attempt(account->password));
  if (!alive)
    lost("the SNMP agent answered nothing, so that its silence shows nothing", Cause::device);
  if (hits.contains(random))
    lost("snmp answers a random community, so an accepted one shows nothing", Cause::device);
  for (const Trial& trial : surface.trials) {
    const Attempt made = attempt(trial.password);
    note(surface, trial, asked.contains(trial.password) ? word(made.answer) : "not-tried",
         made.evidence);
  }
}

// A block without a word looks like any refusal: the right credential must still be accepted.
void Subject::right_still_accepted() {
  for (const auto& surface : surfaces_) {
    if (!surface->positive_held || surface->trials.empty() || blocked_) continue;
    const auto* account = account_for(context_.device(), surface->client.surface().id);
    const auto made = booked_attempt(context_, surface->client, account->name, account->password,
                                     budget_of(context_, account->name));
    if (!made) {
      lost("the right credential could not be asked again after the tries: " +
               made.error().message(),
           cause_of(made.error()));
    } else if (made->answer != Answer::accepted) {
      lost("after the tries the right credential is no longer accepted (" + made->why +
               "): the device may have blocked without saying so",
           Cause::device);
    }
  }
}

void Subject::finish() {
  const auto* list = context_.catalogue().reference("well_known_login");
  if (list == nullptr) lost("the catalogue has no list of well-known logins", Cause::tool);
  std::string text = std::to_string(tried_) + " tries";
  if (left_out_ > 0) text += ", " + std::to_string(left_out_) + " not tried";
  if (list != nullptr) text += ", list well_known_login of " + list->date;
  context_.cover(why_.empty() ? whole("login.well-known", name_, text)
                              : gap("login.well-known", name_, cause_, why_, text));
}

void Subject::work() {
  context_.each(surfaces_.size(), std::max<std::size_t>(surfaces_.size(), 1), [&](std::size_t i) {
    OnSurface& surface = *surfaces_[i];
    surface.trials = TrialList(context_, surface.client.surface()).make();
    if (surface.client.surface().method == "snmp") {
      communities(surface);
      return;
    }
    surface.negative_held = negative(surface);
    if (!blocked_) positive(surface);
  });
  const auto list = units();
  bool ssh = false;
  for (const auto& surface : surfaces_) ssh = ssh || surface->client.surface().method == "ssh";
  context_.each(list.size(), ssh ? kSshLanes : kLanes, [&](std::size_t i) { run(list[i]); });
  for (const auto& surface : surfaces_)
    if (!surface->negative_held && surface->client.surface().method != "snmp")
      for (const Trial& trial : surface->trials) note(*surface, trial, "not-tried", 0);
  right_still_accepted();
  if (context_.stop().stop_requested()) lost("the run was asked to stop", Cause::lab);
  finish();
}

Result<void> try_logins(runner::Context& context) {
  std::map<std::string, std::vector<Surface>> by_subject;
  for (auto& one : surfaces(context))
    by_subject[one.login.port.subject()].push_back(std::move(one));
  std::vector<std::unique_ptr<Subject>> subjects;
  for (auto& [name, list] : by_subject)
    subjects.push_back(std::make_unique<Subject>(context, name, std::move(list)));
  std::size_t done = 0;
  std::mutex mutex;
  context.each(subjects.size(), 16, [&](std::size_t i) {
    subjects[i]->work();
    const std::lock_guard lock(mutex);
    context.progress(++done, subjects.size(), "logins");
  });
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
