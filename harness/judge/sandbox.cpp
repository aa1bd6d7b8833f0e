#include "harness/judge/sandbox.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace haetae::judge {
namespace {

constexpr int kStepsPerCall = 10'000;

/// kEngine are the tables of the run file that no query of a catalogue may read: what the engine
/// thinks of a run is not a fact about the device.
constexpr std::array<std::string_view, 27> kEngine{"link",
                                                   "leaf",
                                                   "seal",
                                                   "run",
                                                   "document",
                                                   "plan_item",
                                                   "plan_criterion",
                                                   "plan_procedure",
                                                   "procedure_state",
                                                   "coverage",
                                                   "evidence",
                                                   "evidence_salt",
                                                   "evidence_chunk",
                                                   "secret",
                                                   "secret_value",
                                                   "log",
                                                   "revision",
                                                   "verdict_item",
                                                   "verdict_criterion",
                                                   "verdict_subject",
                                                   "finding",
                                                   "citation",
                                                   "unstable",
                                                   "waiver",
                                                   "report",
                                                   "report_file",
                                                   "stamp"};

constexpr std::array<std::string_view, 23> kFunctions{
    "count",  "min",    "max",          "sum",   "total",  "avg",       "coalesce", "ifnull",
    "nullif", "length", "lower",        "upper", "substr", "substring", "instr",    "abs",
    "round",  "trim",   "group_concat", "iif",   "like",   "glob",      "unlikely"};

/// kLimits bound what a query may be and make (SQLITE_LIMIT_…).
constexpr std::array<std::pair<int, int>, 8> kLimits{{{SQLITE_LIMIT_LENGTH, 1'000'000},
                                                      {SQLITE_LIMIT_SQL_LENGTH, 20'000},
                                                      {SQLITE_LIMIT_COLUMN, 100},
                                                      {SQLITE_LIMIT_EXPR_DEPTH, 60},
                                                      {SQLITE_LIMIT_COMPOUND_SELECT, 20},
                                                      {SQLITE_LIMIT_FUNCTION_ARG, 12},
                                                      {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},
                                                      {SQLITE_LIMIT_ATTACHED, 0}}};

std::string column_text(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text == nullptr
             ? std::string()
             : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

Result<void> execute(sqlite3* database, const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return {};
  const std::string text = message == nullptr ? "unknown" : message;
  sqlite3_free(message);
  return fail(ErrorKind::storage, fmt::format("SQLite: {}", text));
}

int bind_value(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *integer);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return sqlite3_bind_double(statement, index, *real);
  }
  const std::string& text = std::get<std::string>(value);
  return sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()),
                           SQLITE_TRANSIENT);
}

Result<Cell> read_cell(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return Cell(std::int64_t{sqlite3_column_int64(statement, column)});
    case SQLITE_FLOAT: return Cell(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: return Cell(column_text(statement, column));
    case SQLITE_NULL: return Cell();
    default: return fail(ErrorKind::invalid_input, "a query may not give bytes");
  }
}

}  // namespace

struct Sandbox::Statement {
  sqlite3_stmt* handle = nullptr;
  Statement() = default;
  ~Statement() { sqlite3_finalize(handle); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
};

std::set<std::string> fact_tables(sqlite3* database) {
  std::set<std::string> out;
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database,
                     "SELECT m.name FROM main.sqlite_schema AS m WHERE m.type = 'table' AND "
                     "EXISTS (SELECT 1 FROM pragma_table_info(m.name, 'main') AS c "
                     "WHERE c.cid = 2 AND c.name = 'evidence')",
                     -1, &statement, nullptr);
  while (statement != nullptr && sqlite3_step(statement) == SQLITE_ROW) {
    std::string name = column_text(statement, 0);
    if (std::ranges::find(kEngine, name) == kEngine.end()) out.insert(std::move(name));
  }
  sqlite3_finalize(statement);
  return out;
}

Sandbox::Sandbox(sqlite3* database, const catalogue::Catalogue& catalogue, std::string tested_at)
    : database_(database), catalogue_(catalogue), tested_at_(std::move(tested_at)) {
  for (const catalogue::Parameter& parameter : catalogue.parameters) {
    bindings_.emplace(catalogue::parameter_binding(parameter.name), parameter.value);
  }
  bindings_.insert_or_assign("tested_at", tested_at_);
}

Sandbox::~Sandbox() {
  release();
  for (const std::string& name : references_) {
    (void)execute(database_, fmt::format("DROP TABLE IF EXISTS temp.{}", name));
  }
}

bool Sandbox::named(const std::string& table) const {
  const auto in = [&table](const std::string& query) {
    return query.find(table) != std::string::npos;
  };
  return std::ranges::any_of(catalogue_.items, [&](const catalogue::Item& item) {
    return in(item.applies) ||
           std::ranges::any_of(item.criteria, [&](const catalogue::Criterion& criterion) {
             return in(criterion.subjects) || in(criterion.lacks) || in(criterion.breach) ||
                    in(criterion.cites);
           });
  });
}

Result<void> Sandbox::open() {
  facts_ = fact_tables(database_);
  (void)execute(database_, "PRAGMA temp_store = MEMORY");
  for (const catalogue::Reference& reference : catalogue_.references) {
    if (!named("ref_" + reference.name)) continue;
    if (auto made = create(reference); !made) {
      return fail(fmt::format("cannot make the reference table '{}'", reference.name),
                  std::move(made.error()));
    }
  }
  guard();
  return {};
}

Result<void> Sandbox::create(const catalogue::Reference& reference) {
  const std::string name = "ref_" + reference.name;
  std::string columns;
  std::string places;
  for (const catalogue::ReferenceColumn& column : reference.columns) {
    columns += fmt::format("{}{} {} NOT NULL", columns.empty() ? "" : ", ", column.name,
                           column.integer ? "INTEGER" : "TEXT");
    places += places.empty() ? "?" : ", ?";
  }
  (void)execute(database_, fmt::format("DROP TABLE IF EXISTS temp.{}", name));
  references_.insert(name);
  if (auto made =
          execute(database_, fmt::format("CREATE TEMP TABLE {} ({}) STRICT", name, columns));
      !made) {
    return made;
  }
  if (!reference.columns.empty()) {
    if (auto made = execute(database_, fmt::format("CREATE INDEX temp.{0}_first ON {0}({1})", name,
                                                   reference.columns.front().name));
        !made) {
      return made;
    }
  }
  Statement statement;
  const std::string sql = fmt::format("INSERT INTO temp.{} VALUES ({})", name, places);
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement.handle, nullptr) != SQLITE_OK) {
    return fail(ErrorKind::storage, sqlite3_errmsg(database_));
  }
  for (const std::vector<Value>& row : reference.rows) {
    for (std::size_t index = 0; index < row.size(); ++index) {
      (void)bind_value(statement.handle, static_cast<int>(index) + 1, row[index]);
    }
    if (sqlite3_step(statement.handle) != SQLITE_DONE) {
      return fail(ErrorKind::storage, sqlite3_errmsg(database_));
    }
    sqlite3_reset(statement.handle);
  }
  return {};
}

void Sandbox::guard() {
  // A misspelt "column" must not silently become a string that equals nothing.
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  for (const auto& [limit, value] : kLimits) {
    limits_.emplace_back(limit, sqlite3_limit(database_, limit, value));
  }
  sqlite3_set_authorizer(database_, &Sandbox::authorize, this);
  sqlite3_progress_handler(database_, kStepsPerCall, &Sandbox::step, this);
  guarded_ = true;
}

void Sandbox::release() {
  if (!guarded_) return;
  sqlite3_set_authorizer(database_, nullptr, nullptr);
  sqlite3_progress_handler(database_, 0, nullptr, nullptr);
  for (const auto& [limit, value] : limits_) sqlite3_limit(database_, limit, value);
  limits_.clear();
  guarded_ = false;
}

int Sandbox::authorize(void* self, int action, const char* first, const char* second,
                       const char* schema, const char* /*view*/) {
  auto& sandbox = *static_cast<Sandbox*>(self);
  if (action == SQLITE_SELECT) return SQLITE_OK;
  if (action == SQLITE_READ) {
    const std::string table = first == nullptr ? "" : first;
    const std::string_view place = schema == nullptr ? "" : schema;
    // A table of which no column is read comes without a schema name.
    const bool fact = (place.empty() || place == "main") && sandbox.facts_.contains(table);
    const bool reference =
        (place.empty() || place == "temp") && sandbox.references_.contains(table);
    if (fact || reference) {
      sandbox.read_.insert(table);
      return SQLITE_OK;
    }
    sandbox.refused_ =
        fmt::format("table '{}' may not be read; allowed: fact tables and ref_…", table);
    return SQLITE_DENY;
  }
  if (action == SQLITE_FUNCTION) {
    const std::string_view name = second == nullptr ? "" : second;
    if (std::ranges::find(kFunctions, name) != kFunctions.end()) return SQLITE_OK;
    sandbox.refused_ = fmt::format("function '{}' may not be used", name);
    return SQLITE_DENY;
  }
  sandbox.refused_ = "a query may only SELECT, without recursion";
  return SQLITE_DENY;
}

int Sandbox::step(void* self) {
  auto& sandbox = *static_cast<Sandbox*>(self);
  sandbox.steps_ += kStepsPerCall;
  if (sandbox.steps_ <= kMaximumSteps) return 0;
  sandbox.refused_ = fmt::format("the query takes more than {} steps", kMaximumSteps);
  return 1;
}

Result<void> Sandbox::prepare(std::string_view query, Statement& out) {
  refused_.clear();
  read_.clear();
  steps_ = 0;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v2(database_, query.data(), static_cast<int>(query.size()),
                                      &out.handle, &tail);
  if (code != SQLITE_OK) {
    return fail(ErrorKind::invalid_input,
                refused_.empty() ? std::string(sqlite3_errmsg(database_)) : refused_);
  }
  const std::string_view rest = query.substr(static_cast<std::size_t>(tail - query.data()));
  if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    return fail(ErrorKind::invalid_input, "more than one statement");
  }
  if (out.handle == nullptr || sqlite3_stmt_readonly(out.handle) == 0 ||
      sqlite3_stmt_isexplain(out.handle) != 0 || sqlite3_column_count(out.handle) == 0) {
    return fail(ErrorKind::invalid_input, "a query must be one SELECT");
  }
  return bind(out);
}

Result<void> Sandbox::bind(Statement& statement) const {
  for (int index = 1; index <= sqlite3_bind_parameter_count(statement.handle); ++index) {
    const char* raw = sqlite3_bind_parameter_name(statement.handle, index);
    const std::string name = raw == nullptr ? "?" : raw;
    const auto found = name.starts_with(':') ? bindings_.find(name.substr(1)) : bindings_.end();
    if (found == bindings_.end()) {
      return fail(
          ErrorKind::invalid_input,
          fmt::format("unknown parameter '{}'; allowed: :tested_at and the parameters of the "
                      "catalogue",
                      name));
    }
    if (bind_value(statement.handle, index, found->second) != SQLITE_OK) {
      return fail(ErrorKind::internal, sqlite3_errmsg(database_));
    }
  }
  return {};
}

Result<Answer> Sandbox::run(std::string_view query) {
  Statement statement;
  if (auto ready = prepare(query, statement); !ready) {
    return tl::unexpected<Error>(std::move(ready.error()));
  }
  Answer out;
  const int width = sqlite3_column_count(statement.handle);
  for (int column = 0; column < width; ++column) {
    out.columns.emplace_back(sqlite3_column_name(statement.handle, column));
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.handle)) == SQLITE_ROW) {
    if (out.rows.size() == kMaximumRows) {
      return fail(ErrorKind::invalid_input, fmt::format("more than {} rows", kMaximumRows));
    }
    std::vector<Cell> row;
    for (int column = 0; column < width; ++column) {
      auto cell = read_cell(statement.handle, column);
      if (!cell) return tl::unexpected<Error>(std::move(cell.error()));
      row.push_back(std::move(*cell));
    }
    out.rows.push_back(std::move(row));
  }
  if (code != SQLITE_DONE) {
    return fail(ErrorKind::invalid_input,
                refused_.empty() ? std::string(sqlite3_errmsg(database_)) : refused_);
  }
  return out;
}

Result<Sandbox::Description> Sandbox::describe(std::string_view query) {
  Statement statement;
  if (auto ready = prepare(query, statement); !ready) {
    return tl::unexpected<Error>(std::move(ready.error()));
  }
  Description out;
  for (int column = 0; column < sqlite3_column_count(statement.handle); ++column) {
    out.columns.emplace_back(sqlite3_column_name(statement.handle, column));
  }
  out.tables = read_;
  return out;
}

}  // namespace haetae::judge
