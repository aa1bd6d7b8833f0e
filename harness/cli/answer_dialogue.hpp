#pragma once

#include <cstddef>
#include <string>

#include "harness/cli/answer_book.hpp"
#include "harness/cli/terminal.hpp"

namespace haetae::cli {

/// converse() goes through the open steps with a person on standard input: what to do, what to look
/// at, what was found in documents; it takes an outcome, a text, attachments and where needed a
/// second person, without any default. Each answer is written at once, so that Ctrl-C, which ends
/// it like the word quit, loses nothing. `who` may be empty and is then asked once. It returns how
/// many answers were written.
[[nodiscard]] Result<std::size_t> converse(AnswerBook& book, std::string who, const Style& style);

}  // namespace haetae::cli
