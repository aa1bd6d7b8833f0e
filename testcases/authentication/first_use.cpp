#include <algorithm>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/authentication/state_hooks.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// What the factory password opens: in factory state a session with it is asked for every declared
/// resource, then the password is replaced, and the same is asked again.
namespace haetae::testcases {
namespace {

constexpr const char* kTopic = "first-use";

const declaration::Account* factory_account(const declaration::Declaration& device,
                                            const std::string& login_id) {
  for (const auto& one : device.accounts)
    if (!one.factory_password.empty() && one.has_password && uses(one, login_id)) return &one;
  return nullptr;
}

void ask(runner::Context& context, protocols::HttpClient& session,
         const declaration::Resource& resource, const std::string& moment,
         const std::string& account) {
  const auto answer = session.get(resource.target);
  facts::FirstUseTrial fact;
  fact.evidence = answer ? answer->evidence : session.evidence();
  fact.subject = resource.port.subject();
  fact.target = resource.target;
  fact.moment = moment;
  fact.kind = resource.kind;
  fact.account = account;
  if (answer && answer->status >= 200 && answer->status < 300) fact.outcome = "granted";
  if (answer && denies(*answer)) fact.outcome = "refused";
  if (fact.evidence != 0) runner::record(context, fact);
}

protocols::HttpRequest replacement(const declaration::PasswordChange& change,
                                   const declaration::Account& account) {
  return request_of(change_of(change, account.name, account.factory_password, account.password));
}

// Everything inside one factory state. Empty, or why it was not seen to the end.
std::string walk(runner::Context& context, const declaration::PasswordChange& change,
                 const declaration::Login& declared, const declaration::Account& account) {
  std::vector<declaration::Resource> resources;
  for (const auto& one : context.device().resources)
    if (one.port == declared.port && one.protocol == "http") resources.push_back(one);
  if (resources.empty()) return "no resource that needs a login is declared at this port";
  declaration::Login login = declared;
  login.check_path.clear();  // it may be one of those that are not given yet
  LoginClient client(context, login);
  const Budget budget = budget_of(context, login.port, account.name);
  declaration::Account factory = account;
  factory.password = account.factory_password;
  std::string why;
  const auto before = booked_session(context, client, factory, budget, [&](auto& session) {
    for (const auto& one : resources) ask(context, session, one, "before", account.name);
    const auto changed = session.exchange(replacement(change, account));
    if (!changed || changed->status >= 400) why = "the factory password could not be replaced";
  });
  if (!before) return before.error().message();
  if (before->answer != Answer::accepted)
    return "the factory password was not accepted in factory state: " + before->why;
  if (!why.empty()) return why;
  const auto after = booked_session(context, client, account, budget, [&](auto& session) {
    for (const auto& one : resources) ask(context, session, one, "after", account.name);
  });
  if (!after) return after.error().message();
  return after->answer == Answer::accepted ? "" : "the new password was not accepted";
}

Result<void> try_first_use(runner::Context& context) {
  const auto& device = context.device();
  const auto* there = first_hook(context, {"factory-state", "factory-reset"});
  const auto* back = first_hook(context, {"normal-state"});
  bool any = false;
  for (const auto& change : device.password_changes) {
    const auto* login = device.login(change.login);
    const auto* account = login != nullptr ? factory_account(device, login->id) : nullptr;
    if (account == nullptr || !login->method.starts_with("http-")) continue;
    const std::string subject = login->port.subject();
    if (there == nullptr || back == nullptr) {
      context.cover(gap(kTopic, subject, Cause::declaration,
                        "no hooks factory-state and normal-state are declared"));
      any = true;
      continue;
    }
    EvidenceId evidence = 0;
    std::string why = "the hook " + there->name + " did not bring the device to factory state";
    if (bring_by_hook(context, *there, evidence)) why = walk(context, change, *login, *account);
    if (!bring_by_hook(context, *back, evidence) || !normal_again(context)) {
      if (why.empty()) why = "the device was not brought back to its normal state";
      context.log("error", "the device was not brought back to its normal state");
    }
    context.cover(why.empty() ? whole(kTopic, subject)
                              : gap(kTopic, subject, Cause::device, printable(why)));
    any = true;
    break;
  }
  const char* missing =
      "no account with a factory password is declared whose password is changed over HTTP";
  context.cover(any ? whole(kTopic, "lan") : gap(kTopic, "lan", Cause::declaration, missing));
  return {};
}

Result<void> to_normal(runner::Context& context) {
  const auto* back = first_hook(context, {"normal-state"});
  EvidenceId evidence = 0;
  if (back != nullptr && !bring_by_hook(context, *back, evidence))
    return fail(ErrorKind::unreachable, "the hook normal-state did not bring the device back");
  return {};
}

}  // namespace

runner::Procedure first_use_procedure() {
  runner::Info info;
  info.id = "first-use";
  info.title = {"처음 사용할 때의 비밀번호 교체", "replacing the factory password at first use"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"service"};
  info.provides_facts = {"first_use_trial"};
  info.topics = {kTopic};
  info.exclusive = {"login", "device-state"};
  info.connections = 20;
  info.logins = 4;
  info.expected = std::chrono::seconds(4);
  info.deadline = std::chrono::seconds(600);
  info.recovery = {"normal-state 훅이 기기를 정상 상태로 되돌린다.",
                   "The hook normal-state brings the device back."};
  return {.info = std::move(info), .run = try_first_use, .recover = to_normal};
}

}  // namespace haetae::testcases
