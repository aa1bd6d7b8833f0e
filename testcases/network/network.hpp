#pragma once

#include "harness/runner/procedure.hpp"

/// Procedures that learn what the device offers on the network.
namespace haetae::testcases {

/// discovery() asks every TCP port and the UDP ports of known protocols on each address family.
[[nodiscard]] runner::Procedure discovery();

/// service_identification() asks every open port what speaks there, in the clear and inside TLS.
[[nodiscard]] runner::Procedure service_identification();

}  // namespace haetae::testcases
