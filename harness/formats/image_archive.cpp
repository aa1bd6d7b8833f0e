#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "harness/formats/image_readers.hpp"

namespace haetae::formats::image {
namespace {

using Archive = std::unique_ptr<archive, int (*)(archive*)>;

std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : text; }

// Names come as the archive has them; where the C locale cannot say one, its UTF-8 form does.
std::string path_of(archive_entry* entry) {
  const char* path = archive_entry_pathname(entry);
  return text_or_empty(path != nullptr ? path : archive_entry_pathname_utf8(entry));
}

std::string link_of(archive_entry* entry, bool hard) {
  if (hard) {
    const char* path = archive_entry_hardlink(entry);
    return text_or_empty(path != nullptr ? path : archive_entry_hardlink_utf8(entry));
  }
  const char* path = archive_entry_symlink(entry);
  return text_or_empty(path != nullptr ? path : archive_entry_symlink_utf8(entry));
}

std::string kind_of(unsigned type) {
  switch (type) {
    case S_IFREG: return "file";
    case S_IFDIR: return "directory";
    case S_IFLNK: return "link";
    case S_IFCHR:
    case S_IFBLK: return "device";
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    default: return "unknown";
  }
}

std::string plain_path(std::string path) {
  while (path.starts_with("./")) path.erase(0, 2);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path == "." || path.empty() ? "/" : path;
}

// One archive in work.
class Reader {
 public:
  Reader(Walker& walker, const Place& place, ByteView bytes, bool modes)
      : walker_(walker), place_(place), bytes_(bytes), modes_(modes) {}

  Outcome read(archive* archive) {
    if (archive_read_open_memory(archive, bytes_.data(), bytes_.size()) != ARCHIVE_OK) {
      return {.length = bytes_.size(), .state = "damaged", .why = message(archive), .format = ""};
    }
    for (;;) {
      if (!walker_.may_go_on()) break;
      archive_entry* entry = nullptr;
      const int code = archive_read_next_header(archive, &entry);
      if (code == ARCHIVE_EOF) break;
      if (code == ARCHIVE_RETRY) continue;
      if (code <= ARCHIVE_FAILED) {
        trouble_.say("damaged", "a header cannot be read: " + message(archive));
        if (code == ARCHIVE_FATAL || ++failed_ > 100) break;
        continue;
      }
      if (!one(archive, entry)) break;
    }
    Outcome out{.length = bytes_.size(), .state = "unpacked", .why = "", .format = ""};
    trouble_.tell(out);
    return out;
  }

 private:
  static std::string message(archive* archive) {
    const char* text = archive_error_string(archive);
    return printable(text == nullptr ? "no reason is told" : text);
  }

  bool one(archive* archive, archive_entry* entry) {
    Member member;
    const std::string told = path_of(entry);
    member.escapes = told.starts_with('/');
    member.path = plain_path(told);
    member.mode = archive_entry_perm(entry) & 07777U;
    member.mode_known = modes_;
    member.uid = static_cast<std::uint32_t>(archive_entry_uid(entry));
    member.gid = static_cast<std::uint32_t>(archive_entry_gid(entry));
    member.kind = kind_of(archive_entry_filetype(entry));
    const std::string hard = link_of(entry, true);
    if (!hard.empty() && archive_entry_size(entry) == 0) {
      member.kind = "link";
      member.target = "/" + plain_path(hard);
      member.escapes = member.escapes || hard.starts_with('/');
    } else if (member.kind == "link") {
      member.target = link_of(entry, false);
    }
    if (archive_entry_is_encrypted(entry) > 0) {
      trouble_.say("encrypted",
                   fmt::format("{} is locked with a password", printable(member.path)));
      member.kind = member.kind == "file" ? "unknown" : member.kind;
    }
    if (member.kind == "file" && asks_for_memory(archive)) {
      trouble_.say("unsupported",
                   fmt::format("{} is packed in a way that is not opened", printable(member.path)));
      member.kind = "unknown";
    }
    if (member.kind != "file") {
      walker_.member(place_, std::move(member), {});
      return true;
    }
    return file(archive, std::move(member), entry);
  }

  // These take as much memory as a zip asks for.
  static bool asks_for_memory(archive* archive) {
    const std::string name = text_or_empty(archive_format_name(archive));
    return name.find("(lzma") != std::string::npos || name.find("(ppmd") != std::string::npos ||
           name.find("(xz") != std::string::npos;
  }

  bool file(archive* archive, Member member, archive_entry* entry) {
    const std::uint64_t size =
        archive_entry_size_is_set(entry) != 0
            ? static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(entry)))
            : 0;
    const Bounds& bounds = walker_.bounds();
    scratch_.clear();
    bool whole = true;
    for (;;) {
      const void* data = nullptr;
      std::size_t length = 0;
      la_int64_t at = 0;
      const int code = archive_read_data_block(archive, &data, &length, &at);
      if (code == ARCHIVE_EOF) break;
      if (code == ARCHIVE_RETRY) continue;
      if (code < ARCHIVE_WARN) {
        trouble_.say("damaged", fmt::format("{} cannot be read whole: {}", printable(member.path),
                                            message(archive)));
        whole = code != ARCHIVE_FATAL;
        break;
      }
      const ByteView block(static_cast<const std::uint8_t*>(data), length);
      const auto from = static_cast<std::uint64_t>(std::max<la_int64_t>(0, at));
      if (from + length > bounds.one) {
        trouble_.say("bounded",
                     fmt::format("{} is larger than {} bytes", printable(member.path), bounds.one));
        break;
      }
      expanded_ += length;
      if (expanded_ > (1U << 20U) && expanded_ / bounds.ratio > bytes_.size()) {
        trouble_.say("bounded",
                     fmt::format("it unpacks to more than {} times its size", bounds.ratio));
        return false;
      }
      if (!walker_.may_expand(length) || !walker_.may_go_on()) return false;
      if (from == 0 && length == size) {  // whole in one: no copy
        walker_.member(place_, std::move(member), block);
        return true;
      }
      if (!scratch_.write_at(from, block)) {
        trouble_.say("bounded", "there is no room for scratch files");
        return false;
      }
    }
    const auto content = scratch_.finish();
    if (content) walker_.member(place_, std::move(member), *content);
    return whole;
  }

  Walker& walker_;
  const Place& place_;
  ByteView bytes_;
  bool modes_;
  Trouble trouble_;
  Scratch scratch_;
  std::uint64_t expanded_ = 0;
  int failed_ = 0;
};

Outcome read_archive(Walker& walker, const Place& place, std::uint64_t length,
                     int (*format)(archive*), bool modes) {
  const Archive archive(archive_read_new(), &archive_read_free);
  if (!archive || format(archive.get()) != ARCHIVE_OK) {
    return {
        .length = length, .state = "unsupported", .why = "libarchive cannot open it", .format = ""};
  }
  return Reader(walker, place, place.bytes.first(length), modes).read(archive.get());
}

constexpr std::uint64_t kBlock = 512;

std::optional<std::uint64_t> octal(ByteView field) {
  std::uint64_t value = 0;
  bool any = false;
  for (const std::uint8_t c : field) {
    if (c == ' ' && !any) continue;
    if (c == 0 || c == ' ') break;
    if (c < '0' || c > '7' || value >> 60U != 0) return std::nullopt;
    value = value * 8 + (c - '0');
    any = true;
  }
  return value;
}

// ustar and its relatives: the checksum counts its own field as spaces (POSIX.1-2017, pax).
bool tar_header(ByteView block) {
  if (block.size() < kBlock || block[0] == 0) return false;
  const auto told = octal(block.subspan(148, 8));
  if (!told || *told == 0) return false;
  std::uint64_t sum = 8 * ' ';
  for (std::size_t i = 0; i < kBlock; ++i) {
    if (i < 148 || i >= 156) sum += block[i];
  }
  return sum == *told;
}

std::uint64_t tar_size(ByteView block) {
  if ((block[124] & 0x80U) != 0) return big(block, 128, 8);
  return octal(block.subspan(124, 12)).value_or(0);
}

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::uint64_t tar_length(ByteView bytes) {
  std::uint64_t at = 0;
  while (fits(bytes, at, kBlock) && tar_header(bytes.subspan(at, kBlock))) {
    const std::uint64_t size = tar_size(bytes.subspan(at, kBlock));
    if (!fits(bytes, at + kBlock, size)) return bytes.size();
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  if (at > bytes.size()) return bytes.size();
  while (fits(bytes, at, kBlock) && is_zero(bytes.subspan(at, kBlock))) at += kBlock;
  return at;
}

struct CpioEntry {
  std::uint64_t name_at = 0, name_size = 0, next = 0;
};

std::optional<std::uint64_t> hexadecimal(ByteView field) {
  std::uint64_t value = 0;
  for (const std::uint8_t c : field) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value << 4U | static_cast<std::uint64_t>(digit);
  }
  return value;
}

std::optional<CpioEntry> cpio_entry(ByteView bytes, std::uint64_t at) {
  if (!fits(bytes, at, 110)) return std::nullopt;
  const ByteView head = bytes.subspan(at);
  if (begins(head, "070701") || begins(head, "070702")) {
    for (std::size_t field = 6; field < 110; field += 8) {
      if (!hexadecimal(head.subspan(field, 8))) return std::nullopt;
    }
    const std::uint64_t size = *hexadecimal(head.subspan(54, 8)),
                        name = *hexadecimal(head.subspan(94, 8));
    if (name == 0 || name > 65536) return std::nullopt;
    const std::uint64_t data = (110 + name + 3) / 4 * 4;
    return CpioEntry{at + 110, name, at + data + (size + 3) / 4 * 4};
  }
  if (begins(head, "070707")) {
    const auto size = octal(head.subspan(65, 11)), name = octal(head.subspan(59, 6));
    if (!size || !name || *name == 0 || *name > 65536) return std::nullopt;
    return CpioEntry{at + 76, *name, at + 76 + *name + *size};
  }
  return std::nullopt;
}

std::uint64_t cpio_length(ByteView bytes) {
  std::uint64_t at = 0;
  while (const auto entry = cpio_entry(bytes, at)) {
    if (entry->next > bytes.size()) return bytes.size();
    at = entry->next;
    if (begins(bytes, "TRAILER!!!", entry->name_at)) break;
  }
  return at;
}

constexpr std::string_view kEnd("PK\5\6", 4), kCentral("PK\1\2", 4);

struct ZipEnd {
  std::uint64_t end = 0;
  bool modes = false;
};

// The end record whose directory ends where the record (or its 64-bit sister) begins; others are
// bytes of a member, or of a zip in the zip.
std::optional<ZipEnd> zip_end(ByteView bytes) {
  std::uint64_t from = 0;
  for (int tries = 0; tries < 1000; ++tries) {
    if (from >= bytes.size()) return std::nullopt;
    const void* found =
        ::memmem(bytes.data() + from, bytes.size() - from, kEnd.data(), kEnd.size());
    if (found == nullptr) return std::nullopt;
    const auto at =
        static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
    from = at + 4;
    if (!fits(bytes, at, 22)) return std::nullopt;
    const std::uint64_t size = little32(bytes, at + 12), start = little32(bytes, at + 16);
    const bool large = start == 0xffffffffU;
    if (!large && (start + size != at || (size != 0 && !begins(bytes, kCentral, start)))) continue;
    const std::uint64_t end = at + 22 + little16(bytes, at + 20);
    // "Version made by": the upper byte 3 is Unix, the only one that keeps modes.
    const bool modes = !large && size >= 46 && bytes[start + 5] == 3;
    return ZipEnd{std::min<std::uint64_t>(end, bytes.size()), modes};
  }
  return std::nullopt;
}

std::uint64_t ar_length(ByteView bytes) {
  std::uint64_t at = 8;
  while (fits(bytes, at, 60) && begins(bytes, "`\n", at + 58)) {
    std::uint64_t size = 0;
    for (const std::uint8_t c : bytes.subspan(at + 48, 10)) {
      if (c >= '0' && c <= '9') size = size * 10 + (c - '0');
    }
    if (!fits(bytes, at + 60, size)) return bytes.size();
    at += 60 + size + size % 2;
  }
  return std::min<std::uint64_t>(at, bytes.size());
}

}  // namespace

bool looks_like_tar(ByteView bytes) {
  return tar_header(bytes.first(std::min<std::size_t>(bytes.size(), kBlock)));
}
Outcome open_tar(Walker& walker, const Place& place) {
  return read_archive(walker, place, tar_length(place.bytes), archive_read_support_format_tar,
                      true);
}

// A Mender artifact is a tar that begins with "version", a JSON text which says so.
bool looks_like_mender(ByteView bytes) {
  return looks_like_tar(bytes) && begins(bytes, std::string_view("version\0", 8)) &&
         bytes.size() >= 1024 &&
         as_text(bytes.subspan(kBlock, kBlock)).find("\"mender\"") != std::string_view::npos;
}

bool looks_like_cpio(ByteView bytes) { return cpio_entry(bytes, 0).has_value(); }
Outcome open_cpio(Walker& walker, const Place& place) {
  const std::uint64_t length = cpio_length(place.bytes);
  if (length == 0) return {};
  return read_archive(walker, place, length, archive_read_support_format_cpio, true);
}

// An update of SWUpdate is a cpio whose first member describes the rest.
bool looks_like_swu(ByteView bytes) {
  const auto entry = cpio_entry(bytes, 0);
  return entry && begins(bytes, std::string_view("sw-description\0", 15), entry->name_at);
}

bool looks_like_zip(ByteView bytes) {
  // Versions above 6.3 and methods above 99 are not given out (APPNOTE 4.4.3, 4.4.5).
  return bytes.size() >= 30 && begins(bytes, "PK\3\4") && bytes[4] <= 63 &&
         little16(bytes, 8) <= 99 && little16(bytes, 26) != 0 && little16(bytes, 26) < 4096;
}
Outcome open_zip(Walker& walker, const Place& place) {
  const auto end = zip_end(place.bytes);
  if (!end && place.carved) return {};
  const auto format =
      end ? archive_read_support_format_zip : archive_read_support_format_zip_streamable;
  Outcome out =
      read_archive(walker, place, end ? end->end : place.bytes.size(), format, end && end->modes);
  if (!end && out.state == "unpacked") {
    out.state = "damaged";
    out.why = "the directory at its end is missing";
  }
  return out;
}

bool looks_like_package(ByteView bytes) { return bytes.size() >= 68; }
Outcome open_package(Walker& walker, const Place& place) {
  return read_archive(walker, place, ar_length(place.bytes), archive_read_support_format_ar, true);
}

}  // namespace haetae::formats::image
