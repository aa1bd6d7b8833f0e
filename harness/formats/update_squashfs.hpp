#pragma once

#include <string>
#include <vector>

#include "harness/formats/update_image.hpp"

/// The file system inside of a RAUC bundle: one folder of files, read and written in memory.
namespace haetae::formats::update {

struct SquashFile {
  std::string name;
  std::uint16_t mode = 0644;
  Bytes content;
};

/// read_squashfs() reads the files of the root folder, at most `limit` bytes together; folders and
/// links are left out and make `whole` false.
struct SquashFolder {
  std::vector<SquashFile> files;
  bool whole = true;
};
[[nodiscard]] Result<SquashFolder> read_squashfs(ByteView image, std::size_t limit);

/// write_squashfs() makes a file system of version 4.0 that stores everything uncompressed, padded
/// to 4 KiB (Linux, Documentation/filesystems/squashfs.rst).
[[nodiscard]] Bytes write_squashfs(std::vector<SquashFile> files, std::uint32_t time);

/// verity_tree() is the hash tree of dm-verity format 1, SHA-256, blocks of 4 KiB, highest level
/// first, and its root (Linux, Documentation/admin-guide/device-mapper/verity.rst).
struct Verity {
  Bytes root, tree;
};
[[nodiscard]] Verity verity_tree(ByteView data, ByteView salt);

}  // namespace haetae::formats::update
