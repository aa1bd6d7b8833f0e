#include "harness/formats/image_readers.hpp"

namespace haetae::formats::image {

void Trouble::say(std::string state, std::string why) {
  const std::lock_guard lock(guard_);
  if (count_++ == 0) {
    state_ = std::move(state);
    why_ = std::move(why);
  }
}

void Trouble::tell(Outcome& outcome) {
  const std::lock_guard lock(guard_);
  if (count_ == 0) return;
  outcome.state = state_;
  outcome.why = why_;
  if (count_ > 1) outcome.why += " (and " + std::to_string(count_ - 1) + " more)";
}

const std::vector<Format>& formats_known() {
  using namespace std::string_view_literals;
  static const std::vector<Format> formats{
      {.name = "uimage",
       .looks_like = looks_like_uimage,
       .open = open_uimage,
       .magic = "\x27\x05\x19\x56"sv},
      {.name = "squashfs",
       .looks_like = looks_like_squashfs,
       .open = open_squashfs,
       .magic = "hsqs"sv},
      {.name = "squashfs",
       .looks_like = looks_like_squashfs,
       .open = open_squashfs,
       .magic = "sqsh"sv},
      {.name = "gzip", .looks_like = looks_like_gzip, .open = open_gzip, .magic = "\x1f\x8b\x08"sv},
      {.name = "xz",
       .looks_like = looks_like_xz,
       .open = open_xz,
       .magic = "\xfd"
                "7zXZ\0"sv},
      {.name = "zstd",
       .looks_like = looks_like_zstd,
       .open = open_zstd,
       .magic = "\x28\xb5\x2f\xfd"sv},
      {.name = "bzip2", .looks_like = looks_like_bzip2, .open = open_bzip2, .magic = "BZh"sv},
      {.name = "lz4",
       .looks_like = looks_like_lz4,
       .open = open_lz4,
       .magic = "\x04\x22\x4d\x18"sv},
      {.name = "lz4",
       .looks_like = looks_like_legacy_lz4,
       .open = open_legacy_lz4,
       .magic = "\x02\x21\x4c\x18"sv},
      {.name = "lzo",
       .looks_like = looks_like_lzop,
       .open = open_lzop,
       .magic = "\x89LZO\0\r\n\x1a\n"sv},
      {.name = "swu", .looks_like = looks_like_swu, .open = open_cpio, .magic = "07070"sv},
      {.name = "cpio", .looks_like = looks_like_cpio, .open = open_cpio, .magic = "07070"sv},
      {.name = "zip", .looks_like = looks_like_zip, .open = open_zip, .magic = "PK\3\4"sv},
      {.name = "ar",
       .looks_like = looks_like_package,
       .open = open_package,
       .magic = "!<arch>\ndebian-binary"sv},
      {.name = "mender",
       .looks_like = looks_like_mender,
       .open = open_tar,
       .magic = "ustar"sv,
       .at = 257},
      {.name = "tar",
       .looks_like = looks_like_tar,
       .open = open_tar,
       .magic = "ustar"sv,
       .at = 257},
      {.name = "tar",
       .looks_like = looks_like_tar,
       .open = open_tar,
       .magic = ""sv,
       .only_at_start = true},
      {.name = "lzma", .looks_like = looks_like_lzma, .open = open_lzma, .magic = "\x5d\0\0"sv},
  };
  return formats;
}

}  // namespace haetae::formats::image
