#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/model/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace haetae::judge {

/// Cell is one value of a query's answer; monostate is NULL.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

struct Answer {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

/// fact_tables() names the tables of a run file that hold facts: all but the engine's own.
[[nodiscard]] std::set<std::string> fact_tables(sqlite3* database);

/// Sandbox runs the queries of a catalogue: one SELECT each, over fact and reference tables only,
/// with a list of functions and bounds on steps, rows and lengths. It puts the connection back as
/// it was when it goes. While it lives the connection must not be used for anything else.
class Sandbox {
 public:
  static constexpr std::size_t kMaximumRows = 10'000;
  static constexpr int kMaximumSteps = 20'000'000;  ///< of SQLite's virtual machine, per query

  Sandbox(sqlite3* database, const catalogue::Catalogue& catalogue, std::string tested_at);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// open() makes the reference tables that the catalogue's queries name, as ref_… in the temp
  /// schema.
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<Answer> run(std::string_view query);

  /// describe() prepares and binds without running: the columns, and the tables that are read.
  struct Description {
    std::vector<std::string> columns;
    std::set<std::string> tables;
  };
  [[nodiscard]] Result<Description> describe(std::string_view query);

 private:
  struct Statement;
  [[nodiscard]] Result<void> prepare(std::string_view query, Statement& out);
  [[nodiscard]] Result<void> bind(Statement& statement) const;
  [[nodiscard]] Result<void> create(const catalogue::Reference& reference);
  [[nodiscard]] bool named(const std::string& table) const;
  void guard();
  void release();
  static int authorize(void* self, int action, const char* first, const char* second,
                       const char* schema, const char* view);
  static int step(void* self);

  sqlite3* database_;
  const catalogue::Catalogue& catalogue_;
  std::string tested_at_;
  std::map<std::string, Value> bindings_;
  std::set<std::string> facts_;
  std::set<std::string> references_;
  std::set<std::string> read_;
  std::string refused_;
  std::vector<std::pair<int, int>> limits_;
  int steps_ = 0;
  bool guarded_ = false;
};

}  // namespace haetae::judge
