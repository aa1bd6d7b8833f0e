#include "harness/formats/image_squashfs_library.hpp"

#include <libdeflate.h>
#include <lzo/lzo1x.h>

namespace haetae::formats::image {
namespace {

// A decompressor in the shape of libsquashfs: LZO, which the library leaves out, and gzip through
// libdeflate, which needs half the time of zlib for whole blocks.
struct OwnCompressor {
  sqfs_compressor_t base{};
  libdeflate_decompressor* deflate = nullptr;
};

sqfs_s32 unpack_lzo(sqfs_compressor_t*, const sqfs_u8* in, sqfs_u32 size, sqfs_u8* out,
                    sqfs_u32 room) {
  lzo_uint got = room;
  if (lzo1x_decompress_safe(in, size, out, &got, nullptr) != LZO_E_OK) return SQFS_ERROR_COMPRESSOR;
  return static_cast<sqfs_s32>(got);
}

sqfs_s32 unpack_gzip(sqfs_compressor_t* self, const sqfs_u8* in, sqfs_u32 size, sqfs_u8* out,
                     sqfs_u32 room) {
  std::size_t got = 0;
  if (libdeflate_zlib_decompress(reinterpret_cast<OwnCompressor*>(self)->deflate, in, size, out,
                                 room, &got) != LIBDEFLATE_SUCCESS) {
    return SQFS_ERROR_COMPRESSOR;
  }
  return static_cast<sqfs_s32>(got);
}

Owned<sqfs_compressor_t> own_compressor(std::uint16_t id) {
  auto own = std::make_unique<OwnCompressor>();
  if (id == SQFS_COMP_GZIP && (own->deflate = libdeflate_alloc_decompressor()) == nullptr)
    return nullptr;
  own->base.base.destroy = [](sqfs_object_t* self) {
    auto* mine = reinterpret_cast<OwnCompressor*>(self);
    if (mine->deflate != nullptr) libdeflate_free_decompressor(mine->deflate);
    delete mine;
  };
  own->base.base.copy = [](const sqfs_object_t*) -> sqfs_object_t* { return nullptr; };
  own->base.read_options = [](sqfs_compressor_t*, sqfs_file_t*) { return 0; };
  own->base.do_block = id == SQFS_COMP_GZIP ? unpack_gzip : unpack_lzo;
  return Owned<sqfs_compressor_t>(&own.release()->base);
}

}  // namespace

Owned<sqfs_compressor_t> make_compressor(const sqfs_super_t& super) {
  if (super.compression_id == SQFS_COMP_GZIP || super.compression_id == SQFS_COMP_LZO) {
    return own_compressor(super.compression_id);
  }
  sqfs_compressor_config_t config;
  sqfs_compressor_t* made = nullptr;
  if (sqfs_compressor_config_init(&config, static_cast<SQFS_COMPRESSOR>(super.compression_id),
                                  super.block_size, SQFS_COMP_FLAG_UNCOMPRESS) != 0 ||
      sqfs_compressor_create(&config, &made) != 0) {
    return nullptr;
  }
  return Owned<sqfs_compressor_t>(made);
}

const char* reason(int code) {
  switch (code) {
    case SQFS_ERROR_ALLOC: return "it asks for more memory than there is";
    case SQFS_ERROR_IO:
    case SQFS_ERROR_OUT_OF_BOUNDS: return "it points outside of the image";
    case SQFS_ERROR_COMPRESSOR: return "a block does not unpack";
    case SQFS_ERROR_UNSUPPORTED: return "it uses something that is not known";
    case SQFS_ERROR_LINK_LOOP: return "a folder contains itself";
    default: return "its tables do not fit together";
  }
}

}  // namespace haetae::formats::image
