#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/comparing.hpp"
#include "harness/cli/judging.hpp"
#include "harness/cli/rendering.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/judge/judge.hpp"
#include "reports/model.hpp"

namespace haetae::cli {
namespace {

namespace fs = std::filesystem;

using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Statement prepare(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr);
  return {raw, &sqlite3_finalize};
}

std::string cell(sqlite3_stmt* statement, int column) {
  const auto* const text = sqlite3_column_text(statement, column);
  return text == nullptr ? std::string("NULL")
                         : printable(reinterpret_cast<const char*>(text), 4000);
}

/// print_rows() prints every row, cells separated by " | ".
Result<void> print_rows(sqlite3* database, const std::string& sql) {
  const auto statement = prepare(database, sql);
  if (!statement)
    return fail(ErrorKind::invalid_input, fmt::format("no query: {}", sqlite3_errmsg(database)));
  if (sqlite3_stmt_readonly(statement.get()) == 0) {
    return fail(ErrorKind::invalid_input, "only a SELECT is answered; a run file is never changed");
  }
  const int columns = sqlite3_column_count(statement.get());
  std::string head;
  for (int column = 0; column < columns; ++column) {
    head +=
        fmt::format("{}{}", column == 0 ? "" : " | ", sqlite3_column_name(statement.get(), column));
  }
  fmt::print("{}\n", head);
  int step = sqlite3_step(statement.get());
  for (; step == SQLITE_ROW; step = sqlite3_step(statement.get())) {
    std::string line;
    for (int column = 0; column < columns; ++column)
      line += (column == 0 ? "" : " | ") + cell(statement.get(), column);
    fmt::print("{}\n", line);
  }
  if (step != SQLITE_DONE) return fail(ErrorKind::invalid_input, sqlite3_errmsg(database));
  return {};
}

Result<void> list_tables(sqlite3* database) {
  const auto statement =
      prepare(database,
              "SELECT name, substr(sql, 1, instr(sql, char(10)) - 1) FROM sqlite_schema "
              "WHERE type = 'table' ORDER BY name");
  while (sqlite3_step(statement.get()) == SQLITE_ROW) {
    const std::string name = cell(statement.get(), 0);
    const auto count = prepare(database, fmt::format("SELECT count(*) FROM \"{}\"", name));
    sqlite3_step(count.get());
    fmt::print("{:<24} {:>8}\n", name, sqlite3_column_int64(count.get(), 0));
  }
  fmt::print(
      "\nhaetae facts RUN TABLE shows one; haetae facts RUN \"SELECT …\" answers a query.\n");
  return {};
}

}  // namespace

int report(const ReportArguments& arguments) {
  const auto format = format_of(arguments.output, arguments.format);
  if (!format) return complain(format.error());
  auto run = evidence::RunFile::open(arguments.run, false, system_clock());
  if (!run) return complain(run.error());
  auto model = read_report(*run, arguments.run, {});
  if (!model) return complain(model.error());
  if (!arguments.baseline.empty()) {
    if (auto done = put_baseline(arguments.baseline, arguments.run, *model); !done) {
      return complain(done.error());
    }
  }
  const Style style = style_of(stdout, arguments.language);
  const auto content =
      render(*model, *format, style.korean ? reports::Language::ko : reports::Language::en);
  if (!content) return complain(content.error());
  if (auto written = write_file(arguments.output, *content); !written)
    return complain(written.error());
  if (model->damages.empty()) return 0;
  fmt::print(stderr, "haetae: {}: {}\n", arguments.run.string(),
             style.korean ? "손상된 시험 파일입니다. 보고서에 손상 표시를 했습니다"
                          : "the run file is damaged, and the report is marked so");
  return exit_code::kNonConformant;
}

int facts(const fs::path& path, const std::string& sql) {
  auto run = evidence::RunFile::open(path, false, system_clock());
  if (!run) return complain(run.error());
  const bool is_name = !sql.empty() && std::ranges::all_of(sql, [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '_';
  });
  const auto shown =
      sql.empty()
          ? list_tables(run->handle())
          : print_rows(run->handle(), is_name ? fmt::format("SELECT * FROM \"{}\"", sql) : sql);
  return shown ? 0 : complain(shown.error());
}

}  // namespace haetae::cli
