#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>

#include "harness/formats/image_content.hpp"
#include "harness/formats/image_readers.hpp"

// ext2, ext3 and ext4 (kernel documentation, filesystems/ext4), read only, without the journal.
namespace haetae::formats::image {
namespace {

constexpr std::uint64_t kSuper = 1024;
constexpr std::uint32_t kRoot = 2;
constexpr std::uint32_t kFlagExtents = 0x80000, kFlagInline = 0x10000000, kFlagEncrypted = 0x800;
constexpr std::uint32_t kNeedsFiletype = 0x2, kNeedsRecovery = 0x4, kNeedsMetaGroups = 0x10,
                        kNeeds64 = 0x80;
// compression, journal device, large extended attributes, data in directories
constexpr std::uint32_t kNotRead = 0x1 | 0x8 | 0x1000;

struct Node {
  std::uint32_t number = 0, mode = 0, uid = 0, gid = 0, flags = 0;
  std::uint64_t size = 0;
  ByteView raw;    // the whole inode
  ByteView block;  // its 60 bytes of block numbers, extents or data
};

class Ext {
 public:
  Ext(Walker& walker, const Place& place) : walker_(walker), place_(place), bytes_(place.bytes) {
    const ByteView super = bytes_.subspan(kSuper);
    block_size_ = 1024ULL << little32(super, 24);
    needs_ = little32(super, 96);
    const bool wide = (needs_ & kNeeds64) != 0;
    blocks_ = little32(super, 4) | (wide ? little(super, 336, 4) << 32U : 0);
    inodes_ = little32(super, 0);
    per_group_ = little32(super, 40);
    inode_size_ = little32(super, 76) == 0 ? 128 : little16(super, 88);
    group_size_ = wide ? std::max<std::uint64_t>(64, little16(super, 254)) : 32;
    groups_at_ = (little32(super, 20) + 1ULL) * block_size_;
  }

  Outcome read() {
    const std::uint64_t told =
        blocks_ > bytes_.size() / block_size_ ? bytes_.size() + 1 : blocks_ * block_size_;
    Outcome out{.length = std::min<std::uint64_t>(told, bytes_.size()),
                .state = "unpacked",
                .why = "",
                .format = ""};
    if ((needs_ & (kNotRead | kNeedsMetaGroups)) != 0) {
      out.state = "unsupported";
      out.why =
          fmt::format("it uses features that are not read (incompatible features {:#x})", needs_);
      return out;
    }
    if (told > bytes_.size()) {
      trouble_.say("damaged", fmt::format("it is cut off: {} bytes of {} blocks of {} are there",
                                          bytes_.size(), blocks_, block_size_));
    }
    if ((needs_ & kNeedsRecovery) != 0) {
      trouble_.say("damaged",
                   "its journal holds changes that are not written yet; they are not seen");
    }
    std::vector<std::pair<std::string, std::uint32_t>> open{{"", kRoot}};
    seen_.insert(kRoot);
    while (!open.empty() && walker_.may_go_on()) {
      const auto [path, number] = open.back();
      open.pop_back();
      folder(path, number, open);
    }
    trouble_.tell(out);
    return out;
  }

 private:
  [[nodiscard]] bool node_of(std::uint32_t number, Node& out) const {
    if (number == 0 || number > inodes_) return false;
    const std::uint64_t group = (number - 1) / per_group_, index = (number - 1) % per_group_;
    const std::uint64_t at = groups_at_ + group * group_size_;
    if (!fits(bytes_, at, group_size_)) return false;
    std::uint64_t table = little(bytes_, at + 8, 4);
    if (group_size_ >= 64) table |= little(bytes_, at + 0x28, 4) << 32U;
    if (table > bytes_.size() / block_size_) return false;
    const std::uint64_t place = table * block_size_ + index * inode_size_;
    if (!fits(bytes_, place, inode_size_)) return false;
    const ByteView raw = bytes_.subspan(place, inode_size_);
    out.number = number;
    out.raw = raw;
    out.mode = little16(raw, 0);
    out.uid = little16(raw, 2) | little16(raw, 120) << 16U;
    out.gid = little16(raw, 24) | little16(raw, 122) << 16U;
    out.size = little32(raw, 4);
    if (S_ISREG(out.mode) || S_ISDIR(out.mode)) out.size |= little(raw, 108, 4) << 32U;
    out.flags = little32(raw, 32);
    out.block = raw.subspan(40, 60);
    return true;
  }

  // for_blocks() names the runs of a file in order: logical block, physical block (0: zeros),
  // count.
  using Run = std::function<bool(std::uint64_t, std::uint64_t, std::uint64_t)>;

  bool extents(ByteView node, int depth, const Run& run) const {
    if (node.size() < 12 || little16(node, 0) != 0xf30a || depth > 5) return false;
    const std::size_t entries = little16(node, 2);
    const std::uint32_t level = little16(node, 6);
    for (std::size_t i = 0; i < entries; ++i) {
      if (!fits(node, 12 + i * 12, 12)) return false;
      const ByteView entry = node.subspan(12 + i * 12, 12);
      if (level == 0) {
        std::uint64_t count = little16(entry, 4);
        std::uint64_t start = little16(entry, 6) * (1ULL << 32U) + little32(entry, 8);
        if (count > 32768) {  // reserved, never written
          count -= 32768;
          start = 0;
        }
        if (!run(little32(entry, 0), start, count)) return false;
      } else {
        const std::uint64_t child = little32(entry, 4) + little16(entry, 8) * (1ULL << 32U);
        if (child == 0 || child >= bytes_.size() / block_size_) return false;
        if (!extents(bytes_.subspan(child * block_size_, block_size_), depth + 1, run))
          return false;
      }
    }
    return true;
  }

  bool indirect(std::uint64_t block, int level, std::uint64_t& logical, std::uint64_t end,
                const Run& run) const {
    const std::uint64_t entries = block_size_ / 4;
    std::uint64_t covers = 1;
    for (int i = 0; i < level; ++i) covers *= entries;
    if (block == 0) {
      logical += covers;
      return true;
    }
    if (level == 0) return run(logical++, block, 1);
    if (block >= bytes_.size() / block_size_) return false;
    const ByteView table = bytes_.subspan(block * block_size_, block_size_);
    for (std::uint64_t i = 0; i < entries && logical < end; ++i) {
      if (!indirect(little32(table, i * 4), level - 1, logical, end, run)) return false;
    }
    return true;
  }

  bool for_blocks(const Node& node, const Run& run) const {
    if ((node.flags & kFlagExtents) != 0) return extents(node.block, 0, run);
    const std::uint64_t end = (node.size + block_size_ - 1) / block_size_;
    std::uint64_t logical = 0;
    for (std::size_t i = 0; i < 15 && logical < end; ++i) {
      const int level = i < 12 ? 0 : static_cast<int>(i) - 11;
      if (!indirect(little32(node.block, i * 4), level, logical, end, run)) return false;
    }
    return true;
  }

  // Small files may live in the inode: 60 bytes, and more in the attribute "system.data".
  bool inline_data(const Node& node, Content& content) const {
    if (!content.add_copy(node.block.first(std::min<std::uint64_t>(60, node.size)))) return false;
    if (node.size <= 60) return true;
    const std::size_t from = 128U + (node.raw.size() > 130 ? little16(node.raw, 128) : 0);
    if (!fits(node.raw, from, 4) || little32(node.raw, from) != 0xea020000U) return false;
    const ByteView area = node.raw.subspan(from + 4);
    for (std::size_t at = 0; fits(area, at, 16) && area[at] != 0;) {
      const std::size_t name = area[at];
      const std::uint64_t start = little16(area, at + 2), size = little32(area, at + 8);
      if (area[at + 1] == 7 && name == 4 && begins(area, "data", at + 16) &&
          fits(area, start, size)) {
        return content.add_copy(area.subspan(start, std::min<std::uint64_t>(size, node.size - 60)));
      }
      at += (16 + name + 3) / 4 * 4;
    }
    return false;
  }

  // load() is empty on success, otherwise what is wrong; what could be read is in `content`.
  std::string load(const Node& node, Content& content) {
    if (node.size > walker_.bounds().one)
      return fmt::format("it is larger than {} bytes", walker_.bounds().one);
    if (!walker_.may_expand(node.size)) return walker_.stopped_why();
    if ((node.flags & kFlagInline) != 0)
      return inline_data(node, content) ? "" : "its data in the inode is broken";
    const bool whole =
        for_blocks(node, [&](std::uint64_t logical, std::uint64_t physical, std::uint64_t count) {
          const std::uint64_t at = content.size();
          if (logical * block_size_ < at || logical * block_size_ >= node.size)
            return logical * block_size_ >= node.size;
          if (logical * block_size_ > at && !content.add_zeros(logical * block_size_ - at))
            return false;
          const std::uint64_t want =
              std::min(count * block_size_, node.size - logical * block_size_);
          if (physical == 0) return content.add_zeros(want);
          if (physical > bytes_.size() / block_size_ || !fits(bytes_, physical * block_size_, want))
            return false;
          return walker_.may_go_on() && content.add(bytes_.subspan(physical * block_size_, want));
        });
    if (content.size() < node.size && whole && !content.add_zeros(node.size - content.size()))
      return "there is no room for scratch files";
    return whole ? "" : "its blocks point outside of the image or over each other";
  }

  void folder(const std::string& path, std::uint32_t number,
              std::vector<std::pair<std::string, std::uint32_t>>& open) {
    Node node;
    Content content;
    if (!node_of(number, node) || !S_ISDIR(node.mode)) {
      return trouble_.say("damaged", fmt::format("the folder {}/ has no inode", printable(path)));
    }
    if ((node.flags & kFlagEncrypted) != 0) {
      return trouble_.say("encrypted", fmt::format("the folder {}/ is encrypted", printable(path)));
    }
    const std::string wrong = load(node, content);
    if (!wrong.empty())
      trouble_.say("damaged",
                   fmt::format("the folder {}/ cannot be read whole: {}", printable(path), wrong));
    const auto bytes = content.finish();
    if (!bytes) return;
    if ((node.flags & kFlagInline) != 0) {
      // Four bytes of the parent, then entries up to 60, then those of the attribute.
      if (bytes->size() > 4)
        entries(path, bytes->subspan(4, std::min<std::size_t>(56, bytes->size() - 4)), open);
      if (bytes->size() > 60) entries(path, bytes->subspan(60), open);
      return;
    }
    for (std::uint64_t at = 0; at < bytes->size() && walker_.may_go_on(); at += block_size_) {
      entries(path, bytes->subspan(at, std::min<std::uint64_t>(block_size_, bytes->size() - at)),
              open);
    }
  }

  void entries(const std::string& path, ByteView block,
               std::vector<std::pair<std::string, std::uint32_t>>& open) {
    for (std::uint64_t at = 0; fits(block, at, 8);) {
      const std::uint32_t number = little32(block, at), length = little16(block, at + 4);
      const std::uint32_t name_size =
          (needs_ & kNeedsFiletype) != 0 ? block[at + 6] : little16(block, at + 6);
      if (length < 8 || length % 4 != 0 || !fits(block, at, length) || 8U + name_size > length) {
        return trouble_.say("damaged",
                            fmt::format("the folder {}/ has a broken entry", printable(path)));
      }
      const std::string name(as_text(block.subspan(at + 8, name_size)));
      at += length;
      if (number == 0 || name.empty() || name == "." || name == "..") continue;
      if (path.size() + name.size() > 65536)
        return trouble_.say("bounded", "folders are nested deeper than a path can name");
      one(path + "/" + name, name.find('/') != std::string::npos, number, open);
      if (!walker_.may_go_on()) return;
    }
  }

  void one(const std::string& path, bool trick, std::uint32_t number,
           std::vector<std::pair<std::string, std::uint32_t>>& open) {
    Node node;
    if (!node_of(number, node))
      return trouble_.say("damaged", fmt::format("{} has no inode", printable(path)));
    Member member;
    member.path = path;
    member.escapes = trick;
    member.mode = node.mode & 07777U;
    member.uid = node.uid;
    member.gid = node.gid;
    Content content;
    ByteView bytes;
    switch (node.mode & S_IFMT) {
      case S_IFDIR:
        member.kind = "directory";
        if (seen_.insert(number).second) {
          open.emplace_back(path, number);
        } else {
          trouble_.say("damaged",
                       fmt::format("the folder {} is in the tree twice", printable(path)));
        }
        break;
      case S_IFLNK:
        member.kind = "link";
        if (node.size < 60 && (node.flags & kFlagExtents) == 0) {
          member.target = std::string(as_text(node.block.first(node.size)));
        } else if (node.size <= 65536 && load(node, content).empty()) {
          if (const auto target = content.finish()) member.target = std::string(as_text(*target));
        }
        break;
      case S_IFREG: {
        member.kind = "file";
        if ((node.flags & kFlagEncrypted) != 0) {
          member.kind = "unknown";
          trouble_.say("encrypted", fmt::format("{} is encrypted", printable(path)));
          break;
        }
        const std::string wrong = load(node, content);
        if (!wrong.empty()) {
          trouble_.say(node.size > walker_.bounds().one ? "bounded" : "damaged",
                       fmt::format("{} cannot be read whole: {}", printable(path), wrong));
        }
        if (const auto read = content.finish()) bytes = *read;
        break;
      }
      case S_IFCHR:
      case S_IFBLK: member.kind = "device"; break;
      case S_IFIFO: member.kind = "fifo"; break;
      case S_IFSOCK: member.kind = "socket"; break;
      default: member.kind = "unknown"; break;
    }
    walker_.member(place_, std::move(member), bytes);
  }

  Walker& walker_;
  const Place& place_;
  ByteView bytes_;
  std::uint64_t block_size_ = 0, blocks_ = 0, inodes_ = 0, per_group_ = 1, inode_size_ = 128,
                group_size_ = 32, groups_at_ = 0;
  std::uint32_t needs_ = 0;
  std::set<std::uint32_t> seen_;
  Trouble trouble_;
};

}  // namespace

bool looks_like_ext(ByteView bytes) {
  if (bytes.size() < kSuper + 1024) return false;
  const ByteView super = bytes.subspan(kSuper);
  const std::uint32_t log = little32(super, 24), revision = little32(super, 76),
                      inode = little16(super, 88);
  return log <= 6 && little32(super, 0) >= 11 && little32(super, 4) > 8 &&
         little32(super, 20) == (log == 0 ? 1U : 0U) && little32(super, 40) != 0 &&
         little32(super, 32) != 0 && revision <= 1 &&
         (revision == 0 || (inode >= 128 && inode <= 4096 && (inode & (inode - 1)) == 0)) &&
         little16(super, 90) == 0;  // the first of its copies
}

Outcome open_ext(Walker& walker, const Place& place) { return Ext(walker, place).read(); }

}  // namespace haetae::formats::image
