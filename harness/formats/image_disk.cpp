#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "harness/formats/image_readers.hpp"

// Partition tables: MBR with extended partitions, and GPT (UEFI specification 2.10, chapter 5).
namespace haetae::formats::image {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr int kMostPartitions = 256;

struct Range {
  std::uint64_t at = 0, length = 0;
};

// Every partition, and what lies before, between and behind them: boot loaders like to stand there.
Outcome open_ranges(Walker& walker, const Place& place, std::vector<Range> ranges,
                    std::uint64_t table_end) {
  Outcome out{.length = place.bytes.size(), .state = "unpacked", .why = "", .format = ""};
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.at < b.at; });
  std::uint64_t done = table_end;
  for (const Range& range : ranges) {
    if (!fits(place.bytes, range.at, range.length)) {
      out.state = "damaged";
      out.why = fmt::format("the partition at byte {} reaches over the end of the image", range.at);
    }
    if (range.at >= place.bytes.size() || !walker.may_go_on()) continue;
    if (range.at > done) walker.wrapped(place, done, range.at - done);
    walker.wrapped(place, range.at, range.length);
    done = std::max(done, range.at + std::min(range.length, place.bytes.size() - range.at));
  }
  if (done < place.bytes.size()) walker.wrapped(place, done, place.bytes.size() - done);
  return out;
}

struct Entry {
  std::uint8_t active = 0, type = 0;
  std::uint64_t first = 0, sectors = 0;
};

std::vector<Entry> entries_of(ByteView sector) {
  std::vector<Entry> out;
  for (std::size_t at = 446; at < 510; at += 16) {
    out.push_back(
        {sector[at], sector[at + 4], little32(sector, at + 8), little32(sector, at + 12)});
  }
  return out;
}

bool is_extended(std::uint8_t type) { return type == 0x05 || type == 0x0f || type == 0x85; }

// Logical partitions hang on a chain of tables; each names the next from the start of the whole.
void add_logical(ByteView bytes, std::uint64_t start, std::vector<Range>& out) {
  std::uint64_t table = start;
  for (int i = 0; i < kMostPartitions && fits(bytes, table * kSector, kSector); ++i) {
    const ByteView sector = bytes.subspan(table * kSector, kSector);
    if (sector[510] != 0x55 || sector[511] != 0xaa) return;
    const auto entries = entries_of(sector);
    if (entries[0].sectors != 0) {
      out.push_back({(table + entries[0].first) * kSector, entries[0].sectors * kSector});
    }
    if (!is_extended(entries[1].type) || entries[1].sectors == 0 ||
        start + entries[1].first <= table)
      return;
    table = start + entries[1].first;
  }
}

}  // namespace

bool looks_like_mbr(ByteView bytes) {
  if (bytes.size() < 2 * kSector) return false;
  int used = 0;
  for (const Entry& entry : entries_of(bytes)) {
    if ((entry.active & 0x7fU) != 0) return false;
    if (entry.type == 0) {
      if (entry.sectors != 0) return false;
      continue;
    }
    if (entry.first == 0 || entry.sectors == 0 || entry.first * kSector >= bytes.size())
      return false;
    ++used;
  }
  return used != 0;
}

Outcome open_mbr(Walker& walker, const Place& place) {
  std::vector<Range> ranges;
  for (const Entry& entry : entries_of(place.bytes)) {
    if (entry.type == 0) continue;
    if (is_extended(entry.type)) {
      add_logical(place.bytes, entry.first, ranges);
    } else {
      ranges.push_back({entry.first * kSector, entry.sectors * kSector});
    }
  }
  walker.raw_of(place, 0, kSector);
  return open_ranges(walker, place, std::move(ranges), kSector);
}

bool looks_like_gpt(ByteView bytes) {
  if (bytes.size() < 4 * kSector) return false;
  const ByteView header = bytes.subspan(kSector, kSector);
  const std::uint32_t size = little32(header, 12);
  if (size < 92 || size > kSector) return false;
  Bytes copy(header.begin(), header.begin() + size);
  std::fill_n(copy.begin() + 16, 4, std::uint8_t{0});
  return crc32_z(0, copy.data(), copy.size()) == little32(header, 16);
}

Outcome open_gpt(Walker& walker, const Place& place) {
  const ByteView bytes = place.bytes, header = bytes.subspan(kSector, kSector);
  const std::uint64_t first = little(header, 72, 8), count = little32(header, 80),
                      size = little32(header, 84);
  if (size < 128 || size > 4096 || count > kMostPartitions || first > bytes.size() / kSector ||
      !fits(bytes, first * kSector, count * size)) {
    return {.length = bytes.size(),
            .state = "damaged",
            .why = "its list of partitions lies outside of the image",
            .format = ""};
  }
  std::vector<Range> ranges;
  for (std::uint64_t i = 0; i < count; ++i) {
    const ByteView entry = bytes.subspan(first * kSector + i * size, size);
    const std::uint64_t from = little(entry, 32, 8), to = little(entry, 40, 8);
    if (std::all_of(entry.begin(), entry.begin() + 16, [](std::uint8_t byte) { return byte == 0; }))
      continue;
    constexpr std::uint64_t kMost = 1ULL << 50U;
    if (to < from || from > kMost || to > kMost) continue;
    ranges.push_back({from * kSector, (to - from + 1) * kSector});
  }
  walker.raw_of(place, 0, kSector);
  return open_ranges(walker, place, std::move(ranges), first * kSector + count * size);
}

}  // namespace haetae::formats::image
