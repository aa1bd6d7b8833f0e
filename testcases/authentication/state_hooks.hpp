#pragma once

#include <initializer_list>
#include <string_view>

#include "harness/declaration/declaration.hpp"
#include "harness/runner/procedure.hpp"

/// Bringing the device into another state by a hook of the device file.
namespace haetae::testcases {

/// first_hook() is the first of these names that is declared; null if none is.
[[nodiscard]] const declaration::Hook* first_hook(const runner::Context& context,
                                                  std::initializer_list<std::string_view> names);

/// bring_by_hook() runs the hook and waits until a service that was seen before answers again, at
/// most as long as the hook may take. `evidence` becomes what it said.
[[nodiscard]] bool bring_by_hook(runner::Context& context, const declaration::Hook& hook,
                                 EvidenceId& evidence);

/// normal_again() is whether a declared credential is accepted.
[[nodiscard]] bool normal_again(runner::Context& context);

}  // namespace haetae::testcases
