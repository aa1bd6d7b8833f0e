#pragma once

#include <string>

#include "testcases/authentication/http_call.hpp"

namespace haetae::testcases::update {

/// follow_status() asks the declared status call until one of its texts comes or the declared time
/// to settle is over. Told::nothing if neither came.
[[nodiscard]] Told follow_status(runner::Context& context, const declaration::HttpCall& call,
                                 protocols::HttpClient& client, std::string& message);

}  // namespace haetae::testcases::update
