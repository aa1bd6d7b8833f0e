#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "reports/pdf/text.hpp"

struct _cairo_surface;

/// Pages of the PDF: a small layout engine that flows headings, paragraphs, tables and figures from
/// page to page. It knows nothing of what a report says.
namespace haetae::reports::print {

/// The page is A4; all in points, y downwards.
namespace page {
inline constexpr double kWidth = 595.28, kHeight = 841.89;
inline constexpr double kLeft = 64, kRight = 64, kTop = 82, kBottom = 76;
inline constexpr double kText = kWidth - kLeft - kRight;
inline constexpr double kEnd = kHeight - kBottom;
}  // namespace page

/// Entry is a heading, as the outline and the table of contents list it.
struct Entry {
  int level = 1;
  std::string title, anchor;
  int page = 0;
  bool operator==(const Entry&) const = default;
};

/// Plan is where everything stands: what one pass learns and the next one prints.
struct Plan {
  std::map<std::string, int> pages;  ///< of each anchor
  std::vector<Entry> entries;
  int total = 0;
  bool operator==(const Plan&) const = default;
};

/// Frame is what stands at the edges of every page.
struct Frame {
  std::string head_left, head_right, foot_left;
  std::function<std::string(int page, int total)> number;
};

struct Column {
  double width = 0;  ///< points, padding included
  Align align = Align::start;
  bool names_row = false;  ///< its cells head their rows
};

/// Cell is the text of one table cell.
struct Cell {
  Rich rich;
  std::string anchor{};  ///< others can link to the row
  Cell() = default;
  Cell(Rich spans) : rich(std::move(spans)) {}
  Cell(std::string text) : rich{{.text = std::move(text)}} {}
  Cell(const char* text) : rich{{.text = text}} {}
};

/// Document flows content over pages. Without a surface it only measures.
class Document {
 public:
  Document(Fonts& fonts, Frame frame, const Plan& known, _cairo_surface* surface);
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// heading() of level 1 to 4; levels 1 and 2 with an anchor enter outline and contents.
  void heading(int level, const std::string& text, const std::string& anchor = "");
  void paragraph(const Rich& rich, const Look& look = {}, double after = 5, double indent = 0);
  /// bullets() is a list with a dash before each entry.
  void bullets(const std::vector<Rich>& entries, const Look& look = {});
  /// table_begin() to table_end() make a table with hairlines; the head row comes again on every
  /// page. No head: an empty vector.
  void table_begin(std::vector<Column> columns, std::vector<Cell> head, const Look& look);
  void row(const std::vector<Cell>& cells);
  void table_end();
  /// figure() keeps a picture together; `paint` draws with (0, 0) at its upper left corner.
  void figure(double width, double height, const std::string& alternative,
              const std::function<void(_cairo*)>& paint);
  /// contents() is the table of contents on its own pages.
  void contents(const std::string& title);

  void skip(double height) { y_ += height; }
  /// need() goes to a new page if less than `height` is left on this one.
  void need(double height);
  void page_break();
  /// rest() is what is left of this page.
  [[nodiscard]] double rest() const { return page::kEnd - y_; }
  [[nodiscard]] double y() const { return y_; }
  void anchor(const std::string& name);
  /// page_of() is where an anchor stood in the pass before; 0 if it is unknown.
  [[nodiscard]] int page_of(const std::string& anchor) const;

  /// Placed by hand: text in a box, lines and areas. place() gives the height of the text.
  double place(double x, double y, double width, const Rich& rich, const Look& look,
               const char* tag = "P");
  void rule(double x1, double y1, double x2, double y2, double thickness, Ink ink);
  void area(double x, double y, double width, double height, Ink ink);
  void picture(double x, double y, const std::string& alternative,
               const std::function<void(_cairo*)>& paint);
  void move_to(double y) { y_ = y; }
  /// set_width() narrows text and tables, so that something can stand at their right.
  void set_width(double width) { width_ = width; }
  [[nodiscard]] double width() const { return width_; }

  /// finish() ends the last page; plan() is then complete.
  void finish();
  [[nodiscard]] const Plan& plan() const { return plan_; }
  /// alternatives() are the texts of the figures in the order of the file.
  [[nodiscard]] const std::vector<std::string>& alternatives() const { return alternatives_; }
  [[nodiscard]] Fonts& fonts() { return fonts_; }

 private:
  class Tag;
  struct Laid;
  void start_page();
  void end_page();
  void flow(const TextBlock& block, double x, const char* tag);
  void draw_lines(const TextBlock& block, double x, double y, int first, int count);
  void outline(int level, const std::string& text, const std::string& anchor);
  void draw_row(const std::vector<Laid>& cells, bool head);
  void draw_part(const std::vector<Laid>& cells, int first, double height, bool head);
  [[nodiscard]] std::vector<Laid> lay(const std::vector<Cell>& cells, bool head);

  Fonts& fonts_;
  Frame frame_;
  const Plan& known_;
  Plan plan_;
  _cairo_surface* surface_ = nullptr;
  _cairo* cairo_ = nullptr;
  int page_ = 0;
  double y_ = 0, width_ = page::kText;
  std::vector<Column> columns_;
  std::vector<Cell> head_;
  Look look_;
  bool in_table_ = false;
  std::vector<int> outline_ids_;
  std::vector<std::string> alternatives_;
};

/// whole_text() is the rich text of plain words.
[[nodiscard]] inline Rich words(std::string text) { return {{.text = std::move(text)}}; }

}  // namespace haetae::reports::print
