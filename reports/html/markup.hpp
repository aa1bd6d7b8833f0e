#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model.hpp"

/// The HTML report: one file each section. Markup comes only from literals of this program; every
/// string of a run goes through an escape.
namespace haetae::reports::page {

/// Literal is markup that stands in the source: it cannot be made from a string of a run.
class Literal {
 public:
  template <std::size_t N>
  consteval Literal(const char (&text)[N]) : text_(text, N - 1) {}
  [[nodiscard]] constexpr std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

/// Lines says what becomes of line ends in device text.
enum class Lines { shown, kept };

/// escape() appends `text` as harmless HTML text, good for attribute values too. Control codes,
/// invisible and bidirectional marks and invalid UTF-8 become \xNN; at most `limit` bytes are
/// read. With Lines::kept line feeds and tabs stay. `marks` wraps each \xNN into <i>.
void escape(std::string& out, std::string_view text, std::size_t limit, Lines lines = Lines::shown,
            bool marks = false);

/// Page is the document as it is written.
class Page {
 public:
  explicit Page(Language language) : language_(language) {}

  Page& raw(Literal markup);
  Page& text(std::string_view text, std::size_t limit = 2000);
  /// lines() keeps line ends and marks what is not printable: for <pre>.
  Page& lines(std::string_view text, std::size_t limit);
  Page& number(std::int64_t value);   ///< plain digits
  Page& grouped(std::int64_t value);  ///< 12,345
  /// both() writes both languages, of which the style shows one; equal texts stand once.
  Page& both(const Text& text, std::size_t limit = 2000);
  Page& both(Literal korean, Literal english);
  /// trusted() appends markup that another renderer of this program wrote (an SVG).
  Page& trusted(std::string_view markup);
  [[nodiscard]] Language language() const { return language_; }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] std::string take() { return std::move(out_); }
  void reserve(std::size_t bytes) { out_.reserve(bytes); }

 private:
  std::string out_;
  Language language_;
};

/// Column of a table: its name stands in front of each cell where tables become cards.
struct Column {
  Text name;
  bool number = false;
};

/// Table writes a table whose rows become cards on a phone; the first cell heads its row.
class Table {
 public:
  Table(Page& page, std::vector<Column> columns);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table();
  /// row() starts the next row; `verdict` is what a filter asks for, if any.
  Table& row(std::string_view verdict = "");
  /// cell() opens the next cell; the page is written to until the next call.
  Page& cell();

 private:
  void close_cell();
  Page& page_;
  std::vector<Column> columns_;
  std::size_t at_ = 0;
  bool in_row_ = false, in_cell_ = false;
};

/// base64() is RFC 4648 section 4 with padding.
[[nodiscard]] std::string base64(ByteView bytes);

}  // namespace haetae::reports::page
