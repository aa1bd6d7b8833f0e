#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "harness/formats/image_readers.hpp"

namespace haetae::formats::image {
namespace {

std::uint32_t crc_of(ByteView bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

}  // namespace

// Legacy image of U-Boot (include/image.h): 64 bytes, the CRC of the header counts its own field as
// zero.
bool looks_like_uimage(ByteView bytes) {
  if (bytes.size() < 64) return false;
  std::array<std::uint8_t, 64> header{};
  std::copy_n(bytes.begin(), header.size(), header.begin());
  std::fill_n(header.begin() + 4, 4, std::uint8_t{0});
  return crc_of(header) == big32(bytes, 4);
}

Outcome open_uimage(Walker& walker, const Place& place) {
  constexpr std::uint64_t kHeader = 64;
  constexpr std::uint8_t kMulti = 4, kScript = 6;
  const ByteView bytes = place.bytes;
  const std::uint64_t told = big32(bytes, 12);
  const std::uint64_t length = std::min<std::uint64_t>(told, bytes.size() - kHeader);
  Outcome out{.length = kHeader + length, .state = "unpacked", .why = "", .format = ""};
  const ByteView payload = bytes.subspan(kHeader, length);
  if (told > length) {
    out.state = "damaged";
    out.why = fmt::format("it is cut off: {} of {} bytes are there", length, told);
  } else if (crc_of(payload) != big32(bytes, 24)) {
    out.state = "damaged";
    out.why = "the checksum of its data is wrong";
  }
  const std::uint8_t type = bytes[30];
  if (type != kMulti && type != kScript) {
    walker.wrapped(place, kHeader, length);
    return out;
  }
  // A list of lengths that ends with zero, then the files, each from a multiple of four.
  std::vector<std::uint64_t> sizes;
  std::uint64_t at = 0;
  while (fits(payload, at, 4) && sizes.size() < 64) {
    const std::uint64_t size = big32(payload, at);
    at += 4;
    if (size == 0) break;
    sizes.push_back(size);
  }
  for (const std::uint64_t size : sizes) {
    if (!fits(payload, at, size)) {
      out.state = "damaged";
      out.why = "a file of the image is longer than the image";
    }
    if (at >= payload.size()) break;
    walker.wrapped(place, kHeader + at, std::min<std::uint64_t>(size, payload.size() - at));
    at += (size + 3) / 4 * 4;
  }
  return out;
}

}  // namespace haetae::formats::image
