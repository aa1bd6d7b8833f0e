#include <fmt/format.h>

#include <algorithm>

#include "harness/formats/update_archive.hpp"

// zip after PKWARE's APPNOTE.TXT 6.3.10, 4.3 and 4.4: stored and deflated members, no zip64, no
// encryption. What the central directory says holds.
namespace haetae::formats::update {
namespace {

constexpr std::size_t kLocal = 30, kCentral = 46, kEnd = 22, kLongestComment = 65535;
constexpr std::uint32_t kLocalMagic = 0x04034b50, kCentralMagic = 0x02014b50,
                        kEndMagic = 0x06054b50;

std::uint16_t u16(ByteView at, std::size_t offset) {
  return static_cast<std::uint16_t>(at[offset] | at[offset + 1] << 8U);
}
std::uint32_t u32(ByteView at, std::size_t offset) {
  return u16(at, offset) | static_cast<std::uint32_t>(u16(at, offset + 2)) << 16U;
}
void put16(Bytes& out, std::size_t at, std::size_t value) {
  out[at] = static_cast<std::uint8_t>(value);
  out[at + 1] = static_cast<std::uint8_t>(value >> 8U);
}
void put32(Bytes& out, std::size_t at, std::size_t value) {
  put16(out, at, value & 0xffffU);
  put16(out, at + 2, value >> 16U);
}

tl::unexpected<Error> broken(std::size_t at, const char* why) {
  return fail(ErrorKind::protocol, fmt::format("the zip archive breaks at byte {}: {}", at, why));
}

std::optional<std::size_t> find_end(ByteView file) {
  if (file.size() < kEnd) return std::nullopt;
  const std::size_t lowest =
      file.size() > kEnd + kLongestComment ? file.size() - kEnd - kLongestComment : 0;
  for (std::size_t at = file.size() - kEnd + 1; at-- > lowest;)
    if (u32(file, at) == kEndMagic && at + kEnd + u16(file, at + 20) <= file.size()) return at;
  return std::nullopt;
}

Result<Entry> read_entry(ByteView file, ByteView head, std::size_t& budget) {
  Entry entry;
  entry.head = head;
  entry.name = as_text(head.subspan(kCentral, u16(head, 28)));
  const std::size_t flags = u16(head, 8), method = u16(head, 10), packed = u32(head, 20),
                    plain = u32(head, 24), local = u32(head, 42);
  if (packed == 0xffffffffU || plain == 0xffffffffU || local == 0xffffffffU)
    return fail(ErrorKind::unsupported, "zip64 members are not read");
  if (local > file.size() || file.size() - local < kLocal || u32(file, local) != kLocalMagic)
    return broken(local, "a local header is missing");
  const std::size_t start = local + kLocal + u16(file, local + 26) + u16(file, local + 28);
  if (start > file.size() || packed > file.size() - start)
    return broken(local, "a member is cut off");
  entry.local = file.subspan(local, start - local);
  entry.packed = file.subspan(start, packed);
  entry.offset = start;
  entry.length = packed;
  entry.regular = !entry.name.ends_with('/');
  if ((flags & 1U) != 0) return fail(ErrorKind::unsupported, "an encrypted zip is not read");
  if (method == 0) {
    entry.content = entry.packed;
    return entry;
  }
  if (method != 8)
    return fail(ErrorKind::unsupported, fmt::format("zip method {} is not read", method));
  auto inflated = inflate_raw(entry.packed, budget);
  if (!inflated) return fail("a member of the zip archive cannot be read", inflated.error());
  budget -= inflated->size();
  entry.inflated = std::move(*inflated);
  entry.content = entry.inflated;
  entry.offset = entry.length = 0;
  return entry;
}

// A local header after the central one, with the extra field that was there.
void put_local(Bytes& out, const Bytes& central, const Entry& entry) {
  const std::size_t start = out.size();
  out.resize(start + kLocal);
  put32(out, start, kLocalMagic);
  std::copy_n(central.begin() + 6, 22, out.begin() + static_cast<std::ptrdiff_t>(start + 4));
  const std::size_t known = entry.local.empty() ? 0 : kLocal + u16(entry.local, 26);
  const ByteView extra = entry.local.subspan(std::min(known, entry.local.size()));
  put16(out, start + 26, entry.name.size());
  put16(out, start + 28, extra.size());
  out.insert(out.end(), entry.name.begin(), entry.name.end());
  out.insert(out.end(), extra.begin(), extra.end());
}

Bytes central_of(const Entry& entry) {
  Bytes head(entry.head.begin(), entry.head.end());
  if (entry.made) {
    head.resize(kCentral);
    put32(head, 0, kCentralMagic);
    put16(head, 4, 20);
    put16(head, 6, 20);
    put16(head, 14, 0x5021);
    put16(head, 28, entry.name.size());
    head.insert(head.end(), entry.name.begin(), entry.name.end());
  }
  // No data descriptor follows: sizes stand in the header.
  put16(head, 8, u16(head, 8) & ~std::size_t{8});
  if (entry.touched) head[13] = static_cast<std::uint8_t>(head[13] ^ 2U);
  return head;
}

}  // namespace

bool is_zip(ByteView file) {
  return file.size() >= kEnd && u32(file, 0) == kLocalMagic && find_end(file).has_value();
}

Result<Archive> read_zip(ByteView file) {
  Archive archive{.kind = "zip", .entries = {}, .inflated = {}, .tail = {}};
  const auto end = find_end(file);
  if (!end) return broken(file.size(), "the end of the central directory is missing");
  std::size_t at = u32(file, *end + 16), budget = kMostExpanded;
  const std::size_t count = u16(file, *end + 10);
  if (count == 0xffffU) return fail(ErrorKind::unsupported, "zip64 archives are not read");
  for (std::size_t i = 0; i < count; ++i) {
    if (at > *end || *end - at < kCentral || u32(file, at) != kCentralMagic)
      return broken(at, "an entry of the central directory is missing");
    const std::size_t length =
        kCentral + u16(file, at + 28) + u16(file, at + 30) + u16(file, at + 32);
    if (length > *end - at) return broken(at, "an entry of the central directory is cut off");
    auto entry = read_entry(file, file.subspan(at, length), budget);
    if (!entry) return tl::unexpected(entry.error());
    archive.entries.push_back(std::move(*entry));
    at += length;
  }
  archive.tail = file.subspan(*end + kEnd, u16(file, *end + 20));
  return archive;
}

Bytes pack_zip(const Archive& archive) {
  Bytes out, directory;
  for (const Entry& entry : archive.entries) {
    Bytes central = central_of(entry);
    Bytes packed(entry.packed.begin(), entry.packed.end());
    if (entry.replaced) {
      const bool deflated = u16(central, 10) == 8;
      packed = deflated ? deflate_raw(*entry.replaced) : *entry.replaced;
      put32(central, 16, crc32_of(*entry.replaced));
      put32(central, 20, packed.size());
      put32(central, 24, entry.replaced->size());
    }
    put32(central, 42, out.size());
    put_local(out, central, entry);
    out.insert(out.end(), packed.begin(), packed.end());
    directory.insert(directory.end(), central.begin(), central.end());
  }
  const std::size_t start = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  const std::size_t end = out.size();
  out.resize(end + kEnd);
  put32(out, end, kEndMagic);
  put16(out, end + 8, archive.entries.size());
  put16(out, end + 10, archive.entries.size());
  put32(out, end + 12, directory.size());
  put32(out, end + 16, start);
  put16(out, end + 20, archive.tail.size());
  out.insert(out.end(), archive.tail.begin(), archive.tail.end());
  return out;
}

}  // namespace haetae::formats::update
