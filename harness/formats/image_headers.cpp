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

// TRX of Broadcom: length, CRC32 without the last inversion over all behind it, version, and the
// offsets of three or four parts (OpenWrt, tools/firmware-utils/src/trx.c).
bool looks_like_trx(ByteView bytes) {
  if (bytes.size() < 32) return false;
  const std::uint64_t length = little32(bytes, 4), version = little16(bytes, 14);
  if (length < 28 || version < 1 || version > 2) return false;
  for (std::size_t at = 16; at < 28; at += 4) {
    const std::uint64_t offset = little32(bytes, at);
    if (offset >= length || (offset != 0 && offset < 28)) return false;
  }
  return little32(bytes, 16) != 0;
}

Outcome open_trx(Walker& walker, const Place& place) {
  const ByteView bytes = place.bytes;
  const std::uint64_t told = little32(bytes, 4),
                      length = std::min<std::uint64_t>(told, bytes.size());
  Outcome out{.length = length, .state = "unpacked", .why = "", .format = ""};
  if (told > bytes.size()) {
    out.state = "damaged";
    out.why = fmt::format("it is cut off: {} of {} bytes are there", length, told);
  } else if ((crc_of(bytes.subspan(12, length - 12)) ^ 0xffffffffU) != little32(bytes, 8)) {
    out.state = "damaged";
    out.why = "its checksum is wrong";
  }
  std::vector<std::uint64_t> starts;
  for (std::size_t at = 16; at < (little16(bytes, 14) == 2 ? 32U : 28U); at += 4) {
    if (const std::uint64_t start = little32(bytes, at); start >= 28 && start < length)
      starts.push_back(start);
  }
  std::sort(starts.begin(), starts.end());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    walker.wrapped(place, starts[i], (i + 1 < starts.size() ? starts[i + 1] : length) - starts[i]);
  }
  return out;
}

// MCUboot (docs/design.md, "Image format"): header, image, then one or two areas of tagged values.
bool looks_like_mcuboot(ByteView bytes) {
  if (bytes.size() < 32) return false;
  const std::uint64_t header = little16(bytes, 8), image = little32(bytes, 12);
  return header >= 32 && image != 0 && little32(bytes, 28) == 0;
}

Outcome open_mcuboot(Walker& walker, const Place& place) {
  constexpr std::uint32_t kEncrypted = 0x0c;
  const ByteView bytes = place.bytes;
  const std::uint64_t header = little16(bytes, 8), size = little32(bytes, 12);
  if (!fits(bytes, header, size)) {
    if (place.carved) return {};
    walker.wrapped(place, header, bytes.size());
    return {.length = bytes.size(), .state = "damaged", .why = "it is cut off", .format = ""};
  }
  std::uint64_t end = header + size;
  bool tagged = false;
  while (fits(bytes, end, 4) &&
         (little16(bytes, end) == 0x6907 || little16(bytes, end) == 0x6908)) {
    const std::uint64_t area = little16(bytes, end + 2);
    if (area < 4 || !fits(bytes, end, area)) break;
    end += area;
    tagged = true;
  }
  if (!tagged && place.carved) return {};
  Outcome out{.length = end, .state = "unpacked", .why = "", .format = ""};
  if ((little32(bytes, 16) & kEncrypted) != 0) {
    out.state = "encrypted";
    out.why = "its header says that the image is encrypted";
    return out;
  }
  walker.wrapped(place, header, size);
  if (!tagged) {
    out.state = "damaged";
    out.why = "the values behind the image are missing, its hash among them";
  }
  return out;
}

// Boot image of Android (system/tools/mkbootimg): a page of header, then kernel, ramdisk and more,
// each from a page of its own.
bool looks_like_android_boot(ByteView bytes) {
  if (bytes.size() < 2048) return false;
  const std::uint32_t version = little32(bytes, 40), page = little32(bytes, 36);
  if (version >= 3 && version <= 4) return true;
  return page >= 2048 && page <= 65536 && (page & (page - 1)) == 0;
}

Outcome open_android_boot(Walker& walker, const Place& place) {
  const ByteView bytes = place.bytes;
  const std::uint32_t version = little32(bytes, 40);
  const bool late = version == 3 || version == 4;
  const std::uint64_t page = late ? 4096 : little32(bytes, 36);
  std::vector<std::uint64_t> sizes{little32(bytes, 8), little32(bytes, late ? 12 : 16)};
  if (!late) sizes.push_back(little32(bytes, 24));
  Outcome out{.length = page, .state = "unpacked", .why = "", .format = ""};
  for (const std::uint64_t size : sizes) {
    if (!fits(bytes, out.length, size)) {
      out.state = "damaged";
      out.why = "it is cut off";
      walker.wrapped(place, out.length, bytes.size());
      out.length = bytes.size();
      return out;
    }
    walker.wrapped(place, out.length, size);
    out.length =
        std::min<std::uint64_t>(out.length + (size + page - 1) / page * page, bytes.size());
  }
  return out;
}

// Sparse image of Android (system/core/libsparse/sparse_format.h).
bool looks_like_sparse(ByteView bytes) {
  if (bytes.size() < 40) return false;
  const std::uint32_t block = little32(bytes, 12);
  return little16(bytes, 4) == 1 && little16(bytes, 8) >= 28 && little16(bytes, 10) >= 12 &&
         block >= 512 && block % 4 == 0 && block <= (1U << 20U);
}

Outcome open_sparse(Walker& walker, const Place& place) {
  const ByteView bytes = place.bytes;
  const std::uint64_t block = little32(bytes, 12), chunk_header = little16(bytes, 10);
  const std::uint64_t size = block * little32(bytes, 16);
  std::uint64_t at = little16(bytes, 8);
  Outcome out{.length = bytes.size(), .state = "unpacked", .why = "", .format = ""};
  if (size > walker.bounds().one || !walker.may_expand(size)) {
    out.state = "bounded";
    out.why = fmt::format("it stands for {} bytes", size);
    return out;
  }
  Scratch scratch;
  std::uint64_t to = 0;
  std::string wrong;
  for (std::uint32_t left = little32(bytes, 20); left > 0 && wrong.empty(); --left) {
    if (!fits(bytes, at, chunk_header) || !walker.may_go_on()) {
      wrong = "it is cut off";
      break;
    }
    const std::uint32_t type = little16(bytes, at), blocks = little32(bytes, at + 4);
    const std::uint64_t whole = little32(bytes, at + 8), plain = block * blocks;
    if (whole < chunk_header || !fits(bytes, at, whole)) {
      wrong = "a chunk reaches over the end";
    } else if (type != 0xcac4 && plain > size - to) {
      wrong = "its chunks are longer than the image that they make";
    } else if (type == 0xcac1 && whole - chunk_header != plain) {
      wrong = "a chunk has another length than it tells";
    } else if (type == 0xcac1) {
      if (!scratch.write_at(to, bytes.subspan(at + chunk_header, plain)))
        wrong = "there is no room for scratch files";
      to += plain;
    } else if (type == 0xcac2 && whole >= chunk_header + 4) {
      const std::uint32_t value = little32(bytes, at + chunk_header);
      Bytes pattern(value == 0 ? 0 : block);
      for (std::size_t i = 0; i < pattern.size(); ++i)
        pattern[i] = bytes[at + chunk_header + i % 4];
      for (std::uint32_t i = 0; value != 0 && i < blocks && walker.may_go_on(); ++i) {
        if (!scratch.write_at(to + i * block, pattern))
          wrong = "there is no room for scratch files";
      }
      to += plain;
    } else if (type == 0xcac3) {
      to += plain;
    } else if (type != 0xcac4) {
      wrong = fmt::format("a chunk has the unknown type {:#x}", type);
    }
    at += whole;
  }
  out.length = std::min<std::uint64_t>(at, bytes.size());
  if (!wrong.empty()) {
    if (place.carved && to == 0) return {};
    out.state = "damaged";
    out.why = wrong;
  }
  if (!scratch.grow(to)) return out;
  if (const auto made = scratch.finish()) walker.unpacked(place, *made);
  return out;
}

// A bundle of RAUC: squashfs, perhaps a hash tree, then a CMS signature and its length
// (doc/reference.rst, "Bundle formats").
bool looks_like_rauc(ByteView bytes) {
  if (bytes.size() < 4096) return false;
  const std::uint64_t size = big(bytes, bytes.size() - 8, 8);
  if (size < 64 || size > bytes.size() - 8 || size > (1U << 20U)) return false;
  const ByteView cms = bytes.subspan(bytes.size() - 8 - size, size);
  return cms[0] == 0x30 && cms[1] == 0x82 && big(cms, 2, 2) + 4 == size;
}

Outcome open_rauc(Walker& walker, const Place& place) {
  const ByteView bytes = place.bytes;
  const std::uint64_t cms = big(bytes, bytes.size() - 8, 8), signed_end = bytes.size() - 8 - cms;
  std::uint64_t payload = signed_end;
  // The manifest of a bundle with a hash tree is in the signature, and tells how long the tree is.
  const std::string_view signature = as_text(bytes.subspan(signed_end, cms));
  constexpr std::string_view kSize = "verity-size=";
  if (const std::size_t at = signature.find(kSize); at != std::string_view::npos) {
    std::uint64_t tree = 0;
    for (std::size_t i = at + kSize.size();
         i < signature.size() && signature[i] >= '0' && signature[i] <= '9' && tree < payload;
         ++i) {
      tree = tree * 10 + static_cast<std::uint64_t>(signature[i] - '0');
    }
    if (tree < payload) payload -= tree;
  }
  walker.wrapped(place, 0, payload);
  walker.known_data(place, payload, signed_end - payload);
  walker.known_data(place, signed_end, cms + 8);
  return {.length = bytes.size(), .state = "unpacked", .why = "", .format = ""};
}

namespace {

// How far a format that nothing here opens reaches; 0: to the end of the stream.
Outcome closed(const Place& place, std::string_view state, std::string why) {
  return {.length = place.bytes.size(),
          .state = std::string(state),
          .why = std::move(why),
          .format = ""};
}

}  // namespace

bool looks_like_luks(ByteView bytes) {
  return bytes.size() >= 592 && (big(bytes, 6, 2) == 1 || big(bytes, 6, 2) == 2);
}
Outcome open_luks(Walker&, const Place& place) {
  return closed(place, "encrypted",
                fmt::format("it is a LUKS{} volume; hand over its content to have it looked at",
                            big(place.bytes, 6, 2)));
}

bool looks_like_payload(ByteView bytes) {
  return bytes.size() >= 24 && big(bytes, 4, 8) >= 1 && big(bytes, 4, 8) <= 2;
}
Outcome open_payload(Walker&, const Place& place) {
  return closed(place, "unsupported",
                "an Android update payload holds differences of partitions; hand over the "
                "partitions themselves");
}

bool looks_like_seven_zip(ByteView bytes) {
  return bytes.size() >= 32 && bytes[6] == 0 && crc_of(bytes.subspan(12, 20)) == little32(bytes, 8);
}
bool looks_like_rar(ByteView bytes) {
  return bytes.size() >= 20 && (bytes[6] == 0 || bytes[6] == 1);
}
Outcome open_foreign_archive(Walker&, const Place& place) {
  return closed(place, "unsupported",
                "this kind of archive is not opened; hand it over as tar, cpio or zip");
}

bool looks_like_erofs(ByteView bytes) {
  return bytes.size() >= 1024 + 128 && bytes[1024 + 12] >= 9 && bytes[1024 + 12] <= 16;
}
bool looks_like_f2fs(ByteView bytes) {
  return bytes.size() >= 1024 + 128 && little32(bytes, 1024 + 8) == 9 &&
         little32(bytes, 1024 + 12) == 3;
}
Outcome open_foreign_system(Walker&, const Place& place) {
  return closed(place, "unsupported",
                "this kind of file system is not opened; hand over its files as a tar archive");
}

}  // namespace haetae::formats::image
