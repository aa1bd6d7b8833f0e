#include "reports/pictures/canvas.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace haetae::reports::pictures {

namespace {

/// Letter is one code point of sound UTF-8; what is none counts as one byte.
struct Letter {
  char32_t code = 0;
  std::size_t bytes = 1;
};

Letter letter_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t index) -> unsigned {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
  };
  const unsigned first = byte(at);
  const std::size_t bytes = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t code = bytes == 1 ? first : first & (0xFFU >> (bytes + 1));
  for (std::size_t index = 1; index < bytes; ++index)
    code = code << 6U | (byte(at + index) & 0x3FU);
  return {.code = code, .bytes = std::min(bytes, text.size() - at)};
}

/// ems() is the width of one code point: of the widest of the usual faces.
double ems(char32_t code) {
  if (code >= 0x1100) return code >= 0x2010 && code <= 0x2027 ? 0.85 : 1.0;
  if (code >= 0x300 && code < 0x370) return 0.0;
  constexpr std::u32string_view kNarrow = U"il.,:;'|!()[]jftI ";
  if (kNarrow.find(code) != std::u32string_view::npos) return 0.36;
  constexpr std::u32string_view kWide = U"mwMW@%";
  if (kWide.find(code) != std::u32string_view::npos) return 0.9;
  return code >= 'A' && code <= 'Z' ? 0.67 : code == '_' ? 0.5 : 0.57;
}

}  // namespace

Paint paint_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::not_applicable: return Paint::not_applicable;
    case Verdict::pass: return Paint::pass;
    case Verdict::pending: return Paint::pending;
    case Verdict::not_run: return Paint::not_run;
    case Verdict::inconclusive: return Paint::inconclusive;
    case Verdict::fail: return Paint::fail;
  }
  return Paint::inconclusive;
}

Texture texture_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return Texture::plain;
    case Verdict::fail: return Texture::hatched;
    case Verdict::inconclusive: return Texture::dotted;
    case Verdict::not_applicable:
    case Verdict::pending:
    case Verdict::not_run: return Texture::hollow;
  }
  return Texture::hollow;
}

std::string_view said(Verdict verdict, Language language) {
  return language == Language::ko ? korean(verdict) : word(verdict);
}

std::string_view said(Headline headline, Language language) {
  return language == Language::ko ? korean(headline) : word(headline);
}

double text_width(std::string_view text, double size, bool bold) {
  double width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text, at);
    width += ems(letter.code);
    at += letter.bytes;
  }
  return width * size * (bold ? 1.06 : 1.0);
}

std::string fit(std::string_view text, double size, double room, bool bold) {
  if (text_width(text, size, bold) <= room) return std::string(text);
  const double left = room - text_width("…", size, bold);
  double width = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    const Letter letter = letter_at(text, end);
    width += ems(letter.code) * size * (bold ? 1.06 : 1.0);
    if (width > left) break;
    end += letter.bytes;
  }
  return left < 0 ? std::string() : std::string(text.substr(0, end)) + "…";
}

std::string shown(std::string_view text) { return printable(text, 60); }

void say(Drawing& drawing, Word word, double room) {
  if (room > 0) word.text = fit(word.text, word.size, room, word.bold);
  if (!word.text.empty()) drawing.shapes.emplace_back(std::move(word));
}

void badge(Drawing& drawing, double x, double y, double radius, std::string_view sign) {
  drawing.shapes.emplace_back(Rect{.x = x - radius,
                                   .y = y - radius,
                                   .width = 2 * radius,
                                   .height = 2 * radius,
                                   .fill = Paint::paper,
                                   .radius = radius});
  say(drawing, {.x = x,
                .y = y + radius * 0.55,
                .text = std::string(sign),
                .size = radius * 1.6,
                .anchor = Anchor::middle,
                .bold = true});
}

double keys(Drawing& drawing, const std::vector<Key>& entries, double x, double y, double width,
            double size) {
  const double line = size * 1.65;
  double at = x;
  double base = y + size;
  for (const Key& key : entries) {
    const std::string text = key.sign.empty() ? key.text : key.sign + " " + key.text;
    const double before = key.swatch ? size * 1.45 : 0;
    const double room = std::min(width, before + text_width(text, size));
    if (at > x && at + room > x + width) {
      at = x;
      base += line;
    }
    if (key.swatch) {
      drawing.shapes.emplace_back(Rect{.x = at,
                                       .y = base - size * 0.85,
                                       .width = size * 1.1,
                                       .height = size,
                                       .fill = key.fill,
                                       .texture = key.texture,
                                       .radius = 1});
    }
    say(drawing, {.x = at + before, .y = base, .text = text, .size = size}, width - before);
    at += room + size * 1.3;
  }
  return entries.empty() ? y : base + size * 0.6;
}

double paragraph(Drawing& drawing, std::string_view text, double x, double y, double width,
                 double size, Paint paint) {
  std::string line;
  double base = y + size;
  const auto flush = [&] {
    say(drawing, {.x = x, .y = base, .text = line, .size = size, .paint = paint}, width);
    base += size * 1.4;
    line.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!line.empty() && text_width(line, size) + text_width(word, size) + size * 0.4 > width)
      flush();
    if (!line.empty()) line += ' ';
    line += word;
    at = end + 1;
  }
  if (!line.empty()) flush();
  return base - size;
}

Point on_circle(double x, double y, double radius, double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  return {.x = x + radius * std::sin(angle), .y = y - radius * std::cos(angle)};
}

}  // namespace haetae::reports::pictures
