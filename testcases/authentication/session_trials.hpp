#pragma once

#include <string>

#include "testcases/authentication/session_bench.hpp"

/// The trials on the sessions of one login. Each records its facts and returns why something could
/// not be learned (empty: all was).
namespace haetae::testcases {

struct SessionGap {
  std::string why;
  Cause cause = Cause::none;
  [[nodiscard]] bool empty() const { return why.empty(); }
};

[[nodiscard]] SessionGap gap_of(const Error& error);

/// collect_values() logs in and out as often as `session.samples` says and as the ledger allows,
/// and records session_value and session_randomness.
[[nodiscard]] SessionGap collect_values(runner::Context& context, SessionBench& bench,
                                        std::string& tried);
/// try_fixation() plants values of the session cookies before a login: such as the device itself
/// gives to a visitor, and such as we made up.
[[nodiscard]] SessionGap try_fixation(runner::Context& context, SessionBench& bench);
[[nodiscard]] SessionGap try_logout(runner::Context& context, SessionBench& bench);
/// try_limit() opens one session more than is declared, and looks which of them live.
[[nodiscard]] SessionGap try_limit(runner::Context& context, SessionBench& bench);
/// try_idle() leaves a session alone for the declared time and `session.idle-margin`, if that is
/// not beyond `session.idle-wait`.
[[nodiscard]] SessionGap try_idle(runner::Context& context, SessionBench& bench);

}  // namespace haetae::testcases
