#pragma once

#include <string>
#include <vector>

#include "harness/cli/answer_book.hpp"
#include "harness/cli/terminal.hpp"

namespace haetae::cli {

/// steps_text() is a line for each step, open ones marked.
[[nodiscard]] std::string steps_text(const std::vector<Asked>& asked, const Style& style);

/// steps_json() is the same for a script: both languages, hits and the newest answer.
[[nodiscard]] std::string steps_json(const AnswerBook& book, const std::vector<Asked>& asked);

}  // namespace haetae::cli
