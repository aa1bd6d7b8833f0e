#include <algorithm>
#include <map>

#include "testcases/authentication/session_trials.hpp"
#include "testcases/procedures.hpp"

/// The sessions of every login over a web form or JSON, and of those by a header that a cookie
/// outlives: whether their values can be guessed, planted or used again, how many live at once, and
/// when an idle one ends.
namespace haetae::testcases {
namespace {

constexpr const char* kValues = "session.values";
constexpr const char* kTrials = "session.trials";
constexpr const char* kLimit = "session.limit";
constexpr const char* kIdle = "session.idle";

struct Topic {
  SessionGap gap;
  std::string tried;
  void add(const SessionGap& more) {
    if (gap.empty()) gap = more;
  }
};
using Topics = std::map<std::string, Topic>;

void try_login(runner::Context& context, const declaration::Login& login,
               const declaration::Account& account, bool idle, Topics& topics) {
  SessionBench bench(context, login, account);
  if (auto ready = bench.ready(); !ready) {
    for (auto& [name, topic] : topics) topic.add(gap_of(ready.error()));
    return;
  }
  if (idle) {
    topics[kIdle].add(try_idle(context, bench));
    return;
  }
  // The sessions of the limit come first: where old ones were left open, they would be counted.
  topics[kLimit].add(try_limit(context, bench));
  topics[kTrials].add(try_logout(context, bench));
  topics[kTrials].add(try_fixation(context, bench));
  topics[kValues].add(collect_values(context, bench, topics[kValues].tried));
}

Result<void> each_login(runner::Context& context, bool idle) {
  std::map<std::string, Topics> subjects;
  for (const Surface& surface : surfaces(context)) {
    const auto& login = surface.login;
    if (!keeps_sessions(context, login)) continue;
    auto [at, fresh] = subjects.try_emplace(login.port.subject());
    Topics& topics = at->second;
    if (idle) {
      topics[kIdle];
    } else {
      for (const char* name : {kValues, kTrials, kLimit}) topics[name];
    }
    const auto* account = login.id.empty() ? nullptr : account_for(context.device(), login.id);
    if (login.id.empty()) {
      // The form of a declared login may be seen at another path, too: the maker's word for it is
      // the declared login of the endpoint.
      const bool declared = std::any_of(
          context.device().logins.begin(), context.device().logins.end(),
          [&](const auto& one) { return one.port == login.port && keeps_sessions(context, one); });
      if (declared) continue;
      for (auto& [name, topic] : topics)
        topic.add({"the login at " + printable(login.path, 100) + " is not declared",
                   Cause::declaration});
    } else if (account == nullptr) {
      for (auto& [name, topic] : topics)
        topic.add({"no account with a known password was handed over for the login " + login.id,
                   Cause::declaration});
    } else {
      try_login(context, login, *account, idle, topics);
    }
  }
  for (const auto& [subject, topics] : subjects)
    for (const auto& [name, topic] : topics)
      context.cover(topic.gap.empty()
                        ? whole(name, subject, topic.tried)
                        : gap(name, subject, topic.gap.cause, topic.gap.why, topic.tried));
  return {};
}

runner::Info info_of(const char* id) {
  runner::Info info;
  info.id = id;
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"login_surface", "http_cookie"};
  info.exclusive = {"login"};
  info.recovery = {"연 세션에서 로그아웃한다. 남은 세션은 선언된 만료 시간이 지나면 끝난다.",
                   "Logs out of what it opened; what is left ends with the declared idle time."};
  return info;
}

}  // namespace

runner::Procedure sessions_procedure() {
  runner::Info info = info_of("sessions");
  info.title = {"세션 값, 고정, 로그아웃, 동시 접속",
                "session values, fixation, logout, simultaneous sessions"};
  info.provides_facts = {"session_value", "session_randomness", "session_fixation",
                         "session_logout", "session_limit"};
  info.topics = {kValues, kTrials, kLimit};
  info.connections = 120;
  info.logins = 40;
  info.expected = std::chrono::seconds(6);
  info.deadline = std::chrono::seconds(300);
  return {.info = std::move(info),
          .run = [](runner::Context& context) { return each_login(context, false); },
          .recover = [](runner::Context&) -> Result<void> { return {}; }};
}

runner::Procedure session_idle_procedure() {
  runner::Info info = info_of("session-idle");
  info.title = {"사용하지 않는 세션의 만료", "the end of an idle session"};
  info.provides_facts = {"session_idle"};
  info.topics = {kIdle};
  info.connections = 6;
  info.logins = 2;
  info.expected = std::chrono::seconds(60);
  info.deadline = std::chrono::seconds(1800);
  info.last = true;
  return {.info = std::move(info),
          .run = [](runner::Context& context) { return each_login(context, true); },
          .recover = [](runner::Context&) -> Result<void> { return {}; }};
}

}  // namespace haetae::testcases
