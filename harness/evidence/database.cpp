#include "harness/evidence/database.hpp"

#include <fmt/format.h>

namespace haetae::evidence {

namespace {

/// kLongest bounds one cell; content is stored in chunks of 1 MiB, texts are far smaller.
constexpr int kLongest = 64 * 1024 * 1024;

void harden(sqlite3* database) {
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  // A view inside a hostile file could stand in for a table; temporary ones stay possible.
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kLongest);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_busy_timeout(database, 2000);
}

}  // namespace

Result<Database> open_database(const std::filesystem::path& file, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Database database(raw);
  if (code != SQLITE_OK)
    return tl::unexpected(database_error(raw, code, "cannot open " + file.string()));
  sqlite3_extended_result_codes(raw, 1);
  harden(raw);
  // Without it INSERT OR REPLACE would delete a row unseen by the DELETE triggers.
  // 16 MiB of pages, in place of 2: a run is read from end to end more than once.
  if (auto done = execute(raw, "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-16384",
                          "cannot set up the database");
      !done) {
    return tl::unexpected(done.error());
  }
  return database;
}

Error database_error(sqlite3* database, int code, std::string_view what) {
  const int primary = code & 0xff;
  const std::string detail = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  switch (primary) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return {ErrorKind::storage,
              fmt::format("{}: {}. The disk is full or failing: free space there, then go on with "
                          "--resume; everything that was committed is still in the file",
                          what, detail)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::storage,
              fmt::format("{}: another program holds the run file; end it and try again", what)};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return {ErrorKind::storage,
              fmt::format("{}: {}; check that the folder exists and may be written", what, detail)};
    case SQLITE_NOTADB:
      return {ErrorKind::invalid_input, fmt::format("{}: it is no run file", what)};
    case SQLITE_CORRUPT:
      return {ErrorKind::storage, fmt::format("{}: the file is damaged ({})", what, detail)};
    default: return {ErrorKind::internal, fmt::format("{}: {}", what, detail)};
  }
}

Result<void> execute(sqlite3* database, const std::string& sql, std::string_view what) {
  const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return tl::unexpected(database_error(database, code, what));
  return {};
}

Result<Statement> Statement::prepare(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code =
      sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  Statement statement;
  statement.handle_.reset(raw);
  if (code != SQLITE_OK) {
    return tl::unexpected(database_error(database, code, fmt::format("cannot prepare {}", sql)));
  }
  return statement;
}

void Statement::bind(int index, std::string_view text) {
  // An empty view may hold a null pointer, which SQLite would take for NULL.
  sqlite3_bind_text64(handle_.get(), index, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int index, ByteView bytes) {
  if (bytes.empty()) {
    sqlite3_bind_zeroblob(handle_.get(), index, 0);
  } else {
    sqlite3_bind_blob64(handle_.get(), index, bytes.data(), bytes.size(), SQLITE_STATIC);
  }
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

std::string Statement::text(int column) const { return std::string(view(column)); }

ByteView Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return {static_cast<const std::uint8_t*>(data),
          data == nullptr ? 0 : static_cast<std::size_t>(size)};
}

Result<std::int64_t> one_integer(sqlite3* database, std::string_view sql, std::int64_t absent) {
  auto statement = Statement::prepare(database, sql);
  if (!statement) return tl::unexpected(statement.error());
  const int code = statement->step();
  if (code == SQLITE_ROW) return statement->integer(0);
  if (code == SQLITE_DONE) return absent;
  return tl::unexpected(database_error(database, code, fmt::format("cannot run {}", sql)));
}

}  // namespace haetae::evidence
