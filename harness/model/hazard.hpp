#pragma once

#include <optional>
#include <string_view>

namespace haetae {

/// Hazard is what a procedure may do to the device, from nothing to the worst.
enum class Hazard {
  passive,         ///< sends nothing
  safe,            ///< ordinary requests that change nothing
  state_changing,  ///< changes a setting and puts it back
  lockout_risk,    ///< may lock an account or an address for a while
  disruptive,      ///< reboots the device or loads it, with a bound
  may_brick,       ///< could leave it unusable (a tampered image)
};

/// kDefaultPermit is what a run may do when nobody said otherwise.
inline constexpr Hazard kDefaultPermit = Hazard::state_changing;

[[nodiscard]] std::string_view word(Hazard hazard);
[[nodiscard]] std::optional<Hazard> hazard_from(std::string_view word);

}  // namespace haetae
