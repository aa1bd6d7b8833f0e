#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "harness/evidence/database.hpp"
#include "reports/model.hpp"

namespace haetae::reports {

/// Rows runs the queries of a report. A query that fails gives the rows that could be read, and its
/// error stays: a damaged run is shown as far as it goes, and never as if nothing were missing.
class Rows {
 public:
  using Visit = std::function<void(const evidence::Statement&)>;
  explicit Rows(sqlite3* database) : database_(database) {}

  /// each() calls `visit` for every row; up to two integers are bound as ?1 and ?2.
  void each(std::string_view sql, const Visit& visit, std::int64_t first = 0,
            std::int64_t second = 0);
  /// has() says whether the run file has a table: older runs lack newer fact tables.
  [[nodiscard]] bool has(std::string_view table);
  /// each_of() is each() over a fact table; nothing if the run has no such table.
  void each_of(std::string_view table, std::string_view columns_and_rest, const Visit& visit);
  /// errors() is what could not be read, each once, at most 20.
  [[nodiscard]] const std::vector<Error>& errors() const { return errors_; }

 private:
  void remember(Error error);

  sqlite3* database_;
  std::vector<Error> errors_;
};

/// read_inventories() fills services, TLS, SSH, logins and accounts.
void read_inventories(Rows& rows, Report& report);
/// read_records() fills evidence, procedures, coverage, log, links, seals and documents.
void read_records(Rows& rows, Report& report);
/// read_issues() fills issue, particulars and history; `number` is the report to be shown, empty: a
/// draft.
void read_issues(Rows& rows, Report& report, std::string_view number);
/// read_latency() fills latency.
void read_latency(Rows& rows, Report& report);
/// read_answers() fills answers and document_hits.
void read_answers(Rows& rows, Report& report);
/// read_contents() fills contents: what is cited and what people attached, within a budget.
void read_contents(Rows& rows, Report& report);
/// list_not_tested() fills not_tested from what was read.
void list_not_tested(const catalogue::Catalogue& catalogue, Report& report);

}  // namespace haetae::reports
