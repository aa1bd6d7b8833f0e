#include "reports/pdf/document.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/pdf/tag.hpp"

namespace haetae::reports::print {
namespace {

/// Entries of the contents, chapters and what stands in them.
constexpr double kChapterEntry = 16, kSectionEntry = 12.8;

struct HeadingLook {
  double size, before, after, need;
  Ink ink;
};

HeadingLook heading_look(int level) {
  switch (level) {
    case 1: return {17, 0, 14, 120, Ink::accent};
    case 2: return {12, 18, 6, 90, Ink::ink};
    case 3: return {10, 12, 4, 70, Ink::ink};
    default: return {9.2, 8, 2, 84, Ink::accent};
  }
}

void ink_of(cairo_t* cairo, Ink ink) {
  const Colour tint = colour(ink);
  cairo_set_source_rgb(cairo, tint.red, tint.green, tint.blue);
}

}  // namespace

Document::Document(Fonts& fonts, Frame frame, const Plan& known, cairo_surface_t* surface)
    : fonts_(fonts), frame_(std::move(frame)), known_(known), surface_(surface) {
  if (surface_ != nullptr) cairo_ = cairo_create(surface_);
  start_page();
}

Document::~Document() {
  if (cairo_ != nullptr) cairo_destroy(cairo_);
}

void Document::start_page() {
  ++page_;
  y_ = page::kTop;
  const Look edge{.size = 7.4, .ink = Ink::soft, .one_line = true};
  Look right = edge;
  right.align = Align::end;
  if (cairo_ == nullptr) return;
  const double half = page::kText / 2 - 6;
  const double middle = page::kLeft + page::kText / 2 + 6;
  const auto put = [&](double x, double y, double width, const std::string& text,
                       const Look& look) {
    const TextBlock block(fonts_, words(text), look, width);
    block.draw(cairo_, x, y, 0, 1);
  };
  put(page::kLeft, 44, half, frame_.head_left, edge);
  put(middle, 44, half, frame_.head_right, right);
  rule(page::kLeft, 59, page::kWidth - page::kRight, 59, 0.4, Ink::hairline);
  const double foot = page::kHeight - 52;
  rule(page::kLeft, foot, page::kWidth - page::kRight, foot, 0.4, Ink::hairline);
  put(page::kLeft, foot + 4, page::kText - 90, frame_.foot_left, edge);
  put(page::kWidth - page::kRight - 84, foot + 4, 84, frame_.number(page_, known_.total), right);
}

void Document::end_page() {
  if (cairo_ != nullptr) cairo_show_page(cairo_);
}

void Document::page_break() {
  end_page();
  start_page();
}

void Document::need(double height) {
  if (rest() < height && y_ > page::kTop) page_break();
}

void Document::finish() {
  end_page();
  plan_.total = page_;
}

int Document::page_of(const std::string& anchor) const {
  const auto found = known_.pages.find(anchor);
  return found == known_.pages.end() ? 0 : found->second;
}

void Document::anchor(const std::string& name) {
  if (!plan_.pages.emplace(name, page_).second || cairo_ == nullptr) return;
  const Tag tag(cairo_, CAIRO_TAG_DEST,
                fmt::format("name='{}' x={:.1f} y={:.1f}", name, page::kLeft, y_ - 6));
}

void Document::outline(int level, const std::string& text, const std::string& name) {
  plan_.entries.push_back({level, text, name, page_});
  if (cairo_ == nullptr) return;
  const auto depth = static_cast<std::size_t>(level);
  if (outline_ids_.empty()) outline_ids_.push_back(CAIRO_PDF_OUTLINE_ROOT);
  outline_ids_.resize(std::min(outline_ids_.size(), depth));
  const int id = cairo_pdf_surface_add_outline(
      surface_, outline_ids_.back(), fonts_.safe(text, 200).c_str(),
      fmt::format("dest='{}'", name).c_str(),
      level == 1 ? CAIRO_PDF_OUTLINE_FLAG_BOLD : static_cast<cairo_pdf_outline_flags_t>(0));
  outline_ids_.push_back(id);
}

void Document::heading(int level, const std::string& text, const std::string& name) {
  const HeadingLook look = heading_look(level);
  need(look.need + look.before);
  if (y_ > page::kTop) y_ += level == 1 ? 30 : look.before;
  if (!name.empty()) {
    anchor(name);
    if (level <= 2) outline(level, text, name);
  }
  const TextBlock block(fonts_, words(text),
                        {.size = look.size, .leading = 1.35, .bold = true, .ink = look.ink},
                        page::kText);
  const std::string tag = fmt::format("H{}", level);
  flow(block, page::kLeft, tag.c_str());
  if (level == 1) rule(page::kLeft, y_ + 5, page::kLeft + 36, y_ + 5, 1.6, Ink::accent);
  y_ += look.after;
}

void Document::draw_lines(const TextBlock& block, double x, double y, int first, int count) {
  if (cairo_ == nullptr) return;
  block.draw(cairo_, x, y, first, count);
  for (const auto& area : block.links(first, count)) {
    if (page_of(area.target) == 0) continue;  // a link must lead somewhere
    const Tag tag(cairo_, CAIRO_TAG_LINK,
                  fmt::format("dest='{}' rect=[{:.2f} {:.2f} {:.2f} {:.2f}]", area.target,
                              x + area.x, y + area.y, area.width, area.height));
  }
}

void Document::flow(const TextBlock& block, double x, const char* name) {
  for (int first = 0; first < block.lines();) {
    int fit = static_cast<int>(rest() / block.line_height());
    const int left = block.lines() - first;
    if (fit < std::min(left, 2)) {
      page_break();
      continue;
    }
    if (fit == left - 1 && fit > 2) --fit;  // no last line alone on the next page
    const int count = std::min(fit, left);
    const Tag tag(cairo_, name);
    draw_lines(block, x, y_, first, count);
    y_ += count * block.line_height();
    first += count;
  }
}

void Document::paragraph(const Rich& rich, const Look& look, double after, double indent) {
  flow(TextBlock(fonts_, rich, look, width_ - indent), page::kLeft + indent, "P");
  y_ += after;
}

void Document::bullets(const std::vector<Rich>& entries, const Look& look) {
  const Tag list(cairo_, "L");
  for (const Rich& entry : entries) {
    const TextBlock block(fonts_, entry, look, page::kText - 14);
    need(std::min(block.lines(), 2) * block.line_height());
    const Tag item(cairo_, "LI");
    if (cairo_ != nullptr) {
      const Tag label(cairo_, "Lbl");
      TextBlock(fonts_, words("–"), look, 12).draw(cairo_, page::kLeft + 2, y_, 0, 1);
    }
    flow(block, page::kLeft + 14, "LBody");
    y_ += 2;
  }
  y_ += 4;
}

double Document::place(double x, double y, double width, const Rich& rich, const Look& look,
                       const char* name) {
  const TextBlock block(fonts_, rich, look, width);
  const Tag tag(cairo_, name);
  draw_lines(block, x, y, 0, block.lines());
  return block.height();
}

void Document::rule(double x1, double y1, double x2, double y2, double thickness, Ink ink) {
  if (cairo_ == nullptr) return;
  ink_of(cairo_, ink);
  cairo_set_line_width(cairo_, thickness);
  cairo_move_to(cairo_, x1, y1);
  cairo_line_to(cairo_, x2, y2);
  cairo_stroke(cairo_);
}

void Document::area(double x, double y, double width, double height, Ink ink) {
  if (cairo_ == nullptr) return;
  ink_of(cairo_, ink);
  cairo_rectangle(cairo_, x, y, width, height);
  cairo_fill(cairo_);
}

void Document::picture(double x, double y, const std::string& alternative,
                       const std::function<void(cairo_t*)>& paint) {
  if (cairo_ == nullptr) return;
  alternatives_.push_back(fonts_.safe(alternative, 4000));
  const Tag tag(cairo_, "Figure");
  cairo_save(cairo_);
  cairo_translate(cairo_, x, y);
  paint(cairo_);
  cairo_restore(cairo_);
}

void Document::figure(double width, double height, const std::string& alternative,
                      const std::function<void(cairo_t*)>& paint) {
  need(height + 8);
  picture(page::kLeft + std::max(0.0, (page::kText - width) / 2), y_ + 4, alternative, paint);
  y_ += height + 12;
}

void Document::contents(const std::string& title) {
  if (y_ > page::kTop) page_break();
  anchor("contents");
  heading(1, title);
  const Tag list(cairo_, "TOC");
  for (const Entry& entry : known_.entries) {
    const bool top = entry.level == 1;
    need(kChapterEntry + 2);
    if (top && y_ > page::kTop + 40) y_ += 3;
    const double indent = top ? 0 : 16;
    const Look look{.size = top ? 9.2 : 8.2, .bold = top, .ink = Ink::ink, .one_line = true};
    Look number = look;
    number.align = Align::end;
    const Tag item(cairo_, "TOCI");
    place(page::kLeft + indent, y_, page::kText - indent - 40,
          {{.text = entry.title, .ink = Ink::ink, .link = entry.anchor}}, look, "Reference");
    place(page::kWidth - page::kRight - 36, y_, 36,
          {{.text = std::to_string(entry.page), .ink = Ink::soft, .link = entry.anchor}}, number,
          "Reference");
    y_ += top ? kChapterEntry : kSectionEntry;
  }
  page_break();
}

}  // namespace haetae::reports::print
