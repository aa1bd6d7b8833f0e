#include "testcases/authentication/well_known_subject.hpp"

#include <algorithm>
#include <map>

#include "harness/protocols/snmp.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {
namespace {

// Connections to one subject at once. SSH servers drop what comes beyond a handful of unfinished
// logins from one address (MaxStartups, MAX_UNAUTH_PER_IP).
constexpr std::ptrdiff_t kLanes = 8;
constexpr std::ptrdiff_t kSshLanes = 4;
constexpr int kMostWaits = 12;  // for declared blocks of accounts that nobody uses

std::ptrdiff_t lanes_for(const std::vector<Surface>& surfaces) {
  const bool ssh = std::any_of(surfaces.begin(), surfaces.end(),
                               [](const Surface& one) { return one.login.method == "ssh"; });
  return ssh ? kSshLanes : kLanes;
}

}  // namespace

TriedSubject::TriedSubject(runner::Context& context, std::string name,
                           std::vector<Surface> surfaces)
    : context_(context), name_(std::move(name)), lanes_(lanes_for(surfaces)) {
  for (auto& one : surfaces) {
    if (!one.usable) lost(one.login.method + " cannot be driven by our side", Cause::tool);
    if (one.usable)
      surfaces_.push_back(std::make_unique<OnSurface>(context_, std::move(one.login)));
  }
}

EvidenceId TriedSubject::last() {
  const std::lock_guard lock(mutex_);
  return last_;
}

void TriedSubject::lost(const std::string& why, Cause cause) {
  const std::lock_guard lock(mutex_);
  if (!why_.empty()) return;
  why_ = why;
  cause_ = cause;
}

void TriedSubject::control(OnSurface& surface, const char* which, const Attempt& attempt) {
  facts::LoginControl fact;
  fact.evidence = attempt.evidence != 0 ? attempt.evidence : nothing_sent();
  fact.subject = name_;
  fact.method = surface.client.surface().method;
  fact.path = surface.client.surface().path;
  fact.control = which;
  fact.outcome = word(attempt.answer);
  runner::record(context_, fact);
  const std::lock_guard lock(mutex_);
  last_ = std::max(last_, attempt.evidence);
}

// What never got as far as a connection has no transcript, and a fact needs evidence.
EvidenceId TriedSubject::nothing_sent() {
  const std::lock_guard lock(mutex_);
  if (nothing_sent_ == 0) {
    nothing_sent_ = context_.recorder().attach(
        name_, "login tries without a connection", "text/plain",
        as_bytes(name_ + " took no connection on which a login could be tried\n"));
  }
  return nothing_sent_;
}

bool TriedSubject::negative(OnSurface& surface) {
  Attempt attempt;
  for (int round = 0; round < 2 && attempt.answer == Answer::unknown; ++round) {
    const std::string user = "u" + to_hex(random_bytes(5));
    const std::string password = "P-" + to_hex(random_bytes(9));
    auto made = booked_attempt(context_, surface.client, user, password,
                               budget_of(context_, surface.client.surface().port, user));
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

void TriedSubject::positive(OnSurface& surface) {
  const auto& login = surface.client.surface();
  const auto* account = login.id.empty() ? nullptr : account_for(context_.device(), login.id);
  if (account == nullptr) return;
  auto made = booked_attempt(context_, surface.client, account->name, account->password,
                             budget_of(context_, login.port, account->name));
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

void TriedSubject::note(OnSurface& surface, const Trial& trial, std::string_view outcome,
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
  const EvidenceId fallback = evidence == 0 && last() == 0 ? nothing_sent() : 0;
  const std::lock_guard lock(mutex_);
  if (evidence != 0) last_ = evidence;
  fact.evidence = evidence != 0 ? evidence : last_ != 0 ? last_ : fallback;
  ++(outcome == "not-tried" ? left_out_ : tried_);
  runner::record(context_, fact);
}

void TriedSubject::prepare() {
  context_.each(surfaces_.size(), std::max<std::size_t>(surfaces_.size(), 1), [&](std::size_t i) {
    OnSurface& surface = *surfaces_[i];
    surface.trials = trials_for(context_, surface.client.surface());
    if (surface.client.surface().method == "snmp") {
      communities(surface);
      return;
    }
    surface.negative_held = negative(surface);
    if (!surface.negative_held)
      for (const Trial& trial : surface.trials) note(surface, trial, "not-tried", 0);
  });
}

void TriedSubject::positives() {
  for (const auto& surface : surfaces_)
    if (!blocked_ && surface->client.surface().method != "snmp") positive(*surface);
}

TriedSubject::Made TriedSubject::make(OnSurface& surface, const Trial& trial,
                                      const Budget& budget) {
  const bool stopped = context_.stop().stop_requested();
  if (stopped) lost("the run was asked to stop", Cause::lab);
  if (stopped || blocked_) {
    note(surface, trial, "not-tried", 0);
    return Made::noted;
  }
  Attempt attempt;
  lanes_.acquire();
  const std::unique_ptr<std::counting_semaphore<16>, void (*)(std::counting_semaphore<16>*)> lane(
      &lanes_, [](auto* one) { one->release(); });
  for (int turn = 0; turn < 2 && attempt.answer == Answer::unknown; ++turn) {
    if (turn > 0) context_.clock().sleep(500ms, context_.stop());
    auto made = booked_attempt(context_, surface.client, trial.account, trial.password, budget);
    if (made) {
      attempt = std::move(*made);
      continue;
    }
    if (attempt.evidence != 0) break;
    note(surface, trial, "not-tried", 0);
    lost(made.error().kind == ErrorKind::budget
             ? "the login ledger allows no more tries: " + made.error().message()
             : made.error().message(),
         cause_of(made.error()));
    return Made::noted;
  }
  if (attempt.answer == Answer::blocked) return Made::blocked;
  note(surface, trial, word(attempt.answer), attempt.evidence);
  if (attempt.answer == Answer::unknown)
    lost("a try was not answered clearly (" + attempt.why + ")", Cause::device);
  return Made::noted;
}

// Tries of one round, and what is left because the device blocked.
std::vector<TriedSubject::Step> TriedSubject::round(const std::vector<Step>& pending) {
  std::vector<Step> again;
  std::set<std::string> blocked;
  std::mutex mutex;
  context_.each(pending.size(), static_cast<std::size_t>(kLanes), [&](std::size_t i) {
    const auto& [surface, trial] = pending[i];
    {
      const std::lock_guard lock(mutex);
      if (blocked.contains(trial->account)) {
        again.push_back(pending[i]);
        return;
      }
    }
    const Budget budget = guess_budget_of(context_, surface->client.surface().port, trial->account);
    if (make(*surface, *trial, budget) == Made::noted) return;
    const std::lock_guard lock(mutex);
    blocked.insert(trial->account);
    again.push_back(pending[i]);
  });
  return again;
}

void TriedSubject::through() {
  std::vector<Step> pending;
  for (const auto& surface : surfaces_) {
    if (!surface->negative_held) continue;
    for (const Trial& trial : surface->trials)
      if (budget_of(context_, surface->client.surface().port, trial.account).unbounded)
        pending.push_back({surface.get(), &trial});
  }
  const auto& lockout = context_.device().lockout;
  for (int wait = 0; !pending.empty(); ++wait) {
    auto again = round(pending);
    const bool progress = again.size() < pending.size();
    pending = std::move(again);
    if (pending.empty()) return;
    const bool worth = lockout.declared && lockout.block.count() > 0 && progress;
    if (!worth || wait >= kMostWaits ||
        !context_.clock().sleep(lockout.block + std::chrono::seconds(1), context_.stop()))
      break;
  }
  for (const auto& [surface, trial] : pending) note(*surface, *trial, "blocked", 0);
  if (!pending.empty())
    lost("the device blocked " + std::to_string(pending.size()) +
             " further tries of accounts that are not declared",
         Cause::device);
}

// All communities are asked at once. A wrong one is met by silence, so silence counts only from an
// agent that shows life by another community or by the engine discovery of SNMPv3. The ledger has
// no part in it: a community is no account, and no agent counts wrong ones.
void TriedSubject::communities(OnSurface& surface) {
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
void TriedSubject::right_still_accepted() {
  for (const auto& surface : surfaces_) {
    if (!surface->positive_held || surface->trials.empty()) continue;
    const auto* account = account_for(context_.device(), surface->client.surface().id);
    const auto made =
        booked_attempt(context_, surface->client, account->name, account->password,
                       budget_of(context_, surface->client.surface().port, account->name));
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

void TriedSubject::finish() {
  right_still_accepted();
  if (context_.stop().stop_requested()) lost("the run was asked to stop", Cause::lab);
  const auto* list = context_.catalogue().reference("well_known_login");
  if (list == nullptr) lost("the catalogue has no list of well-known logins", Cause::tool);
  std::string text = std::to_string(tried_) + " tries";
  if (left_out_ > 0) text += ", " + std::to_string(left_out_) + " not tried";
  if (list != nullptr) text += ", list well_known_login of " + list->date;
  context_.cover(why_.empty() ? whole("login.well-known", name_, text)
                              : gap("login.well-known", name_, cause_, why_, text));
}

}  // namespace haetae::testcases
