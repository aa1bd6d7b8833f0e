#include <algorithm>
#include <set>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/authentication/password_samples.hpp"
#include "testcases/authentication/session_bystander.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Which new passwords the change function takes: samples on both sides of each boundary, and such
/// as must never be taken. A password counts as taken only if a login with it works afterwards.
namespace haetae::testcases {
namespace {

constexpr int kBack = 20;   // half seconds that a service may take to come back
constexpr int kSpares = 6;  // passwords that a device may remember before an old one fits again

class Changer {
 public:
  Changer(runner::Context& context, const declaration::PasswordChange& change,
          const declaration::Login& login, const declaration::Account& account)
      : context_(context),
        change_(change),
        client_(context, login),
        login_(login),
        account_(account),
        budget_(budget_of(context, login.port, account.name)),
        bystander_(context, login, account),
        current_(account.password) {}

  void try_samples();
  /// find() looks which password is in force after an interruption, likely ones first.
  [[nodiscard]] bool find(const std::vector<std::string>& candidates);
  /// restore() puts the declared password back and proves it by a login.
  [[nodiscard]] bool restore();
  [[nodiscard]] std::string subject() const { return client_.subject(); }

 private:
  enum class Taken { yes, no, unknown };

  [[nodiscard]] Answer log_in(const std::string& password);
  [[nodiscard]] bool tells_passwords_apart();
  [[nodiscard]] Result<bool> ask_change(const std::string& wanted, std::string_view mark);
  [[nodiscard]] Result<protocols::HttpResponse> send(protocols::HttpClient& inside,
                                                     const std::string& wanted);
  void wait_back();
  [[nodiscard]] bool says_yes(const protocols::HttpResponse& response) const;
  [[nodiscard]] Taken change_to(const std::string& wanted, std::string_view mark);
  void note(const PasswordSample& sample, Taken taken);
  void lost(const std::string& why, Cause cause);

  runner::Context& context_;
  const declaration::PasswordChange& change_;
  LoginClient client_;
  const declaration::Login& login_;
  declaration::Account account_;
  Budget budget_;
  SessionBystander bystander_;
  std::string current_;
  std::string wanted_;  // what was asked for last
  bool asked_ = false;  // whether a change was ever sent
  EvidenceId last_ = 0;
  std::string why_;
  Cause cause_ = Cause::none;
};

void Changer::lost(const std::string& why, Cause cause) {
  if (!why_.empty()) return;
  why_ = why;
  cause_ = cause;
}

Answer Changer::log_in(const std::string& password) {
  const auto made = booked_attempt(context_, client_, account_.name, password, budget_);
  if (!made) {
    lost("a login could not be made: " + made.error().message(), cause_of(made.error()));
    return Answer::unknown;
  }
  last_ = made->evidence;
  if (made->answer == Answer::blocked)
    lost("the device blocked a login (" + made->why + ")", Cause::device);
  return made->answer;
}

Result<protocols::HttpResponse> Changer::send(protocols::HttpClient& inside,
                                              const std::string& wanted) {
  declaration::HttpCall call = change_of(change_, account_.name, current_, wanted);
  if (change_.body == "form" && !change_.token && change_.fields.empty()) {
    // Hidden fields of the page carry tokens against request forgery.
    if (const auto page = inside.get(change_.path); page && page->status == 200)
      for (const auto& form : protocols::login_forms(page->body))
        call.fields.insert(call.fields.begin(), form.hidden.begin(), form.hidden.end());
  }
  return inside.exchange(request_of(call), 15s);
}

// A service that restarts with its new password answers nothing in between, and a login then would
// tell nothing.
void Changer::wait_back() {
  for (int turn = 0; turn < kBack && !context_.stop().stop_requested(); ++turn) {
    auto client = web_client(context_, {.port = login_.port, .tls = login_.tls}, "is it back");
    if (context_.clock().sleep(500ms, context_.stop()) && client.get("/", 2s)) return;
  }
}

bool Changer::says_yes(const protocols::HttpResponse& response) const {
  const auto holds = [&](const std::string& text) {
    return response.body.find(text) != std::string::npos;
  };
  if (!change_.failure_text.empty() && holds(change_.failure_text)) return false;
  if (!change_.success_text.empty() && !holds(change_.success_text)) return false;
  if (change_.success_status > 0) return response.status == change_.success_status;
  return response.status >= 200 && response.status < 400;
}

// Logs in with the password in force and asks for the new one; what the device says to it.
Result<bool> Changer::ask_change(const std::string& wanted, std::string_view mark) {
  declaration::Account now = account_;
  now.password = current_;
  Result<protocols::HttpResponse> response = fail(ErrorKind::internal, "not asked");
  const auto made = booked_session(
      context_, client_, now, budget_,
      [&](protocols::HttpClient& inside) {
        asked_ = true;
        bystander_.before();
        wanted_ = wanted;
        response = send(inside, wanted);
        if (!response) wait_back();
        if (response && says_yes(*response)) bystander_.after();
      },
      mark);
  if (!made) return tl::unexpected(made.error());
  if (made->answer != Answer::accepted)
    return fail(ErrorKind::refused, "the password in force was not accepted (" + made->why + ")");
  if (!response) return tl::unexpected(response.error());
  last_ = response->evidence;
  return says_yes(*response);
}

// What the device says only decides which password is tried first, to spare failed logins.
Changer::Taken Changer::change_to(const std::string& wanted, std::string_view mark) {
  if (wanted == current_) return Taken::unknown;
  const auto said = ask_change(wanted, mark);
  if (!said && said.error().kind == ErrorKind::refused) {
    lost(said.error().message(), Cause::device);
    return Taken::unknown;
  }
  if (!said && said.error().kind == ErrorKind::budget) {
    lost(said.error().message(), Cause::lab);
    return Taken::unknown;
  }
  const bool new_first = said && *said;
  bool silent = false;
  for (const bool is_new : {new_first, !new_first, new_first, !new_first}) {
    const std::string& password = is_new ? wanted : current_;
    const Answer answer = log_in(password);
    if (answer == Answer::accepted) {
      if (is_new) {
        current_ = wanted;
        bystander_.changed();
      }
      return is_new ? Taken::yes : Taken::no;
    }
    silent = silent || answer == Answer::unknown;
    if (is_new == new_first) continue;
    // Both again only where one of them may have met a service that was away.
    if (!silent) break;
    silent = false;
    wait_back();
  }
  lost("after a change neither the old nor the new password was accepted", Cause::device);
  return Taken::unknown;
}

void Changer::note(const PasswordSample& sample, Taken taken) {
  facts::PasswordTrial fact;
  fact.evidence = last_;
  fact.subject = subject();
  fact.account = account_.name;
  fact.sample = sample.name;
  fact.property = sample.property;
  fact.length = static_cast<std::int64_t>(sample.password.size());
  fact.classes = character_classes(sample.password);
  fact.secret = context_.secret("password", sample.password);
  fact.outcome = taken == Taken::yes ? "accepted" : taken == Taken::no ? "refused" : "unknown";
  if (last_ != 0) runner::record(context_, fact);
}

// Which password is in force is told by logins: where any password opens, they tell nothing.
bool Changer::tells_passwords_apart() {
  const Answer wrong = log_in("P-" + to_hex(random_bytes(9)));
  if (wrong == Answer::accepted)
    lost("a random password is accepted too, so that a login does not show which one is in force",
         Cause::device);
  if (wrong != Answer::refused) lost("a random password was not refused clearly", Cause::device);
  return wrong == Answer::refused && log_in(current_) == Answer::accepted;
}

void Changer::try_samples() {
  if (!tells_passwords_apart()) {
    lost("the declared password of " + account_.name + " is not accepted", Cause::device);
    context_.cover(gap("password.policy", subject(), cause_, why_, "no sample"));
    bystander_.finish();
    return;
  }
  bystander_.open();
  const auto samples = password_samples(context_, account_);
  std::size_t done = 0;
  if (samples.empty()) lost("the catalogue has no password samples", Cause::tool);
  for (const PasswordSample& sample : samples) {
    context_.progress(done++, samples.size(), sample.name);
    if (context_.stop().stop_requested()) {
      lost("the run was asked to stop", Cause::lab);
      break;
    }
    if (sample.password == account_.password) {
      // The password in force is the sample: it was taken once, and can be asked for again.
      if (current_ == account_.password)
        (void)change_to(spare_password(context_, account_, 0), "spare-0");
    }
    const Taken taken = change_to(sample.password, sample.name);
    note(sample, taken);
    if (taken == Taken::unknown) {
      lost("the change to the sample " + sample.name + " gave no clear result", Cause::device);
      break;
    }
    if (taken == Taken::yes && !restore()) break;
  }
  const bool restored = restore();
  facts::PasswordRestore fact;
  fact.evidence = last_;
  fact.subject = subject();
  fact.account = account_.name;
  fact.restored = restored ? "yes" : asked_ ? "no" : "unknown";
  if (last_ != 0) runner::record(context_, fact);
  if (!restored && asked_) {
    lost("the declared password of " + account_.name + " could not be put back", Cause::device);
    context_.log("error", "account " + account_.name + " is left with another password");
  }
  const std::string tried = std::to_string(done) + " of " + std::to_string(samples.size()) +
                            " samples with account " + account_.name;
  context_.cover(why_.empty() ? whole("password.policy", subject(), tried)
                              : gap("password.policy", subject(), cause_, why_, tried));
  bystander_.finish();
}

bool Changer::restore() {
  if (current_ == account_.password) {
    const Answer now = log_in(current_);
    if (now == Answer::accepted) return true;
    // A change that gave no clear result may have been made after all.
    if (now != Answer::refused || wanted_.empty() || wanted_ == current_ ||
        log_in(wanted_) != Answer::accepted)
      return false;
    current_ = wanted_;
  }
  if (change_to(account_.password, "restore") == Taken::yes) return true;
  // A device that remembers old passwords takes the declared one only after some others.
  for (int i = 1; i <= kSpares; ++i) {
    const std::string mark = "spare-" + std::to_string(i);
    if (change_to(spare_password(context_, account_, i), mark) != Taken::yes) continue;
    if (change_to(account_.password, "restore") == Taken::yes) return true;
  }
  return current_ == account_.password && log_in(current_) == Answer::accepted;
}

bool Changer::find(const std::vector<std::string>& candidates) {
  for (const std::string& one : candidates) {
    const Answer answer = log_in(one);
    if (answer == Answer::accepted) {
      current_ = one;
      return true;
    }
    if (answer != Answer::refused) return false;
  }
  return false;
}

// The account with a factory password is the one on which every sample can be made.
const declaration::Account* account_to_change(const declaration::Declaration& device,
                                              const std::string& login_id) {
  const declaration::Account* best = nullptr;
  for (const auto& one : device.accounts) {
    if (!one.has_password || !uses(one, login_id)) continue;
    const bool better =
        best == nullptr || (best->factory_password.empty() && !one.factory_password.empty());
    if (better) best = &one;
  }
  return best;
}

Result<void> try_password_policy(runner::Context& context) {
  const auto& device = context.device();
  if (device.password_changes.empty())
    context.cover(gap("password.policy", "lan", Cause::declaration,
                      "the declaration does not say how a password is changed"));
  std::set<std::string> seen;
  for (const auto& change : device.password_changes) {
    const auto* login = device.login(change.login);
    if (login == nullptr || !seen.insert(login->port.subject()).second) continue;
    const auto* account = account_to_change(device, change.login);
    if (!login->method.starts_with("http-")) {
      context.cover(gap("password.policy", login->port.subject(), Cause::tool,
                        "our side changes passwords over HTTP only"));
    } else if (account == nullptr) {
      context.cover(gap("password.policy", login->port.subject(), Cause::declaration,
                        "no account with a known password uses the login " + change.login));
    } else {
      Changer(context, change, *login, *account).try_samples();
    }
  }
  return {};
}

// The ledger tells which sample was asked for last; the samples are made from the device's own
// data, so that they can be made again.
Result<void> put_back(runner::Context& context) {
  const auto& device = context.device();
  for (const auto& change : device.password_changes) {
    const auto* login = device.login(change.login);
    const auto* account = login ? account_to_change(device, change.login) : nullptr;
    if (account == nullptr || !login->method.starts_with("http-")) continue;
    std::vector<PasswordSample> known = password_samples(context, *account);
    for (int i = 0; i <= kSpares; ++i)
      known.push_back({"spare-" + std::to_string(i), "", spare_password(context, *account, i)});
    std::vector<std::string> candidates{account->password};
    const auto tries = context.ledger().tries();
    // A wrong candidate is a failed login: the likely ones only, fewer than a device may block at.
    for (auto one = tries.rbegin(); one != tries.rend() && candidates.size() < 4; ++one) {
      const std::size_t slash = one->procedure.find('/');
      if (slash == std::string::npos || one->account != account->name) continue;
      const std::string name = one->procedure.substr(slash + 1);
      for (const PasswordSample& sample : known)
        if (sample.name == name &&
            std::find(candidates.begin(), candidates.end(), sample.password) == candidates.end())
          candidates.push_back(sample.password);
    }
    Changer changer(context, change, *login, *account);
    if (!changer.find(candidates) || !changer.restore())
      return fail(ErrorKind::refused, "the declared password of " + account->name +
                                          " could not be put back after the interrupted trial");
  }
  return {};
}

}  // namespace

runner::Procedure password_policy_procedure() {
  runner::Info info;
  info.id = "password-policy";
  info.title = {"비밀번호 변경 규칙", "which new passwords are taken"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"password_trial", "password_restore", "session_after_change"};
  info.topics = {"password.policy", "session.change"};
  info.exclusive = {"login"};
  info.connections = 60;
  info.logins = 50;
  info.expected = std::chrono::seconds(3);
  info.deadline = std::chrono::seconds(300);
  info.recovery = {"선언된 비밀번호로 되돌리고 로그인으로 확인한다.",
                   "Puts the declared password back and proves it by a login."};
  return {.info = std::move(info), .run = try_password_policy, .recover = put_back};
}

}  // namespace haetae::testcases
