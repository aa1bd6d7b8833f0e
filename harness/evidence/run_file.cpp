#include "harness/evidence/run_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "harness/evidence/writer.hpp"

namespace haetae::evidence {

namespace {

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
  if (*format != kFormat) return tl::unexpected(other_format(database, file, *format));
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

std::string RunFile::root() const {
  auto last = state_->prepared("SELECT hash FROM link ORDER BY n DESC LIMIT 1");
  if (!last || (*last)->step() != SQLITE_ROW) return {};
  std::string root = to_hex((*last)->blob(0));
  (*last)->reset();
  return root;
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
  const std::string& algorithm = key.algorithm();
  const auto signature = key.sign(seal_message(*id + 1, n, at, hash, algorithm, public_key));
  if (!signature) return tl::unexpected(signature.error());
  auto insert = state_->prepared(
      "INSERT INTO seal (id, n, at, algorithm, public_key, signature) VALUES "
      "(?,?,?,?,?,?)");
  if (!insert) return tl::unexpected(insert.error());
  (*insert)->bind(1, *id + 1);
  (*insert)->bind(2, n);
  (*insert)->bind(3, std::string_view(at));
  (*insert)->bind(4, std::string_view(algorithm));
  (*insert)->bind(5, ByteView(public_key));
  (*insert)->bind(6, ByteView(*signature));
  if (const int code = (*insert)->step(); code != SQLITE_DONE) {
    return tl::unexpected(database_error(handle(), code, "cannot write the seal"));
  }
  (*insert)->reset();
  return execute(handle(), "COMMIT", "cannot write the seal");
}

Result<std::pair<std::int64_t, Bytes>> RunFile::newest_seal() const {
  auto row =
      Statement::prepare(handle(), "SELECT id, signature FROM seal ORDER BY id DESC LIMIT 1");
  if (!row) return tl::unexpected(row.error());
  if (row->step() != SQLITE_ROW) return fail(ErrorKind::not_found, "the run is not sealed");
  const ByteView signature = row->blob(1);
  return std::pair(row->integer(0), Bytes(signature.begin(), signature.end()));
}

Result<void> RunFile::stamp(std::int64_t seal, ByteView token) {
  auto begun = begin("stamp");  // no link: a stamp stands beside the chain, as its seal does
  if (!begun) return tl::unexpected(begun.error());
  auto id = one_integer(handle(), "SELECT max(id) FROM stamp");
  if (!id) return tl::unexpected(id.error());
  auto insert = state_->prepared("INSERT INTO stamp (id, seal, token) VALUES (?,?,?)");
  if (!insert) return tl::unexpected(insert.error());
  (*insert)->bind(1, *id + 1);
  (*insert)->bind(2, seal);
  (*insert)->bind(3, token);
  if (const int code = (*insert)->step(); code != SQLITE_DONE) {
    return tl::unexpected(database_error(handle(), code, "cannot write the time stamp"));
  }
  (*insert)->reset();
  return execute(handle(), "COMMIT", "cannot write the time stamp");
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
