#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/judge/judge.hpp"

namespace haetae::test {

/// FactSet is fixtures/factsets/<criterion>/<name>.json: facts about a device that does not exist,
/// with the verdict that they must give.
struct FactSet {
  std::string name;
  std::vector<FactRow> facts;       ///< `evidence` is 1 where it is not given
  std::vector<std::string> labels;  ///< of facts: "port.0", counted per table from 0
  std::vector<Coverage> coverage;
  std::map<std::string, Value> parameters;  ///< in place of the catalogue's
  std::string tested_at = "2026-11-22T12:00:00.000Z";
  std::string profile;  ///< the edition that it is for, if the criterion or a limit is a profile's
  std::string expect;
  std::vector<std::string> irrelevant;
};

[[nodiscard]] Result<FactSet> load_fact_set(const std::filesystem::path& file);

/// FactBase is a database in memory with the tables of a run file and nothing in them.
class FactBase {
 public:
  explicit FactBase(const std::vector<evidence::FactTable>& tables);
  ~FactBase();
  FactBase(const FactBase&) = delete;
  FactBase& operator=(const FactBase&) = delete;

  /// execute() runs a statement; the error text of SQLite if it fails.
  [[nodiscard]] Result<void> execute(const std::string& sql);
  [[nodiscard]] Result<void> insert(const FactRow& row);
  [[nodiscard]] Result<void> insert(const Coverage& coverage);
  /// fill() puts a whole fact set in; `row` of table and `coverage` ids count from 1 in order.
  [[nodiscard]] Result<void> fill(const FactSet& set);
  [[nodiscard]] sqlite3* handle() const { return database_; }

 private:
  sqlite3* database_ = nullptr;
};

/// fact_tables() are the tables of testcases/facts.
[[nodiscard]] const std::vector<evidence::FactTable>& fact_tables();

/// only_criterion() is the catalogue with one item and in it one criterion.
[[nodiscard]] catalogue::Catalogue only_criterion(const catalogue::Catalogue& catalogue,
                                                  std::string_view criterion);

/// judge_one() answers one criterion of a filled base. An optional item without a statement is
/// taken as declared to apply.
[[nodiscard]] Result<judge::CriterionVerdict> judge_one(FactBase& base,
                                                        const catalogue::Catalogue& reduced,
                                                        const std::string& tested_at);

/// attack() judges a passing set after each loss: every row deleted, every word made 'unknown',
/// every coverage record deleted, made partial and tainted. It lists what did not hurt though it is
/// not called irrelevant, and what is called irrelevant though it hurts.
[[nodiscard]] std::vector<std::string> attack(const FactSet& set,
                                              const catalogue::Catalogue& catalogue,
                                              std::string_view criterion);

}  // namespace haetae::test
