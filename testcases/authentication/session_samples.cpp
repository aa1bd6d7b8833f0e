#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/formats/randomness.hpp"
#include "testcases/authentication/session_trials.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {
namespace {

struct Collected {
  SessionValue carrier;
  std::vector<std::string> values;
  std::string_view guess = "none";
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Escapes are no part of the alphabet in which the value was made.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape = text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 &&
                        hex_digit(text[at + 2]) >= 0;
    out += escape ? static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]))
                  : text[at];
    if (escape) at += 2;
  }
  return out;
}

std::int64_t unix_now(runner::Context& context) {
  return std::chrono::duration_cast<std::chrono::seconds>(context.clock().wall().time_since_epoch())
      .count();
}

const SessionValue* same_in(const std::vector<SessionValue>& all, const SessionValue& wanted) {
  for (const SessionValue& one : all)
    if (one.carrier == wanted.carrier && one.name == wanted.name) return &one;
  return nullptr;
}

struct Judged {
  const Collected* collected = nullptr;
  formats::Randomness seen;
  double oddest = 1;  ///< least p of its tests
};

// Where a session needs several values, one that cannot be guessed is enough: the best one counts.
Judged best_of(const std::vector<Collected>& all, double least) {
  Judged best;
  const auto rank = [&](const Judged& one) {
    const bool odd = one.oddest < least || one.seen.different < one.seen.samples ||
                     one.collected->guess != "none";
    return std::pair(!odd, one.seen.bits);
  };
  for (const Collected& one : all) {
    Judged now{.collected = &one, .seen = formats::randomness(one.values)};
    for (const auto& test : now.seen.tests) now.oddest = std::min(now.oddest, test.p);
    if (best.collected == nullptr || rank(best) < rank(now)) best = std::move(now);
  }
  return best;
}

void record_values(runner::Context& context, const SessionBench& bench,
                   const std::vector<Collected>& all) {
  const auto* parameter = context.catalogue().parameter("session.p-least");
  const auto* least = parameter ? std::get_if<double>(&parameter->value) : nullptr;
  const Judged best = best_of(all, least ? *least : 0);
  const formats::Randomness& seen = best.seen;
  facts::SessionValue fact;
  fact.evidence = bench.evidence();
  fact.subject = bench.login().port.subject();
  fact.path = bench.login().path;
  fact.name = printable(best.collected->carrier.name, 120);
  fact.carrier = best.collected->carrier.carrier;
  fact.samples = static_cast<std::int64_t>(seen.samples);
  fact.different = static_cast<std::int64_t>(seen.different);
  fact.shortest = static_cast<std::int64_t>(seen.shortest);
  fact.longest = static_cast<std::int64_t>(seen.longest);
  fact.alphabet = seen.alphabet;
  fact.symbols = static_cast<std::int64_t>(seen.symbols);
  fact.fixed = static_cast<std::int64_t>(seen.fixed);
  fact.stepping = static_cast<std::int64_t>(seen.stepping);
  fact.uneven = static_cast<std::int64_t>(seen.uneven);
  fact.bits = seen.bits;
  fact.guess = std::string(best.collected->guess);
  runner::record(context, fact);
  for (const formats::RandomnessTest& test : seen.tests) {
    facts::SessionRandomness row;
    row.evidence = fact.evidence;
    row.subject = fact.subject;
    row.path = fact.path;
    row.name = fact.name;
    row.test = test.name;
    row.observations = static_cast<std::int64_t>(test.observations);
    row.statistic = test.statistic;
    row.p = test.p;
    runner::record(context, row);
  }
}

// add() takes the values of one session; false if one of them did not come.
bool add(std::vector<Collected>& all, const HeldSession& session, const std::string& user,
         std::int64_t now) {
  for (const Collected& one : all)
    if (same_in(session.values, one.carrier) == nullptr) return false;
  for (Collected& one : all) {
    const std::string value = percent_decoded(same_in(session.values, one.carrier)->value);
    if (one.guess == "none") one.guess = made_from_known(value, user, now);
    one.values.push_back(value);
  }
  return true;
}

}  // namespace

SessionGap gap_of(const Error& error) { return {printable(error.message()), cause_of(error)}; }

SessionGap collect_values(runner::Context& context, SessionBench& bench, std::string& tried) {
  const auto wanted = number(context.catalogue(), "session.samples");
  if (!wanted) return {"the catalogue does not say how many sessions to collect", Cause::tool};
  std::vector<Collected> all;
  SessionGap out;
  std::int64_t made = 0;
  for (; made < *wanted && out.empty(); ++made) {
    context.progress(static_cast<std::size_t>(made), static_cast<std::size_t>(*wanted),
                     bench.login().port.subject());
    auto session = bench.log_in();
    if (!session) {
      out = gap_of(session.error());
      break;
    }
    if (all.empty())
      for (SessionValue& one : bench.carriers(*session))
        all.push_back({std::move(one), {}, "none"});
    if (all.empty()) {
      out = {
          "what carries the session was not found: neither cookies nor a token open the check "
          "page in a new connection",
          Cause::tool};
    } else if (!add(all, *session, bench.account().name, unix_now(context))) {
      out = {"a login did not set every value that carries a session", Cause::device};
    }
    (void)bench.log_out(*session);
  }
  const std::size_t collected = all.empty() ? 0 : all.front().values.size();
  tried = std::to_string(collected) + " of " + std::to_string(*wanted) +
          " session values of account " + bench.account().name;
  if (collected > 0) record_values(context, bench, all);
  return out;
}

}  // namespace haetae::testcases
