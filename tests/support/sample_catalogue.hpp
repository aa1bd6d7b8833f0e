#pragma once

#include <string>
#include <vector>

#include "harness/catalogue/catalogue.hpp"

namespace haetae::test {

/// sample_sources() is a small catalogue with one include and one profile, over the fact tables of
/// testcases/facts: items 1.1 (probe, operator), 1.2 (planned), 1.3 (optional) and 1.4 (absent).
[[nodiscard]] std::vector<catalogue::SourceText> sample_sources();

}  // namespace haetae::test
