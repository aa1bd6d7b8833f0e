#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "harness/evidence/database.hpp"
#include "harness/evidence/run_file.hpp"

namespace haetae::evidence {

namespace {

constexpr std::size_t kLargest = 256 * 1024;

struct Where {
  std::string file;
  std::size_t line = 1;
  [[nodiscard]] tl::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, line, what));
  }
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// check_column() checks one line between CREATE TABLE and its end; returns the role.
Result<std::string> check_column(const std::string& line, const Where& where) {
  static const std::regex kColumn(
      R"re(^  ([a-z][a-z0-9_]*) (TEXT|INTEGER|REAL) NOT NULL( CHECK \(([a-z][a-z0-9_]*) IN \((.*)\)\))?( REFERENCES evidence\(id\))?,  -- (key|value|volatile): .+$)re");
  std::smatch match;
  if (!std::regex_match(line, match, kColumn)) {
    return where.wrong(
        "a column reads `  name TYPE NOT NULL[ CHECK (name IN ('word', …))],  -- role: what it "
        "says`; allowed roles: key, value, volatile");
  }
  if (match[3].matched) {
    if (match[4].str() != match[1].str()) return where.wrong("the CHECK names another column");
    if (match[5].str().find("'unknown'") == std::string::npos) {
      return where.wrong("a word list must hold 'unknown'");
    }
  }
  return match[7].str();
}

struct Keys {
  std::vector<std::string> marked, unique;
};

Result<Keys> check_lines(const std::vector<std::string>& lines, const std::string& name,
                         Where where) {
  Keys keys;
  const std::string sentence = "-- " + name + ": ";
  const auto expect = [&](std::size_t index, const std::string& text) {
    where.line = index + 1;
    return index < lines.size() && lines[index] == text;
  };
  if (lines.size() < 8 || !lines[0].starts_with(sentence) || !lines[0].ends_with(".")) {
    return where.wrong(fmt::format("the first line must read `{}one sentence.`", sentence));
  }
  if (!expect(1, "CREATE TABLE " + name + " (")) {
    return where.wrong(fmt::format("expected `CREATE TABLE {} (`, named as the file", name));
  }
  if (!expect(2, "  id INTEGER PRIMARY KEY,")) return where.wrong("the first column must be id");
  if (!expect(3, "  link INTEGER NOT NULL REFERENCES link(n),")) {
    return where.wrong("the second column must be link");
  }
  if (!lines[4].starts_with("  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- ")) {
    where.line = 5;
    return where.wrong("the third column must be evidence");
  }
  std::size_t index = 4;
  for (; index < lines.size() && !lines[index].starts_with("  UNIQUE ("); ++index) {
    where.line = index + 1;
    auto role = check_column(lines[index], where);
    if (!role) return tl::unexpected(role.error());
    if (*role == "key")
      keys.marked.push_back(lines[index].substr(2, lines[index].find(' ', 2) - 2));
  }
  where.line = index + 1;
  if (index >= lines.size()) return where.wrong("UNIQUE (key columns) is missing");
  std::smatch match;
  static const std::regex kUnique(R"(^  UNIQUE \(([a-z0-9_, ]+)\)$)");
  if (!std::regex_match(lines[index], match, kUnique))
    return where.wrong("UNIQUE must be the last part");
  std::istringstream in(match[1].str());
  for (std::string part; std::getline(in, part, ',');) {
    keys.unique.push_back(part.substr(part.find_first_not_of(' ')));
  }
  if (keys.unique != keys.marked)
    return where.wrong("UNIQUE must hold the key columns in their order");
  if (!expect(index + 1, ") STRICT;") || lines.size() != index + 2) {
    return where.wrong("the table must end with `) STRICT;` and nothing may follow");
  }
  return keys;
}

/// try_out() lets SQLite itself read the text.
Result<void> try_out(const FactTable& table, const std::string& file) {
  auto database = open_database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!database) return tl::unexpected(database.error());
  if (auto made = execute(database->get(), table.sql, file); !made) {
    return fail(ErrorKind::invalid_input, made.error().text);
  }
  return {};
}

}  // namespace

Result<std::vector<FactTable>> load_fact_tables(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  if (failed) {
    return fail(ErrorKind::not_found, fmt::format("cannot read the fact tables in {}: {}",
                                                  folder.string(), failed.message()));
  }
  if (files.empty()) {
    return fail(ErrorKind::not_found, fmt::format("no fact table (*.sql) in {}", folder.string()));
  }
  std::sort(files.begin(), files.end());
  std::vector<FactTable> tables;
  for (const auto& file : files) {
    const Where where{.file = file.string(), .line = 1};
    std::ifstream in(file, std::ios::binary);
    FactTable table{.name = file.stem().string(),
                    .sql = {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()}};
    if (!in || table.sql.empty() || table.sql.size() > kLargest) {
      return where.wrong("cannot be read, is empty or larger than 256 KiB");
    }
    if (auto keys = check_lines(lines_of(table.sql), table.name, where); !keys) {
      return tl::unexpected(keys.error());
    }
    if (auto sound = try_out(table, file.string()); !sound) return tl::unexpected(sound.error());
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace haetae::evidence
