#include "harness/runner/session.hpp"

#include <sqlite3.h>

#include <fmt/format.h>

#include <memory>
#include <stdexcept>

namespace haetae::runner {
namespace {

using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Statement prepare(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) {
    throw std::runtime_error(
        fmt::format("the run file cannot answer \"{}\": {}", sql, sqlite3_errmsg(database)));
  }
  return {raw, &sqlite3_finalize};
}

std::string text_at(sqlite3_stmt* statement, int column) {
  const auto* const text = sqlite3_column_text(statement, column);
  return text == nullptr
             ? std::string()
             : std::string(reinterpret_cast<const char*>(text),
                           static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

Value value_at(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    default: return text_at(statement, column);
  }
}

}  // namespace

Session::Session(evidence::RunFile& run, Clock& clock)
    : run_(run),
      clock_(clock),
      evidence_ids_(run.next_evidence()),
      next_secret_(run.next_secret()) {
  read_secrets();
}

void Session::read_secrets() {
  const auto statement = prepare(run_.handle(),
                                 "SELECT secret.id, secret.kind, secret_value.value FROM secret "
                                 "JOIN secret_value ON secret_value.secret = secret.id");
  while (sqlite3_step(statement.get()) == SQLITE_ROW) {
    secrets_.emplace(sqlite3_column_int64(statement.get(), 0),
                     Secret{text_at(statement.get(), 1), text_at(statement.get(), 2), true});
  }
}

Result<void> Session::started(std::string_view procedure) {
  const std::scoped_lock lock(mutex_);
  auto transaction = run_.begin(fmt::format("start {}", procedure));
  if (!transaction) return tl::unexpected(transaction.error());
  const auto row = (*transaction)
                       ->insert("procedure_state", {{"procedure", std::string(procedure)},
                                                    {"state", "started"},
                                                    {"at", iso8601(clock_.wall())},
                                                    {"cause", "none"},
                                                    {"reason", ""}});
  if (!row) return tl::unexpected(row.error());
  return (*transaction)->commit();
}

Result<void> Session::commit(std::string_view procedure, int version, const Harvest& harvest,
                             const Ending& ending) {
  const std::scoped_lock lock(mutex_);
  const bool with_facts = ending.state == "finished";
  auto written = write(procedure, version, harvest, ending, with_facts);
  if (!written && with_facts && written.error().kind == ErrorKind::internal) {
    const Ending failed{"failed", Cause::tool,
                        "its facts do not fit the tables: " + written.error().message()};
    written = write(procedure, version, harvest, failed, false);
  }
  if (written) {
    for (const SecretId id : harvest.secrets) secrets_.at(id).written = true;
  }
  return written;
}

Result<void> Session::write(std::string_view procedure, int version, const Harvest& harvest,
                            const Ending& ending, bool with_facts) {
  auto begun = run_.begin(fmt::format("procedure {} {}", procedure, ending.state));
  if (!begun) return tl::unexpected(begun.error());
  evidence::Transaction& transaction = **begun;
  for (const auto& evidence : harvest.evidence) {
    if (auto done = transaction.insert(evidence); !done) return done;
  }
  for (const SecretId id : harvest.secrets) {
    const Secret& secret = secrets_.at(id);
    if (secret.written) continue;
    if (auto done = transaction.insert(evidence::StoredSecret{id, secret.kind, secret.value});
        !done) {
      return done;
    }
  }
  if (with_facts) {
    for (const FactRow& fact : harvest.facts) {
      if (auto row = transaction.insert(fact.table, fact.cells); !row) {
        return tl::unexpected(row.error());
      }
    }
    for (const Unstable& unstable : harvest.unstable) {
      const auto row = transaction.insert("unstable", {{"procedure", std::string(procedure)},
                                                       {"tbl", unstable.table},
                                                       {"row_key", unstable.row_key},
                                                       {"same", std::int64_t{unstable.same}},
                                                       {"of", std::int64_t{unstable.of}}});
      if (!row) return tl::unexpected(row.error());
    }
    for (const Coverage& coverage : harvest.coverage) {
      const auto row = transaction.insert("coverage", {{"topic", coverage.topic},
                                                       {"subject", coverage.subject},
                                                       {"state", std::string(word(coverage.state))},
                                                       {"cause", std::string(word(coverage.cause))},
                                                       {"why", coverage.why},
                                                       {"tried", coverage.tried},
                                                       {"procedure", std::string(procedure)},
                                                       {"version", std::int64_t{version}}});
      if (!row) return tl::unexpected(row.error());
    }
  }
  const auto row =
      transaction.insert("procedure_state", {{"procedure", std::string(procedure)},
                                             {"state", ending.state},
                                             {"at", iso8601(clock_.wall())},
                                             {"cause", std::string(word(ending.cause))},
                                             {"reason", ending.reason}});
  if (!row) return tl::unexpected(row.error());
  return transaction.commit();
}

Result<void> Session::log(std::string_view level, std::string_view text) {
  const std::scoped_lock lock(mutex_);
  auto transaction = run_.begin("log");
  if (!transaction) return tl::unexpected(transaction.error());
  const auto row = (*transaction)
                       ->insert("log", {{"at", iso8601(clock_.wall())},
                                        {"level", std::string(level)},
                                        {"text", std::string(text)}});
  if (!row) return tl::unexpected(row.error());
  return (*transaction)->commit();
}

std::vector<FactRow> Session::rows(std::string_view table) {
  const std::scoped_lock lock(mutex_);
  const auto statement =
      prepare(run_.handle(), fmt::format("SELECT * FROM \"{}\" ORDER BY id", table));
  std::vector<FactRow> out;
  while (sqlite3_step(statement.get()) == SQLITE_ROW) {
    FactRow row{.table = std::string(table), .cells = {}};
    for (int column = 0; column < sqlite3_column_count(statement.get()); ++column) {
      const std::string_view name = sqlite3_column_name(statement.get(), column);
      if (name == "id" || name == "link") continue;
      row.cells.emplace_back(std::string(name), value_at(statement.get(), column));
    }
    out.push_back(std::move(row));
  }
  return out;
}

SecretId Session::secret(std::string_view kind, std::string_view value) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, secret] : secrets_) {
    if (secret.kind == kind && secret.value == value) return id;
  }
  const SecretId id = next_secret_++;
  secrets_.emplace(id, Secret{std::string(kind), std::string(value), false});
  return id;
}

std::string Session::secret_value(SecretId id) {
  const std::scoped_lock lock(mutex_);
  const auto found = secrets_.find(id);
  return found == secrets_.end() ? std::string() : found->second.value;
}

std::map<std::string, Session::LastState, std::less<>> Session::last_states() {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, LastState, std::less<>> states;
  const auto statement = prepare(
      run_.handle(), "SELECT procedure, state, at, reason FROM procedure_state ORDER BY id");
  while (sqlite3_step(statement.get()) == SQLITE_ROW) {
    states[text_at(statement.get(), 0)] = {text_at(statement.get(), 1), text_at(statement.get(), 2),
                                           text_at(statement.get(), 3)};
  }
  return states;
}

}  // namespace haetae::runner
