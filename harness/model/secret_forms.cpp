#include "harness/model/secret_forms.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "harness/model/bytes.hpp"

namespace haetae {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// base64_core() is what stands in any base64 text that holds `value` behind `before` other bytes
/// (modulo 3): only letters of which all six bits come from the value.
std::string base64_core(std::string_view value, std::size_t before) {
  const std::size_t first = before * 8, end = first + value.size() * 8;
  const auto bit = [&](std::size_t at) -> unsigned {
    const std::size_t inside = at - first;
    return (static_cast<unsigned char>(value[inside / 8]) >> (7 - inside % 8)) & 1U;
  };
  std::string out;
  for (std::size_t letter = (first + 5) / 6; (letter + 1) * 6 <= end; ++letter) {
    unsigned number = 0;
    for (std::size_t at = letter * 6; at < (letter + 1) * 6; ++at) number = number << 1U | bit(at);
    out += kBase64[number];
  }
  return out;
}

std::string url_safe(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

template <class Write>
std::string each(std::string_view value, const Write& write) {
  std::string out;
  for (const char letter : value) out += write(letter);
  return out;
}

bool unreserved(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
         std::string_view("-._~").find(letter) != std::string_view::npos;
}

std::string percent(char letter, bool upper) {
  const auto byte = static_cast<unsigned char>(letter);
  return upper ? fmt::format("%{:02X}", byte) : fmt::format("%{:02x}", byte);
}

/// Marks are the writings of & < > " ' in HTML.
struct Marks {
  std::string_view ampersand, less, more, quote, apostrophe;
};
constexpr Marks kMarks[] = {{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"},
                            {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"},
                            {"&amp;", "&lt;", "&gt;", "&quot;", "'"},
                            {"&amp;", "&lt;", "&gt;", "\"", "'"},
                            {"&#38;", "&#60;", "&#62;", "&#34;", "&#39;"},
                            {"&#x26;", "&#x3C;", "&#x3E;", "&#x22;", "&#x27;"},
                            {"&#x26;", "&#x3c;", "&#x3e;", "&#x22;", "&#x27;"}};

std::string html(std::string_view value, const Marks& marks) {
  return each(value, [&](char letter) -> std::string {
    switch (letter) {
      case '&': return std::string(marks.ampersand);
      case '<': return std::string(marks.less);
      case '>': return std::string(marks.more);
      case '"': return std::string(marks.quote);
      case '\'': return std::string(marks.apostrophe);
      default: return std::string(1, letter);
    }
  });
}

std::string json(std::string_view value, bool slash) {
  return each(value, [&](char letter) -> std::string {
    if (letter == '"' || letter == '\\' || (slash && letter == '/')) return {'\\', letter};
    return std::string(1, letter);
  });
}

std::string utf16(std::string_view value, bool little) {
  return each(value, [&](char letter) -> std::string {
    return little ? std::string{letter, '\0'} : std::string{'\0', letter};
  });
}

}  // namespace

std::vector<std::string> secret_forms(std::string_view value) {
  std::vector<std::string> out{std::string(value)};
  const auto add = [&](std::string form) {
    if (form.size() >= kShortestSecret && std::ranges::find(out, form) == out.end()) {
      out.push_back(std::move(form));
    }
  };
  for (const std::size_t before : {0, 1, 2}) {
    const std::string core = base64_core(value, before);
    add(core);
    add(url_safe(core));
  }
  const std::string hex = to_hex(as_bytes(value));
  add(hex);
  add(each(hex, [](char letter) {
    return std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(letter))));
  }));
  for (const bool upper : {true, false}) {
    const auto encoded = [&](char letter) {
      return unreserved(letter) ? std::string(1, letter) : percent(letter, upper);
    };
    add(each(value, encoded));
    add(each(value,
             [&](char letter) { return letter == ' ' ? std::string("+") : encoded(letter); }));
    add(each(value, [&](char letter) { return percent(letter, upper); }));
  }
  for (const Marks& marks : kMarks) add(html(value, marks));
  add(json(value, false));
  add(json(value, true));
  add(printable(value, value.size() * 4));
  add(each(value, [](char letter) {
    return letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  }));
  add(utf16(value, true));
  add(utf16(value, false));
  return out;
}

}  // namespace haetae
