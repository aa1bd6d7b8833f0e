#include "harness/formats/image.hpp"

#include <future>
#include <utility>

#include "harness/formats/image_entropy.hpp"
#include "harness/formats/image_scratch.hpp"
#include "harness/formats/image_walker.hpp"

namespace haetae::formats {

const std::vector<std::string>& part_formats() {
  static const std::vector<std::string> words{"android-boot",
                                              "android-payload",
                                              "android-sparse",
                                              "ar",
                                              "boot-loader",
                                              "bzip2",
                                              "cpio",
                                              "cramfs",
                                              "data",
                                              "device-tree",
                                              "elf",
                                              "empty",
                                              "erofs",
                                              "ext",
                                              "f2fs",
                                              "fat",
                                              "fit",
                                              "gzip",
                                              "jffs2",
                                              "kernel",
                                              "luks",
                                              "lz4",
                                              "lzma",
                                              "lzo",
                                              "mcuboot",
                                              "mender",
                                              "padding",
                                              "partition-table",
                                              "rar",
                                              "rauc",
                                              "romfs",
                                              "seven-zip",
                                              "squashfs",
                                              "swu",
                                              "tar",
                                              "text",
                                              "trx",
                                              "u-boot-env",
                                              "ubi",
                                              "ubifs",
                                              "uimage",
                                              "unknown",
                                              "xz",
                                              "yaffs",
                                              "zip",
                                              "zstd"};
  return words;
}

const std::vector<std::string>& part_states() {
  static const std::vector<std::string> words{"unpacked", "plain",   "encrypted", "unsupported",
                                              "damaged",  "bounded", "unknown"};
  return words;
}

Result<Walk> walk(const std::filesystem::path& path, const Bounds& bounds, Visitor& visitor,
                  std::stop_token stop) {
  auto mapping = image::Mapping::of_file(path);
  if (!mapping) return tl::unexpected<Error>(mapping.error());
  const ByteView bytes = mapping->bytes();
  Walk out;
  out.size = bytes.size();
  image::Walker walker(bounds, visitor, std::move(stop));
  // The hash and the entropy need the same pages as the readers: one reading of the disk for both.
  std::future<void> measured;
  const auto measure = [&out, bytes] {
    out.sha256 = to_hex(sha256(bytes));
    out.entropy = image::bands_of(bytes, 512);
  };
  if (bounds.threads > 1) {
    measured = std::async(std::launch::async, measure);
  } else {
    measure();
  }
  if (bytes.empty()) {
    walker.part({.offset = 0,
                 .length = 0,
                 .format = "empty",
                 .state = "damaged",
                 .inside = "",
                 .why = "the file has no bytes"});
  } else {
    walker.examine({.bytes = bytes, .way = "", .direct = true});
  }
  if (measured.valid()) measured.get();
  out.members = walker.members();
  out.expanded = walker.expanded();
  out.why = walker.incomplete_why();
  out.complete = out.why.empty();
  return out;
}

}  // namespace haetae::formats
