#include "testcases/software/shown_text.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace haetae::testcases {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool part_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string shown_text(const protocols::HttpResponse& response) {
  const bool html = response.body.find('<') != std::string::npos &&
                    lower(response.field("Content-Type")).find("html") != std::string::npos;
  return html ? protocols::html_text(response.body) : response.body;
}

bool holds(const std::string& text, const std::string& wanted) {
  if (wanted.empty()) return false;
  for (std::size_t at = 0; (at = text.find(wanted, at)) != std::string::npos; ++at) {
    const std::size_t end = at + wanted.size();
    const bool before = at == 0 || (!part_of_word(text[at - 1]) && text[at - 1] != '.');
    const bool dot = end + 1 < text.size() && text[end] == '.' && part_of_word(text[end + 1]);
    if (before && (end == text.size() || (!part_of_word(text[end]) && !dot))) return true;
  }
  // A version is often written with a v in front.
  return wanted.front() != 'v' && holds(text, "v" + wanted);
}

std::string value_after(const std::string& text, const std::string& field) {
  const std::string low = lower(text);
  std::vector<std::string> names{field};
  if (field == "firmware") names = {"firmware", "version"};
  for (const std::string& name : names) {
    const std::size_t at = low.find(name);
    if (at == std::string::npos) continue;
    std::size_t from = at + name.size();
    for (const char* filler : {"version", "_version", "-version", " version"})
      if (low.compare(from, std::string_view(filler).size(), filler) == 0)
        from += std::string_view(filler).size();
    from = std::min(text.find_first_not_of("\"': =\t\n\r", from), text.size());
    const std::size_t end = std::min(text.find_first_of("\"',;<}\n\r", from), text.size());
    const std::string value = text.substr(from, std::min<std::size_t>(end - from, 100));
    if (!value.empty()) return value;
  }
  return {};
}

}  // namespace haetae::testcases
