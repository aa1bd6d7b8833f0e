#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// Opens firmware images, root file system archives and memory dumps: finds the containers in them,
/// unpacks each recursively without writing anything but unnamed scratch files, and hands every
/// member to a visitor. What comes in is hostile: depth, count, size and time are bounded, and a
/// bound that is reached is told, never passed over.
namespace haetae::formats {

/// Bounds of one walk.
struct Bounds {
  int depth = 8;                          ///< containers within containers
  std::uint64_t members = 500'000;        ///< files, directories, links …
  std::uint64_t expanded = 16ULL << 30U;  ///< bytes of all members and streams together
  std::uint64_t one = 2ULL << 30U;        ///< bytes of one member or stream
  std::uint64_t ratio = 2000;             ///< expanded by packed bytes of one stream
  std::chrono::seconds time{600};         ///< of the wall clock
  int threads = 2;
};

/// Part is a stretch of an image that is one thing: a header, a compressed stream, a file system,
/// or bytes that nothing recognised.
struct Part {
  std::uint64_t offset = 0;  ///< in the outermost image, or in the stream that `inside` names
  std::uint64_t length = 0;  ///< bytes
  std::string format;  ///< a word: uimage, fit, trx, swu, rauc, mcuboot, mender, zip, tar, cpio,
                       ///< gzip, xz, lzma, zstd, lz4, bzip2, squashfs, ext, fat, cramfs, jffs2,
                       ///< ubi, ubifs, romfs, device-tree, elf, kernel, android-sparse,
                       ///< partition-table, padding, unknown
  /// unpacked, plain (holds no members), encrypted (looks like ciphertext: high entropy, no known
  /// format), unsupported (known, but nothing here opens it), damaged, bounded (a bound was
  /// reached), unknown
  std::string state = "unknown";
  std::string inside;  ///< way from the outermost image: "uimage@0/gzip@64", empty at the top
  std::string why;     ///< one sentence unless unpacked or plain
};

/// Member is a file, directory, link or device node found in a part.
struct Member {
  std::string path;    ///< as the container names it, absolute ("/etc/shadow"), bytes not checked
  std::string inside;  ///< way to the container: "uimage@0/squashfs@64"
  std::uint64_t offset = 0;  ///< of that container in the outermost image
  std::string kind;          ///< file, directory, link, device, fifo, socket, unknown
  std::uint32_t mode = 0;    ///< permission bits with set-uid, set-gid, sticky (07777)
  bool mode_known = true;    ///< false where the container keeps none (FAT, zip of DOS)
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t size = 0;  ///< bytes, of files
  std::string target;      ///< of links
  bool escapes =
      false;  ///< its path or target leads outside of the container (../, absolute link out)
};

/// Band is the entropy of a stretch of the outermost image.
struct Band {
  std::uint64_t offset = 0, length = 0;
  double bits = 0;  ///< Shannon entropy, bits a byte, 0 to 8
};

/// Visitor gets what a walk finds. Calls come from several threads at once.
class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void part(const Part& part) = 0;
  /// member() gets the whole content of a file; it is valid during the call only, and may lie in a
  /// mapped scratch file. Empty for everything that is no file.
  virtual void member(const Member& member, ByteView content) = 0;
};

/// Walk is what a walk came to.
struct Walk {
  std::uint64_t size = 0;     ///< bytes of the image
  std::string sha256;         ///< of the image, hexadecimal
  std::vector<Band> entropy;  ///< whole image, at most 512 bands
  std::uint64_t members = 0, expanded = 0;
  bool complete = false;  ///< every part was unpacked or is plain, and no bound was reached
  std::string why;        ///< the first reason, unless complete
};

/// walk() opens the file; an error only where it cannot be read at all. A damaged image gives what
/// can be read, and the rest as parts that say so.
[[nodiscard]] Result<Walk> walk(const std::filesystem::path& image, const Bounds& bounds,
                                Visitor& visitor, std::stop_token stop = {});

}  // namespace haetae::formats
