#include <algorithm>
#include <cmath>

#include "reports/pdf/document.hpp"
#include "reports/pdf/tag.hpp"

namespace haetae::reports::print {
namespace {

/// A row higher than this may be broken over two pages; others move as a whole.
constexpr double kMayBreak = 220;

}  // namespace

std::vector<Document::Laid> Document::lay(const std::vector<Cell>& cells, bool head) {
  std::vector<Laid> out;
  double x = page::kLeft;
  for (std::size_t at = 0; at < cells.size() && at < columns_.size(); ++at) {
    const Column& column = columns_[at];
    Look look = look_;
    look.align = column.align;
    if (head) {
      look.bold = true;
      look.ink = Ink::soft;
      look.size = look_.size - 0.6;
    }
    // The outer columns stand flush with the text around the table.
    const double left = at == 0 ? 0 : kPad;
    const double right = at + 1 == columns_.size() ? 0 : kPad;
    out.push_back({.block = TextBlock(fonts_, cells[at].rich, look, column.width - left - right),
                   .x = x + left,
                   .tag = head || column.names_row ? "TH" : "TD",
                   .anchor = cells[at].anchor});
    x += column.width;
  }
  return out;
}

void Document::draw_part(const std::vector<Laid>& cells, int first, double height, bool head) {
  const Tag tag(cairo_, "TR");
  for (const Laid& cell : cells) {
    const Tag inner(cairo_, cell.tag);
    const int fit =
        std::max(1, static_cast<int>((height - 2 * kRowPad + 0.01) / cell.block.line_height()));
    const int count = std::min(cell.block.lines() - first, fit);
    if (count > 0) draw_lines(cell.block, cell.x, y_ + kRowPad, first, count);
  }
  y_ += height;
  rule(page::kLeft, y_, page::kLeft + width_, y_, head ? 0.8 : 0.35,
       head ? Ink::soft : Ink::hairline);
}

void Document::draw_row(const std::vector<Laid>& cells, bool head) {
  double height = 0;
  for (const Laid& cell : cells) height = std::max(height, cell.block.height());
  height += 2 * kRowPad;
  const double room = page::kEnd - page::kTop - 40;
  const bool breaks = height > std::min(kMayBreak, room);
  if (height > rest() && !(breaks && rest() > 90)) {
    page_break();
    if (!head && !head_.empty()) draw_row(lay(head_, true), true);
  }
  for (const Laid& cell : cells) {
    if (!cell.anchor.empty()) anchor(cell.anchor);
  }
  if (height <= rest()) return draw_part(cells, 0, height, head);
  int lines = 0;
  double line = 0;
  for (const Laid& cell : cells) {
    lines = std::max(lines, cell.block.lines());
    line = std::max(line, cell.block.line_height());
  }
  for (int first = 0; first < lines;) {
    const int fit = std::max(1, static_cast<int>((rest() - 2 * kRowPad) / line));
    const int count = std::min(fit, lines - first);
    draw_part(cells, first, count * line + 2 * kRowPad, head);
    first += count;
    if (first >= lines) break;
    page_break();
    if (!head && !head_.empty()) draw_row(lay(head_, true), true);
  }
}

void Document::table_begin(std::vector<Column> columns, std::vector<Cell> head, const Look& look) {
  columns_ = std::move(columns);
  head_ = std::move(head);
  look_ = look;
  in_table_ = true;
  need(head_.empty() ? 40 : 64);
  if (cairo_ != nullptr) cairo_tag_begin(cairo_, "Table", "");
  if (head_.empty()) {
    rule(page::kLeft, y_, page::kLeft + width_, y_, 0.35, Ink::hairline);
  } else {
    draw_row(lay(head_, true), true);
  }
}

void Document::row(const std::vector<Cell>& cells) { draw_row(lay(cells, false), false); }

void Document::table_end() {
  if (cairo_ != nullptr) cairo_tag_end(cairo_, "Table");
  in_table_ = false;
  y_ += 10;
}

}  // namespace haetae::reports::print
