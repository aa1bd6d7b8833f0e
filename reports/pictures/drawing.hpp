#pragma once

#include <string>
#include <variant>
#include <vector>

#include "reports/model.hpp"

/// Pictures of a report, as plain shapes: HTML writes them as SVG, PDF draws them with cairo, so
/// both show the same. Units are points; y grows downwards.
namespace haetae::reports::pictures {

/// Paint is a role, not a colour: each renderer has its own palette (light, dark, print).
enum class Paint {
  ink,
  faint,     ///< secondary text
  hairline,  ///< thin lines
  paper,     ///< background
  accent,
  accent_soft,
  pass,
  fail,
  inconclusive,
  not_run,
  pending,
  not_applicable
};
[[nodiscard]] Paint paint_of(Verdict verdict);

/// Texture tells areas apart without colour: plain is the fill; hatched is the fill under lines of
/// paper at 45 degrees (1 wide, every 4); dotted is the fill under round dots of paper (radius 0.8,
/// every 3.5); hollow is paper with an outline of the fill, 0.8 wide.
enum class Texture { plain, hatched, dotted, hollow };

enum class Anchor { start, middle, end };

struct Rect {
  double x = 0, y = 0, width = 0, height = 0;
  Paint fill = Paint::ink;
  Texture texture = Texture::plain;
  double radius = 0;
};
struct Line {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0, width = 0.5;
  Paint paint = Paint::hairline;
};
/// Path is a polyline through points x, y, x, y …
struct Path {
  std::vector<double> points;
  double width = 1;
  Paint paint = Paint::accent;
};
/// Wedge is a part of a ring; angles in degrees, 0 at the top, clockwise.
struct Wedge {
  double x = 0, y = 0, inner = 0, outer = 0, from = 0, to = 0;
  Paint fill = Paint::ink;
  Texture texture = Texture::plain;
};
struct Word {
  double x = 0, y = 0;  ///< of the baseline
  std::string text;
  double size = 8;
  Anchor anchor = Anchor::start;
  Paint paint = Paint::ink;
  bool bold = false;
};
using Shape = std::variant<Rect, Line, Path, Wedge, Word>;

struct Drawing {
  double width = 0, height = 0;
  std::string title;        ///< a short name
  std::string alternative;  ///< what it shows, in words, for who cannot see it
  std::vector<Shape> shapes;
  bool print = false;  ///< black on white on every page, a dark one too: a QR code
  [[nodiscard]] bool empty() const { return shapes.empty(); }
};

/// Each picture of a report; empty where the run holds nothing to draw. `width` in points.
[[nodiscard]] Drawing result_wheel(const Report& report, Language language, double width);
[[nodiscard]] Drawing domain_bars(const Report& report, Language language, double width);
[[nodiscard]] Drawing tls_map(const Report& report, Language language, double width);
[[nodiscard]] Drawing port_map(const Report& report, Language language, double width);
[[nodiscard]] Drawing latency_line(const Report& report, Language language, double width);
[[nodiscard]] Drawing time_line(const Report& report, Language language, double width);
/// entropy_map() draws Report::entropy, one band an image.
[[nodiscard]] Drawing entropy_map(const Report& report, Language language, double width);
/// label() is the mark with the result and a QR code; QR content: label_text().
[[nodiscard]] Drawing label(const Report& report, Language language);

/// label_text() is what the QR code holds: report number, headline, root hash, where to verify.
[[nodiscard]] std::string label_text(const Report& report);

/// svg() writes a drawing as an SVG element of the class "drawing" ("drawing print" if it is to be
/// black on white): role="img", title and desc, and classes instead of colours, so that the page's
/// style decides. p-… (p-ink, p-fail …) are paints: the style sets `color`, and shapes fill or
/// stroke with it; t-hatched and t-dotted are textures, already drawn. Ids come from the content:
/// different drawings may stand in one page. Device text in it is escaped.
[[nodiscard]] std::string svg(const Drawing& drawing);
/// svg_file() is a file of its own, with the light palette inside.
[[nodiscard]] std::string svg_file(const Drawing& drawing);

}  // namespace haetae::reports::pictures
