#pragma once

#include <cstdint>

#include "harness/declaration/declaration.hpp"
#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// ShownClock is the device's clock beside ours.
struct ShownClock {
  std::int64_t seconds = 0;  ///< since 1970, as shown
  std::int64_t ahead = 0;    ///< of our clock; nearest whole zone taken off where none is shown
  EvidenceId evidence = 0;
};

/// shown_clock() asks for it as the declared login; an answer without a time is a protocol error.
[[nodiscard]] Result<ShownClock> shown_clock(runner::Context& context,
                                             const declaration::HttpCall& call);

}  // namespace haetae::testcases
