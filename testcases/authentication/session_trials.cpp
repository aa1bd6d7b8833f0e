#include "testcases/authentication/session_trials.hpp"

#include <algorithm>
#include <chrono>

#include "testcases/facts/facts.hpp"

namespace haetae::testcases {
namespace {

using Access = SessionBench::Access;

template <class Fact>
Fact begun(const SessionBench& bench) {
  Fact fact;
  fact.evidence = bench.evidence();
  fact.subject = bench.login().port.subject();
  fact.path = bench.login().path;
  return fact;
}

// A value that the device cannot have given out, of the same kind as its own.
std::string invented(const std::string& like) {
  std::string out = to_hex(random_bytes(like.size() / 2 + 1)).substr(0, like.size());
  return out.size() < 8 ? to_hex(random_bytes(16)) : out;
}

// What a visitor who is not logged in gets as cookies, on the pages that lead to the login.
std::map<std::string, std::string> issued_before(runner::Context& context,
                                                 const SessionBench& bench) {
  const auto& login = bench.login();
  auto visitor = web_client(context, {.port = login.port, .tls = login.tls}, "visitor's cookies");
  for (const std::string& path : {std::string("/"), login.path, login.check_path})
    if (!path.empty()) (void)visitor.get(path);
  return visitor.cookies();
}

SessionGap plant(runner::Context& context, SessionBench& bench, const SessionValue& carrier,
                 const std::string& value, const char* origin) {
  const SessionValue planted{.carrier = carrier.carrier, .name = carrier.name, .value = value};
  const Access before = bench.look(std::vector{planted});
  auto session = bench.log_in({{carrier.name, value}});
  if (!session) return gap_of(session.error());
  const Access after = bench.look(std::vector{planted});
  auto fact = begun<facts::SessionFixation>(bench);
  fact.name = printable(carrier.name, 120);
  fact.planted = origin;
  fact.before = std::string(word(before));
  fact.after = std::string(word(after));
  fact.own = std::string(word(bench.look(*session->client)));
  (void)bench.log_out(*session);
  runner::record(context, fact);
  return {};
}

}  // namespace

SessionGap try_fixation(runner::Context& context, SessionBench& bench) {
  auto session = bench.log_in();
  if (!session) return gap_of(session.error());
  const auto carriers = bench.carriers(*session);
  auto fact = begun<facts::SessionFixation>(bench);
  fact.own = std::string(word(bench.look(*session->client)));
  (void)bench.log_out(*session);
  if (carriers.empty()) return {"what carries the session was not found", Cause::tool};
  bool any = false;
  const auto issued = issued_before(context, bench);
  for (const SessionValue& carrier : carriers) {
    if (carrier.carrier == "url")
      return {"a session in the address can be planted by a link, and our side plants cookies only",
              Cause::tool};
    if (carrier.carrier != "cookie") continue;
    any = true;
    if (auto gap = plant(context, bench, carrier, invented(carrier.value), "invented");
        !gap.empty())
      return gap;
    const auto given = issued.find(carrier.name);
    if (given == issued.end()) continue;
    if (auto gap = plant(context, bench, carrier, given->second, "issued"); !gap.empty())
      return gap;
  }
  if (any) return {};
  fact.planted = "none";
  fact.before = fact.after = "shut";
  runner::record(context, fact);
  return {};
}

SessionGap try_logout(runner::Context& context, SessionBench& bench) {
  if (bench.login().logout_path.empty())
    return {"the declaration does not say how one logs out (logout-path)", Cause::declaration};
  auto session = bench.log_in();
  if (!session) return gap_of(session.error());
  const auto values = session->values;
  auto fact = begun<facts::SessionLogout>(bench);
  fact.before = std::string(word(bench.look(values)));
  const bool said = bench.log_out(*session);
  fact.after = said ? std::string(word(bench.look(values))) : "unknown";
  fact.evidence = bench.evidence();
  if (auto again = bench.log_in()) {
    fact.again = std::string(word(bench.look(*again->client)));
    (void)bench.log_out(*again);
  }
  if (fact.evidence != 0) runner::record(context, fact);
  if (!said) return {"the device did not take the logout", Cause::device};
  return {};
}

SessionGap try_limit(runner::Context& context, SessionBench& bench) {
  const int declared = context.device().session.simultaneous;
  if (declared == 0)
    return {"the number of simultaneous sessions is not declared", Cause::declaration};
  const auto most = number(context.catalogue(), "session.simultaneous-tries");
  if (!most || declared + 1 > *most)
    return {"one session more than the declared " + std::to_string(declared) +
                " was not opened: session.simultaneous-tries allows " +
                std::to_string(most.value_or(0)),
            Cause::lab};
  std::vector<HeldSession> sessions;
  SessionGap out;
  auto fact = begun<facts::SessionLimit>(bench);
  fact.declared = declared;
  for (int i = 0; i <= declared; ++i) {
    auto session = bench.log_in();
    // A device may refuse one too many, which is as good as ending an old one.
    if (!session && (session.error().kind != ErrorKind::refused || i < declared)) {
      out = gap_of(session.error());
      break;
    }
    ++fact.tried;
    if (session) sessions.push_back(std::move(*session));
  }
  fact.opened = static_cast<std::int64_t>(sessions.size());
  for (const HeldSession& session : sessions) {
    const Access access = bench.look(session.values);
    if (access == Access::open) ++fact.alive;
    if (access == Access::unknown)
      out = {"the check page did not answer clearly to one of the sessions", Cause::device};
    fact.evidence = bench.evidence();
  }
  for (HeldSession& session : sessions) (void)bench.log_out(session);
  if (fact.evidence != 0) runner::record(context, fact);
  return out;
}

SessionGap try_idle(runner::Context& context, SessionBench& bench) {
  using std::chrono::seconds;
  const auto declared = context.device().session.idle;
  if (declared.count() == 0)
    return {"the idle time of a session is not declared", Cause::declaration};
  const auto margin = number(context.catalogue(), "session.idle-margin");
  const auto most = number(context.catalogue(), "session.idle-wait");
  const seconds wait = declared + seconds(margin.value_or(1));
  if (!margin || !most || wait.count() > *most)
    return {"the declared idle time of " + std::to_string(declared.count()) +
                " s was not waited for: session.idle-wait allows " +
                std::to_string(most.value_or(0)) + " s",
            Cause::lab};
  auto session = bench.log_in();
  if (!session) return gap_of(session.error());
  const auto values = session->values;
  auto fact = begun<facts::SessionIdle>(bench);
  fact.declared_seconds = declared.count();
  fact.before = std::string(word(bench.look(values)));
  session->client->close();
  const SteadyTime begin = context.clock().now();
  for (seconds done{0}; done < wait; done += seconds(1)) {
    context.progress(static_cast<std::size_t>(done.count()), static_cast<std::size_t>(wait.count()),
                     bench.login().port.subject());
    if (!context.clock().sleep(seconds(1), context.stop()))
      return {"the run was asked to stop", Cause::lab};
  }
  fact.waited_seconds = std::chrono::duration_cast<seconds>(context.clock().now() - begin).count();
  fact.after = std::string(word(bench.look(values)));
  fact.evidence = bench.evidence();
  if (auto again = bench.log_in()) {
    fact.again = std::string(word(bench.look(*again->client)));
    (void)bench.log_out(*again);
  }
  (void)bench.log_out(*session);
  if (fact.evidence != 0) runner::record(context, fact);
  return {};
}

}  // namespace haetae::testcases
