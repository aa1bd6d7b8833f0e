#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/error.hpp"

struct _cairo;
struct _PangoContext;
struct _PangoFontMap;
struct _PangoLayout;

/// Text of the PDF: faces, colours, line breaking. Units are points.
namespace haetae::reports::print {

/// Ink is a role of colour in print.
enum class Ink {
  ink,
  soft,
  hairline,
  paper,
  wash,
  accent,
  accent_soft,
  pass,
  fail,
  inconclusive,
  not_run,
  pending,
  not_applicable
};

struct Colour {
  double red = 0, green = 0, blue = 0;
};
[[nodiscard]] Colour colour(Ink ink);

/// Span is a stretch of text of one look. `link` names an anchor of the document.
struct Span {
  std::string text;
  bool bold = false, mono = false;
  std::optional<Ink> ink{};
  std::string link{};
};
using Rich = std::vector<Span>;

enum class Align { start, middle, end };

/// Look is how a block of text is set.
struct Look {
  double size = 9.2;
  double leading = 1.55;  ///< of the size
  bool bold = false;
  Ink ink = Ink::ink;
  Align align = Align::start;
  bool one_line = false;  ///< cut with an ellipsis instead of a second line
};

/// Fonts holds the faces of one document and knows which characters they have. One thread.
class Fonts {
 public:
  Fonts();
  ~Fonts();
  Fonts(const Fonts&) = delete;
  Fonts& operator=(const Fonts&) = delete;

  /// trouble() says which Debian package is missing: a Korean face is needed in every language,
  /// since names and answers may be Korean.
  [[nodiscard]] std::optional<Error> trouble() const;
  /// safe() is text from anywhere made fit to print: control characters, bidirectional marks and
  /// invalid UTF-8 become \xNN, a character that no face has becomes U+NNNN, right-to-left text is
  /// isolated. At most `limit` bytes.
  [[nodiscard]] std::string safe(std::string_view text, std::size_t limit = 4000);
  [[nodiscard]] _PangoContext* context() const { return context_; }

 private:
  [[nodiscard]] bool has(std::uint32_t letter);
  _PangoFontMap* map_ = nullptr;
  _PangoContext* context_ = nullptr;
  std::map<std::uint32_t, bool> known_;
};

/// TextBlock is text broken into lines of a width; every line is equally high.
class TextBlock {
 public:
  TextBlock(Fonts& fonts, const Rich& rich, const Look& look, double width);
  [[nodiscard]] int lines() const { return lines_; }
  [[nodiscard]] double line_height() const { return line_height_; }
  [[nodiscard]] double height() const { return lines_ * line_height_; }
  /// width() is that of the longest line.
  [[nodiscard]] double width() const;
  /// draw() paints `count` lines from `first` with the upper left corner at (x, y).
  void draw(_cairo* to, double x, double y, int first, int count) const;

  struct LinkArea {
    std::string target;
    double x = 0, y = 0, width = 0, height = 0;  ///< from the corner that draw() was given
  };
  [[nodiscard]] std::vector<LinkArea> links(int first, int count) const;

 private:
  struct LinkRange {
    int from, to;
    std::string target;
  };
  std::shared_ptr<_PangoLayout> layout_;
  std::vector<LinkRange> ranges_;
  double line_height_ = 0, ascent_ = 0, box_width_ = 0;
  int lines_ = 0;
  Colour colour_;
  Align align_ = Align::start;
};

}  // namespace haetae::reports::print
