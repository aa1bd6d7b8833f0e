#pragma once

#include <vector>

#include "testcases/authentication/well_known_list.hpp"

namespace haetae::testcases {

/// console_trials() is what is tried at the login prompt of the console: at most `most`, the
/// likeliest first, at most three of an account. Of the declared accounts only those with a shell
/// login are tried, once each, since their failures count elsewhere too.
[[nodiscard]] std::vector<Trial> console_trials(runner::Context& context, std::size_t most);

/// console_budget() is what the ledger lets us do with an account at the console.
[[nodiscard]] Budget console_budget(const runner::Context& context, std::string_view account);

}  // namespace haetae::testcases
