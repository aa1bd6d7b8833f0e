#include "testcases/firmware/reference_rows.hpp"

#include <algorithm>
#include <cstring>

namespace haetae::testcases::firmware {

ReferenceRows::ReferenceRows(const catalogue::Catalogue& catalogue, std::string_view name) {
  for (const catalogue::Reference& one : catalogue.references)
    if (one.name == name) reference_ = &one;
}

std::string ReferenceRows::text(std::size_t row, std::string_view column) const {
  for (std::size_t index = 0; index < reference_->columns.size(); ++index) {
    if (reference_->columns[index].name != column) continue;
    const Value& value = reference_->rows.at(row).at(index);
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  }
  return {};
}

std::int64_t ReferenceRows::number(std::size_t row, std::string_view column) const {
  for (std::size_t index = 0; index < reference_->columns.size(); ++index) {
    if (reference_->columns[index].name != column) continue;
    const auto* number = std::get_if<std::int64_t>(&reference_->rows.at(row).at(index));
    return number != nullptr ? *number : 0;
  }
  return 0;
}

bool fits(std::string_view pattern, std::string_view name) {
  std::size_t at = 0, star = std::string_view::npos, behind = 0, place = 0;
  while (at < name.size()) {
    if (place < pattern.size() && pattern[place] == '*') {
      star = place++;
      behind = at;
    } else if (place < pattern.size() && pattern[place] == name[at]) {
      ++place;
      ++at;
    } else if (star != std::string_view::npos) {
      place = star + 1;
      at = ++behind;
    } else {
      return false;
    }
  }
  while (place < pattern.size() && pattern[place] == '*') ++place;
  return place == pattern.size();
}

bool fits_any(std::string_view patterns, std::string_view name) {
  for (std::size_t at = 0; at < patterns.size();) {
    const std::size_t end = std::min(patterns.find(' ', at), patterns.size());
    if (end > at && fits(patterns.substr(at, end - at), name)) return true;
    at = end + 1;
  }
  return false;
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::size_t find_bytes(std::string_view bytes, std::string_view text, std::size_t from) {
  if (text.empty() || from >= bytes.size()) return std::string_view::npos;
  const void* found = ::memmem(bytes.data() + from, bytes.size() - from, text.data(), text.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
}

}  // namespace haetae::testcases::firmware
