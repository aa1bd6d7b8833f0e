#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/compare/diff.hpp"
#include "harness/evidence/fact_roles.hpp"
#include "harness/model/record.hpp"

struct sqlite3;

namespace haetae::compare {

/// RowChange is a FactChange with the evidence of its rows, 0 where there is no row.
struct RowChange {
  FactChange change;
  EvidenceId before = 0, after = 0;
};

/// pair() merges the rows of one table of two runs by their key columns and compares the value
/// columns that both have. A table of which the keys differ gives one change with an empty key.
[[nodiscard]] Result<std::vector<RowChange>> pair(sqlite3* before,
                                                  const evidence::FactColumns& columns_before,
                                                  sqlite3* after,
                                                  const evidence::FactColumns& columns_after);

/// pair_all() pairs every fact table of two runs, and `coverage`.
[[nodiscard]] Result<std::vector<RowChange>> pair_all(sqlite3* before, sqlite3* after);

/// declared_changes() is what a declaration that was read anew says otherwise than a run, by the
/// tables of what is declared.
[[nodiscard]] Result<std::vector<FactChange>> declared_changes(sqlite3* before,
                                                               const std::vector<FactRow>& facts);

}  // namespace haetae::compare
