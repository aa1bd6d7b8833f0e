#include "testcases/firmware/software_version.hpp"

#include <algorithm>
#include <cctype>

namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kLongest = 40;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// ~ is before the end, the end before letters, letters before all else.
int rank(std::string_view text, std::size_t at) {
  if (at >= text.size() || digit(text[at])) return 0;
  if (text[at] == '~') return -1;
  return letter(text[at]) ? text[at] : text[at] + 256;
}

std::string even(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const std::string_view word : {"rc", "alpha", "beta", "pre"}) {
      if (text.substr(at, word.size()) != word) continue;
      while (!out.empty() && !digit(out.back()) && !letter(out.back())) out.pop_back();
      out += '~';
      break;
    }
    const char c = text[at];
    out += c == '_' ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

int compare_even(std::string_view left, std::string_view right) {
  std::size_t l = 0, r = 0;
  while (l < left.size() || r < right.size()) {
    while ((l < left.size() && !digit(left[l])) || (r < right.size() && !digit(right[r]))) {
      const int a = rank(left, l), b = rank(right, r);
      if (a != b) return a - b;
      ++l;
      ++r;
    }
    while (l < left.size() && left[l] == '0') ++l;
    while (r < right.size() && right[r] == '0') ++r;
    int first = 0;
    while (l < left.size() && r < right.size() && digit(left[l]) && digit(right[r])) {
      if (first == 0) first = left[l] - right[r];
      ++l;
      ++r;
    }
    if (l < left.size() && digit(left[l])) return 1;
    if (r < right.size() && digit(right[r])) return -1;
    if (first != 0) return first;
  }
  return 0;
}

}  // namespace

std::string version_at(std::string_view text, std::size_t at) {
  if (at >= text.size() || !digit(text[at])) return {};
  std::size_t end = at;
  while (end < text.size() && end - at < kLongest &&
         (digit(text[end]) || letter(text[end]) ||
          std::string_view(".+~-_").find(text[end]) != std::string_view::npos))
    ++end;
  while (end > at && !digit(text[end - 1]) && !letter(text[end - 1])) --end;
  return std::string(text.substr(at, end - at));
}

std::string release_of(std::string_view version, bool packaged) {
  if (packaged) {
    if (const auto epoch = version.find(':'); epoch != std::string_view::npos)
      version.remove_prefix(epoch + 1);
    if (const auto revision = version.rfind('-'); revision != std::string_view::npos)
      version = version.substr(0, revision);
    for (const std::string_view mark :
         {"+dfsg", ".dfsg", "~dfsg", "+ds", "+really", "+git", "+repack"})
      if (const auto at = version.find(mark); at != std::string_view::npos)
        version = version.substr(0, at);
  } else if (version.starts_with('v') || version.starts_with('V')) {
    version.remove_prefix(1);
  }
  std::size_t start = 0;
  while (start < version.size() && !digit(version[start])) ++start;
  // A revision of whoever built it: 5.10.0-23-amd64, 1.35.0-4.
  std::size_t end = start;
  while (end < version.size() && version[end] != '-' && version[end] != '+' &&
         version[end] != '(' && version[end] != ' ')
    ++end;
  std::string out(version.substr(start, end - start));
  // What comes before a release is part of its name: 2024.01-rc3.
  const std::string_view rest = version.substr(end);
  if (rest.starts_with("-rc")) {
    std::size_t last = 1;
    while (last < rest.size() && (digit(rest[last]) || letter(rest[last]))) ++last;
    out += rest.substr(0, last);
  }
  return out.size() <= kLongest ? out : out.substr(0, kLongest);
}

int compare_versions(std::string_view left, std::string_view right) {
  return compare_even(even(left), even(right));
}

}  // namespace haetae::testcases::firmware
