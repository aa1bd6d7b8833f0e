#pragma once

#include <filesystem>

#include "harness/compare/retest.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/runner/plan.hpp"

namespace haetae::cli {

/// retest_before() plans what a changed declaration, catalogue or tool asks to be tested again,
/// from an earlier run; nothing is sent.
[[nodiscard]] Result<compare::Retest> retest_before(const std::filesystem::path& baseline,
                                                    const declaration::Declaration& device,
                                                    const catalogue::Catalogue& catalogue,
                                                    const runner::Selection& selection);

}  // namespace haetae::cli
