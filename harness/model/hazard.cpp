#include "harness/model/hazard.hpp"

#include <algorithm>
#include <array>

namespace haetae {
namespace {
constexpr std::array<std::string_view, 6> kHazards{"passive",      "safe",       "state-changing",
                                                   "lockout-risk", "disruptive", "may-brick"};
}  // namespace

std::string_view word(Hazard hazard) { return kHazards[static_cast<std::size_t>(hazard)]; }

std::optional<Hazard> hazard_from(std::string_view word) {
  const auto* const found = std::ranges::find(kHazards, word);
  if (found == kHazards.end()) return std::nullopt;
  return static_cast<Hazard>(found - kHazards.begin());
}

}  // namespace haetae
