#include "testcases/data-protection/wipe_bench.hpp"

#include <algorithm>
#include <set>

namespace haetae::testcases {

using declaration::Account;
using declaration::HttpCall;
using declaration::Login;
using protocols::HttpClient;

namespace {

constexpr std::size_t kMostAccounts = 8;

void replace(std::string& text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// filled() is the call with the values in their places.
HttpCall filled(HttpCall call, const std::string& canary, const std::string& password,
                const std::string& fresh) {
  const auto fill = [&](std::string& text) {
    replace(text, "{canary}", canary);
    replace(text, "{password}", password);
    replace(text, "{new-password}", fresh);
  };
  replace(call.path, "{canary}", canary);
  for (auto& [name, value] : call.fields) fill(value);
  for (auto& [name, value] : call.headers) fill(value);
  return call;
}

bool good(const protocols::HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace

WipeBench::WipeBench(runner::Context& context)
    : context_(context), wipe_(context.device().wipe ? &*context.device().wipe : nullptr) {
  reset_.subject = "lan";
}

void WipeBench::lost(std::string why, Cause cause) {
  if (!why_.empty()) return;
  why_ = std::move(why);
  cause_ = cause;
}

bool WipeBench::possible() {
  if (wipe_ == nullptr) {
    lost("it is not declared how the device is wiped", Cause::declaration);
  } else if (!wipe_->reset && context_.device().hook("factory-reset") == nullptr) {
    lost("neither a call nor the hook factory-reset resets the device", Cause::declaration);
  } else if (wipe_->set_up.empty() && context_.device().hook("normal-state") == nullptr) {
    lost("no way back is declared (set-up, or the hook normal-state), so that nothing was reset",
         Cause::declaration);
  } else {
    return true;
  }
  return false;
}

/// shipped_account() is an account with the password that it has in the shipped product.
const Account* WipeBench::shipped_account(std::string_view login) const {
  for (const Account& one : context_.device().accounts)
    if (one.factory && !one.factory_password.empty() && uses(one, login)) return &one;
  return nullptr;
}

Attempt WipeBench::log_in(const Login& login, const Account& account) {
  LoginClient client(context_, login);
  const auto made = booked_attempt(context_, client, account.name, account.password,
                                   budget_of(context_, login.port, account.name));
  if (made) return *made;
  Attempt none;
  none.why = printable(made.error().message());
  return none;
}

WipeBench::Looked WipeBench::look(bool shipped) {
  Looked out;
  out.whole = !wipe_->looks.empty();
  for (const auto& one : wipe_->looks) {
    Actor actor;
    Account before;
    if (const Account* account = shipped_account(one.http.login);
        shipped && !one.http.login.empty()) {
      if (account == nullptr) {
        out.whole = false;
        continue;
      }
      before = *account;
      before.password = account->factory_password;
      actor = {.kind = Actor::Kind::account, .account = &before, .shipped = true};
    }
    bool read = false;
    (void)inside(context_, one.http, actor, "look for planted values", [&](HttpClient& client) {
      const auto response = client.exchange(request_of(one.http), 30s);
      if (!response) return;
      out.evidence = response->evidence;
      out.subject = one.http.port.subject();
      read = told_by(one.http, *response) == Told::done && !response->truncated;
      for (const Planted& plant : planted_)
        if (response->body.find(plant.canary) != std::string::npos)
          out.seen.emplace(plant.name, std::pair(out.subject, response->evidence));
    });
    out.whole = out.whole && read;
  }
  return out;
}

void WipeBench::plant(const declaration::NamedCall& one) {
  Planted planted{.name = one.name, .canary = "hz" + to_hex(random_bytes(6)), .fact = {}};
  planted.fact.thing = "data";
  planted.fact.name = one.name;
  planted.fact.subject = one.http.port.subject();
  const Account* account =
      one.http.login.empty() ? nullptr : account_for(context_.device(), one.http.login);
  const HttpCall call = filled(one.http, planted.canary, account ? account->password : "", {});
  const auto done = inside(context_, call, {}, "plant " + one.name, [&](HttpClient& client) {
    const auto response = client.exchange(request_of(call), 30s);
    planted.fact.evidence = client.evidence();
    if (!response)
      lost(one.name + " could not be planted: " + printable(response.error().message()),
           cause_of(response.error()));
    else if (told_by(call, *response) != Told::done)
      lost(one.name + " was not planted: " + words_of(*response), Cause::declaration);
  });
  if (!done)
    lost(one.name + " could not be planted: " + printable(done.error().message()),
         cause_of(done.error()));
  planted_.push_back(std::move(planted));
}

void WipeBench::see_accounts() {
  for (const Account& account : context_.device().accounts) {
    const bool changed = !account.factory || account.password != account.factory_password;
    if (!account.has_password || !changed || accounts_.size() >= kMostAccounts) continue;
    for (const std::string& id : account.logins) {
      const Login* login = context_.device().login(id);
      if (login == nullptr || login->method == "snmp") continue;
      Tried tried{.account = &account, .login = login, .fact = {}};
      const Attempt attempt = log_in(*login, account);
      tried.fact.evidence = attempt.evidence;
      tried.fact.subject = login->port.subject();
      tried.fact.thing = account.factory ? "password" : "account";
      tried.fact.name = account.name;
      tried.fact.before = attempt.answer == Answer::accepted ? "there" : "unknown";
      if (attempt.answer != Answer::accepted)
        lost("the account " + account.name + " was not let in before the reset: " + attempt.why,
             Cause::declaration);
      accounts_.push_back(std::move(tried));
      break;
    }
  }
  std::set<std::string> controlled;
  for (const Tried& one : accounts_)
    if (controlled.insert(one.login->id).second) control(*one.login, *one.account);
}

/// control() sees that a wrong password is refused: where it is not, a login that goes on tells
/// nothing about what the reset left.
void WipeBench::control(const Login& login, const Account& account) {
  Account wrong = account;
  wrong.password = "hz" + to_hex(random_bytes(9));
  const Attempt attempt = log_in(login, wrong);
  if (attempt.answer == Answer::accepted)
    lost("a random wrong password was accepted", Cause::device);
  else if (attempt.answer != Answer::refused)
    lost("a wrong try was not answered clearly (" + attempt.why + ")", Cause::device);
}

bool WipeBench::before() {
  for (const auto& one : wipe_->plants) plant(one);
  if (wipe_->plants.empty() || wipe_->looks.empty())
    lost("it is not declared how a value is planted and where it shows", Cause::declaration);
  if (!why_.empty()) return false;
  const Looked seen = look(false);
  for (Planted& one : planted_) {
    const auto place = seen.seen.find(one.name);
    one.fact.before = place != seen.seen.end() ? "there" : seen.whole ? "gone" : "unknown";
    if (place == seen.seen.end()) {
      lost(one.name + " was planted and does not show at any declared place", Cause::declaration);
      continue;
    }
    one.fact.subject = place->second.first;
    one.fact.evidence = place->second.second;
  }
  see_accounts();
  return why_.empty() && !context_.stop().stop_requested();
}

const Login* WipeBench::session_login() const {
  for (const Login& login : context_.device().logins)
    if ((login.method == "http-form" || login.method == "http-json") &&
        account_for(context_.device(), login.id) != nullptr)
      return &login;
  return nullptr;
}

std::string WipeBench::session_path(const Login& login) const {
  if (!login.check_path.empty()) return login.check_path;
  for (const auto& one : wipe_->looks)
    if (one.http.login == login.id && one.http.method == "GET") return one.http.path;
  return {};
}

void WipeBench::reset_inside_session() {
  const Login* login = session_login();
  const std::string path = login != nullptr ? session_path(*login) : "";
  if (login == nullptr || path.empty()) {
    if (login != nullptr)
      lost("no page that needs the login " + login->id + " is declared (check-path)",
           Cause::declaration);
    reset();
    return;
  }
  const Account& account = *account_for(context_.device(), login->id);
  LoginClient client(context_, *login);
  const auto ask_as_nobody = [&] {
    HttpClient nobody = web_client(context_, {.port = login->port, .tls = login->tls},
                                   "the same page without login");
    return nobody.get(path);
  };
  const auto work = [&](HttpClient& session) {
    facts::WipeTrial fact;
    fact.subject = login->port.subject();
    fact.thing = "session";
    fact.name = login->id;
    const auto before = session.get(path);
    const auto control = ask_as_nobody();
    if (before && control && good(*before) && !good(*control)) fact.before = "there";
    fact.evidence = session.evidence();
    reset();
    if (!was_reset_) return;
    const auto after = session.get(path);
    fact.evidence = session.evidence();
    const auto nobody = ask_as_nobody();
    if (after && denies(*after))
      fact.after = "gone";
    else if (after && good(*after) && nobody && !good(*nobody))
      fact.after = "there";
    fact.message = after ? words_of(*after) : printable(after.error().message(), 200);
    if (fact.evidence != 0) sessions_.push_back(std::move(fact));
  };
  const auto attempt = booked_session(context_, client, account,
                                      budget_of(context_, login->port, account.name), work);
  if (!attempt)
    lost("the login " + login->id + " could not be tried: " + printable(attempt.error().message()),
         cause_of(attempt.error()));
  else if (attempt->answer != Answer::accepted)
    lost("the login " + login->id + " was not accepted: " + attempt->why, Cause::device);
}

void WipeBench::run_hook(const char* name, bool& done, EvidenceId& evidence) {
  const auto* hook = context_.device().hook(name);
  const auto ran = context_.door().run_hook(hook->command, context_.clock().now() + hook->timeout);
  const std::string text =
      std::string(name) + ": " +
      (ran ? "exit code " + std::to_string(ran->exit_code) + "\n" + printable(ran->output, 4000)
           : printable(ran.error().message()));
  done = ran && ran->exit_code == 0;
  evidence =
      context_.recorder().attach("lan", std::string("hook ") + name, "text/plain", as_bytes(text));
}

void WipeBench::reset_by_call() {
  const Account* account = account_for(context_.device(), wipe_->reset->login);
  const HttpCall call = filled(*wipe_->reset, {}, account ? account->password : "", {});
  const auto done = inside(context_, call, {}, "reset", [&](HttpClient& client) {
    const auto response = client.exchange(request_of(call), 60s);
    reset_.evidence = client.evidence();
    if (!response) return;  // it may have gone at once
    const Told told = told_by(call, *response);
    reset_.done = told == Told::done ? "yes" : told == Told::refused ? "no" : "unknown";
    if (told == Told::refused)
      lost("the reset was refused: " + words_of(*response), Cause::declaration);
  });
  if (!done)
    lost("the reset could not be asked for: " + printable(done.error().message()),
         cause_of(done.error()));
}

void WipeBench::reset() {
  bool done = false;
  if (wipe_->reset) {
    reset_.way = "call";
    reset_by_call();
  } else {
    reset_.way = "hook";
    run_hook("factory-reset", done, reset_.evidence);
    reset_.done = yes_no(done);
    if (!done) lost("the hook factory-reset failed", Cause::lab);
  }
  // Without evidence nothing was sent, and a refused reset has reset nothing.
  was_reset_ = reset_.evidence != 0 && reset_.done != "no";
  reset_.alive = yes_no(wait_alive());
  if (reset_.alive == "no") lost("the device did not answer after the reset", Cause::device);
}

bool WipeBench::wait_alive() {
  const SteadyTime end = context_.clock().now() + wipe_->settle;
  const Login* first = nullptr;
  for (const Login& login : context_.device().logins)
    if (first == nullptr && login.port.transport == "tcp") first = &login;
  if (first == nullptr) return false;
  // A device that starts again answers for a moment before it goes: twice in a row counts.
  int answers = 0;
  while (answers < 2) {
    answers = context_.connect(first->port, "after the reset", 2s) ? answers + 1 : 0;
    if (answers >= 2) return true;
    if (context_.clock().now() >= end || !context_.clock().sleep(500ms, context_.stop()))
      return false;
  }
  return true;
}

void WipeBench::after() {
  if (!was_reset_) return;
  for (Tried& one : accounts_) {
    const Attempt attempt = log_in(*one.login, *one.account);
    if (attempt.evidence != 0) one.fact.evidence = attempt.evidence;
    if (attempt.answer == Answer::refused) one.fact.after = "gone";
    if (attempt.answer == Answer::accepted) one.fact.after = "there";
    one.fact.message = printable(attempt.why, 200);
  }
  const Looked seen = look(true);
  for (Planted& one : planted_) {
    const auto place = seen.seen.find(one.name);
    if (place != seen.seen.end()) {
      one.fact.after = "there";
      one.fact.evidence = place->second.second;
    } else if (seen.whole) {
      one.fact.after = "gone";
      one.fact.evidence = seen.evidence;
    }
  }
}

bool WipeBench::send_set_up(const HttpCall& declared) {
  Actor actor;
  Account shipped;
  std::string fresh;
  if (const Account* account = shipped_account(declared.login); account != nullptr) {
    fresh = account->password;
    shipped = *account;
    shipped.password = account->factory_password;
    actor = {.kind = Actor::Kind::account, .account = &shipped, .shipped = true};
  }
  const HttpCall call = filled(declared, {}, shipped.password, fresh);
  bool taken = false;
  const auto done = inside(context_, call, actor, "set up again", [&](HttpClient& client) {
    const auto response = client.exchange(request_of(call), 60s);
    taken = response && told_by(call, *response) == Told::done;
  });
  return done && taken;
}

bool WipeBench::set_up() {
  bool done = !wipe_->set_up.empty();
  for (const HttpCall& call : wipe_->set_up) done = send_set_up(call) && done;
  // Before the laboratory's hook, which may wipe more than the reset did.
  if (done) again();
  EvidenceId evidence = 0;
  if (context_.device().hook("normal-state") != nullptr) run_hook("normal-state", done, evidence);
  done = done && wait_alive() && works();
  reset_.set_up = yes_no(done);
  if (!done) {
    context_.log("error", "the device was not set up again after its reset");
    lost("the device was not set up again after its reset", Cause::lab);
  }
  return done;
}

bool WipeBench::works() {
  for (const Login& login : context_.device().logins) {
    const Account* account = account_for(context_.device(), login.id);
    if (account == nullptr || login.method == "snmp") continue;
    return log_in(login, *account).answer == Answer::accepted;
  }
  return false;
}

void WipeBench::again() {
  if (!was_reset_) return;
  const Looked seen = look(false);
  for (Planted& one : planted_) {
    const auto place = seen.seen.find(one.name);
    if (place != seen.seen.end()) {
      one.fact.after = "there";
      one.fact.message = "it shows again after the device was set up";
      one.fact.evidence = place->second.second;
    } else if (seen.whole && one.fact.after == "unknown") {
      one.fact.after = "gone";
      one.fact.evidence = seen.evidence;
    }
  }
}

void WipeBench::tell() {
  if (was_reset_) {
    // A device that went before it answered was reset if it forgot something.
    const auto gone = [](const auto& one) { return one.fact.after == "gone"; };
    if (reset_.done == "unknown" && (std::any_of(planted_.begin(), planted_.end(), gone) ||
                                     std::any_of(accounts_.begin(), accounts_.end(), gone)))
      reset_.done = "yes";
    runner::record(context_, reset_);
    for (const Planted& one : planted_)
      if (one.fact.evidence != 0) runner::record(context_, one.fact);
    for (const Tried& one : accounts_)
      if (one.fact.evidence != 0) runner::record(context_, one.fact);
    for (const facts::WipeTrial& one : sessions_) runner::record(context_, one);
  } else {
    lost("the device was not reset", Cause::lab);
  }
  const std::string tried = std::to_string(planted_.size()) + " values, " +
                            std::to_string(accounts_.size()) + " accounts, " +
                            std::to_string(sessions_.size()) + " sessions";
  context_.cover(why_.empty() ? whole("wipe", "lan", tried)
                              : gap("wipe", "lan", cause_, why_, tried));
}

}  // namespace haetae::testcases
