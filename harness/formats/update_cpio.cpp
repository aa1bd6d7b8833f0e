#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/formats/update_archive.hpp"

// cpio "newc" (070701) and "crc" (070702): 110 characters of header with hexadecimal numbers, the
// name with its zero padded to four, the content padded to four; kernel,
// early-userspace/buffer-format.
namespace haetae::formats::update {
namespace {

constexpr std::size_t kHead = 110;
constexpr std::string_view kTrailer = "TRAILER!!!";
enum Field : std::size_t {
  kInode = 0,
  kMode = 1,
  kTime = 5,
  kSize = 6,
  kNameSize = 11,
  kCheck = 12
};

std::size_t field_at(std::size_t field) { return 6 + 8 * field; }

std::optional<std::uint32_t> number(ByteView head, std::size_t field) {
  std::uint32_t value = 0;
  for (std::size_t at = field_at(field); at < field_at(field) + 8; ++at) {
    const char c = static_cast<char>(head[at]);
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return std::nullopt;
    value = value << 4U | static_cast<std::uint32_t>(digit);
  }
  return value;
}

void put(Bytes& out, std::size_t start, std::size_t field, std::uint32_t value) {
  const std::string text = fmt::format("{:08X}", value);
  std::copy(text.begin(), text.end(),
            out.begin() + static_cast<std::ptrdiff_t>(start + field_at(field)));
}

std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }

tl::unexpected<Error> broken(std::size_t at, const char* why) {
  return fail(ErrorKind::protocol, fmt::format("the cpio archive breaks at byte {}: {}", at, why));
}

void pad(Bytes& out, std::size_t to) {
  while (out.size() % to != 0) out.push_back(0);
}

void pack_one(Bytes& out, const Entry& entry, std::string_view magic, std::uint32_t inode) {
  const std::size_t start = out.size();
  const ByteView content = entry.bytes();
  if (entry.made) {
    out.resize(start + kHead, '0');
    std::copy(magic.begin(), magic.end(), out.begin() + static_cast<std::ptrdiff_t>(start));
    put(out, start, kInode, inode);
    put(out, start, kMode, 0100644);
    put(out, start, 4, 1);
    put(out, start, kNameSize, static_cast<std::uint32_t>(entry.name.size() + 1));
    out.insert(out.end(), entry.name.begin(), entry.name.end());
    out.push_back(0);
    pad(out, 4);
  } else {
    out.insert(out.end(), entry.head.begin(), entry.head.end());
  }
  if (entry.touched) put(out, start, kTime, number(entry.head, kTime).value_or(0) ^ 1U);
  if (entry.made || entry.replaced) {
    put(out, start, kSize, static_cast<std::uint32_t>(content.size()));
    const std::uint32_t sum = std::accumulate(content.begin(), content.end(), std::uint32_t{0});
    put(out, start, kCheck, magic == "070702" ? sum : 0);
  }
  out.insert(out.end(), content.begin(), content.end());
  pad(out, 4);
}

}  // namespace

bool is_cpio(ByteView file) {
  const std::string_view start = as_text(file.first(std::min<std::size_t>(file.size(), 6)));
  return start == "070701" || start == "070702";
}

Result<Archive> read_cpio(ByteView file) {
  Archive archive{.kind = "cpio", .entries = {}, .inflated = {}, .tail = {}};
  for (std::size_t at = 0; archive.entries.size() < kMostEntries;) {
    if (file.size() - at < kHead) return broken(at, "a header is cut off");
    const ByteView head = file.subspan(at, kHead);
    if (!is_cpio(head)) return broken(at, "no header where one must be");
    const auto size = number(head, kSize), name_size = number(head, kNameSize),
               mode = number(head, kMode);
    if (!size || !name_size || !mode) return broken(at, "a number is not hexadecimal");
    if (*name_size == 0 || *name_size > 4096) return broken(at, "the length of a name is absurd");
    const std::size_t content = at + padded(kHead + *name_size);
    if (content > file.size() || *size > file.size() - content)
      return broken(at, "a member is cut off");
    Entry entry;
    entry.name = as_text(file.subspan(at + kHead, *name_size - 1));
    if (entry.name == kTrailer) {
      archive.tail = file.subspan(at);
      return archive;
    }
    entry.head = file.subspan(at, content - at);
    entry.content = file.subspan(content, *size);
    entry.offset = content;
    entry.length = *size;
    entry.regular = (*mode & 0170000U) == 0100000U;
    at = std::min(file.size(), padded(content + *size));
    archive.entries.push_back(std::move(entry));
  }
  return fail(ErrorKind::unsupported, "the cpio archive has more members than the bound");
}

Bytes pack_cpio(const Archive& archive) {
  Bytes out;
  const std::string_view magic = archive.entries.empty() || archive.entries.front().made
                                     ? std::string_view("070702")
                                     : as_text(archive.entries.front().head.first(6));
  std::uint32_t inode = 0x00686165;
  for (const Entry& entry : archive.entries) pack_one(out, entry, magic, inode++);
  // The trailer as it was, padded anew: readers may take the archive in blocks of 512 bytes.
  const std::size_t trailer = padded(kHead + kTrailer.size() + 1);
  const ByteView tail = archive.tail.first(std::min(trailer, archive.tail.size()));
  out.insert(out.end(), tail.begin(), tail.end());
  if (archive.tail.size() > trailer) pad(out, 512);
  return out;
}

}  // namespace haetae::formats::update
