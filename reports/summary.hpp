#pragma once

#include <vector>

#include "reports/model.hpp"

namespace haetae::reports {

/// buyer_summary() is what a run comes down to, in five sentences that a purchaser understands;
/// every report says the same.
[[nodiscard]] std::vector<Text> buyer_summary(const Report& report);

}  // namespace haetae::reports
