#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/formats/update_image.hpp"

/// Archives that update files are made of, taken apart and put together again byte for byte where
/// nothing was changed: cpio (newc, with and without checksum), tar (ustar, GNU, pax; plain or in
/// gzip) and zip (stored and deflated). Bounded: what comes in is hostile.
namespace haetae::formats::update {

/// Entry is a member of an archive. Its content is a view into the file until it is replaced.
struct Entry {
  std::string name;  ///< as written, unchecked
  ByteView head;     ///< headers that stand before the content, as they were
  ByteView content;
  std::optional<Bytes> replaced;  ///< new content, in place of `content`
  std::uint64_t offset = 0;       ///< of the content in the file; 0 where it stands compressed
  std::uint64_t length = 0;       ///< bytes that it takes in the file
  bool regular = true;            ///< a file, not a directory or link
  bool made = false;              ///< ours: there is no head
  bool touched = false;           ///< its time stamp is to be changed by one
  Bytes inflated;                 ///< owns `content` where the file holds it compressed
  ByteView packed;                ///< zip: the content as the file holds it
  ByteView local;                 ///< zip: the local header; `head` is the central one
  [[nodiscard]] ByteView bytes() const { return replaced ? ByteView(*replaced) : content; }
};

/// Archive is a container with its members in order.
struct Archive {
  std::string kind;  ///< cpio, tar, tar-gzip, zip
  std::vector<Entry> entries;
  Bytes inflated;  ///< the tar of a tar-gzip; views lie in it
  ByteView tail;   ///< what stands behind the last member (zip: the comment)
};

/// Kinds are told by magic; an error says at which byte the archive breaks.
[[nodiscard]] Result<Archive> read_cpio(ByteView file);
[[nodiscard]] Result<Archive> read_tar(ByteView file);
[[nodiscard]] Result<Archive> read_zip(ByteView file);
[[nodiscard]] bool is_cpio(ByteView file);
[[nodiscard]] bool is_tar(ByteView file);
[[nodiscard]] bool is_zip(ByteView file);
[[nodiscard]] bool is_gzip(ByteView file);

/// pack_…() write an archive: untouched members keep their header, replaced ones get size and
/// checksum put right.
[[nodiscard]] Bytes pack_cpio(const Archive& archive);
[[nodiscard]] Bytes pack_tar(const Archive& archive);
[[nodiscard]] Bytes pack_zip(const Archive& archive);

/// add() puts a small file of ours in; pack writes it last.
void add(Archive& archive, std::string name, Bytes content);

/// gunzip() expands one gzip stream, at most `limit` bytes; an error for a damaged or larger one.
[[nodiscard]] Result<Bytes> gunzip(ByteView packed, std::size_t limit);
[[nodiscard]] Bytes gzip(ByteView plain);
/// inflate_raw() is deflate without a header, as zip has it.
[[nodiscard]] Result<Bytes> inflate_raw(ByteView packed, std::size_t limit);
[[nodiscard]] Bytes deflate_raw(ByteView plain);
[[nodiscard]] std::uint32_t crc32_of(ByteView bytes);

constexpr std::size_t kMostEntries = 100'000;
constexpr std::size_t kMostExpanded = std::size_t{1} << 30U;  ///< bytes of one expanded stream

}  // namespace haetae::formats::update
