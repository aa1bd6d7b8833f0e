#include "reports/inventory.hpp"

#include "reports/html/sections.hpp"

namespace haetae::reports::page {

void inventory(Page& page, const Report& report) {
  open_section(page, "inventory");
  for (const reports::Table& table : inventories(report)) {
    subheading(page, table.title);
    if (table.rows.empty()) {
      page.raw("<p class=\"none\">").both("없음", "none").raw("</p>");
      continue;
    }
    std::vector<Column> columns;
    for (const Text& name : table.columns) columns.push_back({name, false});
    Table shown(page, std::move(columns));
    for (const auto& cells : table.rows) {
      shown.row();
      for (const std::string& cell : cells) shown.cell().both(words_of(cell), 300);
    }
  }
  close_section(page);
}

}  // namespace haetae::reports::page
