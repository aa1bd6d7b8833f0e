#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "harness/evidence/canon.hpp"
#include "harness/evidence/database.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/evidence/verify_rows.hpp"

namespace haetae::evidence {

namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};

/// check_header() looks at the file itself, before SQLite does.
Result<void> check_header(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) {
    return fail(ErrorKind::not_found, fmt::format("{} does not exist", file.string()));
  }
  std::ifstream in(file, std::ios::binary);
  std::string magic(kMagic.size(), '\0');
  in.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  if (!std::filesystem::is_regular_file(file, failed) || !in || magic != kMagic) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is no run file: it is no SQLite database", file.string()));
  }
  return {};
}

class Verifier {
 public:
  Verifier(sqlite3* database, std::filesystem::path file, std::filesystem::path authorities)
      : db_(database), file_(std::move(file)), authorities_(std::move(authorities)) {}

  Result<void> is_run_file();
  void check_file();
  void check_schema();
  void check_contents();
  void check_secrets();
  void check_seals(const std::optional<Bytes>& trusted);
  void check_stamps();
  Verification finish(const std::optional<Bytes>& trusted);
  Report report;

 private:
  std::optional<Statement> select(std::string_view sql, std::string_view what);
  bool more(Statement& statement, std::string_view what);
  void check_commitment(std::int64_t id, std::string_view kind, const Digest& content,
                        ByteView salt, ByteView promised);
  void check_chunks();

  struct Content {
    std::int64_t link = 0, size = 0, seen = 0, chunks = 0;
    Bytes promised, salt;
    bool has_salt = false, odd = false;
    Digest digest{};
  };

  sqlite3* db_;
  std::filesystem::path file_;
  std::set<std::string> changed_tables_;
  std::map<std::int64_t, Content> contents_;
  std::vector<LinkRow> links_;
  std::map<std::int64_t, Bytes> signatures_;  ///< by seal
  std::filesystem::path authorities_;
  Verification out_;
};

std::optional<Statement> Verifier::select(std::string_view sql, std::string_view what) {
  auto statement = Statement::prepare(db_, sql);
  if (statement) return std::move(*statement);
  report.add(std::string(what), "cannot be read: " + statement.error().text);
  return std::nullopt;
}

bool Verifier::more(Statement& statement, std::string_view what) {
  const int code = statement.step();
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    report.add(std::string(what), fmt::format("cannot be read: {}", sqlite3_errmsg(db_)));
  }
  return false;
}

/// A damaged database is a finding; only what never was a run file is an error.
Result<void> Verifier::is_run_file() {
  auto tables = Statement::prepare(db_,
                                   "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND "
                                   "name IN ('link', 'leaf', 'document')");
  const int code = tables ? tables->step() : sqlite3_errcode(db_);
  if (code == SQLITE_ROW && tables->integer(0) < 2) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is no run file: it has no links", file_.string()));
  }
  if ((code & 0xff) == SQLITE_NOTADB) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is no run file: it is no SQLite database", file_.string()));
  }
  // A format 2 file of which somebody only changed the number is a changed file, no older one.
  const auto format = one_integer(db_, "PRAGMA user_version");
  const auto newer_tables =
      one_integer(db_, "SELECT count(*) FROM sqlite_master WHERE name = 'report_file'");
  if (format && *format < kFormat && newer_tables && *newer_tables == 0) {
    return tl::unexpected(other_format(db_, file_, *format));
  }
  if (code != SQLITE_ROW) report.add("file", fmt::format("damaged: {}", sqlite3_errmsg(db_)));
  return {};
}

void Verifier::check_file() {
  const auto expect = [&](const char* pragma, std::int64_t value) {
    const auto found = one_integer(db_, fmt::format("PRAGMA {}", pragma));
    if (!found || *found != value) {
      report.add(pragma, fmt::format("is {} instead of {}",
                                     found ? std::to_string(*found) : "unreadable", value));
    }
  };
  expect("application_id", kApplicationId);
  expect("user_version", kFormat);
  const auto pages = one_integer(db_, "PRAGMA page_count");
  const auto page = one_integer(db_, "PRAGMA page_size");
  std::error_code failed;
  const auto size = std::filesystem::file_size(file_, failed);
  const bool journal = std::filesystem::exists(file_.string() + "-wal", failed);
  if (pages && page && !journal && static_cast<std::uint64_t>(*pages * *page) != size) {
    report.add("file", fmt::format("has {} bytes, its database has {}", size, *pages * *page));
  }
}

void Verifier::check_schema() {
  std::map<std::string, std::string> written;
  auto documents =
      select("SELECT name, text FROM document WHERE kind = 'schema'", "table document");
  while (documents && more(*documents, "table document")) {
    written[documents->text(0)] = documents->text(1);
  }
  auto objects = select(
      "SELECT type || ' ' || name, coalesce(sql, ''), name, tbl_name FROM sqlite_master", "schema");
  while (objects && more(*objects, "schema")) {
    const std::string name = objects->text(0);
    const auto found = written.find(name);
    if (found == written.end()) {
      // The index behind a UNIQUE has no text of its own; its table's text says it.
      if (objects->view(1).empty() && objects->view(2).starts_with("sqlite_autoindex_")) continue;
      report.add("schema of " + name, "was added");
      changed_tables_.insert(objects->text(2));
      continue;
    }
    if (objects->view(1) != found->second) {
      report.add("schema of " + name, "is not the text that link 1 holds");
      changed_tables_.insert(objects->text(2));
    }
    written.erase(found);
  }
  for (const auto& [name, text] : written) report.add("schema of " + name, "was removed");
}

void Verifier::check_commitment(std::int64_t id, std::string_view kind, const Digest& content,
                                ByteView salt, ByteView promised) {
  const Digest found = commitment(salt, content);
  if (!std::equal(found.begin(), found.end(), promised.begin(), promised.end())) {
    report.add(fmt::format("{} {} content", kind, id),
               "does not give its commitment: content or salt was changed");
  }
}

void Verifier::check_chunks() {
  Hasher hasher;
  auto current = contents_.end();
  const auto close = [&] {
    if (current != contents_.end()) current->second.digest = hasher.finish();
  };
  auto chunks = select("SELECT id, link, evidence, n, bytes FROM evidence_chunk ORDER BY id",
                       "table evidence_chunk");
  while (chunks && more(*chunks, "table evidence_chunk")) {
    const std::int64_t id = chunks->integer(0), owner = chunks->integer(2);
    const std::string place = fmt::format("evidence_chunk row {}", id);
    const auto found = contents_.find(owner);
    const auto wrong = [&](std::string_view cell, std::string text) {
      report.add(place + std::string(cell), std::move(text));
      if (found != contents_.end()) found->second.odd = true;
    };
    if (found == contents_.end()) {
      wrong(" cell evidence", "names no evidence of the file");
      continue;
    }
    if (found != current) {
      close();
      current = found;
    }
    Content& content = found->second;
    const ByteView bytes = chunks->blob(4);
    if (chunks->integer(1) != content.link) wrong(" cell link", "is not the link of its evidence");
    if (id != owner * kChunksPerEvidence + chunks->integer(3)) {
      wrong(" cell id", "is not evidence times 2^20 plus n: id, evidence or n was changed");
    } else if (chunks->integer(3) != content.chunks) {
      wrong("", fmt::format("chunk {} is missing before it", content.chunks));
    }
    if (content.seen % static_cast<std::int64_t>(kChunk) != 0) wrong("", "follows the last chunk");
    if (bytes.size() > kChunk) wrong(" cell bytes", "is longer than 1 MiB");
    content.seen += static_cast<std::int64_t>(bytes.size());
    ++content.chunks;
    hasher.add(bytes);
  }
  close();
}

void Verifier::check_contents() {
  const Digest nothing = content_digest({});
  auto rows =
      select("SELECT id, link, size, commitment FROM evidence ORDER BY id", "table evidence");
  while (rows && more(*rows, "table evidence")) {
    const ByteView promised = rows->blob(3);
    Content& content = contents_[rows->integer(0)];
    content.link = rows->integer(1);
    content.size = rows->integer(2);
    content.promised.assign(promised.begin(), promised.end());
    content.digest = nothing;
  }
  auto salts = select("SELECT evidence, link, salt FROM evidence_salt", "table evidence_salt");
  while (salts && more(*salts, "table evidence_salt")) {
    const std::string place = fmt::format("evidence_salt row {} cell ", salts->integer(0));
    const auto found = contents_.find(salts->integer(0));
    if (found == contents_.end()) {
      report.add(place + "evidence", "names no evidence of the file");
      continue;
    }
    if (salts->integer(1) != found->second.link) {
      report.add(place + "link", "is not the link of its evidence");
    }
    const ByteView salt = salts->blob(2);
    found->second.salt.assign(salt.begin(), salt.end());
    found->second.has_salt = true;
  }
  check_chunks();
  for (const auto& [id, content] : contents_) {
    const std::string place = fmt::format("evidence {} content", id);
    if (!content.has_salt && content.chunks == 0) {
      ++out_.withheld;
    } else if (!content.has_salt) {
      report.add(place, "has chunks but no salt: the salt was removed or the chunks were added");
    } else if (content.seen != content.size) {
      report.add(place, fmt::format("has {} bytes instead of {}: a chunk was removed, added or "
                                    "changed",
                                    content.seen, content.size));
    } else {
      check_commitment(id, "evidence", content.digest, content.salt, content.promised);
    }
  }
}

void Verifier::check_secrets() {
  struct Secret {
    std::int64_t link = 0;
    Bytes promised;
    bool has_value = false;
  };
  std::map<std::int64_t, Secret> secrets;
  auto rows = select("SELECT id, link, commitment FROM secret", "table secret");
  while (rows && more(*rows, "table secret")) {
    const ByteView promised = rows->blob(2);
    secrets[rows->integer(0)] = {.link = rows->integer(1),
                                 .promised = Bytes(promised.begin(), promised.end())};
  }
  auto values = select("SELECT secret, link, salt, value FROM secret_value", "table secret_value");
  while (values && more(*values, "table secret_value")) {
    const std::int64_t id = values->integer(0);
    const std::string place = fmt::format("secret_value row {} cell ", id);
    const auto found = secrets.find(id);
    if (found == secrets.end()) {
      report.add(place + "secret", "names no secret of the file");
      continue;
    }
    found->second.has_value = true;
    if (values->integer(1) != found->second.link) {
      report.add(place + "link", "is not the link of its secret");
    }
    check_commitment(id, "secret", content_digest(values->blob(3)), values->blob(2),
                     found->second.promised);
  }
  for (const auto& [id, secret] : secrets) out_.withheld += secret.has_value ? 0 : 1;
}

void Verifier::check_seals(const std::optional<Bytes>& trusted) {
  auto seals = select("SELECT id, n, at, algorithm, public_key, signature FROM seal ORDER BY id",
                      "table seal");
  std::int64_t expected = 1;
  bool known = false;
  while (seals && more(*seals, "table seal")) {
    const std::int64_t id = seals->integer(0), n = seals->integer(1);
    const std::string place = fmt::format("seal {}", id);
    if (id != expected) report.add(place, fmt::format("seal {} is missing before it", expected));
    expected = id + 1;
    const ByteView signature = seals->blob(5);
    signatures_[id].assign(signature.begin(), signature.end());
    const auto link =
        std::find_if(links_.begin(), links_.end(), [n](const LinkRow& row) { return row.n == n; });
    if (link == links_.end()) {
      report.add(place,
                 fmt::format("names link {}, which is not in the file: links were cut off or "
                             "the seal was changed",
                             n));
      continue;
    }
    const ByteView key = seals->blob(4);
    const Bytes signer(key.begin(), key.end());
    // A changed hash cell is named as such; the seal over the hash that follows still stands.
    const auto fits = [&](const Digest& hash) {
      return signed_by(seals->view(3), signer,
                       seal_message(id, n, seals->view(2), hash, seals->view(3), signer),
                       seals->blob(5));
    };
    if (!fits(link->stored) && !fits(link->computed)) {
      report.add(place, fmt::format("its signature does not fit link {}", n));
      continue;
    }
    const bool by_trusted = trusted && signer == *trusted;
    if (by_trusted || !known) {
      if (by_trusted && !known) out_.sealed_to = 0;
      known = known || by_trusted;
      if (n >= out_.sealed_to) {
        out_.sealed_to = n;
        out_.signer = signer;
        out_.algorithm = seals->text(3);
      }
    }
  }
  out_.signer_known = known;
}

void Verifier::check_stamps() {
  const auto there = one_integer(db_, "SELECT count(*) FROM sqlite_master WHERE name = 'stamp'");
  if (there && *there == 0) return;  // made before there were time stamps; the schema says so too
  auto stamps = select("SELECT id, seal, token FROM stamp ORDER BY id", "table stamp");
  std::int64_t expected = 1, newest = 0;
  while (stamps && more(*stamps, "table stamp")) {
    const std::int64_t id = stamps->integer(0), seal = stamps->integer(1);
    const std::string place = fmt::format("stamp {}", id);
    if (id != expected) report.add(place, fmt::format("stamp {} is missing before it", expected));
    expected = id + 1;
    if (seal < newest) report.add(place, "names an older seal than the stamp before it");
    newest = std::max(newest, seal);
    const auto over = signatures_.find(seal);
    if (over == signatures_.end()) {
      report.add(place, fmt::format("names seal {}, which is not in the file", seal));
      continue;
    }
    const auto checked = check_stamp(stamps->blob(2), over->second, authorities_);
    if (checked) {
      out_.stamps.push_back({.id = id, .seal = seal, .checked = *checked});
    } else {
      report.add(place, checked.error().text);
    }
  }
}

Verification Verifier::finish(const std::optional<Bytes>& trusted) {
  RowVerifier rows(db_, report, changed_tables_);
  rows.run();
  links_ = rows.links();
  check_contents();
  check_secrets();
  check_seals(trusted);
  check_stamps();
  out_.links = links_.empty() ? 0 : links_.back().n;
  if (!links_.empty()) out_.root = to_hex(links_.back().stored);
  out_.damages = std::move(report.damages);
  return std::move(out_);
}

/// check_pages() lets SQLite look at its own pages, beside the rest, on a handle of its own.
std::vector<std::string> check_pages(const std::filesystem::path& file) {
  std::vector<std::string> found;
  auto database = open_database(file, SQLITE_OPEN_READONLY);
  if (!database) return {database.error().text};
  auto check = Statement::prepare(database->get(), "PRAGMA integrity_check(20)");
  if (!check) return {check.error().text};
  int code = SQLITE_ROW;
  while ((code = check->step()) == SQLITE_ROW) {
    if (check->view(0) != "ok") found.push_back(check->text(0));
  }
  if (code != SQLITE_DONE) found.emplace_back(sqlite3_errmsg(database->get()));
  return found;
}

}  // namespace

Result<Verification> verify(const std::filesystem::path& file, const std::optional<Bytes>& trusted,
                            const std::filesystem::path& authorities) {
  if (auto header = check_header(file); !header) return tl::unexpected(header.error());
  if (!authorities.empty()) {
    if (auto usable = check_authorities(authorities); !usable)
      return tl::unexpected(usable.error());
  }
  auto database = open_database(file, SQLITE_OPEN_READONLY);
  if (!database) return tl::unexpected(database.error());
  Verifier verifier(database->get(), file, authorities);
  if (auto kind = verifier.is_run_file(); !kind) return tl::unexpected(kind.error());
  std::vector<std::string> pages;
  std::jthread beside([&] { pages = check_pages(file); });
  // One snapshot for all reads: a run may still be writing.
  if (auto begun = execute(database->get(), "BEGIN", "cannot read the run file"); !begun) {
    verifier.report.add("file", begun.error().text);
  }
  verifier.check_file();
  verifier.check_schema();
  Verification result = verifier.finish(trusted);
  beside.join();
  for (std::string& text : pages) {
    result.damages.insert(result.damages.begin(), {.place = "database", .text = printable(text)});
  }
  if (result.damages.size() > kMostDamages) result.damages.resize(kMostDamages);
  return result;
}

}  // namespace haetae::evidence
