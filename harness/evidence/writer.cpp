#include "harness/evidence/writer.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <tuple>

#include <fmt/format.h>

namespace haetae::evidence {

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Fault Fault::from_environment() {
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

void Fault::strike(std::int64_t n, bool now_before) const {
  if (link == n && before == now_before) std::raise(SIGKILL);
}

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

}  // namespace haetae::evidence
