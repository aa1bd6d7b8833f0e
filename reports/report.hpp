#pragma once

#include <string>
#include <string_view>

#include "harness/evidence/run_file.hpp"
#include "harness/model/error.hpp"

namespace haetae::reports {

/// render() verifies a run file and renders its newest revision as "html", "json" or "junit".
/// `language` is "ko" or "en"; JSON holds both. An unknown format or language is
/// ErrorKind::invalid_input, a run that was never judged ErrorKind::not_found.
[[nodiscard]] Result<std::string> render(const evidence::RunFile& run, std::string_view format,
                                         std::string_view language);

}  // namespace haetae::reports
