#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/formats/image_readers.hpp"

/// File systems of flash memory that keep their files as a log of nodes: of every name and every
/// piece the newest counts.
namespace haetae::formats::image {

/// Packing says how the bytes of a node are packed.
enum class Packing { none, zeros, zlib, deflate, lzo, rtime, zstd, unknown };

/// LogTree collects the nodes of one file system and then gives its members.
class LogTree {
 public:
  struct Inode {
    std::uint64_t version = 0, size = 0;
    std::uint32_t mode = 0, uid = 0, gid = 0;
    bool deleted = false, encrypted = false;
    ByteView target;  ///< of links, where the inode itself has it
  };
  struct Entry {
    std::uint64_t version = 0;
    std::uint32_t inode = 0;  ///< 0: the name was deleted
  };
  struct Piece {
    std::uint64_t version = 0, at = 0;
    std::uint32_t length = 0;  ///< unpacked
    Packing packing = Packing::none;
    ByteView bytes;
  };

  LogTree(Walker& walker, const Place& place, std::uint32_t root)
      : walker_(walker), place_(place), root_(root) {}

  /// Each is false once there are more nodes than a walk may hold.
  [[nodiscard]] bool add_inode(std::uint32_t number, const Inode& inode);
  [[nodiscard]] bool add_entry(std::uint32_t parent, std::string name, const Entry& entry);
  [[nodiscard]] bool add_piece(std::uint32_t number, const Piece& piece);

  Trouble& trouble() { return trouble_; }
  void give_members();

 private:
  [[nodiscard]] bool count();
  void one(const std::string& path, const std::string& name, std::uint32_t number,
           std::vector<std::pair<std::string, std::uint32_t>>& open);
  [[nodiscard]] std::string content_of(std::uint32_t number, std::uint64_t size, Scratch& scratch);

  Walker& walker_;
  const Place& place_;
  std::uint32_t root_;
  std::uint64_t nodes_ = 0;
  std::map<std::uint32_t, Inode> inodes_;
  std::map<std::uint32_t, std::map<std::string, Entry>> folders_;
  std::map<std::uint32_t, std::vector<Piece>> pieces_;
  Trouble trouble_;
};

/// unpack_piece() unpacks into `out`, which has the wanted length; false if it does not fit.
[[nodiscard]] bool unpack_piece(Packing packing, ByteView bytes, std::span<std::uint8_t> out);

}  // namespace haetae::formats::image
