#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/pictures/drawing.hpp"

/// What all pictures are drawn with: words that fit, keys that wrap, two languages.
namespace haetae::reports::pictures {

/// text_width() estimates how wide a text is, in points, on the safe side: no font is asked.
[[nodiscard]] double text_width(std::string_view text, double size, bool bold = false);

/// fit() is the text, or its start with "…", so that it is no wider than `room`.
[[nodiscard]] std::string fit(std::string_view text, double size, double room, bool bold = false);

/// shown() is a device's text as a picture may show it: no control codes, at most 60 bytes.
[[nodiscard]] std::string shown(std::string_view text);

[[nodiscard]] inline std::string_view pick(Language language, std::string_view ko,
                                           std::string_view en) {
  return language == Language::ko ? ko : en;
}
[[nodiscard]] std::string_view said(Verdict verdict, Language language);
[[nodiscard]] std::string_view said(Headline headline, Language language);

/// texture_of() differs between verdicts that a grey print would show alike.
[[nodiscard]] Texture texture_of(Verdict verdict);

/// worst_first is the order in which verdicts are shown.
inline constexpr Verdict kWorstFirst[] = {Verdict::fail,    Verdict::inconclusive,
                                          Verdict::not_run, Verdict::pending,
                                          Verdict::pass,    Verdict::not_applicable};

/// say() adds a word, shortened to `room` (0: as it is).
void say(Drawing& drawing, Word word, double room = 0);

/// badge() is a sign on a small disc of paper: readable on every texture.
void badge(Drawing& drawing, double x, double y, double radius, std::string_view sign);

/// Key is one entry of a legend: a swatch and its words.
struct Key {
  Paint fill = Paint::ink;
  Texture texture = Texture::plain;
  std::string sign, text;
  bool swatch = true;
};
/// keys() lays entries out from left to right and wraps them; it gives the y below the last line.
[[nodiscard]] double keys(Drawing& drawing, const std::vector<Key>& entries, double x, double y,
                          double width, double size = 8);

/// paragraph() wraps words at spaces; it gives the y below the last line.
[[nodiscard]] double paragraph(Drawing& drawing, std::string_view text, double x, double y,
                               double width, double size = 8, Paint paint = Paint::faint);

/// Point on a circle; degrees as Wedge has them.
struct Point {
  double x = 0, y = 0;
};
[[nodiscard]] Point on_circle(double x, double y, double radius, double degrees);

}  // namespace haetae::reports::pictures
