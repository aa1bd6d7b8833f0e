#include <algorithm>

#include <fmt/format.h>

#include "reports/pdf/content.hpp"
#include "reports/pdf/picture.hpp"
#include "reports/words.hpp"

namespace haetae::reports::print {
namespace {

void domain_table(Writer& to) {
  Document& document = to.document;
  std::vector<Column> columns{{.width = page::kText - 6 * 48, .names_row = true}};
  std::vector<Cell> head{to.t("분야", "Domain")};
  for (const Verdict one : kShown) {
    columns.push_back({.width = 48, .align = Align::end});
    head.push_back(Cell(fmt::format("{} {}", sign(one), to.t(words_of(one)))));
  }
  document.table_begin(columns, head, {.size = 8.2});
  for (const Domain& domain : to.report.domains) {
    std::vector<Cell> cells{fmt::format("{}  {}", domain.id, to.t(domain.title))};
    for (const Verdict one : kShown) {
      const std::size_t count = domain.counts[static_cast<std::size_t>(one)];
      cells.push_back(Cell(Rich{{.text = count == 0 ? "–" : std::to_string(count),
                                 .bold = count > 0,
                                 .ink = count > 0 ? ink_of(one) : Ink::hairline}}));
    }
    document.row(cells);
  }
  document.table_end();
}

void chapter_picture(Writer& to, const pictures::Drawing& drawing, const std::string& anchor) {
  if (drawing.empty()) return;
  // The heading stays with its picture, which show() makes no higher than a page.
  to.document.need(std::min(drawing.height + 70, page::kEnd - page::kTop));
  to.document.heading(2, drawing.title, anchor);
  show(to, drawing);
}

}  // namespace

void show(Writer& to, const pictures::Drawing& drawing) {
  if (drawing.empty() || !(drawing.width > 0) || !(drawing.height > 0)) return;
  const double room = page::kEnd - page::kTop - 70;
  const double scale = std::min({1.0, page::kText / drawing.width, room / drawing.height});
  to.document.figure(drawing.width * scale, drawing.height * scale, drawing.alternative,
                     [&](_cairo* cairo) { draw(cairo, to.document.fonts(), drawing, scale); });
}

void glance(Writer& to) {
  Document& document = to.document;
  const Report& report = to.report;
  document.page_break();
  chapter(to, "glance");
  show(to, pictures::result_wheel(report, to.language, 330));
  domain_table(to);
  chapter_picture(to, pictures::domain_bars(report, to.language, page::kText), "domain-bars");
  chapter_picture(to, pictures::port_map(report, to.language, page::kText), "port-map");
  chapter_picture(to, pictures::tls_map(report, to.language, page::kText), "tls-map");
  chapter_picture(to, pictures::latency_line(report, to.language, page::kText), "latency");
  chapter_picture(to, pictures::time_line(report, to.language, page::kText), "time-line");
  chapter_picture(to, pictures::entropy_map(report, to.language, page::kText), "entropy-map");
  document.page_break();
}

}  // namespace haetae::reports::print
