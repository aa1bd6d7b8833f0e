#include "harness/evidence/canon.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include <fmt/format.h>

namespace haetae::evidence {

namespace {

std::array<std::uint8_t, 8> big_endian(std::int64_t value) {
  std::array<std::uint8_t, 8> out{};
  auto rest = static_cast<std::uint64_t>(value);
  for (std::size_t index = 8; index-- > 0; rest >>= 8U)
    out[index] = static_cast<std::uint8_t>(rest);
  return out;
}

EVP_MD_CTX* md(void* context) { return static_cast<EVP_MD_CTX*>(context); }

/// The fetched digest is kept: EVP_sha256() would look it up again for every cell.
const EVP_MD* fetched() {
  static const EVP_MD* const kDigest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kDigest;
}

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append_cell(Bytes& out, sqlite3_stmt* row, int column) {
  const auto counted = [&](char tag) {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(row, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
    out.push_back(static_cast<std::uint8_t>(tag));
    append(out, big_endian(static_cast<std::int64_t>(size)));
    if (data != nullptr) append(out, {data, size});
  };
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
      out.push_back('i');
      append(out, big_endian(sqlite3_column_int64(row, column)));
      break;
    case SQLITE_FLOAT:
      out.push_back('f');
      append(out, big_endian(std::bit_cast<std::int64_t>(sqlite3_column_double(row, column))));
      break;
    case SQLITE_TEXT: counted('t'); break;
    case SQLITE_BLOB: counted('b'); break;
    default: out.push_back('n'); break;
  }
}

}  // namespace

void Hasher::Free::operator()(void* context) const { EVP_MD_CTX_free(md(context)); }

Hasher::Hasher() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex2(md(context_.get()), fetched(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available in OpenSSL");
  }
}

void Hasher::add(ByteView bytes) {
  if (!bytes.empty()) EVP_DigestUpdate(md(context_.get()), bytes.data(), bytes.size());
}

void Hasher::byte(char tag) { EVP_DigestUpdate(md(context_.get()), &tag, 1); }

void Hasher::number(std::int64_t value) { add(big_endian(value)); }

void Hasher::counted(ByteView bytes) {
  number(static_cast<std::int64_t>(bytes.size()));
  add(bytes);
}

Digest Hasher::finish() {
  Digest out{};
  EVP_DigestFinal_ex(md(context_.get()), out.data(), nullptr);
  EVP_DigestInit_ex2(md(context_.get()), nullptr, nullptr);
  return out;
}

Error other_format(sqlite3* database, const std::filesystem::path& file, std::int64_t format) {
  std::string tool = format < kFormat ? "an older haetae" : "a newer haetae";
  auto named = Statement::prepare(database, "SELECT value FROM run WHERE name = 'tool'");
  if (named && named->step() == SQLITE_ROW) tool = printable(named->text(0), 100);
  return {ErrorKind::invalid_input,
          fmt::format("{} is a run file of format {}, and this version reads format {}: use {}, "
                      "which wrote it, to read, verify and report it, or test the device again",
                      file.string(), format, kFormat, tool)};
}

bool in_chain(std::string_view table) {
  static constexpr std::string_view kOutside[] = {
      "link", "leaf", "seal", "stamp", "evidence_salt", "evidence_chunk", "secret_value"};
  return std::find(std::begin(kOutside), std::end(kOutside), table) == std::end(kOutside);
}

void row_hash(std::string_view table, const Statement& row, Hasher& hasher, RowHash& out) {
  const int columns = sqlite3_column_count(row.get());
  Bytes bytes;
  std::vector<std::size_t> ends;
  bytes.reserve(512);
  for (int column = 0; column < columns; ++column) {
    append_cell(bytes, row.get(), column);
    ends.push_back(bytes.size());
  }
  hasher.byte('R');
  hasher.counted(table);
  hasher.number(columns);
  hasher.add(bytes);
  out.digest = hasher.finish();
  out.cells.clear();
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    hasher.byte('V');
    hasher.add(ByteView(bytes).subspan(begin, end - begin));
    const Digest cell = hasher.finish();
    out.cells.insert(out.cells.end(), cell.begin(), cell.begin() + 4);
    begin = end;
  }
}

Digest link_hash(std::int64_t n, std::string_view at, std::string_view what, ByteView prev,
                 ByteView digest) {
  Hasher hasher;
  hasher.byte('H');
  hasher.number(n);
  hasher.counted(at);
  hasher.counted(what);
  hasher.counted(prev);
  hasher.counted(digest);
  return hasher.finish();
}

Digest content_digest(ByteView content) {
  Hasher hasher;
  hasher.add(content);
  return hasher.finish();
}

Digest commitment(ByteView salt, const Digest& content) {
  Hasher hasher;
  hasher.byte('C');
  hasher.counted(salt);
  hasher.add(content);
  return hasher.finish();
}

Bytes seal_message(std::int64_t id, std::int64_t n, std::string_view at, ByteView hash,
                   std::string_view algorithm, ByteView public_key) {
  Bytes out;
  append(out, as_bytes("haetae seal 2\n"));
  append(out, big_endian(id));
  append(out, big_endian(n));
  for (const ByteView part : {as_bytes(at), hash, as_bytes(algorithm), public_key}) {
    append(out, big_endian(static_cast<std::int64_t>(part.size())));
    append(out, part);
  }
  return out;
}

}  // namespace haetae::evidence
