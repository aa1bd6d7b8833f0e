#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haetae::testcases::firmware {

/// LogString is a text that puts a secret into a message.
struct LogString {
  std::size_t at = 0;  ///< first byte of the text in the file
  std::string_view text;
  std::string word;  ///< what it says the value is: password
};

/// log_string() looks at a word for a secret at a place of a program: a format of printf(3) that
/// shows the value after the word, within a message for people. Formats that only write a setting,
/// an option, a page or JSON are none.
[[nodiscard]] std::optional<LogString> log_string(std::string_view content, std::size_t at,
                                                  std::string_view word);

/// log_line() is the same for a line of a script that gives a variable to logger(1).
[[nodiscard]] std::optional<LogString> log_line(std::string_view content, std::size_t at,
                                                std::string_view word);

}  // namespace haetae::testcases::firmware
