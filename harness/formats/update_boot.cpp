#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/formats/update_parts.hpp"

// Two headers with checksums and no signature. uImage: U-Boot, include/image.h, big-endian, 64
// bytes. TRX: OpenWrt and Broadcom, little-endian, 28 or 32 bytes; its checksum is a CRC-32 without
// the last inversion, over everything from byte 12 on.
namespace haetae::formats::update {
namespace {

constexpr std::size_t kUimage = 64, kTrx = 28, kName = 32;
constexpr std::uint8_t kMultiFile = 4;

std::uint32_t big(ByteView at, std::size_t offset) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = out << 8U | at[offset + i];
  return out;
}
std::uint32_t little(ByteView at, std::size_t offset) {
  std::uint32_t out = 0;
  for (std::size_t i = 4; i-- > 0;) out = out << 8U | at[offset + i];
  return out;
}
void put_big(Bytes& out, std::size_t at, std::size_t value) {
  for (std::size_t i = 0; i < 4; ++i)
    out[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}
void put_little(Bytes& out, std::size_t at, std::size_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

bool is_uimage(ByteView file) { return file.size() >= kUimage && big(file, 0) == 0x27051956U; }
bool is_trx(ByteView file) { return file.size() >= kTrx && little(file, 0) == 0x30524448U; }
bool is_boot(ByteView file) { return is_uimage(file) || is_trx(file); }

void fix_uimage(Bytes& file, std::size_t payload) {
  put_big(file, 12, payload);
  put_big(file, 24, crc32_of(ByteView(file).subspan(kUimage, payload)));
  put_big(file, 4, 0);
  put_big(file, 4, crc32_of(ByteView(file).first(kUimage)));
}

void fix_trx(Bytes& file, std::size_t length) {
  put_little(file, 8, ~crc32_of(ByteView(file).subspan(12, length - 12)));
}

ImageSignature checksum() {
  ImageSignature out;
  out.scheme = "crc";
  out.digest = "crc32";
  out.over = "payload";
  return out;
}

Result<UpdateFile> read_boot(ByteView file, const Keys&) {
  UpdateFile out;
  const bool uimage = is_uimage(file);
  out.format = uimage ? "uimage" : "trx";
  const std::size_t head = uimage ? kUimage : kTrx,
                    told = uimage ? big(file, 12) + kUimage : little(file, 4);
  if (told > file.size() || told < head)
    return fail(ErrorKind::protocol, fmt::format("the {} header tells of {} bytes, the file has {}",
                                                 out.format, told, file.size()));
  region(out, "header", 0, head);
  region(out, "payload", head, told - head);
  out.signatures = {checksum()};
  out.signatures[0].offset = uimage ? 24 : 8;
  out.signatures[0].length = 4;
  if (uimage) {
    const std::string_view name = as_text(file.subspan(kName, 32));
    out.model = name.substr(0, name.find('\0'));
    region(out, "model", kName, 32);
  }
  return out;
}

std::string boot_why_not(const UpdateFile& known, std::string_view id) {
  if (id == "flip-header" || id == "flip-payload") return {};
  if (id == "wrong-model" && known.format == "uimage" && !known.model.empty()) return {};
  if (id == "wrong-model") return "the header names no model";
  if (id == "version-mismatch") return "the header names no version";
  if (id == "flip-manifest") return "the format has no manifest";
  if (id == "path-traversal") return "the format holds no names of files";
  return "the format holds no signature";
}

Result<Mutation> make_boot(ByteView file, const UpdateFile& known, std::string_view id) {
  const Region* payload = find_region(known, "payload");
  if (!is_boot(file) || payload == nullptr || payload->offset + payload->length > file.size())
    return fail(ErrorKind::invalid_input, "the file is not the one that was read");
  const bool uimage = known.format == "uimage";
  Mutation out{.id = std::string(id),
               .format = known.format,
               .what = {},
               .marker = {},
               .covered = true,
               .bytes = {file.begin(), file.end()}};
  const auto start = static_cast<std::size_t>(payload->offset);
  auto size = static_cast<std::size_t>(payload->length);
  if (id == "flip-header") {
    const std::size_t at = uimage ? 11 : 12;
    out.bytes[at] = static_cast<std::uint8_t>(out.bytes[at] ^ 1U);
    out.what = fmt::format("bit 0 of byte {} ({}) was flipped", at,
                           uimage ? "time in the header" : "flags in the header");
  } else {
    const bool fixed = !uimage || file[30] == kMultiFile;
    const Altered altered = alter_payload(file.subspan(start, size), marker_for(file, id),
                                          fixed ? Size::kept : Size::free);
    const auto from = out.bytes.begin() + static_cast<std::ptrdiff_t>(start);
    out.bytes.erase(from, from + static_cast<std::ptrdiff_t>(size));
    out.bytes.insert(out.bytes.begin() + static_cast<std::ptrdiff_t>(start), altered.bytes.begin(),
                     altered.bytes.end());
    size = altered.bytes.size();
    out.what = altered.what;
    out.marker = altered.marker;
  }
  if (id == "wrong-model") {
    const std::string_view other = "haetae-other-model";
    std::fill_n(out.bytes.begin() + kName, 32, std::uint8_t{0});
    std::copy(other.begin(), other.end(), out.bytes.begin() + kName);
    out.what += "; the name in the header was replaced by haetae-other-model";
  }
  if (uimage)
    fix_uimage(out.bytes, size);
  else
    fix_trx(out.bytes, start + size);
  out.what += "; checksums were put right";
  return out;
}

}  // namespace

Family boot_family() {
  return {.is = is_boot, .read = read_boot, .why_not = boot_why_not, .make = make_boot};
}

}  // namespace haetae::formats::update
