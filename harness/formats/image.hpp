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
  std::uint64_t offset = 0;       ///< in the outermost image, or in the stream that `inside` names
  std::uint64_t length = 0;       ///< bytes
  std::string format;             ///< one of part_formats()
  std::string state = "unknown";  ///< one of part_states()
  /// Way from the outermost image, empty at the top: "uimage@0/gzip@64". Where a step lies in a
  /// file of a container, the path of the file stands in round brackets behind the container:
  /// "swu@0(/rootfs.squashfs)/squashfs@0".
  std::string inside;
  std::string why;  ///< one sentence unless unpacked or plain
};

/// part_formats() are the words of Part::format. `unknown` is for bytes without a known format,
/// `padding` for one byte value repeated, `text` for text, `data` for a known format that holds no
/// members and nothing packed that is looked for (pictures, certificates, signatures).
[[nodiscard]] const std::vector<std::string>& part_formats();

/// part_states() are the words of Part::state: unpacked; plain (holds no members); encrypted (says
/// so, or looks like ciphertext: high entropy, no known format); unsupported (known, but nothing
/// here opens it); damaged; bounded (a bound was reached); unknown.
[[nodiscard]] const std::vector<std::string>& part_states();

/// Member is a file, directory, link or device node found in a part; or, with kind `raw`, a stretch
/// of bytes that is no file but worth a look: a boot loader, a kernel, an environment, what nothing
/// recognised. A raw member's path is made here, "/raw@OFFSET" in hexadecimal.
struct Member {
  std::string path;    ///< as the container names it, absolute ("/etc/shadow"), bytes not checked
  std::string inside;  ///< way to the container: "uimage@0/squashfs@64"
  std::uint64_t offset = 0;  ///< of that container in the outermost image
  std::string kind;          ///< file, directory, link, device, fifo, socket, raw, unknown
  std::uint32_t mode = 0;    ///< permission bits with set-uid, set-gid, sticky (07777)
  bool mode_known = true;    ///< false where the container keeps none (FAT, zip of DOS)
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t size = 0;  ///< bytes, of files
  std::string target;      ///< of links
  /// A file that is a container itself: its content is not given here, its parts and members are.
  bool container = false;
  /// Its path is absolute in an archive or climbs with "..", or its target climbs above the root of
  /// the container. An absolute link target does not: the container is the root.
  bool escapes = false;
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
  /// mapped scratch file. Empty for everything that is neither `file` nor `raw`, and for a
  /// container.
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
