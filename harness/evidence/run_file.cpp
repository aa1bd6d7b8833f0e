#include "harness/evidence/run_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <unordered_map>

#include <fmt/format.h>

#include "harness/evidence/canon.hpp"
#include "harness/evidence/database.hpp"

namespace haetae::evidence {

namespace {

/// Fault lets the kill tests end the process around the commit of one link; see FORMAT.md.
struct Fault {
  std::int64_t link = 0;
  bool before = false;

  static Fault from_environment() {
    const char* text = std::getenv("HAETAE_FAULT");
    const std::string_view fault = text == nullptr ? "" : text;
    for (const std::string_view kind : {"kill-before-link:", "kill-after-link:"}) {
      if (fault.starts_with(kind)) {
        return {.link = std::strtoll(fault.data() + kind.size(), nullptr, 10),
                .before = kind == "kill-before-link:"};
      }
    }
    return {};
  }
  void strike(std::int64_t n, bool now_before) const {
    if (link == n && before == now_before) std::raise(SIGKILL);
  }
};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

struct WrittenRow {
  std::string table;
  std::int64_t id = 0;
  RowHash hash;
};

}  // namespace

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

namespace {

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

Result<std::int64_t> Writer::row(std::string_view table, const std::string& sql, const Bind& bind) {
  auto statement = state_.prepared(sql);
  if (!statement) return give_up(Error{ErrorKind::internal, statement.error().text});
  bind(**statement);
  const int code = (*statement)->step();
  if (code != SQLITE_DONE) {
    Error error =
        database_error(state_.handle(), code, fmt::format("cannot write to table {}", table));
    (*statement)->reset();
    return give_up(std::move(error));
  }
  (*statement)->reset();
  const std::int64_t id = sqlite3_last_insert_rowid(state_.handle());
  if (!in_chain(table)) return id;
  if (auto kept = remember(table, id); !kept) return give_up(kept.error());
  return id;
}

/// The row is read back for its digest, because STRICT tables convert values on the way in.
Result<void> Writer::remember(std::string_view table, std::int64_t id) {
  auto statement = state_.prepared(fmt::format("SELECT * FROM \"{}\" WHERE rowid = ?", table));
  if (!statement) return tl::unexpected(statement.error());
  (*statement)->bind(1, id);
  const int code = (*statement)->step();
  if (code != SQLITE_ROW) {
    return tl::unexpected(database_error(state_.handle(), code, "cannot read a new row back"));
  }
  static thread_local Hasher hasher;
  WrittenRow written{.table = std::string(table), .id = id, .hash = {}};
  row_hash(table, **statement, hasher, written.hash);
  (*statement)->reset();
  rows_.push_back(std::move(written));
  return {};
}

Result<std::int64_t> Writer::insert(std::string_view table, const Cells& cells) {
  if (auto ready = usable(); !ready) return tl::unexpected(ready.error());
  if (!is_name(table) || !in_chain(table) || table == "evidence" || table == "secret") {
    return give_up(Error{ErrorKind::internal, fmt::format("table {} takes no plain rows", table)});
  }
  std::string columns = "link", places = "?1";
  for (std::size_t index = 0; index < cells.size(); ++index) {
    const std::string& name = cells[index].first;
    if (!is_name(name) || name == "id" || name == "link") {
      return give_up(Error{ErrorKind::internal, fmt::format("{} is no column to fill", name)});
    }
    columns += ",\"" + name + '"';
    places += fmt::format(",?{}", index + 2);
  }
  return row(table, fmt::format("INSERT INTO \"{}\" ({}) VALUES ({})", table, columns, places),
             [&](Statement& statement) {
               statement.bind(1, n_);
               for (std::size_t index = 0; index < cells.size(); ++index) {
                 const int place = static_cast<int>(index) + 2;
                 std::visit(
                     [&](const auto& value) {
                       if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
                         statement.bind(place, std::string_view(value));
                       } else {
                         statement.bind(place, value);
                       }
                     },
                     cells[index].second);
               }
             });
}

Result<void> Writer::insert(const StoredEvidence& evidence) {
  if (auto ready = usable(); !ready) return ready;
  if (evidence.id <= 0) return give_up(Error{ErrorKind::internal, "evidence needs an id above 0"});
  const Bytes salt = random_bytes(32);
  const Digest promise = commitment(salt, content_digest(evidence.content));
  const std::string at = iso8601(evidence.at);
  auto done =
      row("evidence",
          "INSERT INTO evidence (id, link, procedure, kind, subject, label, media_type, at, "
          "size, cut, commitment) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
          [&](Statement& statement) {
            statement.bind(1, evidence.id);
            statement.bind(2, n_);
            statement.bind(3, std::string_view(evidence.procedure));
            statement.bind(4, std::string_view(evidence.kind));
            statement.bind(5, std::string_view(evidence.subject));
            statement.bind(6, std::string_view(evidence.label));
            statement.bind(7, std::string_view(evidence.media_type));
            statement.bind(8, std::string_view(at));
            statement.bind(9, static_cast<std::int64_t>(evidence.content.size()));
            statement.bind(10, evidence.cut);
            statement.bind(11, ByteView(promise));
          });
  if (!done) return tl::unexpected(done.error());
  done = row("evidence_salt", "INSERT INTO evidence_salt (evidence, link, salt) VALUES (?,?,?)",
             [&](Statement& statement) {
               statement.bind(1, evidence.id);
               statement.bind(2, n_);
               statement.bind(3, ByteView(salt));
             });
  const ByteView content = evidence.content;
  for (std::size_t at_byte = 0, chunk = 0; done && at_byte < content.size();
       at_byte += kChunk, ++chunk) {
    done = row("evidence_chunk",
               "INSERT INTO evidence_chunk (id, link, evidence, n, bytes) VALUES (?,?,?,?,?)",
               [&](Statement& statement) {
                 const auto number = static_cast<std::int64_t>(chunk);
                 statement.bind(1, evidence.id * kChunksPerEvidence + number);
                 statement.bind(2, n_);
                 statement.bind(3, evidence.id);
                 statement.bind(4, number);
                 statement.bind(
                     5, content.subspan(at_byte, std::min(kChunk, content.size() - at_byte)));
               });
  }
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<void> Writer::insert(const StoredSecret& secret) {
  if (auto ready = usable(); !ready) return ready;
  if (secret.id <= 0) return give_up(Error{ErrorKind::internal, "a secret needs an id above 0"});
  const Bytes salt = random_bytes(32);
  const Digest promise = commitment(salt, content_digest(as_bytes(secret.value)));
  auto done = row("secret", "INSERT INTO secret (id, link, kind, commitment) VALUES (?,?,?,?)",
                  [&](Statement& statement) {
                    statement.bind(1, secret.id);
                    statement.bind(2, n_);
                    statement.bind(3, std::string_view(secret.kind));
                    statement.bind(4, ByteView(promise));
                  });
  if (done) {
    done =
        row("secret_value", "INSERT INTO secret_value (secret, link, salt, value) VALUES (?,?,?,?)",
            [&](Statement& statement) {
              statement.bind(1, secret.id);
              statement.bind(2, n_);
              statement.bind(3, ByteView(salt));
              statement.bind(4, std::string_view(secret.value));
            });
  }
  if (!done) return tl::unexpected(done.error());
  return {};
}

/// insert_schema() puts the text of every object of the schema into the chain.
Result<void> Writer::insert_schema() {
  auto objects = Statement::prepare(state_.handle(),
                                    "SELECT type || ' ' || name, sql FROM sqlite_master "
                                    "WHERE sql IS NOT NULL ORDER BY type, name");
  if (!objects) return tl::unexpected(objects.error());
  std::vector<std::pair<std::string, std::string>> texts;
  int code = SQLITE_ROW;
  while ((code = objects->step()) == SQLITE_ROW)
    texts.emplace_back(objects->text(0), objects->text(1));
  if (code != SQLITE_DONE) {
    return tl::unexpected(database_error(state_.handle(), code, "cannot read the schema"));
  }
  for (const auto& [name, text] : texts) {
    auto done = insert("document", {{"kind", std::string("schema")},
                                    {"name", name},
                                    {"sha256", to_hex(sha256(as_bytes(text)))},
                                    {"text", text}});
    if (!done) return tl::unexpected(done.error());
  }
  return {};
}

Result<void> Writer::write_link() {
  std::sort(rows_.begin(), rows_.end(), [](const WrittenRow& left, const WrittenRow& right) {
    return std::tie(left.table, left.id) < std::tie(right.table, right.id);
  });
  Hasher hasher;
  hasher.byte('L');
  for (const WrittenRow& written : rows_) hasher.add(ByteView(written.hash.digest));
  const Digest digest = hasher.finish();
  Bytes prev(32, 0);
  if (n_ > 1) {
    auto last = state_.prepared("SELECT hash FROM link WHERE n = ?");
    if (!last) return tl::unexpected(last.error());
    (*last)->bind(1, n_ - 1);
    const int code = (*last)->step();
    if (code != SQLITE_ROW) {
      return tl::unexpected(database_error(state_.handle(), code, "cannot read the last link"));
    }
    const ByteView hash = (*last)->blob(0);
    prev.assign(hash.begin(), hash.end());
    (*last)->reset();
  }
  const std::string at = iso8601(state_.clock->wall());
  const Digest hash = link_hash(n_, at, what_, prev, digest);
  auto done = row("link", "INSERT INTO link (n, at, what, prev, digest, hash) VALUES (?,?,?,?,?,?)",
                  [&](Statement& statement) {
                    statement.bind(1, n_);
                    statement.bind(2, std::string_view(at));
                    statement.bind(3, std::string_view(what_));
                    statement.bind(4, ByteView(prev));
                    statement.bind(5, ByteView(digest));
                    statement.bind(6, ByteView(hash));
                  });
  if (!done) return tl::unexpected(done.error());
  return remember("link", n_);
}

Result<void> Writer::write_leaves() {
  std::sort(rows_.begin(), rows_.end(), [](const WrittenRow& left, const WrittenRow& right) {
    return std::tie(left.table, left.id) < std::tie(right.table, right.id);
  });
  for (const WrittenRow& written : rows_) {
    auto done = row("leaf", "INSERT INTO leaf (link, tbl, row, digest, cells) VALUES (?,?,?,?,?)",
                    [&](Statement& statement) {
                      statement.bind(1, n_);
                      statement.bind(2, std::string_view(written.table));
                      statement.bind(3, written.id);
                      statement.bind(4, ByteView(written.hash.digest));
                      statement.bind(5, ByteView(written.hash.cells));
                    });
    if (!done) return tl::unexpected(done.error());
  }
  return {};
}

Result<void> Writer::commit() {
  if (auto ready = usable(); !ready) return ready;
  if (auto done = write_link(); !done) return give_up(done.error());
  if (auto done = write_leaves(); !done) return give_up(done.error());
  state_.fault.strike(n_, true);
  for (auto& [sql, statement] : state_.cache) statement.reset();
  if (auto done = execute(state_.handle(), "COMMIT", "cannot commit to the run file"); !done) {
    return give_up(done.error());
  }
  done_ = true;
  state_.in_transaction = false;
  state_.fault.strike(n_, false);
  return {};
}

Result<void> build_schema(sqlite3* database, const std::vector<FactTable>& facts) {
  if (auto made = execute(database, std::string(schema_sql()), "cannot make the tables"); !made) {
    return made;
  }
  for (const FactTable& fact : facts) {
    if (!is_name(fact.name)) {
      return fail(ErrorKind::internal, fmt::format("{} is no table name", fact.name));
    }
    if (auto made = execute(database, fact.sql, "cannot make fact table " + fact.name); !made) {
      return made;
    }
  }
  auto tables =
      Statement::prepare(database,
                         "SELECT m.name, c.name FROM sqlite_master m, "
                         "pragma_table_info(m.name) c WHERE m.type = 'table' AND c.pk = 1 "
                         "ORDER BY m.name");
  if (!tables) return tl::unexpected(tables.error());
  std::string triggers;
  int code = SQLITE_ROW;
  while ((code = tables->step()) == SQLITE_ROW) {
    const std::string table = tables->text(0), key = tables->text(1);
    for (const std::string_view action : {"UPDATE", "DELETE"}) {
      triggers += fmt::format(
          "CREATE TRIGGER {0}_no_{2} BEFORE {1} ON {0} BEGIN SELECT RAISE(ABORT, 'a run file is "
          "append-only'); END;\n",
          table, action, action == "UPDATE" ? "update" : "delete");
    }
    // REPLACE fires the delete trigger only with recursive_triggers, which other programs leave
    // off.
    triggers += fmt::format(
        "CREATE TRIGGER {0}_no_replace BEFORE INSERT ON {0} WHEN EXISTS (SELECT 1 FROM {0} WHERE "
        "{1} "
        "= NEW.{1}) BEGIN SELECT RAISE(ABORT, 'a run file is append-only'); END;\n",
        table, key);
  }
  if (code != SQLITE_DONE)
    return tl::unexpected(database_error(database, code, "cannot read the tables"));
  return execute(database, triggers, "cannot make the triggers");
}

Result<void> check_identity(sqlite3* database, const std::filesystem::path& file) {
  const auto no_run_file = [&](const std::string& why) {
    return fail(ErrorKind::invalid_input, fmt::format("{} is no run file: {}", file.string(), why));
  };
  auto application = one_integer(database, "PRAGMA application_id");
  if (!application) return no_run_file(application.error().text);
  if (*application != kApplicationId) return no_run_file("it carries another application's mark");
  auto format = one_integer(database, "PRAGMA user_version");
  if (!format) return no_run_file(format.error().text);
  if (*format != kFormat) {
    return no_run_file(fmt::format("its format is {}, this version reads {}", *format, kFormat));
  }
  auto links = one_integer(database, "SELECT count(*) FROM link");
  if (!links) return no_run_file(links.error().text);
  if (*links == 0) return no_run_file("it has no first link");
  return {};
}

}  // namespace

RunFile::RunFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunFile::RunFile(RunFile&&) noexcept = default;
RunFile& RunFile::operator=(RunFile&&) noexcept = default;
RunFile::~RunFile() = default;

Result<RunFile> RunFile::create(const std::filesystem::path& file,
                                const std::vector<FactTable>& facts,
                                const std::function<Result<void>(Transaction&)>& first,
                                Clock& clock) {
  // Run files hold passwords: nobody else may read them.
  const int made = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (made < 0) {
    if (errno == EEXIST) {
      return fail(
          ErrorKind::invalid_input,
          fmt::format("{} exists already; name another file, or --resume it", file.string()));
    }
    return fail(ErrorKind::storage, fmt::format("cannot make {}: check that the folder exists, may "
                                                "be written and has space",
                                                file.string()));
  }
  ::close(made);
  auto run = [&]() -> Result<RunFile> {
    auto database = open_database(file, SQLITE_OPEN_READWRITE);
    if (!database) return tl::unexpected(database.error());
    auto state = std::make_unique<State>();
    state->database = std::move(*database);
    state->file = file;
    state->clock = &clock;
    state->fault = Fault::from_environment();
    state->journal_ready = true;
    const std::string start = fmt::format(
        "PRAGMA application_id={}; PRAGMA user_version={}; PRAGMA journal_mode=WAL; "
        "PRAGMA synchronous=FULL; BEGIN EXCLUSIVE; PRAGMA defer_foreign_keys=ON",
        kApplicationId, kFormat);
    if (auto done = execute(state->handle(), start, "cannot start the run file"); !done) {
      return tl::unexpected(done.error());
    }
    state->in_transaction = true;
    if (auto done = build_schema(state->handle(), facts); !done)
      return tl::unexpected(done.error());
    Writer writer(*state, 1, "create");
    if (auto done = writer.insert_schema(); !done) return tl::unexpected(done.error());
    for (const FactTable& fact : facts) {
      auto done = writer.insert("document", {{"kind", std::string("fact-table")},
                                             {"name", fact.name},
                                             {"sha256", to_hex(sha256(as_bytes(fact.sql)))},
                                             {"text", fact.sql}});
      if (!done) return tl::unexpected(done.error());
    }
    if (first) {
      if (auto done = first(writer); !done) return tl::unexpected(done.error());
    }
    if (auto done = writer.commit(); !done) return tl::unexpected(done.error());
    return RunFile(std::move(state));
  }();
  if (!run) {
    std::error_code ignored;
    for (const std::string_view tail : {"", "-wal", "-shm"}) {
      std::filesystem::remove(file.string() + std::string(tail), ignored);
    }
  }
  return run;
}

Result<RunFile> RunFile::open(const std::filesystem::path& file, bool writable, Clock& clock) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) {
    return fail(ErrorKind::not_found, fmt::format("{} does not exist", file.string()));
  }
  if (!std::filesystem::is_regular_file(file, failed)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is no run file: no plain file", file.string()));
  }
  auto database = open_database(file, writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  if (!database) return tl::unexpected(database.error());
  if (auto sound = check_identity(database->get(), file); !sound)
    return tl::unexpected(sound.error());
  auto state = std::make_unique<State>();
  state->database = std::move(*database);
  state->file = file;
  state->clock = &clock;
  state->fault = Fault::from_environment();
  return RunFile(std::move(state));
}

Result<std::unique_ptr<Transaction>> RunFile::begin(std::string_view what) {
  State& state = *state_;
  if (state.in_transaction) return fail(ErrorKind::internal, "a transaction is open already");
  if (!state.journal_ready) {
    auto done = execute(state.handle(), "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
                        "cannot write to the run file");
    if (!done) return tl::unexpected(done.error());
    state.journal_ready = true;
  }
  auto begun = execute(state.handle(), "BEGIN EXCLUSIVE; PRAGMA defer_foreign_keys=ON",
                       "cannot write to the run file");
  if (!begun) {
    state.roll_back();
    return tl::unexpected(begun.error());
  }
  state.in_transaction = true;
  auto last = one_integer(state.handle(), "SELECT max(n) FROM link");
  if (!last) {
    state.roll_back();
    return tl::unexpected(last.error());
  }
  return std::make_unique<Writer>(state, *last + 1, std::string(what));
}

EvidenceId RunFile::next_evidence() const {
  return one_integer(handle(), "SELECT max(id) FROM evidence").value_or(0) + 1;
}

SecretId RunFile::next_secret() const {
  return one_integer(handle(), "SELECT max(id) FROM secret").value_or(0) + 1;
}

Result<Bytes> RunFile::content(EvidenceId id) const {
  auto size = state_->prepared(
      "SELECT e.size FROM evidence e JOIN evidence_salt s ON s.evidence = e.id WHERE e.id = ?");
  if (!size) return tl::unexpected(size.error());
  (*size)->bind(1, id);
  if ((*size)->step() != SQLITE_ROW) {
    (*size)->reset();
    return fail(ErrorKind::not_found,
                fmt::format("evidence {} is not in the file or withheld", id));
  }
  const std::int64_t expected = (*size)->integer(0);
  (*size)->reset();
  auto chunks = state_->prepared("SELECT bytes FROM evidence_chunk WHERE evidence = ? ORDER BY n");
  if (!chunks) return tl::unexpected(chunks.error());
  (*chunks)->bind(1, id);
  Bytes content;
  int code = SQLITE_ROW;
  while ((code = (*chunks)->step()) == SQLITE_ROW) {
    const ByteView bytes = (*chunks)->blob(0);
    content.insert(content.end(), bytes.begin(), bytes.end());
  }
  (*chunks)->reset();
  if (code != SQLITE_DONE) {
    return tl::unexpected(
        database_error(handle(), code, fmt::format("cannot read evidence {}", id)));
  }
  if (static_cast<std::int64_t>(content.size()) != expected) {
    return fail(ErrorKind::storage,
                fmt::format("evidence {} has {} bytes instead of {}: the file was changed", id,
                            content.size(), expected));
  }
  return content;
}

Result<std::string> RunFile::secret(SecretId id) const {
  auto statement = state_->prepared("SELECT value FROM secret_value WHERE secret = ?");
  if (!statement) return tl::unexpected(statement.error());
  (*statement)->bind(1, id);
  if ((*statement)->step() != SQLITE_ROW) {
    (*statement)->reset();
    return fail(ErrorKind::not_found, fmt::format("secret {} is not in the file or withheld", id));
  }
  std::string value = (*statement)->text(0);
  (*statement)->reset();
  return value;
}

Result<void> RunFile::seal(const SigningKey& key) {
  auto begun = begin("seal");  // no link: a seal stands beside the chain
  if (!begun) return tl::unexpected(begun.error());
  auto id = one_integer(handle(), "SELECT max(id) FROM seal");
  if (!id) return tl::unexpected(id.error());
  auto last = state_->prepared("SELECT n, hash FROM link ORDER BY n DESC LIMIT 1");
  if (!last) return tl::unexpected(last.error());
  if ((*last)->step() != SQLITE_ROW) return fail(ErrorKind::internal, "there is no link to seal");
  const std::int64_t n = (*last)->integer(0);
  const ByteView stored = (*last)->blob(1);
  const Bytes hash(stored.begin(), stored.end());
  (*last)->reset();
  const std::string at = iso8601(state_->clock->wall());
  const Bytes public_key = key.public_key();
  const Bytes signature = key.sign(seal_message(*id + 1, n, at, hash, public_key));
  auto insert =
      state_->prepared("INSERT INTO seal (id, n, at, public_key, signature) VALUES (?,?,?,?,?)");
  if (!insert) return tl::unexpected(insert.error());
  (*insert)->bind(1, *id + 1);
  (*insert)->bind(2, n);
  (*insert)->bind(3, std::string_view(at));
  (*insert)->bind(4, ByteView(public_key));
  (*insert)->bind(5, ByteView(signature));
  if (const int code = (*insert)->step(); code != SQLITE_DONE) {
    return tl::unexpected(database_error(handle(), code, "cannot write the seal"));
  }
  (*insert)->reset();
  return execute(handle(), "COMMIT", "cannot write the seal");
}

Result<void> RunFile::finish() {
  if (state_->in_transaction) return fail(ErrorKind::internal, "a transaction is still open");
  state_->cache.clear();
  state_->journal_ready = false;
  auto mode = Statement::prepare(handle(), "PRAGMA journal_mode=DELETE");
  if (!mode) return tl::unexpected(mode.error());
  const int code = mode->step();
  if (code != SQLITE_ROW) {
    return tl::unexpected(database_error(
        handle(), code,
        fmt::format("cannot merge the journal into the run file (keep {}-wal beside it)",
                    path().string())));
  }
  if (mode->view(0) != "delete") {
    return fail(ErrorKind::storage,
                "cannot merge the journal into the run file: another program reads it; nothing is "
                "lost, end that "
                "program and open the file once more");
  }
  return {};
}

sqlite3* RunFile::handle() const { return state_->handle(); }

const std::filesystem::path& RunFile::path() const { return state_->file; }

std::string RunFile::value(std::string_view name) const {
  auto statement = state_->prepared("SELECT value FROM run WHERE name = ?");
  if (!statement) return {};
  (*statement)->bind(1, name);
  std::string value = (*statement)->step() == SQLITE_ROW ? (*statement)->text(0) : std::string();
  (*statement)->reset();
  return value;
}

}  // namespace haetae::evidence
