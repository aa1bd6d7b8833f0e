#include "harness/evidence/proof.hpp"

#include <fmt/format.h>

#include "harness/evidence/canon.hpp"
#include "harness/evidence/content.hpp"
#include "harness/evidence/database.hpp"

namespace haetae::evidence {
namespace {

Value cell_of(const Statement& row, int column) {
  switch (sqlite3_column_type(row.get(), column)) {
    case SQLITE_INTEGER: return row.integer(column);
    case SQLITE_FLOAT: return sqlite3_column_double(row.get(), column);
    case SQLITE_BLOB: return to_hex(row.blob(column));
    default: return row.text(column);
  }
}

/// open_row() fills what the run says of the commitment, without content and salt.
Result<Proof> open_row(const RunFile& run, std::string_view kind, std::int64_t id) {
  if (kind != "secret" && kind != "evidence") {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("'{}' cannot be revealed; allowed: secret:ID, evidence:ID", printable(kind)));
  }
  auto row = Statement::prepare(run.handle(), fmt::format("SELECT * FROM {} WHERE id = ?", kind));
  if (!row) return tl::unexpected(row.error());
  row->bind(1, id);
  if (row->step() != SQLITE_ROW) {
    return fail(ErrorKind::not_found, fmt::format("the run has no {} {}", kind, id));
  }
  Proof out;
  out.run = run.value("uuid");
  out.kind = kind;
  out.id = id;
  for (int column = 0; column < sqlite3_column_count(row->get()); ++column) {
    const std::string name = sqlite3_column_name(row->get(), column);
    out.row.emplace_back(name, cell_of(*row, column));
    if (name == "link") out.link = row->integer(column);
  }
  Hasher hasher;
  RowHash hash;
  row_hash(kind, *row, hasher, hash);
  out.row_digest = to_hex(hash.digest);
  auto link = Statement::prepare(run.handle(), "SELECT hash FROM link WHERE n = ?");
  if (!link) return tl::unexpected(link.error());
  link->bind(1, out.link);
  if (link->step() == SQLITE_ROW) out.link_hash = to_hex(link->blob(0));
  return out;
}

Result<Bytes> salt_of(const RunFile& run, const Proof& proof) {
  auto salt = Statement::prepare(
      run.handle(), proof.kind == "secret" ? "SELECT salt FROM secret_value WHERE secret = ?"
                                           : "SELECT salt FROM evidence_salt WHERE evidence = ?");
  if (!salt) return tl::unexpected(salt.error());
  salt->bind(1, proof.id);
  if (salt->step() != SQLITE_ROW) {
    return fail(ErrorKind::not_found,
                fmt::format("{} {} is withheld in this copy: reveal it from the original run",
                            proof.kind, proof.id));
  }
  const ByteView bytes = salt->blob(0);
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

Result<Proof> prove(const RunFile& run, std::string_view kind, std::int64_t id) {
  auto proof = open_row(run, kind, id);
  if (!proof) return proof;
  auto salt = salt_of(run, *proof);
  if (!salt) return tl::unexpected(salt.error());
  proof->salt = std::move(*salt);
  if (kind == "secret") {
    const auto value = run.secret(id);
    if (!value) return tl::unexpected(value.error());
    proof->content.assign(value->begin(), value->end());
  } else {
    auto read = each_chunk(run, id, [&](ByteView bytes) -> Result<void> {
      if (static_cast<std::int64_t>(proof->content.size() + bytes.size()) > kLargestProof) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("evidence {} is larger than 64 MiB: hand it over with haetae "
                                "evidence RUN {} --export FILE",
                                id, id));
      }
      proof->content.insert(proof->content.end(), bytes.begin(), bytes.end());
      return {};
    });
    if (!read) return tl::unexpected(read.error());
  }
  const auto wrong = check_proof(run, *proof);
  if (!wrong) return tl::unexpected(wrong.error());
  if (!wrong->empty()) return fail(ErrorKind::storage, "the run is damaged: " + wrong->front());
  return proof;
}

Result<std::vector<std::string>> check_proof(const RunFile& run, const Proof& proof) {
  const auto here = open_row(run, proof.kind, proof.id);
  if (!here && here.error().kind != ErrorKind::not_found) return tl::unexpected(here.error());
  if (!here) return std::vector<std::string>{here.error().text};
  std::vector<std::string> out;
  if (here->run != proof.run) {
    out.push_back(fmt::format("the proof is of run {}, this is run {}", printable(proof.run),
                              printable(here->run)));
  }
  std::string promised;
  for (const auto& [name, value] : here->row) {
    const auto* text = std::get_if<std::string>(&value);
    if (name == "commitment" && text != nullptr) promised = *text;
  }
  if (to_hex(commitment(proof.salt, content_digest(proof.content))) != promised) {
    out.push_back(
        fmt::format("the content with this salt is not what {} {} promised: its commitment is {}",
                    proof.kind, proof.id, promised));
  }
  if (here->row != proof.row) out.emplace_back("the row in the proof is not the row of this run");
  if (here->row_digest != proof.row_digest) {
    out.push_back("the digest of the row is " + here->row_digest);
  }
  if (here->link != proof.link || here->link_hash != proof.link_hash) {
    out.push_back(
        fmt::format("the row stands in link {} with hash {}", here->link, here->link_hash));
  }
  return out;
}

}  // namespace haetae::evidence
