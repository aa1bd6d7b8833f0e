#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "harness/formats/image_log.hpp"

// JFFS2 (include/uapi/linux/jffs2.h), UBI (drivers/mtd/ubi/ubi-media.h) and UBIFS
// (fs/ubifs/ubifs-media.h).
namespace haetae::formats::image {
namespace {

// The CRC32 of the kernel's crc32(seed, …), which inverts neither before nor after.
std::uint32_t kernel_crc(std::uint32_t seed, ByteView bytes) {
  return ~static_cast<std::uint32_t>(crc32_z(~seed, bytes.data(), bytes.size()));
}

bool erased(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0xff; });
}

// --- JFFS2

struct Order {
  bool swapped = false;
  [[nodiscard]] std::uint32_t u16(ByteView bytes, std::size_t at) const {
    return swapped ? static_cast<std::uint32_t>(big(bytes, at, 2)) : little16(bytes, at);
  }
  [[nodiscard]] std::uint32_t u32(ByteView bytes, std::size_t at) const {
    return swapped ? big32(bytes, at) : little32(bytes, at);
  }
};

bool jffs2_node(ByteView bytes, std::uint64_t at, Order order) {
  if (!fits(bytes, at, 12)) return false;
  const ByteView head = bytes.subspan(at);
  return order.u16(head, 0) == 0x1985 && order.u32(head, 4) >= 12 &&
         kernel_crc(0, head.first(8)) == order.u32(head, 8);
}

Packing jffs2_packing(std::uint8_t number) {
  switch (number) {
    case 0: return Packing::none;
    case 1: return Packing::zeros;
    case 2: return Packing::rtime;
    case 6: return Packing::zlib;
    case 7: return Packing::lzo;
    default: return Packing::unknown;
  }
}

bool jffs2_add(LogTree& tree, ByteView node, Order order) {
  constexpr std::uint32_t kEntry = 0xe001, kInode = 0xe002;
  const std::uint32_t type = order.u16(node, 2);
  if (type == kEntry && node.size() >= 40 && fits(node, 40, node[28])) {
    if (kernel_crc(0, node.first(32)) != order.u32(node, 32)) {
      tree.trouble().say("damaged", "the checksum of a name is wrong");
      return true;
    }
    return tree.add_entry(order.u32(node, 12), std::string(as_text(node.subspan(40, node[28]))),
                          {.version = order.u32(node, 16), .inode = order.u32(node, 20)});
  }
  if (type != kInode || node.size() < 68) return true;
  const std::uint32_t number = order.u32(node, 12), packed = order.u32(node, 48),
                      plain = order.u32(node, 52);
  if (kernel_crc(0, node.first(60)) != order.u32(node, 64) || !fits(node, 68, packed) ||
      plain > (1U << 20U)) {
    tree.trouble().say("damaged",
                       fmt::format("the checksum or a length of inode {} is wrong", number));
    return true;
  }
  LogTree::Inode inode;
  inode.version = order.u32(node, 16);
  inode.mode = order.u32(node, 20);
  inode.uid = order.u16(node, 24);
  inode.gid = order.u16(node, 26);
  inode.size = order.u32(node, 28);
  if (!tree.add_inode(number, inode)) return false;
  if (plain == 0) return true;
  const ByteView data = node.subspan(68, packed);
  if (kernel_crc(0, data) != order.u32(node, 60)) {
    tree.trouble().say("damaged", fmt::format("the checksum of data of inode {} is wrong", number));
  }
  return tree.add_piece(number, {.version = inode.version,
                                 .at = order.u32(node, 44),
                                 .length = plain,
                                 .packing = jffs2_packing(node[56]),
                                 .bytes = data});
}

// --- UBI

constexpr std::uint32_t kUbiSeed = 0xffffffffU;
constexpr std::uint32_t kVolumeTable = 0x7fffefffU;

bool ubi_header(ByteView bytes, std::uint64_t at) {
  return fits(bytes, at, 64) && begins(bytes, "UBI#", at) &&
         kernel_crc(kUbiSeed, bytes.subspan(at, 60)) == big32(bytes, at + 60);
}

std::uint64_t ubi_block_size(ByteView bytes) {
  constexpr std::uint64_t kLeast = 4096, kMost = 8U << 20U;
  for (std::uint64_t size = kLeast; size <= kMost && size < bytes.size(); size += 512) {
    if (ubi_header(bytes, size)) return size;
  }
  return bytes.size();
}

struct UbiBlock {
  std::uint64_t sequence = 0;
  ByteView data;
};

using UbiVolume = std::map<std::uint32_t, UbiBlock>;

std::map<std::uint32_t, std::string> ubi_names(const std::map<std::uint32_t, UbiVolume>& volumes) {
  std::map<std::uint32_t, std::string> out;
  const auto table = volumes.find(kVolumeTable);
  if (table == volumes.end() || table->second.empty()) return out;
  const ByteView records = table->second.begin()->second.data;
  constexpr std::size_t kRecord = 172;
  for (std::uint32_t i = 0; i < 128 && fits(records, i * kRecord, kRecord); ++i) {
    const ByteView record = records.subspan(i * kRecord, kRecord);
    const std::uint64_t length = big(record, 14, 2);
    if (big32(record, 0) == 0 || length == 0 || length > 127) continue;
    out[i] = std::string(as_text(record.subspan(16, length)));
  }
  return out;
}

// --- UBIFS

constexpr std::uint32_t kUbifsMagic = 0x06101831;
enum UbifsType : std::uint8_t {
  kInodeNode = 0,
  kDataNode = 1,
  kEntryNode = 2,
  kPadNode = 5,
  kSuperNode = 6
};

std::uint64_t ubifs_node(ByteView bytes, std::uint64_t at) {
  if (!fits(bytes, at, 24) || little32(bytes, at) != kUbifsMagic) return 0;
  const std::uint64_t length = little32(bytes, at + 16);
  if (length < 24 || !fits(bytes, at, length)) return 0;
  return kernel_crc(0xffffffffU, bytes.subspan(at + 8, length - 8)) == little32(bytes, at + 4)
             ? length
             : 0;
}

bool ubifs_add(LogTree& tree, ByteView node) {
  const std::uint64_t sequence = little(node, 8, 8);
  const std::uint8_t type = node[20];
  if (type == kInodeNode && node.size() >= 160) {
    constexpr std::uint32_t kEncrypted = 0x40;
    LogTree::Inode inode;
    inode.version = sequence;
    inode.size = little(node, 48, 8);
    inode.deleted = little32(node, 92) == 0;
    inode.uid = little32(node, 96);
    inode.gid = little32(node, 100);
    inode.mode = little32(node, 104);
    inode.encrypted = (little32(node, 108) & kEncrypted) != 0;
    const std::uint64_t length = little32(node, 112);
    if (fits(node, 160, length)) inode.target = node.subspan(160, length);
    return tree.add_inode(little32(node, 24), inode);
  }
  if (type == kEntryNode && node.size() >= 56) {
    const std::uint64_t length = little16(node, 50);
    if (!fits(node, 56, length)) return true;
    return tree.add_entry(little32(node, 24), std::string(as_text(node.subspan(56, length))),
                          {.version = sequence, .inode = little32(node, 40)});
  }
  if (type == kDataNode && node.size() >= 48) {
    const std::uint32_t plain = little32(node, 40), how = little16(node, 44);
    if (plain > 4096) return true;
    const Packing packing = how == 0   ? Packing::none
                            : how == 1 ? Packing::lzo
                            : how == 2 ? Packing::deflate
                            : how == 3 ? Packing::zstd
                                       : Packing::unknown;
    return tree.add_piece(little32(node, 24), {.version = sequence,
                                               .at = (little32(node, 28) & 0x1fffffffULL) * 4096,
                                               .length = plain,
                                               .packing = packing,
                                               .bytes = node.subspan(48)});
  }
  return true;
}

}  // namespace

bool looks_like_jffs2(ByteView bytes) {
  const Order order{.swapped = bytes.size() > 2 && bytes[0] == 0x19};
  if (!jffs2_node(bytes, 0, order)) return false;
  switch (order.u16(bytes, 2)) {
    case 0xe001:  // name
    case 0xe002:  // inode
    case 0x2003:  // clean marker
    case 0x2004:  // padding
    case 0x2006:  // summary
    case 0xe008:  // extended attribute
    case 0xe009: return true;
    default: return false;
  }
}

Outcome open_jffs2(Walker& walker, const Place& place) {
  constexpr std::uint64_t kMostForeign = 4096;
  const ByteView bytes = place.bytes;
  const Order order{.swapped = bytes[0] == 0x19};
  LogTree tree(walker, place, 1);
  std::uint64_t at = 0, end = 0, foreign = 0, nodes = 0;
  while (fits(bytes, at, 12) && foreign <= kMostForeign && walker.may_go_on()) {
    if (!jffs2_node(bytes, at, order)) {
      if (little32(bytes, at) != 0xffffffffU && little32(bytes, at) != 0) foreign += 4;
      at += 4;
      continue;
    }
    const std::uint64_t length = order.u32(bytes, at + 4);
    if (!fits(bytes, at, length)) {
      tree.trouble().say("damaged", "it is cut off");
      end = bytes.size();
      break;
    }
    ++nodes;
    foreign = 0;
    const bool more = jffs2_add(tree, bytes.subspan(at, length), order);
    at += (length + 3) / 4 * 4;
    end = std::min<std::uint64_t>(at, bytes.size());
    if (!more) break;
  }
  if (nodes < 2 && place.carved) return {};
  tree.give_members();
  Outcome out{.length = end, .state = "unpacked", .why = "", .format = ""};
  tree.trouble().tell(out);
  return out;
}

bool looks_like_ubi(ByteView bytes) {
  return ubi_header(bytes, 0) && big32(bytes, 16) >= 64 && big32(bytes, 20) > big32(bytes, 16) &&
         big32(bytes, 20) < (1U << 20U);
}

Outcome open_ubi(Walker& walker, const Place& place) {
  const ByteView bytes = place.bytes;
  const std::uint64_t size = ubi_block_size(bytes);
  Trouble trouble;
  std::map<std::uint32_t, UbiVolume> volumes;
  std::uint64_t at = 0, end = 0;
  for (; at < bytes.size() && walker.may_go_on(); at += size) {
    const ByteView block = bytes.subspan(at, std::min<std::uint64_t>(size, bytes.size() - at));
    if (!ubi_header(block, 0)) {
      if (erased(block)) continue;
      break;
    }
    end = at + block.size();
    const std::uint64_t head = big32(block, 16), data = big32(block, 20);
    if (!fits(block, head, 64) || !begins(block, "UBI!", head) || data >= block.size()) continue;
    if (kernel_crc(kUbiSeed, block.subspan(head, 60)) != big32(block, head + 60)) {
      trouble.say("damaged", fmt::format("the header of the block at byte {} is broken", at));
      continue;
    }
    const ByteView header = block.subspan(head, 64);
    if (block.size() < size) trouble.say("damaged", "its last block is cut off");
    UbiBlock& known = volumes[big32(header, 8)][big32(header, 12)];
    const std::uint64_t sequence = big(header, 40, 8);
    if (!known.data.empty() && sequence < known.sequence) continue;
    const std::uint64_t used = header[5] == 2 ? big32(header, 20) : block.size() - data;
    const std::uint64_t pad = std::min<std::uint64_t>(big32(header, 28), block.size() - data);
    known = {sequence,
             block.subspan(data, std::min<std::uint64_t>(used, block.size() - data - pad))};
  }
  const auto names = ubi_names(volumes);
  for (const auto& [number, volume] : volumes) {
    if (number >= kVolumeTable || !walker.may_go_on()) continue;
    const std::uint64_t piece = volume.begin()->second.data.size();
    Scratch content;
    std::uint64_t to = 0;
    for (const auto& [index, block] : volume) {
      to = index * piece;
      if (to + block.data.size() > walker.bounds().one || !walker.may_expand(block.data.size()) ||
          !content.write_at(to, block.data)) {
        trouble.say("bounded", fmt::format("volume {} is too large to be put together", number));
        break;
      }
    }
    const auto name = names.find(number);
    const auto made = content.finish();
    if (!made) continue;
    walker.examine(
        {.bytes = *made,
         .way = fmt::format("{}(/{})", place.way,
                            name == names.end() ? fmt::format("volume{}", number) : name->second),
         .origin = place.origin,
         .depth = place.depth + 1,
         .how = place.how});
  }
  Outcome out{.length = std::max(end, std::min<std::uint64_t>(size, bytes.size())),
              .state = "unpacked",
              .why = "",
              .format = ""};
  trouble.tell(out);
  return out;
}

bool looks_like_ubifs(ByteView bytes) {
  return bytes.size() > 4096 && bytes[20] == kSuperNode && ubifs_node(bytes, 0) != 0 &&
         little32(bytes, 36) >= 4096;
}

Outcome open_ubifs(Walker& walker, const Place& place) {
  const std::uint64_t block = little32(place.bytes, 36), blocks = little32(place.bytes, 40);
  const std::uint64_t whole =
      place.bytes.size() / block < blocks ? place.bytes.size() : block * blocks;
  const ByteView bytes = place.bytes.first(whole);
  LogTree tree(walker, place, 1);
  // A volume of UBI ends with the last block that was written; an image by itself is whole.
  if (whole < block * blocks && place.inside.find("ubi@") == std::string::npos) {
    tree.trouble().say(
        "damaged", fmt::format("it is cut off: {} of {} bytes are there", whole, block * blocks));
  }
  bool more = true;
  for (std::uint64_t at = 0; fits(bytes, at, 24) && more && walker.may_go_on();) {
    const std::uint64_t length = ubifs_node(bytes, at);
    if (length == 0) {
      at += 8;
      continue;
    }
    const ByteView node = bytes.subspan(at, length);
    std::uint64_t next = length;
    if (node[20] == kPadNode && node.size() >= 28) next += little32(node, 24);
    more = ubifs_add(tree, node);
    at += (next + 7) / 8 * 8;
  }
  tree.give_members();
  Outcome out{.length = whole, .state = "unpacked", .why = "", .format = ""};
  tree.trouble().tell(out);
  return out;
}

}  // namespace haetae::formats::image
