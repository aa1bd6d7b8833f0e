#include "harness/formats/update_squashfs.hpp"

#include <sqfs/compressor.h>
#include <sqfs/data_reader.h>
#include <sqfs/dir.h>
#include <sqfs/dir_reader.h>
#include <sqfs/error.h>
#include <sqfs/id_table.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/super.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "harness/formats/update_crypto.hpp"

namespace haetae::formats::update {
namespace {

constexpr std::size_t kBlock = 131072, kMeta = 8192, kPage = 4096, kMostFiles = 256,
                      kMostFragments = 65536;

template <class T>
struct Destroy {
  void operator()(T* object) const { sqfs_destroy(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy<T>>;
struct Free {
  void operator()(void* memory) const { sqfs_free(memory); }
};

// A file of libsquashfs that is a view; nothing is ever written.
struct View {
  sqfs_file_t file{};
  ByteView bytes;
  explicit View(ByteView view) : bytes(view) {
    file.base.destroy = [](sqfs_object_t*) {};
    file.base.copy = [](const sqfs_object_t*) -> sqfs_object_t* { return nullptr; };
    file.read_at = [](sqfs_file_t* self, sqfs_u64 at, void* to, std::size_t size) -> int {
      const ByteView from = reinterpret_cast<View*>(self)->bytes;
      if (at > from.size() || size > from.size() - at) return SQFS_ERROR_OUT_OF_BOUNDS;
      if (size > 0) std::memcpy(to, from.data() + at, size);
      return 0;
    };
    file.write_at = [](sqfs_file_t*, sqfs_u64, const void*, std::size_t) -> int {
      return SQFS_ERROR_UNSUPPORTED;
    };
    file.get_size = [](const sqfs_file_t* self) -> sqfs_u64 {
      return reinterpret_cast<const View*>(self)->bytes.size();
    };
    file.truncate = [](sqfs_file_t*, sqfs_u64) -> int { return SQFS_ERROR_UNSUPPORTED; };
  }
};

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorKind::protocol, std::string("the squashfs cannot be read: ") + what);
}

// The library keeps pointers into it, so it is not moved.
struct Readers {
  sqfs_super_t super{};
  Owned<sqfs_compressor_t> compressor;
  Owned<sqfs_dir_reader_t> folders;
  Owned<sqfs_data_reader_t> data;
};

Result<std::unique_ptr<Readers>> open(View& view) {
  auto held = std::make_unique<Readers>();
  Readers& out = *held;
  if (sqfs_super_read(&out.super, &view.file) != 0) return damaged("no superblock");
  // The library asks for the memory of the whole table before it reads any of it.
  if (out.super.fragment_entry_count > kMostFragments)
    return fail(ErrorKind::unsupported, "the squashfs tells of more fragments than the bound");
  sqfs_compressor_config_t config;
  sqfs_compressor_t* made = nullptr;
  if (sqfs_compressor_config_init(&config, static_cast<SQFS_COMPRESSOR>(out.super.compression_id),
                                  out.super.block_size, SQFS_COMP_FLAG_UNCOMPRESS) != 0 ||
      sqfs_compressor_create(&config, &made) != 0)
    return fail(ErrorKind::unsupported, "the compression of the squashfs is not known");
  out.compressor.reset(made);
  out.folders.reset(sqfs_dir_reader_create(&out.super, made, &view.file, 0));
  out.data.reset(sqfs_data_reader_create(&view.file, out.super.block_size, made, 0));
  if (!out.folders || !out.data) return damaged("its tables do not fit together");
  if (sqfs_data_reader_load_fragment_table(out.data.get(), &out.super) != 0)
    return damaged("the fragment table");
  return held;
}

Result<Bytes> content_of(const Readers& readers, const sqfs_inode_generic_t* inode,
                         std::size_t limit) {
  sqfs_u64 size = 0;
  if (sqfs_inode_get_file_size(inode, &size) != 0) return damaged("a size");
  if (size > limit) return fail(ErrorKind::unsupported, "a file in the bundle exceeds the bound");
  Bytes out;
  // Grows with what is really there, whatever size the inode tells.
  while (out.size() < size) {
    const std::size_t step = std::min<std::size_t>(size - out.size(), std::size_t{8} << 20U);
    const std::size_t at = out.size();
    out.resize(at + step);
    const sqfs_s32 got = sqfs_data_reader_read(readers.data.get(), inode, at, out.data() + at,
                                               static_cast<sqfs_u32>(step));
    if (got <= 0 || static_cast<std::size_t>(got) > step) return damaged("the content of a file");
    out.resize(at + static_cast<std::size_t>(got));
  }
  return out;
}

void put(Bytes& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; ++at)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
}

// Metadata stands in blocks of 8 KiB, each behind its length; the high bit says "not compressed".
void put_metadata(Bytes& out, const Bytes& plain) {
  for (std::size_t at = 0; at < plain.size(); at += kMeta) {
    const std::size_t length = std::min(kMeta, plain.size() - at);
    put(out, length | 0x8000U, 2);
    const auto from = plain.begin() + static_cast<std::ptrdiff_t>(at);
    out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(length));
  }
}

struct InodePlace {
  std::size_t block, offset;
};
InodePlace place_of(std::size_t at) { return {at / kMeta * (kMeta + 2), at % kMeta}; }

void put_file_inode(Bytes& inodes, const SquashFile& file, std::size_t start, std::uint32_t number,
                    std::uint32_t time) {
  put(inodes, 2, 2);
  put(inodes, file.mode, 2);
  put(inodes, 0, 4);
  put(inodes, time, 4);
  put(inodes, number, 4);
  put(inodes, start, 4);
  put(inodes, 0xffffffffU, 4);
  put(inodes, 0, 4);
  put(inodes, file.content.size(), 4);
  for (std::size_t at = 0; at < file.content.size(); at += kBlock)
    put(inodes, std::min(kBlock, file.content.size() - at) | 1U << 24U, 4);
}

// One header for each entry: simple, and right whatever block an inode lies in.
Bytes folder_of(const std::vector<SquashFile>& files, const std::vector<InodePlace>& places) {
  Bytes out;
  for (std::size_t at = 0; at < files.size(); ++at) {
    put(out, 0, 4);
    put(out, places[at].block, 4);
    put(out, at + 1, 4);
    put(out, places[at].offset, 2);
    put(out, 0, 2);
    put(out, 2, 2);
    put(out, files[at].name.size() - 1, 2);
    out.insert(out.end(), files[at].name.begin(), files[at].name.end());
  }
  return out;
}

struct Tables {
  std::size_t files = 0, root = 0, used = 0, ids = 0, inodes = 0, folders = 0;
  std::uint32_t time = 0;
};

void put_super(Bytes& out, const Tables& tables) {
  Bytes super;
  put(super, 0x73717368, 4);
  put(super, tables.files + 1, 4);
  put(super, tables.time, 4);
  put(super, kBlock, 4);
  put(super, 0, 4);
  put(super, 1, 2);
  put(super, 17, 2);
  // Inodes, data, fragments and ids uncompressed; no fragments; no extended attributes.
  put(super, 0x0001U | 0x0002U | 0x0008U | 0x0010U | 0x0200U | 0x0800U, 2);
  put(super, 1, 2);
  put(super, 4, 2);
  put(super, 0, 2);
  const InodePlace root = place_of(tables.root);
  put(super, static_cast<std::uint64_t>(root.block) << 16U | root.offset, 8);
  put(super, tables.used, 8);
  put(super, tables.ids, 8);
  put(super, ~std::uint64_t{0}, 8);
  put(super, tables.inodes, 8);
  put(super, tables.folders, 8);
  put(super, ~std::uint64_t{0}, 8);
  put(super, ~std::uint64_t{0}, 8);
  std::copy(super.begin(), super.end(), out.begin());
}

}  // namespace

Result<SquashFolder> read_squashfs(ByteView image, std::size_t limit) {
  View view(image);
  const auto opened = open(view);
  if (!opened) return tl::unexpected(opened.error());
  Readers* readers = opened->get();
  sqfs_inode_generic_t* raw = nullptr;
  if (sqfs_dir_reader_get_root_inode(readers->folders.get(), &raw) != 0)
    return damaged("the root folder");
  const std::unique_ptr<sqfs_inode_generic_t, Free> root(raw);
  if (sqfs_dir_reader_open_dir(readers->folders.get(), root.get(), 0) != 0)
    return damaged("the root folder");
  SquashFolder out;
  for (;;) {
    sqfs_dir_entry_t* entry = nullptr;
    const int state = sqfs_dir_reader_read(readers->folders.get(), &entry);
    const std::unique_ptr<sqfs_dir_entry_t, Free> held(entry);
    if (state > 0) return out;
    if (state < 0) return damaged("an entry of the root folder");
    if (sqfs_dir_reader_get_inode(readers->folders.get(), &raw) != 0) return damaged("an inode");
    const std::unique_ptr<sqfs_inode_generic_t, Free> inode(raw);
    const bool regular = raw->base.type == SQFS_INODE_FILE || raw->base.type == SQFS_INODE_EXT_FILE;
    if (!regular || out.files.size() == kMostFiles) {
      out.whole = false;
      if (out.files.size() == kMostFiles) return out;
      continue;
    }
    auto content = content_of(*readers, raw, limit);
    if (!content) return tl::unexpected(content.error());
    limit -= content->size();
    const auto* name = reinterpret_cast<const char*>(entry->name);
    out.files.push_back({std::string(name, std::size_t{entry->size} + 1),
                         static_cast<std::uint16_t>(raw->base.mode & 07777U), std::move(*content)});
  }
}

Bytes write_squashfs(std::vector<SquashFile> files, std::uint32_t time) {
  std::sort(files.begin(), files.end(),
            [](const SquashFile& a, const SquashFile& b) { return a.name < b.name; });
  Bytes out(96), inodes;
  std::vector<InodePlace> places;
  for (std::size_t at = 0; at < files.size(); ++at) {
    places.push_back(place_of(inodes.size()));
    put_file_inode(inodes, files[at], out.size(), static_cast<std::uint32_t>(at + 1), time);
    out.insert(out.end(), files[at].content.begin(), files[at].content.end());
  }
  const Bytes folder = folder_of(files, places);
  Tables tables{.files = files.size(), .root = inodes.size(), .inodes = out.size(), .time = time};
  const std::size_t number = files.size() + 1;
  put(inodes, 1, 2);
  put(inodes, 0755, 2);
  put(inodes, 0, 4);
  put(inodes, time, 4);
  put(inodes, number, 4);
  put(inodes, 0, 4);
  put(inodes, 2, 4);
  put(inodes, folder.size() + 3, 2);
  put(inodes, 0, 2);
  put(inodes, number + 1, 4);
  put_metadata(out, inodes);
  tables.folders = out.size();
  put_metadata(out, folder);
  const std::size_t ids = out.size();
  put_metadata(out, Bytes(4, 0));
  tables.ids = out.size();
  put(out, ids, 8);
  tables.used = out.size();
  put_super(out, tables);
  out.resize((out.size() + kPage - 1) / kPage * kPage);
  return out;
}

Verity verity_tree(ByteView data, ByteView salt) {
  std::vector<Bytes> levels;
  Bytes below;
  ByteView from = data;
  do {
    Bytes level;
    for (std::size_t at = 0; at < from.size(); at += kPage) {
      const Bytes digest =
          hash("sha256", {salt, from.subspan(at, std::min(kPage, from.size() - at))});
      level.insert(level.end(), digest.begin(), digest.end());
    }
    if (level.size() <= 32) {
      below = std::move(level);
      break;
    }
    level.resize((level.size() + kPage - 1) / kPage * kPage);
    levels.push_back(std::move(level));
    from = levels.back();
  } while (true);
  Verity out;
  out.root = std::move(below);
  for (auto it = levels.rbegin(); it != levels.rend(); ++it)
    out.tree.insert(out.tree.end(), it->begin(), it->end());
  return out;
}

}  // namespace haetae::formats::update
