#include <algorithm>
#include <map>
#include <optional>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/authentication/password_samples.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Whether a session alone is enough for a high-impact action: every declared one is asked for
/// without the password given anew, with a wrong one, and with the right one.
namespace haetae::testcases {
namespace {

constexpr const char* kTopic = "proof";
constexpr int kSpare = 7;   // a password that the password procedure does not use
constexpr int kOthers = 6;  // passwords that a device may remember before an old one fits again

bool high_impact(const declaration::Call& call) {
  return !call.proof_field.empty() || call.kind == "credential" || call.kind == "reset" ||
         call.kind == "update";
}

/// Made once, a reset or an update cannot be taken back here: only what must be refused is asked.
bool final_one(const declaration::Call& call) {
  return call.kind == "reset" || call.kind == "update";
}

const declaration::Account* account_of(const declaration::Declaration& device,
                                       const declaration::Call& call) {
  for (const auto& one : device.accounts) {
    const bool role = std::find(call.roles.begin(), call.roles.end(), one.role) != call.roles.end();
    if (role && one.has_password && uses(one, call.http.login)) return &one;
  }
  return nullptr;
}

declaration::HttpCall with_proof(const declaration::Call& call,
                                 const std::optional<std::string>& password) {
  declaration::HttpCall out = call.http;
  std::erase_if(out.fields, [&](const auto& field) { return field.first == call.proof_field; });
  if (!password || call.proof_field.empty()) return out;
  if (out.body == "none") {
    out.path += (out.path.find('?') == std::string::npos ? "?" : "&") +
                protocols::form_body({{call.proof_field, *password}});
  } else {
    out.fields.emplace_back(call.proof_field, *password);
  }
  return out;
}

/// Subjects is why the look at an endpoint was not complete.
class Subjects {
 public:
  void seen(const std::string& subject) { (void)whys_[subject]; }
  void lost(const std::string& subject, const std::string& why, Cause cause) {
    auto& one = whys_[subject];
    if (one.first.empty()) one = {printable(why), cause};
  }
  [[nodiscard]] bool empty() const { return whys_.empty(); }
  void cover(runner::Context& context) const {
    for (const auto& [subject, why] : whys_)
      context.cover(why.first.empty() ? whole(kTopic, subject)
                                      : gap(kTopic, subject, why.second, why.first));
  }

 private:
  std::map<std::string, std::pair<std::string, Cause>> whys_;
};

EvidenceId declared_evidence(const runner::Context& context) {
  EvidenceId out = 0;
  for (const auto& part : runner::facts<facts::DeclaredPart>(context)) out = part.evidence;
  return out;
}

void declare(runner::Context& context, const std::string& subject, const std::string& call,
             const std::string& kind, bool asked) {
  facts::DeclaredProof fact;
  fact.evidence = declared_evidence(context);
  fact.subject = subject;
  fact.call = call;
  fact.kind = kind;
  fact.asked = yes_no(asked);
  if (fact.evidence != 0) runner::record(context, fact);
}

void record(runner::Context& context, facts::ProofTrial fact, const std::string& proof,
            const std::string& outcome, const std::string& message, EvidenceId evidence) {
  fact.proof = proof;
  fact.outcome = outcome;
  fact.message = message;
  fact.evidence = evidence;
  if (evidence != 0) runner::record(context, fact);
}

// A call that is not there, or that broke, was not refused for want of a proof.
std::string outcome_of(const declaration::HttpCall& call, const protocols::HttpResponse& response) {
  const Told told = told_by(call, response);
  if (told == Told::done) return "done";
  if (refused_untold(call, response)) return "unknown";
  const int status = response.status;
  const bool elsewhere = status == 404 || status == 405 || status == 415 || status >= 500;
  return told == Told::refused && !elsewhere ? "refused" : "unknown";
}

void try_call(runner::Context& context, const declaration::Call& call, Subjects& subjects) {
  const auto& device = context.device();
  const std::string subject = call.http.port.subject();
  subjects.seen(subject);
  declare(context, subject, call.id, call.kind, !call.proof_field.empty());
  if (call.proof_field.empty()) return;
  const auto* account = account_of(device, call);
  if (account == nullptr || call.http.body == "raw") {
    subjects.lost(subject, "the call " + call.id + " cannot be made by any account handed over",
                  Cause::declaration);
    return;
  }
  if (final_one(call) && device.permit < Hazard::disruptive) {
    subjects.lost(subject, "the call " + call.id + " is not tried below the hazard disruptive",
                  Cause::lab);
    return;
  }
  facts::ProofTrial base;
  base.subject = subject;
  base.call = call.id;
  base.kind = call.kind;
  base.account = account->name;
  const std::vector<std::pair<std::string, std::optional<std::string>>> proofs{
      {"missing", std::nullopt},
      {"wrong", "Wrong-" + to_hex(random_bytes(6))},
      {"right", account->password}};
  const auto* undo = device.call(call.undo);
  for (const auto& one : proofs) {
    const auto& proof = one.first;
    const auto& password = one.second;
    if (proof == "right" && final_one(call)) continue;
    const auto sent = with_proof(call, password);
    const auto done =
        inside(context, sent, {.kind = Actor::Kind::account, .account = account}, call.id,
               [&](protocols::HttpClient& session) {
                 const auto answer = session.exchange(request_of(sent), 15s);
                 if (!answer) {
                   subjects.lost(subject, answer.error().message(), cause_of(answer.error()));
                   return;
                 }
                 const std::string outcome = outcome_of(sent, *answer);
                 record(context, base, proof, outcome, words_of(*answer), answer->evidence);
                 if (outcome != "done" || undo == nullptr) return;
                 const auto back = with_proof(*undo, account->password);
                 const auto undone = session.exchange(request_of(back), 15s);
                 if (!undone || told_by(back, *undone) != Told::done)
                   subjects.lost(subject, "the call " + call.id + " could not be taken back",
                                 Cause::device);
               });
    if (!done) subjects.lost(subject, done.error().message(), cause_of(done.error()));
  }
}

/// Changer asks for another password without the old one.
class Changer {
 public:
  Changer(runner::Context& context, const declaration::PasswordChange& change,
          const declaration::Login& login, const declaration::Account& account, Subjects& subjects)
      : context_(context),
        change_(change),
        client_(context, login),
        account_(account),
        budget_(budget_of(context, login.port, account.name)),
        spare_(spare_password(context, account, kSpare)),
        subjects_(subjects) {}

  void run();
  /// restore() is whether the declared password is in force, put back if it was replaced; `changed`
  /// is that the other one is known to be in force.
  [[nodiscard]] bool restore(bool changed = false);

 private:
  [[nodiscard]] bool opens(const std::string& password);
  [[nodiscard]] Result<Attempt> ask(const std::string& now, const std::optional<std::string>& old,
                                    const std::string& wanted, std::string& message);
  void lost(const std::string& why, Cause cause) { subjects_.lost(client_.subject(), why, cause); }

  runner::Context& context_;
  const declaration::PasswordChange& change_;
  LoginClient client_;
  declaration::Account account_;
  Budget budget_;
  std::string spare_;
  Subjects& subjects_;
};

Result<Attempt> Changer::ask(const std::string& now, const std::optional<std::string>& old,
                             const std::string& wanted, std::string& message) {
  const declaration::HttpCall call = change_of(change_, account_.name, old, wanted);
  declaration::Account account = account_;
  account.password = now;
  return booked_session(
      context_, client_, account, budget_,
      [&](protocols::HttpClient& session) {
        const auto answer = session.exchange(request_of(call), 15s);
        message = answer ? words_of(*answer) : printable(answer.error().message());
      },
      "spare-old");
}

// A device that remembers old passwords takes the declared one only after some others.
bool Changer::restore(bool changed) {
  if (!changed && opens(account_.password)) return true;
  std::string now = spare_;
  for (int i = 1; i <= kOthers; ++i) {
    std::string message;
    if (!ask(now, now, account_.password, message)) return false;
    if (opens(account_.password)) return true;
    const std::string next = spare_password(context_, account_, kSpare + i);
    if (!ask(now, now, next, message)) return false;
    if (opens(next)) now = next;
  }
  return false;
}

bool Changer::opens(const std::string& password) {
  const auto made = booked_attempt(context_, client_, account_.name, password, budget_);
  return made && made->answer == Answer::accepted;
}

void Changer::run() {
  facts::ProofTrial base;
  base.subject = client_.subject();
  base.call = "password-change";
  base.kind = "credential";
  base.account = account_.name;
  const std::vector<std::pair<std::string, std::optional<std::string>>> proofs{
      {"missing", std::nullopt},
      {"wrong", "Wrong-" + to_hex(random_bytes(6))},
      {"right", account_.password}};
  for (const auto& [proof, old] : proofs) {
    std::string message;
    const auto asked = ask(account_.password, old, spare_, message);
    if (!asked || asked->answer != Answer::accepted) {
      lost("the login before the password change was not accepted", Cause::device);
      return;
    }
    // What the device says is one thing, which password opens it afterwards another. The likely one
    // first: each wrong one is a failed login.
    const bool likely = proof == "right";
    std::string outcome = "unknown";
    EvidenceId evidence = 0;
    for (const bool changed : {likely, !likely}) {
      const auto tried = booked_attempt(context_, client_, account_.name,
                                        changed ? spare_ : account_.password, budget_);
      if (tried) evidence = tried->evidence;
      if (tried && tried->answer == Answer::accepted) outcome = changed ? "done" : "refused";
      if (!tried || tried->answer != Answer::refused) break;
    }
    record(context_, base, proof, outcome, message, evidence);
    if (outcome != "refused" && !restore(outcome == "done")) {
      lost("the declared password of " + account_.name + " could not be put back", Cause::device);
      context_.log("error", "account " + account_.name + " is left with another password");
      return;
    }
  }
}

Result<void> try_proofs(runner::Context& context) {
  const auto& device = context.device();
  Subjects subjects;
  for (const auto& call : device.calls)
    if (high_impact(call)) try_call(context, call, subjects);
  for (const auto& change : device.password_changes) {
    const auto* login = device.login(change.login);
    if (login == nullptr || !login->method.starts_with("http-")) continue;
    const std::string subject = login->port.subject();
    subjects.seen(subject);
    declare(context, subject, "password-change", "credential", !change.old_field.empty());
    const auto* account = account_for(device, login->id);
    if (change.old_field.empty()) break;
    if (account == nullptr) {
      subjects.lost(subject, "no account with a known password uses the login " + login->id,
                    Cause::declaration);
    } else {
      Changer(context, change, *login, *account, subjects).run();
    }
    break;
  }
  subjects.cover(context);
  context.cover(subjects.empty() ? gap(kTopic, "lan", Cause::declaration,
                                       "neither calls of high impact nor a way to change the "
                                       "password are declared")
                                 : whole(kTopic, "lan"));
  return {};
}

Result<void> put_back(runner::Context& context) {
  const auto& device = context.device();
  Subjects subjects;
  for (const auto& change : device.password_changes) {
    const auto* login = device.login(change.login);
    const auto* account = login != nullptr ? account_for(device, login->id) : nullptr;
    if (account == nullptr || !login->method.starts_with("http-")) continue;
    if (!Changer(context, change, *login, *account, subjects).restore())
      return fail(ErrorKind::refused, "the declared password of " + account->name +
                                          " could not be put back after the interrupted trial");
  }
  return {};
}

}  // namespace

runner::Procedure fresh_proof_procedure() {
  runner::Info info;
  info.id = "fresh-proof";
  info.title = {"중요 기능의 재인증", "fresh proof for high-impact actions"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"declared_part"};
  info.provides_facts = {"proof_trial", "declared_proof"};
  info.topics = {kTopic};
  info.exclusive = {"login"};
  info.connections = 30;
  info.logins = 20;
  info.expected = std::chrono::seconds(2);
  info.deadline = std::chrono::seconds(300);
  info.recovery = {"바꾼 것을 되돌리고 선언된 비밀번호로 로그인하여 확인한다.",
                   "Takes back what was changed and proves the declared password by a login."};
  return {.info = std::move(info), .run = try_proofs, .recover = put_back};
}

}  // namespace haetae::testcases
