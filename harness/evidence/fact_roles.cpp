#include "harness/evidence/fact_roles.hpp"

#include "harness/evidence/database.hpp"

namespace haetae::evidence {
namespace {

constexpr std::string_view kFactMark = "\n  evidence INTEGER NOT NULL REFERENCES evidence(id)";

/// name_in() is the column that a line begins with; empty for the other lines.
std::string_view name_in(std::string_view line) {
  if (!line.starts_with("  ") || line.starts_with("   ")) return {};
  line.remove_prefix(2);
  return line.substr(0, line.find(' '));
}

}  // namespace

FactColumns fact_columns(std::string_view table, std::string_view create) {
  FactColumns out{.table = std::string(table), .keys = {}, .values = {}, .volatiles = {}};
  if (create.find(kFactMark) == std::string_view::npos) return out;
  for (std::size_t begin = 0; begin < create.size();) {
    const std::size_t end = std::min(create.find('\n', begin), create.size());
    const std::string_view line = create.substr(begin, end - begin);
    begin = end + 1;
    const std::string_view name = name_in(line);
    const std::size_t comment = line.rfind(",  -- ");
    if (name.empty() || name == "evidence" || comment == std::string_view::npos) continue;
    const std::string_view says = line.substr(comment + 6);
    if (says.starts_with("key:")) out.keys.emplace_back(name);
    if (says.starts_with("value:")) out.values.emplace_back(name);
    if (says.starts_with("volatile:")) out.volatiles.emplace_back(name);
  }
  return out;
}

std::vector<FactColumns> fact_columns(sqlite3* database) {
  std::vector<FactColumns> out;
  auto statement = Statement::prepare(
      database, "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' ORDER BY name");
  if (!statement) return out;
  while (statement->step() == SQLITE_ROW) {
    FactColumns columns = fact_columns(statement->view(0), statement->view(1));
    if (!columns.keys.empty()) out.push_back(std::move(columns));
  }
  return out;
}

std::string row_key(const std::vector<std::pair<std::string, std::string>>& cells) {
  std::string out;
  for (const auto& [name, value] : cells) {
    if (!out.empty()) out += ' ';
    out += name;
    out += '=';
    out += value;
  }
  return out;
}

}  // namespace haetae::evidence
