#include "harness/formats/image_log.hpp"

#include <fmt/format.h>
#include <libdeflate.h>
#include <lzo/lzo1x.h>
#include <sys/stat.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

namespace haetae::formats::image {
namespace {

constexpr std::uint64_t kMostNodes = 300'000;  // about 40 MB of lists

// RTIME of JFFS2 (fs/jffs2/compr_rtime.c): each byte, then how many follow as after its last use.
bool unpack_rtime(ByteView in, std::span<std::uint8_t> out) {
  std::array<std::size_t, 256> last{};
  std::size_t from = 0, to = 0;
  while (to < out.size()) {
    if (from + 2 > in.size()) return false;
    const std::uint8_t value = in[from++];
    out[to++] = value;
    std::size_t repeat = in[from++], source = last.at(value);
    last.at(value) = to;
    if (repeat > out.size() - to) return false;
    for (; repeat > 0; --repeat) out[to++] = out[source++];
  }
  return true;
}

bool inflate_whole(Packing packing, ByteView in, std::span<std::uint8_t> out) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> engine(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!engine) return false;
  if (packing == Packing::zlib &&
      libdeflate_zlib_decompress(engine.get(), in.data(), in.size(), out.data(), out.size(),
                                 nullptr) == LIBDEFLATE_SUCCESS) {
    return true;
  }
  // The kernel does not check the sum at the end, and some writers leave it out.
  const std::size_t skip = packing == Packing::zlib ? 2 : 0;
  return in.size() > skip &&
         libdeflate_deflate_decompress(engine.get(), in.data() + skip, in.size() - skip, out.data(),
                                       out.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

}  // namespace

bool unpack_piece(Packing packing, ByteView bytes, std::span<std::uint8_t> out) {
  switch (packing) {
    case Packing::none:
      if (bytes.size() < out.size()) return false;
      std::copy_n(bytes.begin(), out.size(), out.begin());
      return true;
    case Packing::zeros: std::fill(out.begin(), out.end(), std::uint8_t{0}); return true;
    case Packing::zlib:
    case Packing::deflate: return inflate_whole(packing, bytes, out);
    case Packing::lzo: {
      lzo_uint got = out.size();
      return lzo1x_decompress_safe(bytes.data(), bytes.size(), out.data(), &got, nullptr) ==
                 LZO_E_OK &&
             got == out.size();
    }
    case Packing::rtime: return unpack_rtime(bytes, out);
    case Packing::zstd:
      return ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) == out.size();
    case Packing::unknown: break;
  }
  return false;
}

bool LogTree::count() {
  if (++nodes_ <= kMostNodes) return true;
  trouble_.say("bounded", fmt::format("it has more than {} nodes", kMostNodes));
  return false;
}

bool LogTree::add_inode(std::uint32_t number, const Inode& inode) {
  Inode& known = inodes_[number];
  if (inode.version >= known.version) known = inode;
  return count();
}

bool LogTree::add_entry(std::uint32_t parent, std::string name, const Entry& entry) {
  Entry& known = folders_[parent][std::move(name)];
  if (entry.version >= known.version) known = entry;
  return count();
}

bool LogTree::add_piece(std::uint32_t number, const Piece& piece) {
  pieces_[number].push_back(piece);
  return count();
}

std::string LogTree::content_of(std::uint32_t number, std::uint64_t size, Scratch& scratch) {
  if (size > walker_.bounds().one)
    return fmt::format("it is larger than {} bytes", walker_.bounds().one);
  if (!walker_.may_expand(size)) return walker_.stopped_why();
  std::string wrong;
  const auto found = pieces_.find(number);
  if (found != pieces_.end()) {
    std::vector<Piece>& pieces = found->second;
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.version < b.version; });
    Bytes buffer;
    for (const Piece& piece : pieces) {
      if (piece.at >= size || !walker_.may_go_on()) continue;
      buffer.resize(piece.length);
      if (!unpack_piece(piece.packing, piece.bytes, buffer)) {
        wrong = piece.packing == Packing::unknown ? "it is packed in a way that is not known"
                                                  : "a piece of it does not unpack";
        continue;
      }
      const std::uint64_t want = std::min<std::uint64_t>(buffer.size(), size - piece.at);
      if (!scratch.write_at(piece.at, ByteView(buffer).first(want)))
        return "there is no room for scratch files";
    }
  }
  return scratch.grow(size) ? wrong : "there is no room for scratch files";
}

void LogTree::one(const std::string& path, const std::string& name, std::uint32_t number,
                  std::vector<std::pair<std::string, std::uint32_t>>& open) {
  Member member;
  member.path = path + "/" + name;
  member.escapes = name.find('/') != std::string::npos || name == ".." || name == ".";
  const auto found = inodes_.find(number);
  if (found == inodes_.end()) {
    return trouble_.say("damaged", fmt::format("{} has no inode", printable(member.path)));
  }
  const Inode& inode = found->second;
  if (inode.deleted) return;
  member.mode = inode.mode & 07777U;
  member.uid = inode.uid;
  member.gid = inode.gid;
  Scratch scratch;
  ByteView bytes;
  const auto load = [&](std::uint64_t size) {
    const std::string wrong = content_of(number, size, scratch);
    if (!wrong.empty()) {
      trouble_.say(size > walker_.bounds().one ? "bounded" : "damaged",
                   fmt::format("{} cannot be read whole: {}", printable(member.path), wrong));
    }
    if (const auto made = scratch.finish())
      bytes = made->first(std::min<std::uint64_t>(made->size(), size));
  };
  switch (inode.mode & S_IFMT) {
    case S_IFDIR:
      member.kind = "directory";
      open.emplace_back(member.path, number);
      break;
    case S_IFLNK:
      member.kind = "link";
      if (inode.target.empty()) load(std::min<std::uint64_t>(inode.size, 65536));
      member.target = std::string(as_text(inode.target.empty() ? bytes : inode.target));
      break;
    case S_IFREG:
      member.kind = inode.encrypted ? "unknown" : "file";
      if (inode.encrypted) {
        trouble_.say("encrypted", fmt::format("{} is encrypted", printable(member.path)));
      } else {
        load(inode.size);
      }
      break;
    case S_IFCHR:
    case S_IFBLK: member.kind = "device"; break;
    case S_IFIFO: member.kind = "fifo"; break;
    case S_IFSOCK: member.kind = "socket"; break;
    default: member.kind = "unknown"; break;
  }
  walker_.member(place_, std::move(member), bytes);
}

void LogTree::give_members() {
  std::vector<std::pair<std::string, std::uint32_t>> open{{"", root_}};
  std::set<std::uint32_t> seen;
  while (!open.empty() && walker_.may_go_on()) {
    const auto [path, folder] = open.back();
    open.pop_back();
    if (!seen.insert(folder).second || path.size() > 65536) {
      trouble_.say("damaged", fmt::format("the folder {}/ is in the tree twice", printable(path)));
      continue;
    }
    const auto found = folders_.find(folder);
    if (found == folders_.end()) continue;
    for (const auto& [name, entry] : found->second) {
      if (entry.inode == 0 || name.empty()) continue;
      one(path, name, entry.inode, open);
      if (!walker_.may_go_on()) return;
    }
  }
}

}  // namespace haetae::formats::image
