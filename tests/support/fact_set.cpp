#include "tests/support/fact_set.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

namespace haetae::test {
namespace {

using Json = nlohmann::json;

std::string slurp(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(fmt::format("{}: cannot be read", file.string()));
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Value value_of(const Json& json, const std::string& where) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number_float()) return json.get<double>();
  throw std::runtime_error(where + ": allowed: text or number");
}

FactRow row_of(const std::string& table, const Json& json) {
  FactRow row{.table = table, .cells = {}};
  if (!json.contains("evidence")) row.cells.emplace_back("evidence", std::int64_t{1});
  for (const auto& [column, cell] : json.items()) {
    row.cells.emplace_back(column, value_of(cell, table + "." + column));
  }
  return row;
}

Coverage coverage_of(const Json& json) {
  const std::string state = json.at("state").get<std::string>();
  Coverage out{.topic = json.at("topic").get<std::string>(),
               .subject = json.at("subject").get<std::string>(),
               .state = CoverageState::complete,
               .cause = Cause::none,
               .why = {},
               .tried = {}};
  if (state == "complete") return out;
  if (state != "partial" && state != "tainted") throw std::runtime_error("unknown state " + state);
  out.state = state == "partial" ? CoverageState::partial : CoverageState::tainted;
  out.cause = cause_from(json.value("cause", "lab")).value();
  out.why = json.value("why", "as the fact set says");
  return out;
}

FactSet parse(const Json& json, const std::string& name) {
  static const std::set<std::string> kKeys{"facts",  "coverage",   "parameters", "tested_at",
                                           "expect", "irrelevant", "profile"};
  for (const auto& [key, unused] : json.items()) {
    if (!kKeys.contains(key)) throw std::runtime_error("unknown name '" + key + "'");
  }
  FactSet out;
  out.name = name;
  for (const auto& [table, rows] : json.at("facts").items()) {
    int number = 0;
    for (const Json& row : rows) {
      out.facts.push_back(row_of(table, row));
      out.labels.push_back(fmt::format("{}.{}", table, number++));
    }
  }
  for (const Json& record : json.at("coverage")) out.coverage.push_back(coverage_of(record));
  const Json parameters = json.value("parameters", Json::object());
  for (const auto& [key, value] : parameters.items()) {
    out.parameters[key] = value_of(value, key);
  }
  out.tested_at = json.value("tested_at", out.tested_at);
  out.profile = json.value("profile", "");
  out.expect = json.at("expect").get<std::string>();
  out.irrelevant = json.value("irrelevant", std::vector<std::string>{});
  return out;
}

void bind(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement, index, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_bind_double(statement, index, *real);
  } else {
    const auto& text = std::get<std::string>(value);
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
  }
}

/// word_columns() are the columns of a table that have a word list.
std::set<std::string> word_columns(const std::string& table) {
  static const std::regex kWords(R"(CHECK \((\w+) IN \()");
  std::set<std::string> out;
  for (const evidence::FactTable& known : fact_tables()) {
    if (known.name != table) continue;
    for (std::sregex_iterator at(known.sql.begin(), known.sql.end(), kWords), end; at != end;
         ++at) {
      out.insert((*at)[1].str());
    }
  }
  return out;
}

/// Loss is one thing taken away from a fact set.
struct Loss {
  std::string label, sql;
};

std::vector<Loss> losses_of(const FactSet& set) {
  std::vector<Loss> out;
  for (std::size_t index = 0; index < set.facts.size(); ++index) {
    const FactRow& row = set.facts[index];
    const std::string& label = set.labels[index];
    const int id = std::stoi(label.substr(label.find('.') + 1)) + 1;
    out.push_back({label, fmt::format("DELETE FROM {} WHERE id = {}", row.table, id)});
    const auto words = word_columns(row.table);
    for (const auto& [column, value] : row.cells) {
      if (!words.contains(column) || value == Value(std::string("unknown"))) continue;
      out.push_back({label + "." + column, fmt::format("UPDATE {} SET {} = 'unknown' WHERE id = {}",
                                                       row.table, column, id)});
    }
  }
  for (std::size_t index = 0; index < set.coverage.size(); ++index) {
    const std::string label = fmt::format("coverage.{}", index);
    const std::string where = fmt::format("WHERE id = {}", index + 1);
    const std::string worse = "UPDATE coverage SET cause = 'lab', why = 'attacked', state = ";
    out.push_back({label, "DELETE FROM coverage " + where});
    out.push_back({label + ".partial", worse + "'partial' " + where});
    out.push_back({label + ".tainted", worse + "'tainted' " + where});
  }
  return out;
}

/// covers() is whether an entry of `irrelevant` speaks of a loss: a row, or one cell of it.
bool covers(const std::string& entry, const std::string& label) {
  return label == entry || label.starts_with(entry + ".");
}

}  // namespace

Result<FactSet> load_fact_set(const std::filesystem::path& file) {
  try {
    return parse(Json::parse(slurp(file)), file.string());
  } catch (const std::exception& error) {
    return fail(ErrorKind::invalid_input, fmt::format("{}: {}", file.string(), error.what()));
  }
}

FactBase::FactBase(const std::vector<evidence::FactTable>& tables) {
  if (sqlite3_open(":memory:", &database_) != SQLITE_OK) throw std::runtime_error("no memory");
  const auto must = [](const Result<void>& done) {
    if (!done) throw std::runtime_error(done.error().message());
  };
  must(execute("PRAGMA foreign_keys = ON"));
  must(execute(slurp(std::filesystem::path(HAETAE_SOURCE_DIR) / "harness/evidence/schema.sql")));
  for (const evidence::FactTable& table : tables) must(execute(table.sql));
  must(execute("INSERT INTO link VALUES (1, '', 'test', x'00', x'00', x'00')"));
  for (int id = 1; id <= 20; ++id) {
    must(
        execute(fmt::format("INSERT INTO evidence VALUES ({}, 1, 'test', 'transcript', 'lan', "
                            "'made up', 'text/plain', '', 0, 0, x'00')",
                            id)));
  }
}

FactBase::~FactBase() { sqlite3_close(database_); }

Result<void> FactBase::execute(const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return {};
  const std::string text = message == nullptr ? "unknown" : message;
  sqlite3_free(message);
  return fail(ErrorKind::storage, text);
}

Result<void> FactBase::insert(const FactRow& row) {
  std::string columns = "link";
  std::string places = "1";
  for (const auto& [column, unused] : row.cells) {
    columns += ", " + column;
    places += ", ?";
  }
  sqlite3_stmt* statement = nullptr;
  const std::string sql =
      fmt::format("INSERT INTO {} ({}) VALUES ({})", row.table, columns, places);
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: {}", row.table, sqlite3_errmsg(database_)));
  }
  for (std::size_t index = 0; index < row.cells.size(); ++index) {
    bind(statement, static_cast<int>(index) + 1, row.cells[index].second);
  }
  const bool done = sqlite3_step(statement) == SQLITE_DONE;
  sqlite3_finalize(statement);
  if (done) return {};
  return fail(ErrorKind::invalid_input,
              fmt::format("{}: {}", row.table, sqlite3_errmsg(database_)));
}

Result<void> FactBase::insert(const Coverage& coverage) {
  return insert(FactRow{.table = "coverage",
                        .cells = {{"topic", coverage.topic},
                                  {"subject", coverage.subject},
                                  {"state", std::string(word(coverage.state))},
                                  {"cause", std::string(word(coverage.cause))},
                                  {"why", coverage.why},
                                  {"tried", coverage.tried},
                                  {"procedure", std::string("test")},
                                  {"version", std::int64_t{1}}}});
}

Result<void> FactBase::fill(const FactSet& set) {
  for (const FactRow& row : set.facts) {
    if (auto done = insert(row); !done) return done;
  }
  for (const Coverage& coverage : set.coverage) {
    if (auto done = insert(coverage); !done) return done;
  }
  return {};
}

const std::vector<evidence::FactTable>& fact_tables() {
  static const std::vector<evidence::FactTable> kTables = [] {
    auto loaded =
        evidence::load_fact_tables(std::filesystem::path(HAETAE_SOURCE_DIR) / "testcases/facts");
    if (!loaded) throw std::runtime_error(loaded.error().message());
    return std::move(*loaded);
  }();
  return kTables;
}

catalogue::Catalogue only_criterion(const catalogue::Catalogue& catalogue,
                                    std::string_view criterion) {
  catalogue::Catalogue out = catalogue;
  out.items.clear();
  for (const catalogue::Item& item : catalogue.items) {
    const auto found = std::ranges::find(item.criteria, criterion, &catalogue::Criterion::id);
    if (found == item.criteria.end()) continue;
    catalogue::Item reduced = item;
    reduced.standard = true;
    reduced.criteria = {*found};
    out.items.push_back(std::move(reduced));
  }
  return out;
}

Result<judge::CriterionVerdict> judge_one(FactBase& base, const catalogue::Catalogue& reduced,
                                          const std::string& tested_at) {
  const catalogue::Item& item = reduced.items.at(0);
  if (item.optional) {
    auto stated = base.execute(
        fmt::format("INSERT OR IGNORE INTO statement (link, evidence, item, applies, reason) "
                    "VALUES (1, 1, '{}', 'yes', '')",
                    item.id));
    if (!stated) return tl::unexpected<Error>(std::move(stated.error()));
  }
  auto judgement = judge::judge(base.handle(), reduced,
                                {.type = "standard", .only = {}, .tested_at = tested_at});
  if (!judgement) return tl::unexpected<Error>(std::move(judgement.error()));
  return judgement->criteria.at(0);
}

std::vector<std::string> attack(const FactSet& set, const catalogue::Catalogue& catalogue,
                                std::string_view criterion) {
  std::vector<std::string> out;
  const catalogue::Catalogue reduced = only_criterion(catalogue, criterion);
  FactBase base(fact_tables());
  if (auto filled = base.fill(set); !filled) return {filled.error().message()};
  std::set<std::string> harmless;
  for (const Loss& loss : losses_of(set)) {
    (void)base.execute("SAVEPOINT loss");
    const bool possible = base.execute(loss.sql).has_value();
    const auto verdict = judge_one(base, reduced, set.tested_at);
    (void)base.execute("ROLLBACK TO loss; RELEASE loss");
    if (!possible) continue;  // a key that would stand twice
    if (!verdict) {
      out.push_back(fmt::format("{}: {}", loss.label, verdict.error().message()));
      continue;
    }
    const Verdict word = verdict->verdict;
    if (word != Verdict::pass && word != Verdict::not_applicable) continue;
    harmless.insert(loss.label);
    const bool listed = std::ranges::any_of(
        set.irrelevant, [&](const std::string& entry) { return covers(entry, loss.label); });
    if (!listed)
      out.push_back(fmt::format("without {} it is still {}", loss.label, haetae::word(word)));
  }
  for (const std::string& entry : set.irrelevant) {
    if (!harmless.contains(entry)) out.push_back(fmt::format("'{}' is not irrelevant", entry));
  }
  return out;
}

}  // namespace haetae::test
