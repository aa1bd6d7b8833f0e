#include "harness/evidence/redact.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/evidence/byte_search.hpp"
#include "harness/evidence/canon.hpp"
#include "harness/evidence/content.hpp"
#include "harness/evidence/database.hpp"
#include "harness/model/secret_forms.hpp"

namespace haetae::evidence {
namespace {

constexpr std::size_t kMostPlaces = 50;

std::string as_attribute(std::string_view value) {
  std::string out = "=\"";
  for (const char letter : value) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += letter;
    }
  }
  return out + '"';
}

/// published() holds for kinds of document that are the same for every device.
bool published(std::string_view kind) {
  return kind == "catalogue" || kind == "profile" || kind == "schema" || kind == "fact-table";
}

/// Redactor copies one run.
class Redactor {
 public:
  Redactor(const RunFile& run, const RedactOptions& options) : run_(run), options_(options) {}
  Result<Redacted> write(const std::filesystem::path& file);

 private:
  Result<void> load_secrets();
  Result<void> choose();
  Result<bool> holds_secret(EvidenceId id, bool transcript);
  Result<void> copy(const std::filesystem::path& file);
  Result<void> copy_schema(sqlite3* to, std::string_view which);
  Result<void> copy_table(sqlite3* to, const std::string& table);
  void look(const std::string& table, const Statement& row);
  [[nodiscard]] bool withheld(const std::string& table, const Statement& row) const;

  const RunFile& run_;
  const RedactOptions& options_;
  Redacted out_;
  ByteSearch contents_, tables_;
  std::set<EvidenceId> withheld_;
};

Result<void> Redactor::load_secrets() {
  std::vector<std::string> catalogue;
  auto texts = Statement::prepare(
      run_.handle(), "SELECT text FROM document WHERE kind IN ('catalogue', 'profile')");
  if (!texts) return tl::unexpected(texts.error());
  while (texts->step() == SQLITE_ROW) catalogue.push_back(texts->text(0));
  auto values =
      Statement::prepare(run_.handle(), "SELECT secret, value FROM secret_value ORDER BY secret");
  if (!values) return tl::unexpected(values.error());
  int code = SQLITE_ROW;
  while ((code = values->step()) == SQLITE_ROW) {
    const SecretId id = values->integer(0);
    const std::string value = values->text(1);
    ++out_.secrets;
    const auto lists = [&](const std::string& text) {
      return text.find(as_attribute(value)) != std::string::npos;
    };
    if (value.empty() || options_.names.contains(value) || std::ranges::any_of(catalogue, lists)) {
      out_.published.push_back(id);
      continue;
    }
    const auto tag = static_cast<std::uint32_t>(id);
    if (value.size() < kShortestSecret) out_.short_ones.push_back(id);
    for (const std::string& form : secret_forms(value)) {
      contents_.add(form, tag);
      // A form of four letters stands somewhere in any long text by chance.
      const bool telling = form.size() > kShortestSecret || form == value;
      if (value.size() >= kShortestSecret && telling) tables_.add(form, tag);
    }
  }
  if (code != SQLITE_DONE)
    return tl::unexpected(database_error(run_.handle(), code, "cannot read the secrets"));
  contents_.build();
  tables_.build();
  return {};
}

/// holds_secret() reads a content as it is and, of a transcript, what each side said without the
/// headers between: a value may come in several records.
Result<bool> Redactor::holds_secret(EvidenceId id, bool transcript) {
  ByteSearch::State whole = 0;
  std::map<Direction, ByteSearch::State> sides;
  bool found = false;
  TranscriptReader reader([&](const TranscriptPiece& piece) {
    found = found || contents_.find(piece.bytes, sides[piece.direction]) != ByteSearch::kNothing;
  });
  bool readable = transcript;
  auto read = each_chunk(run_, id, [&](ByteView bytes) -> Result<void> {
    found = found || contents_.find(bytes, whole) != ByteSearch::kNothing;
    if (readable && !found) readable = reader.feed(bytes).has_value();
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return found;
}

Result<void> Redactor::choose() {
  auto rows = Statement::prepare(run_.handle(),
                                 "SELECT e.id, e.media_type FROM evidence e JOIN evidence_salt s "
                                 "ON s.evidence = e.id ORDER BY e.id");
  if (!rows) return tl::unexpected(rows.error());
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) {
    const EvidenceId id = rows->integer(0);
    const bool asked = options_.all || options_.withhold.contains(id) ||
                       (options_.only && !options_.only->contains(id));
    if (asked) {
      ++out_.asked;
      withheld_.insert(id);
      continue;
    }
    const auto secret = holds_secret(id, rows->view(1) == kTranscriptMediaType);
    if (!secret) return tl::unexpected(secret.error());
    if (*secret) withheld_.insert(id);
    ++(*secret ? out_.with_secret : out_.kept);
  }
  if (code != SQLITE_DONE)
    return tl::unexpected(database_error(run_.handle(), code, "cannot read the evidence"));
  return {};
}

Result<void> Redactor::copy_schema(sqlite3* to, std::string_view which) {
  auto objects = Statement::prepare(
      run_.handle(), fmt::format("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type {} "
                                 "'trigger' ORDER BY rowid",
                                 which));
  if (!objects) return tl::unexpected(objects.error());
  while (objects->step() == SQLITE_ROW) {
    if (auto done = execute(to, objects->text(0), "cannot write the copy"); !done) return done;
  }
  return {};
}

bool Redactor::withheld(const std::string& table, const Statement& row) const {
  if (table == "secret_value") return true;
  if (table == "evidence_salt") return withheld_.contains(row.integer(0));
  return table == "evidence_chunk" && withheld_.contains(row.integer(2));
}

/// look() searches a row that goes into the copy.
void Redactor::look(const std::string& table, const Statement& row) {
  if (table == "evidence_chunk") return;  // searched as contents
  if (table == "document" && published(row.view(2))) return;
  for (int column = 0; column < sqlite3_column_count(row.get()); ++column) {
    const int type = sqlite3_column_type(row.get(), column);
    if (type != SQLITE_TEXT && type != SQLITE_BLOB) continue;
    const std::uint32_t found = tables_.find(row.blob(column));
    if (found == ByteSearch::kNothing || out_.left.size() >= kMostPlaces) continue;
    out_.left.push_back(fmt::format("{} row {} cell {} holds secret {}", table, row.integer(0),
                                    sqlite3_column_name(row.get(), column), found));
  }
}

Result<void> Redactor::copy_table(sqlite3* to, const std::string& table) {
  std::string quoted;
  for (const char letter : table) quoted += letter == '"' ? "\"\"" : std::string(1, letter);
  auto rows = Statement::prepare(run_.handle(), fmt::format("SELECT * FROM \"{}\"", quoted));
  if (!rows) return tl::unexpected(rows.error());
  const int columns = sqlite3_column_count(rows->get());
  std::string places = "?";
  for (int column = 1; column < columns; ++column) places += ",?";
  auto insert =
      Statement::prepare(to, fmt::format("INSERT INTO \"{}\" VALUES ({})", quoted, places));
  if (!insert) return tl::unexpected(insert.error());
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) {
    if (withheld(table, *rows)) continue;
    look(table, *rows);
    if (!out_.left.empty()) continue;  // nothing will be kept
    for (int column = 0; column < columns; ++column) {
      sqlite3_bind_value(insert->get(), column + 1, sqlite3_column_value(rows->get(), column));
    }
    if (const int done = insert->step(); done != SQLITE_DONE) {
      return tl::unexpected(database_error(to, done, "cannot write the copy"));
    }
    insert->reset();
  }
  if (code == SQLITE_DONE) return {};
  return tl::unexpected(database_error(run_.handle(), code, "cannot read table " + table));
}

Result<void> Redactor::copy(const std::filesystem::path& file) {
  auto database = open_database(file, SQLITE_OPEN_READWRITE);
  if (!database) return tl::unexpected(database.error());
  sqlite3* to = database->get();
  auto done = execute(
      to,
      fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; PRAGMA journal_mode=MEMORY; "
                  "PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; BEGIN",
                  kApplicationId, kFormat),
      "cannot write the copy");
  if (done) done = copy_schema(to, "<>");
  if (!done) return done;
  auto tables = Statement::prepare(
      run_.handle(), "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid");
  if (!tables) return tl::unexpected(tables.error());
  while (tables->step() == SQLITE_ROW) {
    if (done = copy_table(to, tables->text(0)); !done) return done;
  }
  // Triggers come last: they speak of changing rows, not of writing them.
  if (done = copy_schema(to, "="); !done) return done;
  return execute(to, "COMMIT; PRAGMA synchronous=FULL", "cannot write the copy");
}

Result<Redacted> Redactor::write(const std::filesystem::path& file) {
  if (auto done = load_secrets(); !done) return tl::unexpected(done.error());
  if (auto done = choose(); !done) return tl::unexpected(done.error());
  const int made = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (made < 0) {
    return fail(ErrorKind::storage,
                fmt::format("cannot make {}: it must not exist and its folder must be writable",
                            file.string()));
  }
  auto copied = copy(file);
  if (copied && ::fsync(made) != 0) {
    copied = fail(ErrorKind::storage, fmt::format("cannot write {}", file.string()));
  }
  ::close(made);
  if (!copied || !out_.left.empty()) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
  }
  if (!copied) return tl::unexpected(copied.error());
  return std::move(out_);
}

}  // namespace

Result<Redacted> redact(const RunFile& run, const std::filesystem::path& file,
                        const RedactOptions& options) {
  // One snapshot for all reads: a run may still be writing.
  if (auto begun = execute(run.handle(), "BEGIN", "cannot read the run file"); !begun) {
    return tl::unexpected(begun.error());
  }
  auto out = Redactor(run, options).write(file);
  (void)execute(run.handle(), "COMMIT", "cannot read the run file");
  return out;
}

}  // namespace haetae::evidence
