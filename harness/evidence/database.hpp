#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// Thin RAII over SQLite's C interface, for this folder and for readers of run files.
namespace haetae::evidence {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

/// open_database() opens `file` (":memory:" too) with SQLITE_OPEN_* `flags`, hardened: defensive,
/// untrusted schema, no double-quoted strings, foreign keys and recursive triggers on.
[[nodiscard]] Result<Database> open_database(const std::filesystem::path& file, int flags);

/// database_error() turns the last SQLite failure into an Error; a full disk says what to do.
[[nodiscard]] Error database_error(sqlite3* database, int code, std::string_view what);

/// execute() runs statements that return no rows.
[[nodiscard]] Result<void> execute(sqlite3* database, const std::string& sql,
                                   std::string_view what);

/// Statement is one prepared statement. Text and blobs are bound without a copy: they must live
/// until the next reset().
class Statement {
 public:
  Statement() = default;
  [[nodiscard]] static Result<Statement> prepare(sqlite3* database, std::string_view sql);

  void bind(int index, std::int64_t value) { sqlite3_bind_int64(handle_.get(), index, value); }
  void bind(int index, double value) { sqlite3_bind_double(handle_.get(), index, value); }
  void bind(int index, std::string_view text);
  void bind(int index, ByteView bytes);
  /// step() is SQLITE_ROW, SQLITE_DONE or an error code.
  [[nodiscard]] int step() { return sqlite3_step(handle_.get()); }
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
  }
  [[nodiscard]] std::string text(int column) const;
  /// blob() and view() are valid until the next step() or reset().
  [[nodiscard]] ByteView blob(int column) const;
  [[nodiscard]] std::string_view view(int column) const { return as_text(blob(column)); }
  [[nodiscard]] sqlite3_stmt* get() const { return handle_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// one_integer() is the first column of the first row of `sql`, or `absent`.
[[nodiscard]] Result<std::int64_t> one_integer(sqlite3* database, std::string_view sql,
                                               std::int64_t absent = 0);

}  // namespace haetae::evidence
