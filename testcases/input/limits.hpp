#pragma once

#include <cstdint>
#include <optional>

#include "harness/catalogue/catalogue.hpp"

namespace haetae::testcases::input {

/// Limits are the parameters input.* of the catalogue.
struct Limits {
  std::int64_t delay = 0;     ///< seconds
  std::int64_t pages = 0;     ///< of one crawl
  std::int64_t requests = 0;  ///< to one service
  std::int64_t recovery = 0;  ///< seconds
  std::int64_t longest = 0;   ///< bytes
};
/// limits_of() is nothing where the catalogue lacks one of them.
[[nodiscard]] std::optional<Limits> limits_of(const catalogue::Catalogue& catalogue);

}  // namespace haetae::testcases::input
