#pragma once

#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// tls() learns versions, suites, groups, signature schemes, properties and certificates
/// of every endpoint that `service` knows to speak TLS.
[[nodiscard]] runner::Procedure tls();

}  // namespace haetae::testcases
