#include "harness/compare/pair.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "harness/compare/judged.hpp"
#include "harness/evidence/database.hpp"

namespace haetae::compare {
namespace {

using evidence::FactColumns;
using evidence::Statement;

/// Cursor walks a table in the order of its keys: the evidence first, then keys, then values.
class Cursor {
 public:
  static Result<Cursor> open(sqlite3* database, const FactColumns& columns,
                             const std::vector<std::string>& values) {
    const bool facts = columns.table != "coverage";
    std::string sql = facts ? "SELECT evidence" : "SELECT 0";
    for (const auto* const list : {&columns.keys, &values}) {
      for (const std::string& name : *list) sql += fmt::format(", \"{}\"", name);
    }
    sql += fmt::format(" FROM main.\"{}\" ORDER BY \"{}\"", columns.table,
                       fmt::join(columns.keys, "\", \""));
    auto statement = Statement::prepare(database, sql);
    if (!statement) return tl::unexpected(statement.error());
    Cursor out(std::move(*statement));
    out.next();
    return out;
  }

  void next() {
    const int code = statement_.step();
    row_ = code == SQLITE_ROW;
    failed_ = code != SQLITE_ROW && code != SQLITE_DONE;
  }
  [[nodiscard]] bool row() const { return row_; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const Statement& at() const { return statement_; }

 private:
  explicit Cursor(Statement statement) : statement_(std::move(statement)) {}
  Statement statement_;
  bool row_ = false, failed_ = false;
};

/// compare_cells() orders two cells as SQLite does for the columns of a STRICT table.
int compare_cells(const Statement& left, const Statement& right, int column) {
  const int type = sqlite3_column_type(left.get(), column);
  const int other = sqlite3_column_type(right.get(), column);
  if (type == SQLITE_INTEGER && other == SQLITE_INTEGER) {
    const auto a = left.integer(column), b = right.integer(column);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (type != SQLITE_TEXT && other != SQLITE_TEXT) {
    const double a = sqlite3_column_double(left.get(), column);
    const double b = sqlite3_column_double(right.get(), column);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (type != other) return type == SQLITE_TEXT ? 1 : -1;
  return left.view(column).compare(right.view(column));
}

/// Merger makes the changes of one table.
class Merger {
 public:
  Merger(const FactColumns& columns, const std::vector<std::string>& values)
      : columns_(columns), values_(values), keys_(static_cast<int>(columns.keys.size())) {}

  Result<std::vector<RowChange>> merge(Cursor& before, Cursor& after) {
    while (before.row() || after.row()) {
      const int order = !before.row()  ? 1
                        : !after.row() ? -1
                                       : compare_keys(before.at(), after.at());
      if (order < 0) alone(before.at(), "removed").before = before.at().integer(0);
      if (order > 0) alone(after.at(), "added").after = after.at().integer(0);
      if (order == 0) both(before.at(), after.at());
      if (order <= 0) before.next();
      if (order >= 0) after.next();
    }
    if (before.failed() || after.failed()) {
      return fail(ErrorKind::storage,
                  fmt::format("the table {} cannot be read to its end", columns_.table));
    }
    return std::move(out_);
  }

 private:
  int compare_keys(const Statement& before, const Statement& after) const {
    for (int column = 1; column <= keys_; ++column) {
      if (const int order = compare_cells(before, after, column); order != 0) return order;
    }
    return 0;
  }

  RowChange& start(const Statement& row, std::string what) {
    RowChange& out = out_.emplace_back();
    out.change.table = columns_.table;
    out.change.what = std::move(what);
    std::vector<std::pair<std::string, std::string>> cells;
    for (int column = 1; column <= keys_; ++column) {
      const std::string& name = columns_.keys[static_cast<std::size_t>(column - 1)];
      cells.emplace_back(name, row.text(column));
      if (name == "subject") out.change.subject = row.text(column);
    }
    out.change.key = evidence::row_key(cells);
    return out;
  }

  RowChange& alone(const Statement& row, std::string what) {
    const bool added = what == "added";
    RowChange& out = start(row, std::move(what));
    for (std::size_t index = 0; index < values_.size(); ++index) {
      const std::string text = row.text(keys_ + 1 + static_cast<int>(index));
      out.change.cells.push_back({values_[index], added ? "" : text, added ? text : ""});
    }
    return out;
  }

  void both(const Statement& before, const Statement& after) {
    RowChange* out = nullptr;
    for (std::size_t index = 0; index < values_.size(); ++index) {
      const int column = keys_ + 1 + static_cast<int>(index);
      if (compare_cells(before, after, column) == 0) continue;
      if (out == nullptr) {
        out = &start(after, "changed");
        out->before = before.integer(0);
        out->after = after.integer(0);
      }
      out->change.cells.push_back({values_[index], before.text(column), after.text(column)});
    }
  }

  const FactColumns& columns_;
  const std::vector<std::string>& values_;
  int keys_;
  std::vector<RowChange> out_;
};

/// lone_table() is what is said of a table that only one run has, or that was keyed otherwise.
RowChange lone_table(const std::string& table, std::string what) {
  RowChange out;
  out.change.table = table;
  out.change.what = std::move(what);
  out.change.why = Why::engine;
  return out;
}

Result<bool> empty(sqlite3* database, const std::string& table) {
  const auto count = evidence::one_integer(
      database, fmt::format("SELECT EXISTS (SELECT 1 FROM main.\"{}\")", table));
  if (!count) return tl::unexpected(count.error());
  return *count == 0;
}

/// insert_rows() puts the rows of one table into a database without constraints.
Result<void> insert_rows(sqlite3* database, const std::string& table,
                         const std::vector<std::string>& names, const std::vector<FactRow>& facts) {
  std::string marks;
  for (std::size_t index = 0; index < names.size(); ++index)
    marks += fmt::format(", ?{}", index + 1);
  auto insert =
      Statement::prepare(database, fmt::format("INSERT INTO \"{}\" VALUES (0{})", table, marks));
  if (!insert) return tl::unexpected(insert.error());
  for (const FactRow& row : facts) {
    if (row.table != table) continue;
    insert->reset();
    for (std::size_t index = 0; index < names.size(); ++index) {
      const auto cell =
          std::ranges::find(row.cells, names[index], [](const auto& one) { return one.first; });
      const int at = static_cast<int>(index) + 1;
      if (cell == row.cells.end()) continue;
      if (const auto* text = std::get_if<std::string>(&cell->second)) {
        insert->bind(at, std::string_view(*text));
      } else if (const auto* number = std::get_if<std::int64_t>(&cell->second)) {
        insert->bind(at, *number);
      } else {
        insert->bind(at, std::get<double>(cell->second));
      }
    }
    if (const int code = insert->step(); code != SQLITE_DONE) {
      return tl::unexpected(evidence::database_error(database, code, "comparing the declaration"));
    }
  }
  return {};
}

const FactColumns* find(const std::vector<FactColumns>& all, const std::string& table) {
  const auto found = std::ranges::find(all, table, &FactColumns::table);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<RowChange>> pair(sqlite3* before, const FactColumns& columns_before,
                                    sqlite3* after, const FactColumns& columns_after) {
  if (columns_before.keys != columns_after.keys) {
    return std::vector<RowChange>{lone_table(columns_after.table, "changed")};
  }
  std::vector<std::string> values;
  for (const std::string& name : columns_after.values) {
    const auto& other = columns_before.values;
    if (std::ranges::find(other, name) != other.end()) values.push_back(name);
  }
  auto left = Cursor::open(before, columns_before, values);
  if (!left) return tl::unexpected(left.error());
  auto right = Cursor::open(after, columns_after, values);
  if (!right) return tl::unexpected(right.error());
  return Merger(columns_after, values).merge(*left, *right);
}

Result<std::vector<FactChange>> declared_changes(sqlite3* before,
                                                 const std::vector<FactRow>& facts) {
  auto database = evidence::open_database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!database) return tl::unexpected(database.error());
  std::vector<FactChange> out;
  for (const FactColumns& columns : evidence::fact_columns(before)) {
    if (!declared(columns.table)) continue;
    std::vector<std::string> names = columns.keys;
    names.insert(names.end(), columns.values.begin(), columns.values.end());
    auto done = evidence::execute(database->get(),
                                  fmt::format("CREATE TABLE \"{}\" (evidence, \"{}\")",
                                              columns.table, fmt::join(names, "\", \"")),
                                  "preparing the comparison");
    if (!done) return tl::unexpected(done.error());
    if (done = insert_rows(database->get(), columns.table, names, facts); !done) {
      return tl::unexpected(done.error());
    }
    auto changes = pair(before, columns, database->get(), columns);
    if (!changes) return tl::unexpected(changes.error());
    for (RowChange& row : *changes) {
      row.change.why = Why::declaration;
      out.push_back(std::move(row.change));
    }
  }
  return out;
}

Result<std::vector<RowChange>> pair_all(sqlite3* before, sqlite3* after) {
  auto left = evidence::fact_columns(before);
  auto right = evidence::fact_columns(after);
  const FactColumns coverage{.table = "coverage",
                             .keys = {"topic", "subject"},
                             .values = {"state", "cause"},
                             .volatiles = {}};
  left.push_back(coverage);
  right.push_back(coverage);
  std::vector<RowChange> out;
  for (const FactColumns& columns : left) {
    if (find(right, columns.table) != nullptr) continue;
    const auto none = empty(before, columns.table);
    if (!none) return tl::unexpected(none.error());
    if (!*none) out.push_back(lone_table(columns.table, "removed"));
  }
  for (const FactColumns& columns : right) {
    const FactColumns* const other = find(left, columns.table);
    if (other == nullptr) {
      const auto none = empty(after, columns.table);
      if (!none) return tl::unexpected(none.error());
      if (!*none) out.push_back(lone_table(columns.table, "added"));
      continue;
    }
    auto changes = pair(before, *other, after, columns);
    if (!changes) return tl::unexpected(changes.error());
    std::ranges::move(*changes, std::back_inserter(out));
  }
  return out;
}

}  // namespace haetae::compare
