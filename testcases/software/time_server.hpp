#pragma once

#include <cstdint>
#include <string>

#include "harness/declaration/declaration.hpp"
#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// ServedTime is what came of a time server of ours.
struct ServedTime {
  bool answered = false;  ///< the device asked and was answered
  std::string message;    ///< how it asked, printable
  std::string why;        ///< why it was not answered
  Cause cause = Cause::none;
};

/// serve_time() opens the declared port, makes the device ask where that is declared, and answers
/// every request (RFC 5905, mode 3) with a time so many seconds ahead of ours, without any proof of
/// who answers, until the device has had answers for two seconds or the declared wait is over.
[[nodiscard]] ServedTime serve_time(runner::Context& context, const declaration::TimeServer& server,
                               std::int64_t ahead);

}  // namespace haetae::testcases
