#include "testcases/authorisation/content.hpp"

#include <set>

namespace haetae::testcases {
namespace {

constexpr std::size_t kWords = 20000;
constexpr std::size_t kShortest = 3;

bool part_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::set<std::string_view> words(std::string_view text) {
  std::set<std::string_view> out;
  for (std::size_t at = 0; at < text.size() && out.size() < kWords;) {
    std::size_t end = at;
    while (end < text.size() && part_of_word(text[end])) ++end;
    if (end - at >= kShortest) out.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

Alike alike(const protocols::HttpResponse& answer, const protocols::HttpResponse& right,
            std::string_view common) {
  if (answer.body == right.body && !right.body.empty() && right.body != common) return Alike::same;
  const auto everywhere = words(common);
  const auto given = words(answer.body);
  std::size_t wanted = 0, found = 0;
  for (const std::string_view word : words(right.body)) {
    if (everywhere.contains(word)) continue;
    ++wanted;
    if (given.contains(word)) ++found;
  }
  if (wanted == 0) return Alike::undecided;
  if (found == 0) return Alike::unlike;
  // Times and counters differ from one answer to the next, so not every word has to be there.
  return found * 2 >= wanted ? Alike::same : Alike::undecided;
}

bool lacks_success(const declaration::HttpCall& call, const protocols::HttpResponse& answer,
                   const protocols::HttpResponse& right, std::string_view common) {
  return !call.success_text.empty() && answer.status < 500 && !answer.broken_off() &&
         answer.body.find(call.success_text) == std::string::npos &&
         alike(answer, right, common) != Alike::same;
}

}  // namespace haetae::testcases
