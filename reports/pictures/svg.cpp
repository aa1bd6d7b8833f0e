#include <array>
#include <set>
#include <string>

#include <fmt/format.h>

#include "reports/pictures/canvas.hpp"

namespace haetae::reports::pictures {

namespace {

struct Tone {
  std::string_view name, colour;
};

/// kTones is the palette, in the order of Paint; the light one of the page.
constexpr std::array<Tone, 12> kTones{{{"ink", "#1b1f24"},
                                       {"faint", "#59636e"},
                                       {"hairline", "#aab2bb"},
                                       {"paper", "#ffffff"},
                                       {"accent", "#1f4e79"},
                                       {"accent-soft", "#cfdeec"},
                                       {"pass", "#1a6b3c"},
                                       {"fail", "#b3261e"},
                                       {"inconclusive", "#8a5a00"},
                                       {"not-run", "#59636e"},
                                       {"pending", "#1f5fa8"},
                                       {"not-applicable", "#7a838d"}}};

std::string_view name_of(Paint paint) { return kTones[static_cast<std::size_t>(paint)].name; }

std::string number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : printable(text, 4000)) {
    switch (letter) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += letter;
    }
  }
  return out;
}

/// Writer writes the shapes and remembers which patterns they need.
class Writer {
 public:
  explicit Writer(std::string id) : id_(std::move(id)) {}
  void operator()(const Rect& rect) {
    body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}{}/>", number(rect.x),
                         number(rect.y), number(rect.width), number(rect.height),
                         rect.radius > 0 ? fmt::format(" rx=\"{}\"", number(rect.radius)) : "",
                         area(rect.fill, rect.texture));
  }
  void operator()(const Line& line) {
    body_ += fmt::format("<path class=\"p-{}\" d=\"M{} {}L{} {}\" {}/>", name_of(line.paint),
                         number(line.x1), number(line.y1), number(line.x2), number(line.y2),
                         stroke(line.width));
  }
  void operator()(const Path& path) {
    std::string steps;
    for (std::size_t at = 0; at + 1 < path.points.size(); at += 2) {
      steps += fmt::format("{}{} {}", at == 0 ? 'M' : 'L', number(path.points[at]),
                           number(path.points[at + 1]));
    }
    body_ += fmt::format("<path class=\"p-{}\" d=\"{}\" {}/>", name_of(path.paint), steps,
                         stroke(path.width));
  }
  void operator()(const Wedge& wedge) {
    body_ += fmt::format("<path d=\"{}\"{}/>", ring(wedge), area(wedge.fill, wedge.texture));
  }
  void operator()(const Word& word) {
    constexpr std::array kAnchors{"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    body_ += fmt::format("<text class=\"p-{}\" x=\"{}\" y=\"{}\" font-size=\"{}\"{}{}{}>{}</text>",
                         name_of(word.paint), number(word.x), number(word.y), number(word.size),
                         kAnchors[static_cast<std::size_t>(word.anchor)],
                         word.bold ? " font-weight=\"700\"" : "", " fill=\"currentColor\"",
                         escaped(word.text));
  }
  [[nodiscard]] const std::string& body() const { return body_; }
  [[nodiscard]] std::string patterns() const;

 private:
  static std::string stroke(double width) {
    return fmt::format(
        "fill=\"none\" stroke=\"currentColor\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
        number(width));
  }
  std::string area(Paint fill, Texture texture) {
    const std::string_view name = name_of(fill);
    if (texture == Texture::plain)
      return fmt::format(" class=\"p-{}\" fill=\"currentColor\"", name);
    if (texture == Texture::hollow) {
      return fmt::format(
          " class=\"p-{} t-hollow\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.8\"",
          name);
    }
    const std::string_view kind = texture == Texture::hatched ? "hatched" : "dotted";
    patterns_.insert({std::string(kind), std::string(name)});
    return fmt::format(" class=\"t-{0}\" fill=\"url(#{1}-{0}-{2})\"", kind, id_, name);
  }
  static std::string arc(const Wedge& wedge, double radius, double from, double to) {
    const Point end = on_circle(wedge.x, wedge.y, radius, to);
    const double sweep = to - from;
    return fmt::format("A{0} {0} 0 {1} {2} {3} {4}", number(radius), std::abs(sweep) > 180 ? 1 : 0,
                       sweep > 0 ? 1 : 0, number(end.x), number(end.y));
  }
  /// ring() draws arcs of less than half a circle: an arc of a whole one would be nothing.
  static std::string ring(const Wedge& wedge) {
    const double third = (wedge.to - wedge.from) / 3;
    const Point start = on_circle(wedge.x, wedge.y, wedge.outer, wedge.from);
    std::string out = fmt::format("M{} {}", number(start.x), number(start.y));
    for (int part = 0; part < 3; ++part) {
      out += arc(wedge, wedge.outer, wedge.from + part * third, wedge.from + (part + 1) * third);
    }
    if (wedge.inner <= 0) return out + fmt::format("L{} {}Z", number(wedge.x), number(wedge.y));
    const Point turn = on_circle(wedge.x, wedge.y, wedge.inner, wedge.to);
    out += fmt::format("L{} {}", number(turn.x), number(turn.y));
    for (int part = 0; part < 3; ++part) {
      out += arc(wedge, wedge.inner, wedge.to - part * third, wedge.to - (part + 1) * third);
    }
    return out + "Z";
  }

  std::string id_, body_;
  std::set<std::pair<std::string, std::string>> patterns_;
};

std::string Writer::patterns() const {
  if (patterns_.empty()) return "";
  std::string out = "<defs>";
  for (const auto& [kind, name] : patterns_) {
    const bool hatched = kind == "hatched";
    out += fmt::format(
        "<pattern id=\"{0}-{1}-{2}\" width=\"{3}\" height=\"{3}\" patternUnits=\"userSpaceOnUse\""
        "{4}><rect class=\"p-{2}\" width=\"{3}\" height=\"{3}\" fill=\"currentColor\"/>{5}"
        "</pattern>",
        id_, kind, name, hatched ? "4" : "3.5", hatched ? " patternTransform=\"rotate(45)\"" : "",
        hatched ? "<rect class=\"p-paper\" width=\"1\" height=\"4\" fill=\"currentColor\"/>"
                : "<circle class=\"p-paper\" cx=\"1.75\" cy=\"1.75\" r=\"0.8\" "
                  "fill=\"currentColor\"/>");
  }
  return out + "</defs>";
}

/// id_of() names a drawing by what is in it.
std::string id_of(const Drawing& drawing) {
  Writer writer("");
  for (const Shape& shape : drawing.shapes) std::visit(writer, shape);
  const std::string whole =
      drawing.title + '\0' + drawing.alternative + '\0' + writer.body() + writer.patterns();
  return "drawing-" + to_hex(sha256(as_bytes(whole))).substr(0, 12);
}

std::string element(const Drawing& drawing, std::string_view more, std::string_view style) {
  const std::string id = id_of(drawing);
  Writer writer(id);
  for (const Shape& shape : drawing.shapes) std::visit(writer, shape);
  return fmt::format(
      "<svg{0} class=\"drawing{1}\" role=\"img\" aria-labelledby=\"{2}-title {2}-desc\" "
      "viewBox=\"0 0 {3} {4}\" width=\"{3}\" height=\"{4}\"><title id=\"{2}-title\">{5}</title>"
      "<desc id=\"{2}-desc\">{6}</desc>{7}{8}{9}</svg>",
      more, drawing.print ? " print" : "", id, number(drawing.width), number(drawing.height),
      escaped(drawing.title), escaped(drawing.alternative), style, writer.patterns(),
      writer.body());
}

std::string rules() {
  std::string out;
  for (const Tone& tone : kTones)
    out += fmt::format(".drawing .p-{}{{color:{}}}", tone.name, tone.colour);
  return out;
}

}  // namespace

std::string svg(const Drawing& drawing) {
  return drawing.empty() ? std::string() : element(drawing, "", "");
}

std::string svg_file(const Drawing& drawing) {
  const std::string style = fmt::format(
      "<style>.drawing{{font-family:\"Noto Sans KR\",\"Noto Sans CJK KR\",\"Malgun Gothic\","
      "\"Apple SD Gothic Neo\",sans-serif}}{}</style><rect class=\"p-paper\" width=\"100%\" "
      "height=\"100%\" fill=\"currentColor\"/>",
      rules());
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         element(drawing, " xmlns=\"http://www.w3.org/2000/svg\"", style) + "\n";
}

}  // namespace haetae::reports::pictures
