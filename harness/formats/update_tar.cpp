#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "harness/formats/update_archive.hpp"

// tar: POSIX.1-1988 ustar headers of 512 bytes, with GNU long names and pax headers left as they
// are before the member that they belong to (POSIX.1-2001, pax; GNU tar manual, "Basic Tar
// Format").
namespace haetae::formats::update {
namespace {

constexpr std::size_t kBlock = 512, kLongestName = 4096;
struct Place {
  std::size_t at, length;
};
constexpr Place kName{0, 100}, kMode{100, 8}, kSize{124, 12}, kTime{136, 12}, kSum{148, 8},
    kPrefix{345, 155};
constexpr std::size_t kType = 156, kMagic = 257;

std::size_t padded(std::uint64_t size) {
  return static_cast<std::size_t>((size + kBlock - 1) / kBlock * kBlock);
}

std::string text(ByteView head, Place place) {
  const ByteView field = head.subspan(place.at, place.length);
  return std::string(as_text(field.first(
      static_cast<std::size_t>(std::find(field.begin(), field.end(), 0) - field.begin()))));
}

std::optional<std::uint64_t> number(ByteView head, Place place) {
  std::uint64_t value = 0;
  // GNU writes what octal digits cannot hold as a big-endian number behind a set high bit.
  if ((head[place.at] & 0x80U) != 0) {
    for (std::size_t at = place.at + place.length - 8; at < place.at + place.length; ++at)
      value = value << 8U | head[at];
    return value;
  }
  bool any = false;
  for (std::size_t at = place.at; at < place.at + place.length; ++at) {
    const char c = static_cast<char>(head[at]);
    if (c == ' ' && !any) continue;
    if (c == 0 || c == ' ') break;
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3U | static_cast<std::uint64_t>(c - '0');
    any = true;
  }
  return value;
}

std::uint64_t sum_of(ByteView head) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < kBlock; ++at)
    sum += at >= kSum.at && at < kSum.at + kSum.length ? ' ' : head[at];
  return sum;
}

void put(Bytes& out, std::size_t start, Place place, std::uint64_t value) {
  const std::string digits = fmt::format("{:0{}o}", value, place.length - 1);
  std::copy(digits.begin(), digits.end(),
            out.begin() + static_cast<std::ptrdiff_t>(start + place.at));
  out[start + place.at + place.length - 1] = 0;
}

void put_sum(Bytes& out, std::size_t start) {
  const std::uint64_t sum = sum_of(ByteView(out).subspan(start, kBlock));
  const std::string digits = fmt::format("{:06o}", sum);
  std::copy(digits.begin(), digits.end(),
            out.begin() + static_cast<std::ptrdiff_t>(start + kSum.at));
  out[start + kSum.at + 6] = 0;
  out[start + kSum.at + 7] = ' ';
}

bool is_head(ByteView head) {
  const auto told = number(head, kSum);
  return told && *told == sum_of(head) && head[0] != 0;
}

tl::unexpected<Error> broken(std::size_t at, const char* why) {
  return fail(ErrorKind::protocol, fmt::format("the tar archive breaks at byte {}: {}", at, why));
}

// The path of a pax header: "LENGTH path=VALUE\n" (POSIX.1-2001, pax, extended header).
std::string pax_path(std::string_view records) {
  while (!records.empty()) {
    const std::size_t space = records.find(' '), end = records.find('\n');
    if (space == std::string_view::npos || end == std::string_view::npos || space > end) return {};
    const std::string_view record = records.substr(space + 1, end - space - 1);
    if (record.starts_with("path=")) return std::string(record.substr(5));
    records.remove_prefix(end + 1);
  }
  return {};
}

Result<void> read_entries(ByteView tar, Archive& archive) {
  std::size_t start = 0;  // of the headers of the next member
  std::string long_name;
  for (std::size_t at = 0; at + kBlock <= tar.size();) {
    const ByteView head = tar.subspan(at, kBlock);
    if (!is_head(head)) {
      if (std::any_of(head.begin(), head.end(), [](std::uint8_t b) { return b != 0; }))
        return broken(at, "the checksum of a header is wrong");
      archive.tail = tar.subspan(start);
      return {};
    }
    const auto size = number(head, kSize);
    const char type = static_cast<char>(head[kType]);
    const bool holds = type == '0' || type == 0 || type == '7' || type == 'L' || type == 'K' ||
                       type == 'x' || type == 'g';
    const std::uint64_t length = holds ? size.value_or(0) : 0;
    if (!size) return broken(at, "a number is not octal");
    if (length > tar.size() - at - kBlock) return broken(at, "a member is cut off");
    const ByteView content = tar.subspan(at + kBlock, static_cast<std::size_t>(length));
    const std::size_t next = std::min(tar.size(), at + kBlock + padded(length));
    if (type == 'L' || type == 'x') {
      const std::string told =
          type == 'x' ? pax_path(as_text(content)) : std::string(as_text(content));
      if (!told.empty()) long_name = told.substr(0, std::min(told.find('\0'), kLongestName));
    }
    if (type == 'L' || type == 'x' || type == 'K' || type == 'g') {
      at = next;
      continue;
    }
    if (archive.entries.size() == kMostEntries)
      return fail(ErrorKind::unsupported, "the tar archive has more members than the bound");
    Entry entry;
    const std::string prefix = as_text(head.subspan(kMagic, 6)) == std::string_view("ustar\0", 6)
                                   ? text(head, kPrefix)
                                   : std::string();
    entry.name = prefix.empty() ? text(head, kName) : prefix + "/" + text(head, kName);
    if (!long_name.empty()) entry.name = std::move(long_name);
    long_name.clear();
    entry.head = tar.subspan(start, at + kBlock - start);
    entry.content = content;
    entry.offset = at + kBlock;
    entry.length = length;
    entry.regular = type == '0' || type == 0;
    archive.entries.push_back(std::move(entry));
    start = at = next;
  }
  if (archive.entries.empty()) return broken(0, "no member is whole");
  archive.tail = {};
  return {};
}

void pack_one(Bytes& out, const Entry& entry) {
  const ByteView content = entry.bytes();
  std::size_t start = out.size();
  if (entry.made) {
    out.resize(start + kBlock);
    std::copy_n(entry.name.begin(), std::min(entry.name.size(), kName.length - 1),
                out.begin() + static_cast<std::ptrdiff_t>(start));
    put(out, start, kMode, 0644);
    put(out, start, {108, 8}, 0);
    put(out, start, {116, 8}, 0);
    put(out, start, kTime, 1577836800);
    out[start + kType] = '0';
    const std::string_view magic("ustar\00000", 8);
    std::copy(magic.begin(), magic.end(),
              out.begin() + static_cast<std::ptrdiff_t>(start + kMagic));
  } else {
    out.insert(out.end(), entry.head.begin(), entry.head.end());
    start = out.size() - kBlock;
  }
  if (entry.touched) {
    const auto time = number(entry.head.last(kBlock), kTime);
    put(out, start, kTime, time.value_or(0) ^ 1U);
  }
  if (entry.made || entry.replaced) put(out, start, kSize, content.size());
  if (entry.made || entry.replaced || entry.touched) put_sum(out, start);
  out.insert(out.end(), content.begin(), content.end());
  out.resize(padded(out.size()));
}

}  // namespace

bool is_tar(ByteView file) { return file.size() >= kBlock && is_head(file.first(kBlock)); }

Result<Archive> read_tar(ByteView file) {
  Archive archive{.kind = "tar", .entries = {}, .inflated = {}, .tail = {}};
  if (is_gzip(file)) {
    auto plain = gunzip(file, kMostExpanded);
    if (!plain) return tl::unexpected(plain.error());
    if (!is_tar(*plain)) return broken(0, "the compressed stream holds no tar archive");
    archive.kind = "tar-gzip";
    archive.inflated = std::move(*plain);
    file = archive.inflated;
  }
  const auto good = read_entries(file, archive);
  if (!good) return tl::unexpected(good.error());
  if (archive.kind == "tar-gzip")
    for (Entry& entry : archive.entries) entry.offset = entry.length = 0;
  return archive;
}

Bytes pack_tar(const Archive& archive) {
  Bytes out;
  for (const Entry& entry : archive.entries) pack_one(out, entry);
  if (archive.tail.size() >= 2 * kBlock)
    out.insert(out.end(), archive.tail.begin(), archive.tail.end());
  else
    out.resize(out.size() + 2 * kBlock);
  return archive.kind == "tar-gzip" ? gzip(out) : out;
}

void add(Archive& archive, std::string name, Bytes content) {
  Entry entry;
  entry.name = std::move(name);
  entry.replaced = std::move(content);
  entry.made = true;
  archive.entries.push_back(std::move(entry));
}

}  // namespace haetae::formats::update
