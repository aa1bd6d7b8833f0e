#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct sqlite3;

/// What the comments of a fact table say of its columns: by which rows of two runs are paired.
namespace haetae::evidence {

/// FactColumns are the columns of one fact table by role, each in the order of the table; the
/// columns id, link and evidence belong to one run and have none.
struct FactColumns {
  std::string table;
  std::vector<std::string> keys, values, volatiles;
};

/// fact_columns() reads the roles out of the text of a CREATE TABLE; no keys if it is no fact
/// table.
[[nodiscard]] FactColumns fact_columns(std::string_view table, std::string_view create);

/// fact_columns() of every fact table of a run file, in name order.
[[nodiscard]] std::vector<FactColumns> fact_columns(sqlite3* database);

/// row_key() names a row of a fact table: its key columns, "name=value", blank-separated. It is
/// what unstable.row_key holds.
[[nodiscard]] std::string row_key(const std::vector<std::pair<std::string, std::string>>& cells);

}  // namespace haetae::evidence
