#include "testcases/firmware/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kAround = 512;

}  // namespace

std::vector<Line> lines(std::string_view content, std::size_t most) {
  std::vector<Line> out;
  for (std::size_t at = 0; at < content.size() && out.size() < most;) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    std::string_view text = content.substr(at, std::min(end - at, kLongestLine));
    if (text.ends_with('\r')) text.remove_suffix(1);
    out.push_back({at, text});
    at = end + 1;
  }
  return out;
}

Line line_around(std::string_view content, std::size_t at) {
  constexpr std::string_view kEnds("\n\0", 2);
  if (at >= content.size()) return {content.size(), {}};
  const std::size_t first = at > kAround ? at - kAround : 0;
  const std::string_view before = content.substr(first, at - first);
  const std::size_t cut = before.find_last_of(kEnds);
  const std::size_t from = cut == std::string_view::npos ? first : first + cut + 1;
  const std::string_view after = content.substr(at, kAround);
  const std::size_t end = at + std::min(after.find_first_of(kEnds), after.size());
  std::string_view text = content.substr(from, end - from);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return {from, text};
}

std::vector<std::string_view> fields(std::string_view text, char separator, std::size_t most) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  while (out.size() + 1 < most) {
    const std::size_t end = text.find(separator, at);
    if (end == std::string_view::npos) break;
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  out.push_back(text.substr(at));
  return out;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

std::string_view extension(std::string_view path) {
  const std::string_view name = base_name(path);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
}

bool below(std::string_view path, std::string_view folder) {
  return path.find(folder) != std::string_view::npos;
}

bool is_text(std::string_view content) {
  const std::string_view head = content.substr(0, 4096);
  std::size_t odd = 0;
  for (const char c : head) {
    if (c == '\0') return false;
    const auto value = static_cast<unsigned char>(c);
    if (value < 32 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1b') ++odd;
  }
  return !head.empty() && odd * 50 <= head.size();
}

bool is_elf(std::string_view content) {
  return content.starts_with(
      "\x7f"
      "ELF");
}

double entropy(std::string_view text) {
  std::array<std::size_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

std::string unbase64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  unsigned held = 0;
  int bits = 0;
  for (const char c : text) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z')
      value = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<unsigned>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      value = static_cast<unsigned>(c - '0') + 52;
    else if (c == '+' || c == '-')
      value = 62;
    else if (c == '/' || c == '_')
      value = 63;
    else
      return {};
    held = (held << 6U | value) & 0xFFFFFFU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>(held >> static_cast<unsigned>(bits) & 0xFFU));
    }
  }
  return out;
}

std::vector<Row> table(const catalogue::Catalogue& catalogue, std::string_view name) {
  std::vector<Row> out;
  const catalogue::Reference* reference = catalogue.reference(name);
  if (reference == nullptr) return out;
  for (const auto& values : reference->rows) {
    Row row;
    for (std::size_t index = 0; index < reference->columns.size(); ++index) {
      const Value& value = values[index];
      if (const auto* text = std::get_if<std::string>(&value))
        row[reference->columns[index].name] = *text;
      else if (const auto* number = std::get_if<std::int64_t>(&value))
        row[reference->columns[index].name] = std::to_string(*number);
    }
    out.push_back(std::move(row));
  }
  return out;
}

const std::string& cell(const Row& row, std::string_view column) {
  static const std::string kNone;
  const auto found = row.find(column);
  return found == row.end() ? kNone : found->second;
}

}  // namespace haetae::testcases::firmware
