#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "harness/evidence/database.hpp"
#include "reports/model.hpp"

namespace haetae::reports {

/// Rows runs the queries of a report. The first failure stays and ends the rest.
class Rows {
 public:
  using Visit = std::function<void(const evidence::Statement&)>;
  explicit Rows(sqlite3* database) : database_(database) {}

  /// each() calls `visit` for every row; up to two integers are bound as ?1 and ?2.
  void each(std::string_view sql, const Visit& visit, std::int64_t first = 0);
  /// has() says whether the run file has a table: older runs lack newer fact tables.
  [[nodiscard]] bool has(std::string_view table);
  /// each_of() is each() over a fact table; nothing if the run has no such table.
  void each_of(std::string_view table, std::string_view columns_and_rest, const Visit& visit);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  sqlite3* database_;
  std::optional<Error> error_;
};

/// read_inventories() fills services, TLS, SSH, logins and accounts.
void read_inventories(Rows& rows, Report& report);
/// read_records() fills evidence, procedures, coverage, log, links, seals and documents.
void read_records(Rows& rows, Report& report);
/// list_not_tested() fills not_tested from what was read.
void list_not_tested(Report& report);

}  // namespace haetae::reports
