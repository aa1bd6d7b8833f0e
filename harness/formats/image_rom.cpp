#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "harness/formats/image_content.hpp"
#include "harness/formats/image_log.hpp"

// cramfs (include/uapi/linux/cramfs_fs.h) and romfs (Documentation/filesystems/romfs.rst).
namespace haetae::formats::image {
namespace {

constexpr std::uint64_t kCramSuper = 76, kCramInode = 12, kCramPage = 4096;

class Cramfs {
 public:
  Cramfs(Walker& walker, const Place& place, std::uint64_t length)
      : walker_(walker),
        place_(place),
        bytes_(place.bytes.first(length)),
        flags_(little32(place.bytes, 8)) {}

  Outcome read() {
    Outcome out{.length = bytes_.size(), .state = "unpacked", .why = "", .format = ""};
    std::vector<std::pair<std::string, ByteView>> open{{"", bytes_.subspan(64, kCramInode)}};
    while (!open.empty() && walker_.may_go_on()) {
      const auto [path, inode] = open.back();
      open.pop_back();
      folder(path, inode, open);
    }
    trouble_.tell(out);
    return out;
  }

  Trouble& trouble() { return trouble_; }

 private:
  static std::uint64_t size_of(ByteView inode) { return little(inode, 4, 3); }
  static std::uint64_t start_of(ByteView inode) {
    return std::uint64_t{little32(inode, 8) >> 6U} * 4;
  }

  void folder(const std::string& path, ByteView inode,
              std::vector<std::pair<std::string, ByteView>>& open) {
    const std::uint64_t start = start_of(inode), size = size_of(inode);
    if (size == 0) return;
    if (!fits(bytes_, start, size) || !seen_.insert(start).second || path.size() > 65536) {
      return trouble_.say(
          "damaged", fmt::format("the folder {}/ lies outside of the image or is in the tree twice",
                                 printable(path)));
    }
    for (std::uint64_t at = start; at < start + size && walker_.may_go_on();) {
      if (!fits(bytes_, at, kCramInode)) return trouble_.say("damaged", "a folder is cut off");
      const ByteView entry = bytes_.subspan(at, kCramInode);
      const std::uint64_t length = (little32(entry, 8) & 0x3fU) * 4;
      if (length == 0 || !fits(bytes_, at + kCramInode, length))
        return trouble_.say("damaged",
                            fmt::format("the folder {}/ has a broken entry", printable(path)));
      std::string name(as_text(bytes_.subspan(at + kCramInode, length)));
      name.erase(std::min(name.find('\0'), name.size()));
      at += kCramInode + length;
      one(path + "/" + name, name.find('/') != std::string::npos || name == "..", entry, open);
    }
  }

  void one(std::string path, bool trick, ByteView inode,
           std::vector<std::pair<std::string, ByteView>>& open) {
    const std::uint32_t mode = little16(inode, 0);
    Member member;
    member.path = path;
    member.escapes = trick;
    member.mode = mode & 07777U;
    member.uid = little16(inode, 2);
    member.gid = inode[7];
    Scratch scratch;
    ByteView bytes;
    if (S_ISREG(mode) || S_ISLNK(mode)) {
      const std::string wrong = content_of(inode, scratch);
      if (!wrong.empty())
        trouble_.say("damaged", fmt::format("{} cannot be read whole: {}", printable(path), wrong));
      if (const auto made = scratch.finish()) bytes = *made;
    }
    switch (mode & S_IFMT) {
      case S_IFREG: member.kind = "file"; break;
      case S_IFLNK:
        member.kind = "link";
        member.target = std::string(as_text(bytes));
        break;
      case S_IFDIR:
        member.kind = "directory";
        open.emplace_back(std::move(path), inode);
        break;
      case S_IFCHR:
      case S_IFBLK: member.kind = "device"; break;
      case S_IFIFO: member.kind = "fifo"; break;
      case S_IFSOCK: member.kind = "socket"; break;
      default: member.kind = "unknown"; break;
    }
    walker_.member(place_, std::move(member), bytes);
  }

  // A list of the ends of the blocks, then the blocks, each a zlib stream of 4 KiB.
  std::string content_of(ByteView inode, Scratch& scratch) {
    constexpr std::uint32_t kExtended = 0x800;
    const std::uint64_t size = size_of(inode), start = start_of(inode),
                        blocks = (size + kCramPage - 1) / kCramPage;
    if (size == 0) return "";
    if ((flags_ & kExtended) != 0) return "it uses extended block pointers, which are not read";
    if (!fits(bytes_, start, blocks * 4)) return "it lies outside of the image";
    if (!walker_.may_expand(size)) return walker_.stopped_why();
    std::uint64_t from = start + blocks * 4;
    std::string wrong;
    Bytes page;
    for (std::uint64_t i = 0; i < blocks; ++i) {
      const std::uint64_t end = little32(bytes_, start + i * 4),
                          want = std::min(kCramPage, size - i * kCramPage);
      if (end < from || !fits(bytes_, from, end - from))
        return "its blocks lie outside of the image";
      if (end > from) {
        page.assign(want, 0);
        if (!unpack_piece(Packing::zlib, bytes_.subspan(from, end - from), page))
          wrong = "a block does not unpack";
        if (!scratch.write_at(i * kCramPage, page)) return "there is no room for scratch files";
      }
      from = end;
    }
    return scratch.grow(size) ? wrong : "there is no room for scratch files";
  }

  Walker& walker_;
  const Place& place_;
  ByteView bytes_;
  std::uint32_t flags_;
  std::set<std::uint64_t> seen_;
  Trouble trouble_;
};

class Romfs {
 public:
  Romfs(Walker& walker, const Place& place, std::uint64_t length)
      : walker_(walker), place_(place), bytes_(place.bytes.first(length)) {}

  Outcome read() {
    Outcome out{.length = bytes_.size(), .state = "unpacked", .why = "", .format = ""};
    std::vector<std::pair<std::string, std::uint64_t>> open{{"", behind_name(16)}};
    while (!open.empty() && walker_.may_go_on()) {
      auto [path, at] = open.back();
      open.pop_back();
      while (at != 0 && walker_.may_go_on()) at = one(path, at, open);
    }
    trouble_.tell(out);
    return out;
  }

  Trouble& trouble() { return trouble_; }

 private:
  [[nodiscard]] std::uint64_t behind_name(std::uint64_t at) const {
    while (at < bytes_.size() && bytes_[at] != 0) ++at;
    return (at + 16) / 16 * 16;
  }

  std::uint64_t one(const std::string& path, std::uint64_t at,
                    std::vector<std::pair<std::string, std::uint64_t>>& open) {
    if (!fits(bytes_, at, 32) || !seen_.insert(at).second || path.size() > 65536) {
      trouble_.say("damaged", fmt::format("the folder {}/ leaves the image or contains itself",
                                          printable(path)));
      return 0;
    }
    const std::uint32_t head = big32(bytes_, at), detail = big32(bytes_, at + 4),
                        size = big32(bytes_, at + 8);
    const std::uint64_t data = behind_name(at + 16);
    std::string name(as_text(bytes_.subspan(at + 16)).substr(0, 4096));
    name.erase(std::min(name.find('\0'), name.size()));
    const std::uint64_t next = head & ~0xfU;
    if (name == "." || name == "..") return next;
    Member member;
    member.path = path + "/" + name;
    member.escapes = name.find('/') != std::string::npos;
    member.mode = (head & 8U) != 0 ? 0555 : 0444;
    ByteView bytes;
    switch (head & 7U) {
      case 1:
        member.kind = "directory";
        if (detail != 0) open.emplace_back(member.path, detail & ~0xfU);
        break;
      case 2:
      case 3:
        member.kind = (head & 7U) == 2 ? "file" : "link";
        if (fits(bytes_, data, size)) {
          bytes = bytes_.subspan(data, size);
        } else {
          trouble_.say("damaged",
                       fmt::format("{} lies outside of the image", printable(member.path)));
          if (data < bytes_.size()) bytes = bytes_.subspan(data);
        }
        if ((head & 7U) == 3) member.target = std::string(as_text(bytes).substr(0, 65536));
        break;
      case 4:
      case 5: member.kind = "device"; break;
      case 6: member.kind = "socket"; break;
      case 7: member.kind = "fifo"; break;
      default: {  // a second name of a file
        member.kind = "link";
        if (fits(bytes_, detail, 32))
          member.target = std::string(as_text(bytes_.subspan(detail + 16)).substr(0, 4096));
        member.target.erase(std::min(member.target.find('\0'), member.target.size()));
        break;
      }
    }
    walker_.member(place_, std::move(member), bytes);
    return next;
  }

  Walker& walker_;
  const Place& place_;
  ByteView bytes_;
  std::set<std::uint64_t> seen_;
  Trouble trouble_;
};

}  // namespace

bool looks_like_cramfs(ByteView bytes) {
  return bytes.size() >= kCramSuper && begins(bytes, "Compressed ROMFS", 16);
}

Outcome open_cramfs(Walker& walker, const Place& place) {
  if (begins(place.bytes, std::string_view("\x28\xcd\x3d\x45", 4))) {
    return {.length = std::min<std::uint64_t>(
                place.bytes.size(), std::max<std::uint64_t>(kCramSuper, big32(place.bytes, 4))),
            .state = "unsupported",
            .why = "it is a cramfs of a big-endian device, which is not read",
            .format = ""};
  }
  const std::uint64_t told = std::max<std::uint64_t>(kCramSuper, little32(place.bytes, 4));
  Cramfs reader(walker, place, std::min<std::uint64_t>(told, place.bytes.size()));
  if (told > place.bytes.size())
    reader.trouble().say("damaged", fmt::format("it is cut off: {} of {} bytes are there",
                                                place.bytes.size(), told));
  return reader.read();
}

bool looks_like_romfs(ByteView bytes) {
  if (bytes.size() < 64) return false;
  // The sum of the first words is zero, up to 512 bytes of them.
  std::uint32_t sum = 0;
  const std::uint64_t size = std::min<std::uint64_t>({512, bytes.size(), big32(bytes, 8)});
  for (std::size_t at = 0; at + 4 <= size; at += 4) sum += big32(bytes, at);
  return size >= 32 && sum == 0;
}

Outcome open_romfs(Walker& walker, const Place& place) {
  const std::uint64_t told = big32(place.bytes, 8);
  Romfs reader(walker, place, std::min<std::uint64_t>(told, place.bytes.size()));
  if (told > place.bytes.size())
    reader.trouble().say("damaged", fmt::format("it is cut off: {} of {} bytes are there",
                                                place.bytes.size(), told));
  return reader.read();
}

}  // namespace haetae::formats::image
