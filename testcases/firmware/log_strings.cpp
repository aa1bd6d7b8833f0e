#include "testcases/firmware/log_strings.hpp"

#include <algorithm>

#include "testcases/firmware/text.hpp"

namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kLongest = 400;

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool shown(char c) { return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t' || c == '\r'; }

// The text between two NUL bytes, as compilers lay strings out.
std::optional<Line> string_around(std::string_view content, std::size_t at) {
  std::size_t from = at, end = at;
  while (from > 0 && shown(content[from - 1]) && at - from < kLongest) --from;
  while (end < content.size() && shown(content[end]) && end - at < kLongest) ++end;
  if (end >= content.size() || content[end] != '\0') return std::nullopt;
  if (from > 0 && content[from - 1] != '\0') return std::nullopt;
  return Line{from, content.substr(from, end - from)};
}

// Words of three letters or more, without the conversions of printf.
std::size_t words_of(std::string_view text) {
  std::size_t count = 0, run = 0;
  for (const char c : text) {
    run = letter(c) ? run + 1 : 0;
    if (run == 3) ++count;
  }
  return count;
}

}  // namespace

std::optional<LogString> log_string(std::string_view content, std::size_t at,
                                    std::string_view word) {
  const auto held = string_around(content, at);
  if (!held) return std::nullopt;
  const std::string_view text = held->text;
  const std::size_t in = at - held->at;
  if (in > 0 && (letter(text[in - 1]) || text[in - 1] == '-' || text[in - 1] == '<' ||
                 text[in - 1] == '&' || text[in - 1] == '?'))
    return std::nullopt;
  std::size_t next = in + word.size();
  const std::size_t from = next;
  while (next < text.size() && next - from < 4 &&
         std::string_view(" :='\"[(<>").find(text[next]) != std::string_view::npos)
    ++next;
  if (next == from || text.substr(next, 2) != "%s") return std::nullopt;
  // Settings, options, pages and documents are written in this way, too, but are no messages.
  if (text.starts_with('-') || text.find("</") != std::string_view::npos ||
      text.find("\":") != std::string_view::npos || text.find('{') != std::string_view::npos ||
      text.find("?") != std::string_view::npos || text.find(" --") != std::string_view::npos)
    return std::nullopt;
  const std::string_view rest = text.substr(next + 2);
  if (words_of(text.substr(0, in)) + words_of(rest) < 1) return std::nullopt;
  return LogString{held->at, text, lowered(word)};
}

std::optional<LogString> log_line(std::string_view content, std::size_t at, std::string_view word) {
  const Line line = line_around(content, at);
  const std::string_view text = trimmed(line.text);
  if (text.starts_with('#')) return std::nullopt;
  const std::size_t command = text.find("logger ");
  if (command == std::string_view::npos) return std::nullopt;
  if (command > 0 && letter(text[command - 1])) return std::nullopt;
  const auto in = static_cast<std::size_t>(content.data() + at - text.data());
  if (in <= command || in >= text.size()) return std::nullopt;
  // The word belongs to the name of a variable: $WIFI_PASSWORD, ${password}.
  std::size_t start = in;
  while (start > 0 && (letter(text[start - 1]) || text[start - 1] == '_')) --start;
  const bool braces = start > 0 && text[start - 1] == '{';
  const std::size_t sign = braces ? 2 : 1;
  if (start < sign || text[start - sign] != '$') return std::nullopt;
  return LogString{line.at, line.text, lowered(word)};
}

}  // namespace haetae::testcases::firmware
