#include "harness/catalogue/phrases.hpp"

#include <algorithm>
#include <array>

namespace haetae::catalogue {
namespace {

constexpr int kDeepest = 4;
constexpr std::size_t kLongest = 2000;
constexpr int kSteps = 2000;  ///< of one match: what a device said may be in the text

using Captures = std::array<std::string_view, 10>;

/// place_at() is the number of a {1} at `at`, 0 if none stands there.
std::size_t place_at(std::string_view text, std::size_t at) {
  const bool place = at + 2 < text.size() && text[at] == '{' && text[at + 2] == '}';
  return place && text[at + 1] >= '1' && text[at + 1] <= '9'
             ? static_cast<std::size_t>(text[at + 1] - '0')
             : 0;
}

/// fits() matches `text` against a pattern; each place takes at least one byte, and ends where the
/// words behind it come first.
bool fits(std::string_view pattern, std::string_view text, Captures& captures, int& steps) {
  if (--steps < 0) return false;
  std::size_t at = 0;
  while (at < pattern.size() && place_at(pattern, at) == 0) {
    if (at >= text.size() || pattern[at] != text[at]) return false;
    ++at;
  }
  if (at == pattern.size()) return at == text.size();
  const std::size_t number = place_at(pattern, at);
  pattern.remove_prefix(at + 3);
  text.remove_prefix(at);
  std::size_t words = 0;
  while (words < pattern.size() && place_at(pattern, words) == 0) ++words;
  if (words == 0) {
    captures[number] = text;
    return pattern.empty() && !text.empty();
  }
  for (std::size_t end = text.find(pattern.substr(0, words), 1); end != std::string_view::npos;
       end = text.find(pattern.substr(0, words), end + 1)) {
    captures[number] = text.substr(0, end);
    if (fits(pattern, text.substr(end), captures, steps)) return true;
  }
  return false;
}

std::string korean(const Reference& book, std::string_view english, int depth) {
  if (depth > kDeepest || english.size() > kLongest) return std::string(english);
  for (const auto& row : book.rows) {
    const auto* from = std::get_if<std::string>(&row[0]);
    const auto* to = std::get_if<std::string>(&row[1]);
    Captures captures;
    int steps = kSteps;
    if (from == nullptr || to == nullptr || !fits(*from, english, captures, steps)) continue;
    std::string out;
    for (std::size_t at = 0; at < to->size();) {
      const std::size_t number = place_at(*to, at);
      if (number == 0) {
        out.push_back((*to)[at++]);
      } else {
        out += korean(book, captures[number], depth + 1);
        at += 3;
      }
    }
    return out;
  }
  return std::string(english);
}

}  // namespace

Text phrase(const Catalogue& catalogue, std::string_view english) {
  Text out{.ko = std::string(english), .en = std::string(english)};
  const Reference* book = catalogue.reference("phrase");
  const auto named = [](const ReferenceColumn& column, std::string_view name) {
    return column.name == name;
  };
  if (book == nullptr || book->columns.size() != 2 || !named(book->columns[0], "en") ||
      !named(book->columns[1], "ko")) {
    return out;
  }
  out.ko = korean(*book, english, 0);
  return out;
}

}  // namespace haetae::catalogue
