#pragma once

#include <string>

#include "harness/model/address.hpp"
#include "harness/runner/procedure.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

/// OpenPort is one open TCP port with what was declared for it.
struct OpenPort {
  Endpoint endpoint{};
  std::string subject{};
  std::string expected{};   ///< protocol as declared, empty if it was not
  EvidenceId evidence = 0;  ///< what showed that the port is open
};

/// identify_tcp() asks one open port what speaks there, in the clear and inside TLS; it takes at
/// most about ten seconds, and that long only on a port that never says a word.
[[nodiscard]] facts::Service identify_tcp(runner::Context& context, const OpenPort& target);

}  // namespace haetae::testcases
