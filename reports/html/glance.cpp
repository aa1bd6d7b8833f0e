#include "reports/html/sections.hpp"

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

}  // namespace

void glance(Page& page, const Report& report) {
  open_section(page, "glance");
  domains(page, report);
  page.raw("<p class=\"legend\">");
  for (const Verdict one : kShown) {
    verdict(page, one);
    page.raw(" ");
  }
  page.raw("</p>");
  close_section(page);
}

void items(Page& page, const Report& report) {
  open_section(page, "items");
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
