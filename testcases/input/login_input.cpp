#include <map>

#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/input/asker.hpp"
#include "testcases/input/ground.hpp"
#include "testcases/input/probe.hpp"
#include "testcases/procedures.hpp"

/// Injection into the login itself: names that nobody has, with a condition or a wait in them.
namespace haetae::testcases {
namespace {

using namespace input;
using std::chrono::seconds;

/// LoginTrial is one login surface in work.
class LoginInput {
 public:
  LoginInput(runner::Context& context, declaration::Login login, const Limits& limits,
             Shortfall& why)
      : context_(context), client_(context, std::move(login)), limits_(limits), why_(why) {}

  void run() {
    Attempt first;
    if (!attempt(stranger(), stranger(), first)) return;
    const bool refused = first.answer == Answer::refused;
    facts::InputControl control;
    control.evidence = first.evidence;
    control.subject = client_.subject();
    control.target = target();
    control.family = "injection";
    control.ordinary = refused                           ? "answered"
                       : first.answer == Answer::unknown ? "unknown"
                                                         : "not-answered";
    if (!refused)
      why_.lost("a login with a name that nobody has was not clearly refused at " + target(),
                Cause::device);
    for (const Probe& probe : probes(context_.catalogue())) {
      if (!probe.at.starts_with("login-") || !refused || context_.stop().stop_requested()) continue;
      if (!fire(probe, first)) break;
    }
    Keeper keeper(context_);
    keeper.keep(control);
    for (const auto& [key, row] : rows_) keeper.keep(row);
  }

 private:
  static std::string stranger() { return "h" + to_hex(random_bytes(6)); }
  [[nodiscard]] std::string target() const { return "login " + client_.surface().path; }

  bool attempt(const std::string& user, const std::string& password, Attempt& out) {
    const auto made = booked_attempt(context_, client_, user, password,
                                     budget_of(context_, client_.surface().port, user));
    if (!made) {
      why_.lost(
          "the login at " + target() + " could not be tried: " + printable(made.error().message()),
          cause_of(made.error()));
      return false;
    }
    out = *made;
    if (out.answer == Answer::blocked)
      why_.lost("the login at " + target() + " is blocked", Cause::device);
    return out.answer != Answer::blocked;
  }

  bool fire(const Probe& probe, const Attempt& base) {
    const bool user = probe.at == "login-user";
    facts::InputTrial& row = rows_[{user ? "user" : "password", probe.family}];
    if (row.subject.empty()) {
      row.subject = client_.subject();
      row.protocol = "http";
      row.target = target();
      row.place = user ? "user" : "password";
      row.family = probe.family;
      row.outcome = "handled";
      row.basis = "nothing";
    }
    if (row.outcome == "executed") return true;
    const Shot shot = load(probe, {}, {}, limits_.delay);
    ++row.tried;
    Attempt made;
    const auto with = [&](const std::string& text) {
      return user ? attempt(text, stranger(), made) : attempt(stranger(), text, made);
    };
    if (!with(shot.text)) {
      row.outcome = "unknown";
      row.basis = "unknown";
      row.evidence = base.evidence;
      return false;
    }
    row.evidence = made.evidence;
    if (made.answer == Answer::accepted) {
      hit(row, probe, "login", shot.text, "the login was accepted");
    } else if (probe.shows == "delay" && late(made.took, base.took)) {
      const Duration one = made.took;
      const bool quick = with(shot.other) && !late(made.took, base.took);
      if (quick && with(shot.text) && late(made.took, base.took)) {
        row.evidence = made.evidence;
        hit(row, probe, "delay", shot.text,
            "answered after " +
                std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(one).count()) +
                " ms, twice, and at once with no wait in it");
      }
    } else if (made.answer == Answer::unknown) {
      row.outcome = "unknown";
      row.basis = "unknown";
    }
    return true;
  }

  [[nodiscard]] bool late(Duration took, Duration base) const {
    return took >= base + seconds(limits_.delay) - std::chrono::milliseconds(50);
  }

  static void hit(facts::InputTrial& row, const Probe& probe, const std::string& basis,
                  const std::string& sent, const std::string& seen) {
    row.outcome = "executed";
    row.basis = basis;
    row.probe = probe.name;
    row.sent = printable(sent);
    row.seen = seen;
  }

  runner::Context& context_;
  LoginClient client_;
  Limits limits_;
  Shortfall& why_;
  std::map<std::pair<std::string, std::string>, facts::InputTrial> rows_;
};

Result<void> try_logins(runner::Context& context) {
  const auto limits = limits_of(context.catalogue());
  for (const Target& target : web_services(context)) {
    Shortfall why;
    int tried = 0;
    if (!limits) why.lost("the catalogue has no parameters input.*", Cause::tool);
    for (const Surface& surface : surfaces(context)) {
      const auto& method = surface.login.method;
      if (surface.login.port != target.port || (method != "http-form" && method != "http-json"))
        continue;
      if (!surface.usable) {
        why.lost("the login at " + surface.login.path + " cannot be driven by our side",
                 Cause::declaration);
      } else if (limits) {
        ++tried;
        LoginInput(context, surface.login, *limits, why).run();
      }
    }
    const std::string text = std::to_string(tried) + " logins";
    context.cover(why.why.empty() ? whole("input.login", target.subject(), text)
                                  : gap("input.login", target.subject(), why.cause, why.why, text));
  }
  return {};
}

}  // namespace

runner::Procedure login_input_procedure() {
  runner::Info info;
  info.id = "input-login";
  info.title = {"로그인에 삽입한 입력", "input injected into the login"};
  info.hazard = Hazard::lockout_risk;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"input_trial", "input_control"};
  info.topics = {"input.login"};
  info.exclusive = {"login"};
  info.connections = 12;
  info.logins = 12;
  info.expected = std::chrono::seconds(2);
  info.deadline = std::chrono::seconds(300);
  info.recovery = {"없는 계정만 시도하며, 막힌 주소는 차단이 끝나기를 기다린다.",
                   "Only names that nobody has are tried; a blocked address waits for its end."};
  return {.info = std::move(info), .run = try_logins, .recover = {}};
}

}  // namespace haetae::testcases
