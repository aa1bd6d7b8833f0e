#include "reports/html/sections.hpp"
#include "reports/pictures/drawing.hpp"

namespace haetae::reports::page {
namespace {

void domains(Page& page, const Report& report) {
  Table table(page, {{{"분야", "Domain"}, false},
                     {{"항목", "Items"}, false},
                     {{"세부 기준", "Criteria"}, false}});
  for (const Domain& domain : report.domains) {
    table.row().cell().text(domain.id).raw(" ").both(domain.title);
    Page& cell = table.cell();
    counts(cell, domain.counts, With::signs);
    if (domain.outside > 0) {
      cell.raw("<span class=\"soft\">").both("유형 밖 ", "outside ");
      cell.grouped(static_cast<std::int64_t>(domain.outside)).raw("</span>");
    }
    Counts criteria{};
    for (const std::size_t at : domain.items) {
      if (report.items[at].selected != "planned") continue;
      const Counts one = criteria_counts(report.items[at]);
      for (std::size_t word = 0; word < one.size(); ++word) criteria[word] += one[word];
    }
    counts(table.cell(), criteria, With::signs);
  }
}

using Draw = pictures::Drawing (*)(const Report&, Language, double);

/// picture() draws one in both languages; what the run holds nothing of has no place.
void picture(Page& page, const Report& report, Draw draw, double width, Literal open) {
  const std::string korean = pictures::svg(draw(report, Language::ko, width));
  if (korean.empty()) return;
  page.raw(open).raw("<div lang=\"ko\">").trusted(korean);
  page.raw("</div><div lang=\"en\">").trusted(pictures::svg(draw(report, Language::en, width)));
  page.raw("</div></div>\n");
}

}  // namespace

void glance(Page& page, const Report& report) {
  constexpr double kWidth = 520;
  open_section(page, "glance");
  page.raw("<div class=\"pictures\">");
  picture(page, report, pictures::result_wheel, 230, "<div class=\"wheel\">");
  picture(page, report, pictures::domain_bars, 290, "<div class=\"bars\">");
  page.raw("</div>\n");
  domains(page, report);
  page.raw("<p class=\"legend\">");
  for (const Verdict one : kShown) {
    verdict(page, one);
    page.raw(" ");
  }
  page.raw("</p>");
  for (const Draw draw : {pictures::port_map, pictures::tls_map, pictures::entropy_map,
                          pictures::latency_line, pictures::time_line}) {
    picture(page, report, draw, kWidth, "<div class=\"picture\">");
  }
  close_section(page);
}

namespace {

/// filters() stand above the table of items; the script shows them.
void filters(Page& page, const Report& report) {
  page.raw(
      "<div class=\"filters scripted\" id=\"filters\" role=\"group\" "
      "aria-labelledby=\"h-filter\">");
  page.raw("<span id=\"h-filter\">").both("결과로 거르기", "Filter by verdict").raw("</span>");
  for (const Verdict one : kShown) {
    const std::size_t count = report.counts[static_cast<std::size_t>(one)];
    page.raw("<button type=\"button\" aria-pressed=\"false\" data-verdict=\"").text(word(one));
    page.raw("\">");
    verdict(page, one);
    page.raw(" <span class=\"n\">")
        .grouped(static_cast<std::int64_t>(count))
        .raw("</span></button>");
  }
  page.raw("<span class=\"folds\"><button type=\"button\" id=\"unfold\">")
      .both("모두 펼치기", "Unfold all");
  page.raw("</button><button type=\"button\" id=\"fold\">").both("모두 접기", "Fold all");
  page.raw("</button></span><span id=\"filter-count\" class=\"soft\" role=\"status\" ");
  page.raw("aria-live=\"polite\"></span></div>\n");
}

}  // namespace

void items(Page& page, const Report& report) {
  open_section(page, "items");
  filters(page, report);
  {
    Table table(page, {{{"번호", "No."}, false},
                       {{"항목", "Item"}, false},
                       {{"해당", "Applies"}, false},
                       {{"결과", "Result"}, false},
                       {{"세부 기준", "Criteria"}, false},
                       {{"사유", "Reason"}, false}});
    for (const Item& item : report.items) {
      if (item.selected != "planned") continue;
      table.row(word(item.verdict)).cell().raw("<a href=\"#item-").text(item.id).raw("\">");
      page.text(item.id).raw("</a>");
      table.cell().both(item.title);
      if (item.verdict == Verdict::not_applicable) {
        table.cell().both("아니요", "no");
      } else {
        table.cell().both("예", "yes");
      }
      verdict(table.cell(), item.verdict);
      counts(table.cell(), criteria_counts(item), With::signs);
      table.cell().both(item.reason);
    }
  }
  std::size_t outside = 0;
  for (const Item& item : report.items) {
    if (item.selected == "planned") continue;
    if (outside++ == 0) {
      page.raw("<p class=\"soft\">");
      page.both("이 유형 또는 선택에 속하지 않는 항목: ",
                "Items that do not belong to this type or selection: ");
    }
    page.text(item.id).raw(" ");
  }
  if (outside > 0) page.raw("</p>");
  close_section(page);
}

}  // namespace haetae::reports::page
