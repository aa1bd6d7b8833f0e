#include "harness/protocols/login.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace haetae::protocols {
namespace {

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool any_of_words(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return contains_word(text, word); });
}

constexpr std::array<std::string_view, 14> kBlocked = {
    "too many",      "locked",       "lock out",        "lockout",         "blocked",
    "banned",        "try again in", "try again later", "maximum number",  "max attempts",
    "maximum login", "retry after",  "temporarily",     "account disabled"};

constexpr std::array<std::string_view, 14> kRefused = {
    "incorrect", "invalid",      "denied",  "authentication fail", "login fail",
    "failed",    "bad password", "wrong",   "not authorized",      "unauthorized",
    "failure",   "rejected",     "refused", "no such user"};

}  // namespace

std::string_view word(LoginOutcome outcome) {
  switch (outcome) {
    case LoginOutcome::accepted: return "accepted";
    case LoginOutcome::refused: return "refused";
    case LoginOutcome::blocked: return "blocked";
    case LoginOutcome::unknown: break;
  }
  return "unknown";
}

bool contains_word(std::string_view text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [](char a, char b) { return small(a) == small(b); }) != text.end();
}

bool says_blocked(std::string_view text) { return any_of_words(text, kBlocked); }
bool says_refused(std::string_view text) { return any_of_words(text, kRefused); }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), small);
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace haetae::protocols
