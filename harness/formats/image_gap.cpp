#include "harness/formats/image_gap.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "harness/formats/image_entropy.hpp"
#include "harness/formats/image_walker.hpp"

namespace haetae::formats::image {
namespace {

// Shorter runs of zeros are ordinary inside of code and tables.
constexpr std::uint64_t kLongPadding = 4096;
// Nothing that holds files is smaller; what is shorter is a header, a checksum or a signature.
constexpr std::uint64_t kSmall = 4096;
constexpr double kHigh = 7.2;  // bits a byte; code and tables of real firmware stay below

std::uint64_t run_length(ByteView bytes, std::uint64_t at) {
  const std::uint8_t value = bytes[at];
  std::uint64_t end = at + 1;
  while (end < bytes.size() && bytes[end] == value) ++end;
  return end - at;
}

bool is_text(ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    if (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t' && byte != '\f') return false;
    if (byte == 0x7f || byte >= 0xfe) return false;
  }
  return true;
}

bool holds(ByteView bytes, std::string_view text) {
  return !bytes.empty() &&
         ::memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

// One DER value that fills the piece: a certificate, a key, a signature in CMS.
bool is_der(ByteView bytes) {
  if (bytes.size() < 16 || bytes[0] != 0x30) return false;
  if (bytes[1] == 0x82) return 4 + big(bytes, 2, 2) == bytes.size();
  if (bytes[1] == 0x83) return 5 + big(bytes, 2, 3) == bytes.size();
  return bytes[1] == 0x81 && 3U + bytes[2] == bytes.size();
}

// Formats that hold no files and nothing packed that is looked for, though they look random.
bool is_known_data(ByteView bytes) {
  using namespace std::string_view_literals;
  for (const std::string_view magic :
       {"\x89PNG\r\n\x1a\n"sv, "\xff\xd8\xff"sv, "GIF8"sv, "%PDF-"sv, "RIFF"sv, "OggS"sv, "ID3"sv,
        "wOF2"sv, "wOFF"sv, "SQLite format 3\0"sv, "\0\1\0\0\0"sv, "OTTO"sv, "fLaC"sv, "BM"sv}) {
    if (!begins(bytes, magic)) continue;
    // Two letters alone prove nothing: a bitmap names its length.
    return magic != "BM" || (bytes.size() > 14 && little32(bytes, 2) == bytes.size());
  }
  return is_der(bytes) || (bytes.size() > 12 && begins(bytes, "ftyp", 4));
}

bool is_kernel(ByteView bytes) {
  if (begins(bytes, std::string_view("ARM\x64", 4), 56)) return true;             // arm64 Image
  if (begins(bytes, std::string_view("\x18\x28\x6f\x01", 4), 0x24)) return true;  // arm zImage
  if (begins(bytes, "HdrS", 0x202)) return true;                                  // x86 bzImage
  return holds(bytes, "Linux version ");
}

// An environment of U-Boot: CRC32 (and a flag byte with two copies), then NAME=VALUE, each closed
// by a zero; the CRC covers the whole area, of which the size is not told (env/common.c).
std::uint64_t environment_length(ByteView bytes) {
  if (bytes.size() < 16) return 0;
  for (const std::size_t head : {std::size_t{4}, std::size_t{5}}) {
    const ByteView data = bytes.subspan(head);
    const auto* const end = data.data() + std::min<std::size_t>(64, data.size());
    const auto* const letter = std::find_if_not(data.data(), end, [](std::uint8_t c) {
      return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
    });
    if (letter == data.data() || letter == end || *letter != '=') continue;
    const auto told = little32(bytes, 0), swapped = big32(bytes, 0);
    uLong crc = 0;
    std::uint64_t done = 0;
    constexpr std::uint64_t kStep = 512, kMost = 1U << 20U;
    for (std::uint64_t size = kStep; size <= std::min<std::uint64_t>(bytes.size(), kMost);
         size += kStep) {
      crc = crc32(crc, data.data() + done, static_cast<uInt>(size - head - done));
      done = size - head;
      if (crc == told || crc == swapped) return size;
    }
  }
  return 0;
}

Gap name_piece(ByteView stream, std::uint64_t offset, std::uint64_t length) {
  const ByteView bytes = stream.subspan(offset, length);
  Gap out{.offset = offset, .length = length, .format = "unknown", .state = "plain", .why = ""};
  if (is_text(bytes)) {
    out.format = "text";
  } else if (begins(bytes,
                    "\x7f"
                    "ELF")) {
    out.format = "elf";
  } else if (is_known_data(bytes)) {
    out.format = "data";
  } else if (is_kernel(bytes)) {
    out.format = "kernel";
  } else if (holds(bytes, "U-Boot ") || holds(bytes, "Das U-Boot") || holds(bytes, "barebox 20")) {
    out.format = "boot-loader";
  } else if (length >= 1024 && looks_random(bytes)) {
    out.state = "encrypted";
    out.why = fmt::format(
        "its entropy is {:.2f} bits a byte and its format is not known: it is "
        "encrypted, or packed in a way that nothing here opens",
        entropy_of(count_values(bytes)));
  } else if (length >= kSmall) {
    out.state = "unknown";
    const double bits = entropy_of(count_values(bytes));
    out.why = fmt::format("no known format in {} bytes with an entropy of {:.2f} bits a byte{}",
                          length, bits, bits > kHigh ? ", probably packed" : "");
  }
  return out;
}

}  // namespace

std::vector<Gap> pieces_of(ByteView stream, std::uint64_t offset, std::uint64_t length) {
  std::vector<Gap> out;
  const ByteView bytes = stream.first(offset + length);
  const auto padding = [&](std::uint64_t from, std::uint64_t count) {
    out.push_back(
        {.offset = from, .length = count, .format = "padding", .state = "plain", .why = ""});
  };
  std::uint64_t at = offset, begin = offset;
  const auto flush = [&] {
    if (at > begin) out.push_back(name_piece(stream, begin, at - begin));
  };
  while (at < bytes.size()) {
    if (begin == at) {
      if (const std::uint64_t size = environment_length(bytes.subspan(at)); size != 0) {
        out.push_back(
            {.offset = at, .length = size, .format = "u-boot-env", .state = "plain", .why = ""});
        begin = at += size;
        continue;
      }
    }
    const std::uint64_t run = run_length(bytes, at);
    const bool at_edge = at == offset || at + run == bytes.size();
    if (run >= kLongPadding || (at_edge && (run >= 16 || run == length))) {
      flush();
      padding(at, run);
      begin = at += run;
    } else {
      at += run;
    }
  }
  flush();
  return out;
}

}  // namespace haetae::formats::image
