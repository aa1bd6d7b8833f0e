#pragma once

#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// ssh() learns banner, algorithms, host keys and authentication methods of every SSH service.
[[nodiscard]] runner::Procedure ssh();

}  // namespace haetae::testcases
