#include "harness/formats/record_lines.hpp"

#include <algorithm>
#include <array>

namespace haetae::formats {
namespace {

constexpr std::size_t kMostBytes = 4U << 20U;
constexpr std::size_t kMostLines = 50'000;
constexpr std::size_t kMostLine = 4096;

void add(RecordLines& out, std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return;
  line = line.substr(first, line.find_last_not_of(" \t\r\n") - first + 1);
  if (out.lines.size() >= kMostLines) {
    out.whole = false;
    return;
  }
  out.lines.emplace_back(line.substr(0, kMostLine));
}

void put_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A surrogate pair stays two replacement-like parts: names and words of events have none.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    const char kind = text[++at];
    if (kind == 'n' || kind == 'r') {
      out += '\n';
    } else if (kind == 't') {
      out += '\t';
    } else if (kind == 'u' && at + 4 < text.size()) {
      int code = 0;
      for (std::size_t i = 1; i <= 4 && code >= 0; ++i) {
        const int digit = hex(text[at + i]);
        code = digit < 0 ? -1 : code * 16 + digit;
      }
      if (code < 0) continue;
      put_utf8(out, static_cast<unsigned>(code));
      at += 4;
    } else {
      out += kind;
    }
  }
  return out;
}

void add_lines(RecordLines& out, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    add(out, text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

void add_element(RecordLines& out, std::string_view element) {
  std::string text = unescaped(element);
  std::replace(text.begin(), text.end(), '\n', ' ');
  add(out, text);
}

/// read_json() takes the elements of every array that lies in no other one.
bool read_json(std::string_view text, RecordLines& out) {
  int depth = 0;  // of brackets and braces inside the array
  bool inside = false;
  bool quoted = false;
  bool found = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') {
      quoted = true;
    } else if (!inside) {
      if (c != '[') continue;
      inside = found = true;
      depth = 0;
      begin = at + 1;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' && depth == 0) {
      add_element(out, text.substr(begin, at - begin));
      inside = false;
    } else if (c == ']' || c == '}') {
      depth = std::max(0, depth - 1);
    } else if (c == ',' && depth == 0) {
      add_element(out, text.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  if (inside) add_element(out, text.substr(begin));
  return found;
}

bool breaks_line(std::string_view tag) {
  static constexpr std::array<std::string_view, 9> kTags{"tr", "li",  "br", "p", "div",
                                                         "h1", "pre", "h2", "dd"};
  if (!tag.empty() && tag.front() == '/') tag.remove_prefix(1);
  std::string name;
  for (const char c : tag.substr(0, 4)) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if ((low < 'a' || low > 'z') && (low < '0' || low > '9')) break;
    name += low;
  }
  return std::find(kTags.begin(), kTags.end(), name) != kTags.end();
}

std::string without_tags(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('<');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open + 1);
    const auto close = text.find('>');
    if (close == std::string_view::npos) {
      out += '<';
      continue;
    }
    out += breaks_line(text.substr(0, close)) ? '\n' : ' ';
    text.remove_prefix(close + 1);
  }
  return out;
}

bool is_page(std::string_view text) {
  std::string head(text.substr(0, 200));
  for (char& c : head) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return head.find("<!doctype html") != std::string::npos ||
         head.find("<html") != std::string::npos;
}

}  // namespace

RecordLines record_lines(std::string_view text) {
  RecordLines out;
  if (text.size() > kMostBytes) {
    out.whole = false;
    text = text.substr(0, kMostBytes);
  }
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return out;
  if (text[first] == '{' || text[first] == '[') {
    if (!read_json(text, out)) add_lines(out, unescaped(text));
  } else {
    add_lines(out, is_page(text) ? without_tags(text) : std::string(text));
  }
  return out;
}

}  // namespace haetae::formats
