#pragma once

#include "reports/model.hpp"

namespace haetae::test {

/// issued_report() is typical_report() with all that a laboratory and people add: particulars, a
/// number, answers with pictures, document hits, waivers, seals, flows, components. Test-only.
[[nodiscard]] reports::Report issued_report();

}  // namespace haetae::test
