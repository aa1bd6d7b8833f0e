#pragma once

#include <sqfs/compressor.h>
#include <sqfs/error.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/super.h>

#include <cstring>
#include <memory>

#include "harness/formats/image_walker.hpp"

/// libsquashfs over bytes in memory, with owners for what it gives out.
namespace haetae::formats::image {

template <class T>
struct Destroy {
  void operator()(T* object) const { sqfs_destroy(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy<T>>;
struct Free {
  void operator()(void* memory) const { sqfs_free(memory); }
};
using Inode = std::unique_ptr<sqfs_inode_generic_t, Free>;

/// ViewFile is a file of libsquashfs that is a view; nothing is ever written.
struct ViewFile {
  sqfs_file_t file{};
  ByteView bytes;

  explicit ViewFile(ByteView view) : bytes(view) {
    file.base.destroy = [](sqfs_object_t*) {};
    file.base.copy = [](const sqfs_object_t*) -> sqfs_object_t* { return nullptr; };
    file.read_at = [](sqfs_file_t* self, sqfs_u64 at, void* to, std::size_t size) -> int {
      const ByteView from = reinterpret_cast<ViewFile*>(self)->bytes;
      if (!fits(from, at, size)) return SQFS_ERROR_OUT_OF_BOUNDS;
      std::memcpy(to, from.data() + at, size);
      return 0;
    };
    file.write_at = [](sqfs_file_t*, sqfs_u64, const void*, std::size_t) -> int {
      return SQFS_ERROR_UNSUPPORTED;
    };
    file.get_size = [](const sqfs_file_t* self) -> sqfs_u64 {
      return reinterpret_cast<const ViewFile*>(self)->bytes.size();
    };
    file.truncate = [](sqfs_file_t*, sqfs_u64) -> int { return SQFS_ERROR_UNSUPPORTED; };
  }
};

/// make_compressor() unpacks blocks of the image; null if its compression is not known. LZO, which
/// the library leaves out, and gzip, which libdeflate does in half the time of zlib, are done here.
[[nodiscard]] Owned<sqfs_compressor_t> make_compressor(const sqfs_super_t& super);

/// reason() is what an error number of the library means, as the end of a sentence.
[[nodiscard]] const char* reason(int code);

}  // namespace haetae::formats::image
