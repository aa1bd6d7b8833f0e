#pragma once

#include "harness/evidence/database.hpp"

namespace haetae::audit {

/// grew_after() says whether a table that judging reads got rows in link `n` or later.
[[nodiscard]] Result<bool> grew_after(sqlite3* database, std::int64_t n);

/// snapshot() is a database in memory with the rows that judging reads of the links before `n`.
[[nodiscard]] Result<evidence::Database> snapshot(sqlite3* database, std::int64_t n);

}  // namespace haetae::audit
