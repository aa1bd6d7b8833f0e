#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/evidence/canon.hpp"
#include "harness/evidence/database.hpp"
#include "harness/evidence/run_file.hpp"

/// The writing side of a run file: one transaction, one link.
namespace haetae::evidence {

/// Fault lets the kill tests end the process around the commit of one link; see FORMAT.md.
struct Fault {
  std::int64_t link = 0;
  bool before = false;

  [[nodiscard]] static Fault from_environment();
  void strike(std::int64_t n, bool now_before) const;
};

/// is_name() holds for the names that may stand in a statement: [a-z0-9_]+.
[[nodiscard]] bool is_name(std::string_view text);

/// WrittenRow is what the link of the transaction is computed from.
struct WrittenRow {
  std::string table;
  std::int64_t id = 0;
  RowHash hash;
};

/// State is what a RunFile and its open transaction share.
struct RunFile::State {
  Database database;
  std::filesystem::path file;
  Clock* clock = nullptr;
  Fault fault;
  bool in_transaction = false;
  bool journal_ready = false;
  std::unordered_map<std::string, Statement> cache;

  [[nodiscard]] sqlite3* handle() const { return database.get(); }

  /// prepared() keeps statements: a sweep writes thousands of equal rows.
  Result<Statement*> prepared(const std::string& sql) {
    if (const auto found = cache.find(sql); found != cache.end()) {
      found->second.reset();
      return &found->second;
    }
    auto statement = Statement::prepare(handle(), sql);
    if (!statement) return tl::unexpected(statement.error());
    return &cache.emplace(sql, std::move(*statement)).first->second;
  }

  void roll_back() {
    for (auto& [sql, statement] : cache) statement.reset();
    if (sqlite3_get_autocommit(handle()) == 0) {
      sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    in_transaction = false;
  }
};

/// Writer is the transaction of link `n`. It must not outlive `state`.
class Writer final : public Transaction {
 public:
  Writer(RunFile::State& state, std::int64_t n, std::string what)
      : state_(state), n_(n), what_(std::move(what)) {}
  ~Writer() override {
    if (!done_) state_.roll_back();
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Result<std::int64_t> insert(std::string_view table, const Cells& cells) override;
  Result<void> insert(const StoredEvidence& evidence) override;
  Result<void> insert(const StoredSecret& secret) override;
  Result<void> commit() override;
  Result<void> insert_schema();

 private:
  using Bind = std::function<void(Statement&)>;
  Result<std::int64_t> row(std::string_view table, const std::string& sql, const Bind& bind);
  Result<void> remember(std::string_view table, std::int64_t id);
  Result<void> write_link();
  Result<void> write_leaves();
  tl::unexpected<Error> give_up(Error error) {
    failed_ = true;
    return tl::unexpected(std::move(error));
  }
  [[nodiscard]] Result<void> usable() const {
    if (!done_ && !failed_) return {};
    return fail(ErrorKind::internal, "the transaction has ended or failed before");
  }

  RunFile::State& state_;
  std::int64_t n_;
  std::string what_;
  std::vector<WrittenRow> rows_;
  bool done_ = false, failed_ = false;
};

}  // namespace haetae::evidence
