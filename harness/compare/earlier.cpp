#include "harness/compare/earlier.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/evidence/database.hpp"

namespace haetae::compare {
namespace {

std::string text_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return std::get<std::string>(value);
}

std::string cell(const FactRow& row, const std::string& column) {
  const auto found =
      std::ranges::find(row.cells, column, [](const auto& one) { return one.first; });
  return found == row.cells.end() ? std::string() : text_of(found->second);
}

}  // namespace

Result<EarlierFacts> EarlierFacts::read(const evidence::RunFile& run) {
  EarlierFacts out;
  for (auto& columns : evidence::fact_columns(run.handle())) {
    std::string sql = "SELECT e.procedure";
    for (const auto* const list : {&columns.keys, &columns.values}) {
      for (const std::string& name : *list) sql += fmt::format(", t.\"{}\"", name);
    }
    sql +=
        fmt::format(" FROM main.\"{}\" t JOIN main.evidence e ON e.id = t.evidence", columns.table);
    auto rows = evidence::Statement::prepare(run.handle(), sql);
    if (!rows) return tl::unexpected(rows.error());
    while (rows->step() == SQLITE_ROW) {
      std::vector<std::pair<std::string, std::string>> keys;
      int column = 1;
      for (const std::string& name : columns.keys) keys.emplace_back(name, rows->text(column++));
      std::string values;
      for (std::size_t index = 0; index < columns.values.size(); ++index) {
        values += rows->text(column++);
        values += '\0';
      }
      out.by_procedure_[rows->text(0)][{columns.table, evidence::row_key(keys)}] =
          std::move(values);
    }
    std::string table = columns.table;
    out.columns_.emplace(std::move(table), std::move(columns));
  }
  return out;
}

bool EarlierFacts::differ(const std::string& procedure, const std::vector<FactRow>& facts) const {
  const auto found = by_procedure_.find(procedure);
  if (found == by_procedure_.end()) return false;
  std::size_t same = 0;
  for (const FactRow& row : facts) {
    const auto columns = columns_.find(row.table);
    if (columns == columns_.end()) continue;
    std::vector<std::pair<std::string, std::string>> keys;
    for (const std::string& name : columns->second.keys) keys.emplace_back(name, cell(row, name));
    std::string values;
    for (const std::string& name : columns->second.values) {
      values += cell(row, name);
      values += '\0';
    }
    const auto earlier = found->second.find({row.table, evidence::row_key(keys)});
    if (earlier == found->second.end() || earlier->second != values) return true;
    ++same;
  }
  return same < found->second.size();
}

}  // namespace haetae::compare
