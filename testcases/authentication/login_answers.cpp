#include <algorithm>
#include <map>

#include "harness/model/paired.hpp"
#include "testcases/authentication/answer_forms.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Whether a refused login tells that the user exists: pairs of a wrong password for a known user
/// and the same for one that does not exist, compared in status, header fields, text, length and
/// time.
namespace haetae::testcases {
namespace {

using std::chrono::microseconds;

/// Limits are what the catalogue asks about.
struct Limits {
  PairedSeries::Plan plan;
  std::int64_t error_ppm = 0;
  std::chrono::seconds most{0};  ///< for one login surface
};

Limits limits_of(const runner::Context& context) {
  const auto& catalogue = context.catalogue();
  Limits out;
  out.error_ppm = number(catalogue, "login-answers.error").value_or(1000);
  out.plan.first = static_cast<std::size_t>(
      std::clamp<std::int64_t>(number(catalogue, "login-answers.pairs").value_or(16), 1, 128));
  out.plan.most = static_cast<std::size_t>(std::clamp<std::int64_t>(
      number(catalogue, "login-answers.most-pairs").value_or(128), 1, 256));
  out.plan.error = static_cast<double>(out.error_ppm) / 1e6;
  out.plan.limit = number(catalogue, "login-answers.time-limit").value_or(20000);
  out.most = std::chrono::seconds(number(catalogue, "login-answers.time-budget").value_or(40));
  return out;
}

// The account that may be locked is the one to fail with.
const declaration::Account* account_to_fail(const declaration::Declaration& device,
                                            const std::string& login_id) {
  for (const auto& one : device.accounts)
    if (one.sacrificial && one.has_password && uses(one, login_id)) return &one;
  return account_for(device, login_id);
}

/// Trial is one login surface.
class Trial {
 public:
  Trial(runner::Context& context, const declaration::Login& login,
        const declaration::Account& account, const Limits& limits)
      : context_(context),
        client_(context, login),
        account_(account),
        limits_(limits),
        budget_(budget_of(context, login.port, account.name)),
        series_(limits.plan),
        begin_(context.clock().now()) {
    client_.measure();
  }

  void run();
  std::string why;  ///< what is missing
  Cause cause = Cause::device;
  [[nodiscard]] std::string tried() const;

 private:
  [[nodiscard]] std::optional<Attempt> make(const std::string& user, const std::string& password,
                                            const Budget& budget, Answer wanted);
  [[nodiscard]] bool series();
  [[nodiscard]] bool pair(const std::string& unfamiliar, const Budget& other, int position);
  [[nodiscard]] std::string unfamiliar_name() const;
  [[nodiscard]] bool out_of_time();
  void lost(std::string text, Cause whose);
  void record();

  runner::Context& context_;
  LoginClient client_;
  declaration::Account account_;
  Limits limits_;
  Budget budget_;
  PairedSeries series_;
  SteadyTime begin_;
  std::vector<Turn> turns_;
  std::vector<std::int64_t> known_, unfamiliar_;
  std::string log_;
};

void Trial::lost(std::string text, Cause whose) {
  if (!why.empty()) return;
  why = std::move(text);
  cause = whose;
}

bool Trial::out_of_time() {
  if (context_.stop().stop_requested()) {
    lost("the run was asked to stop", Cause::lab);
    return true;
  }
  return context_.clock().now() - begin_ > limits_.most;
}

// As long as the known one, so that a page which quotes it has the same length.
std::string Trial::unfamiliar_name() const {
  std::string out;
  do {
    out.clear();
    for (const std::uint8_t byte : random_bytes(std::max<std::size_t>(account_.name.size(), 4)))
      out += static_cast<char>('a' + byte % 26);
  } while (std::any_of(context_.device().accounts.begin(), context_.device().accounts.end(),
                       [&](const auto& one) { return one.name == out; }));
  return out;
}

std::optional<Attempt> Trial::make(const std::string& user, const std::string& password,
                                   const Budget& budget, Answer wanted) {
  auto made = booked_attempt(context_, client_, user, password, budget);
  if (!made) {
    lost("a login could not be made: " + made.error().message(), cause_of(made.error()));
    return std::nullopt;
  }
  log_ += (user == account_.name ? "known user, " : "unfamiliar user, ") +
          std::string(wanted == Answer::accepted ? "right" : "wrong") +
          " password: " + std::string(word(made->answer)) + " (" + made->why + "), " +
          std::to_string(std::chrono::duration_cast<microseconds>(made->took).count()) +
          " us, evidence " + std::to_string(made->evidence) + "\n";
  if (made->answer == wanted) return std::move(*made);
  lost(std::string(wanted == Answer::accepted ? "the right password" : "a wrong credential") +
           " was answered by: " + std::string(word(made->answer)) + " (" + made->why + ")",
       Cause::device);
  return std::nullopt;
}

bool Trial::pair(const std::string& unfamiliar, const Budget& other, int position) {
  const std::string password = "Wrong-" + to_hex(random_bytes(6));
  const bool known_first = random_bytes(1)[0] % 2 == 0;
  std::optional<Attempt> known, stranger;
  for (const bool now_known : {known_first, !known_first}) {
    auto& made = now_known ? known : stranger;
    made = now_known ? make(account_.name, password, budget_, Answer::refused)
                     : make(unfamiliar, password, other, Answer::refused);
    if (!made) return false;
  }
  turns_.push_back({.position = position,
                    .known = refusal_of(*known, account_.name, unfamiliar),
                    .unfamiliar = refusal_of(*stranger, account_.name, unfamiliar)});
  known_.push_back(std::chrono::duration_cast<microseconds>(known->took).count());
  unfamiliar_.push_back(std::chrono::duration_cast<microseconds>(stranger->took).count());
  series_.add(known_.back() - unfamiliar_.back());
  return true;
}

// A right login sets the device's count back; then as many pairs as it bears. Each series has a
// name of its own, so that both names have failed equally often.
bool Trial::series() {
  if (!make(account_.name, account_.password, budget_, Answer::accepted)) return false;
  const std::string unfamiliar = unfamiliar_name();
  Budget other = budget_of(context_, client_.surface().port, unfamiliar);
  // Nobody can be locked out of an account that is none, but an address can.
  other.policy = budget_.policy;
  const bool shared = other.keys == budget_.keys;
  int position = 0;
  // The right login that comes next is booked like any other: one is left for it.
  while (left(context_, budget_) > (shared ? 2 : 1) && left(context_, other) > 0) {
    if (series_.finished() || out_of_time()) return false;
    if (!pair(unfamiliar, other, position++)) return false;
  }
  if (position == 0)
    lost("the login ledger leaves no failure for account " + account_.name, Cause::lab);
  // Without a right login that sets the count back there is no second series.
  return position > 0 && budget_.policy.success_resets;
}

std::string Trial::tried() const {
  return client_.surface().method + ": " + std::to_string(turns_.size()) + " pairs with account " +
         account_.name;
}

std::int64_t median(std::vector<std::int64_t> of) {
  if (of.empty()) return 0;
  const auto middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
  std::nth_element(of.begin(), middle, of.end());
  return *middle;
}

void Trial::record() {
  const auto& login = client_.surface();
  const EvidenceId evidence =
      context_.recorder().attach(client_.subject(), "login answers", "text/plain", as_bytes(log_));
  for (const Likeness& one : compare(turns_)) {
    facts::LoginAnswer fact;
    fact.evidence = evidence;
    fact.subject = client_.subject();
    fact.method = login.method;
    fact.path = login.path;
    fact.aspect = one.aspect;
    fact.alike = one.alike == Alike::yes ? "yes" : one.alike == Alike::no ? "no" : "unknown";
    fact.known = one.known;
    fact.unfamiliar = one.unfamiliar;
    fact.pairs = static_cast<std::int64_t>(turns_.size());
    runner::record(context_, fact);
  }
  if (!series_.bounds()) return;
  facts::LoginTime fact;
  fact.evidence = evidence;
  fact.subject = client_.subject();
  fact.method = login.method;
  fact.path = login.path;
  fact.error_ppm = limits_.error_ppm;
  fact.pairs = static_cast<std::int64_t>(series_.size());
  fact.known_us = median(known_);
  fact.unfamiliar_us = median(unfamiliar_);
  fact.difference_us = series_.bounds()->middle;
  fact.least_us = series_.bounds()->least();
  fact.greatest_us = series_.bounds()->greatest();
  runner::record(context_, fact);
}

void Trial::run() {
  while (series()) {
  }
  // The last word is a right login, so that the device's count is at zero again.
  if (!turns_.empty()) (void)make(account_.name, account_.password, budget_, Answer::accepted);
  if (!turns_.empty()) record();
}

Result<void> compare_answers(runner::Context& context) {
  const Limits limits = limits_of(context);
  struct Said {
    std::string why, tried;
    Cause cause = Cause::none;
  };
  std::map<std::string, Said> subjects;
  const auto found = surfaces(context);
  std::size_t done = 0;
  for (const Surface& surface : found) {
    const auto& login = surface.login;
    context.progress(done++, found.size(), login.port.subject());
    // An SNMP agent is silent to whatever is wrong; a community has no user.
    if (login.method == "snmp") continue;
    Said& said = subjects[login.port.subject()];
    const auto* account = login.id.empty() ? nullptr : account_to_fail(context.device(), login.id);
    std::string why;
    Cause cause = Cause::none;
    if (!surface.usable) {
      why = login.method + " cannot be driven by our side";
      cause = Cause::tool;
    } else if (account == nullptr) {
      why = "no account with a known password was handed over for the login at " + login.method +
            " " + login.path;
      cause = Cause::declaration;
    } else {
      Trial trial(context, login, *account, limits);
      trial.run();
      why = trial.why;
      cause = trial.cause;
      said.tried += (said.tried.empty() ? "" : "; ") + trial.tried();
    }
    if (said.why.empty() && !why.empty()) {
      said.why = why;
      said.cause = cause;
    }
  }
  for (const auto& [subject, said] : subjects)
    context.cover(said.why.empty()
                      ? whole("login.answers", subject, said.tried)
                      : gap("login.answers", subject, said.cause, said.why, said.tried));
  return {};
}

}  // namespace

runner::Procedure login_answers_procedure() {
  runner::Info info;
  info.id = "login-answers";
  info.title = {"로그인 실패 응답의 구별 가능성", "what a refused login gives away"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"login_answer", "login_time"};
  info.topics = {"login.answers"};
  info.exclusive = {"login"};
  info.connections = 200;
  info.logins = 200;
  info.expected = std::chrono::seconds(8);
  info.deadline = std::chrono::seconds(400);
  info.recovery = {"올바른 비밀번호로 로그인하여 실패 횟수를 0으로 되돌린다.",
                   "Logs in with the right password, which sets the count of failures back."};
  return {.info = std::move(info),
          .run = compare_answers,
          .recover = [](runner::Context&) -> Result<void> { return {}; }};
}

}  // namespace haetae::testcases
