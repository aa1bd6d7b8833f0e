#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "harness/evidence/database.hpp"
#include "harness/model/bytes.hpp"

/// The canonical bytes behind the chain: what is hashed, in which form. FORMAT.md says the same in
/// words; a change here is a new format.
namespace haetae::evidence {

inline constexpr std::int64_t kApplicationId = 0x48414554;  ///< "HAET"
inline constexpr std::int64_t kFormat = 2;                  ///< user_version
inline constexpr std::size_t kChunk = 1024 * 1024;
inline constexpr std::int64_t kChunksPerEvidence = 1024 * 1024;

using Digest = std::array<std::uint8_t, 32>;

/// schema_sql() is the text of schema.sql as compiled in.
[[nodiscard]] std::string_view schema_sql();

/// Hasher is SHA-256 that can be used again after finish().
class Hasher {
 public:
  Hasher();
  void add(ByteView bytes);
  void add(std::string_view text) { add(as_bytes(text)); }
  void byte(char tag);
  void number(std::int64_t value);  ///< 8 bytes, big-endian
  void counted(ByteView bytes);     ///< length as number(), then the bytes
  void counted(std::string_view text) { counted(as_bytes(text)); }
  [[nodiscard]] Digest finish();

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

/// other_format() is the error that says which program reads a run of another format.
[[nodiscard]] Error other_format(sqlite3* database, const std::filesystem::path& file,
                                 std::int64_t format);

/// in_chain() says whether the rows of a table enter the link digest themselves: all but the links,
/// leaves and seals, and the contents, which enter as commitments.
[[nodiscard]] bool in_chain(std::string_view table);

/// RowHash is the digest of a row and the first 4 bytes of the digest of each of its cells.
struct RowHash {
  Digest digest{};
  Bytes cells;
};

/// row_hash() hashes the current row of `row`, a SELECT of all columns of `table` in their order.
void row_hash(std::string_view table, const Statement& row, Hasher& hasher, RowHash& out);

[[nodiscard]] Digest link_hash(std::int64_t n, std::string_view at, std::string_view what,
                               ByteView prev, ByteView digest);
[[nodiscard]] Digest commitment(ByteView salt, const Digest& content);
[[nodiscard]] Digest content_digest(ByteView content);
[[nodiscard]] Bytes seal_message(std::int64_t id, std::int64_t n, std::string_view at,
                                 ByteView hash, std::string_view algorithm, ByteView public_key);

}  // namespace haetae::evidence
