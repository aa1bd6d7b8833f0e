#include <bzlib.h>
#include <fmt/format.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY  // for a decoder whose window lies where we say
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "harness/formats/image_readers.hpp"

namespace haetae::formats::image {
namespace {

constexpr std::size_t kStep = 256U << 10U;
// What a false alarm of a searched magic may yield before it shows to be none.
constexpr std::uint64_t kChance = 1024;
constexpr std::uint64_t kRatioSlack = 1U << 20U;

// What a decoder came to.
struct Expansion {
  std::uint64_t consumed = 0;
  std::string state = "unpacked", why;
  void damaged(std::string text) {
    state = "damaged";
    why = std::move(text);
  }
};

// Where decoders put their bytes; it says no when a bound is reached.
class Sink {
 public:
  Sink(Walker& walker, Scratch& scratch) : walker_(walker), scratch_(scratch) {}

  // put() is false when decoding must end; `consumed` is the input used so far.
  bool put(ByteView bytes, std::uint64_t consumed, Expansion& out) {
    out.consumed = consumed;
    const std::uint64_t after = scratch_.size() + bytes.size();
    const Bounds& bounds = walker_.bounds();
    if (after > bounds.one)
      return stop(out, fmt::format("it unpacks to more than {} bytes", bounds.one));
    if (after > kRatioSlack && after / bounds.ratio > consumed) {
      return stop(out, fmt::format("it unpacks to more than {} times its size", bounds.ratio));
    }
    if (!walker_.may_go_on() || !walker_.may_expand(bytes.size()))
      return stop(out, walker_.stopped_why());
    if (!scratch_.append(bytes)) return stop(out, "there is no room for scratch files");
    return true;
  }

 private:
  static bool stop(Expansion& out, std::string why) {
    out.state = "bounded";
    out.why = std::move(why);
    return false;
  }
  Walker& walker_;
  Scratch& scratch_;
};

template <class Decoder>
Outcome open_with(Walker& walker, const Place& place, Decoder decode) {
  Scratch scratch;
  Sink sink(walker, scratch);
  const Expansion made = decode(place.bytes, sink);
  // A magic that was searched for, or of three bytes only, may be chance.
  if (made.state == "damaged" && scratch.size() < kChance && place.carved) return {};
  Outcome out{.length = std::max<std::uint64_t>(1, made.consumed),
              .state = made.state,
              .why = made.why,
              .format = ""};
  if (made.state == "damaged" && scratch.size() < kChance) out.length = place.bytes.size();
  const auto bytes = scratch.finish();
  if (!bytes) {
    out.state = "bounded";
    out.why = bytes.error().message();
  } else if (!bytes->empty()) {
    walker.unpacked(place, *bytes);
  }
  return out;
}

std::uint64_t tell(ByteView whole, const void* next) {
  return static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(next) - whole.data());
}

uInt some(std::uint64_t left) {
  return static_cast<uInt>(std::min<std::uint64_t>(left, 1U << 30U));
}

Expansion gunzip(ByteView in, Sink& sink) {
  Expansion out;
  Bytes block(kStep);
  z_stream state{};
  if (inflateInit2(&state, 15 + 16) != Z_OK) {
    out.damaged("zlib has no memory");
    return out;
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&state, &inflateEnd);
  state.next_in = const_cast<Bytef*>(in.data());
  for (;;) {
    const std::uint64_t used = tell(in, state.next_in);
    state.avail_in = some(in.size() - used);
    state.next_out = block.data();
    state.avail_out = static_cast<uInt>(block.size());
    const int code = inflate(&state, Z_NO_FLUSH);
    const std::uint64_t now = tell(in, state.next_in);
    if (!sink.put({block.data(), block.size() - state.avail_out}, now, out)) return out;
    if (code == Z_STREAM_END) {
      if (!looks_like_gzip(in.subspan(now))) return out;
      inflateReset(&state);  // several streams behind each other are one (RFC 1952, 2.2)
    } else if (code != Z_OK) {
      out.damaged(now == in.size() ? "the gzip stream is cut off"
                                   : fmt::format("the gzip stream breaks at byte {}: {}", now,
                                                 state.msg == nullptr ? "no progress" : state.msg));
      return out;
    }
  }
}

// Dictionaries of liblzma and zstd are as large as the stream says; large ones lie in a file.
class WindowMemory {
 public:
  void* take(std::size_t size) {
    if (size < (1U << 20U)) return ::malloc(size);
    auto scratch = std::make_unique<WindowFile>(size);
    void* data = scratch->data();
    if (data != nullptr) files_.push_back(std::move(scratch));
    return data;
  }
  void give(void* data) {
    const auto found = std::find_if(files_.begin(), files_.end(),
                                    [&](const auto& file) { return file->data() == data; });
    if (found == files_.end()) {
      ::free(data);
    } else {
      files_.erase(found);
    }
  }

 private:
  std::vector<std::unique_ptr<WindowFile>> files_;
};

Expansion unlzma(ByteView in, Sink& sink, lzma_ret (*start)(lzma_stream*, std::uint64_t)) {
  constexpr std::uint64_t kMostMemory = 192U << 20U;
  Expansion out;
  WindowMemory memory;
  lzma_allocator allocator{
      .alloc = [](void* self, std::size_t,
                  std::size_t size) { return static_cast<WindowMemory*>(self)->take(size); },
      .free = [](void* self, void* data) { static_cast<WindowMemory*>(self)->give(data); },
      .opaque = &memory};
  lzma_stream state = LZMA_STREAM_INIT;
  state.allocator = &allocator;
  if (start(&state, kMostMemory) != LZMA_OK) {
    out.damaged("the header of the stream is wrong");
    return out;
  }
  const std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> guard(&state, &lzma_end);
  Bytes block(kStep);
  state.next_in = in.data();
  state.avail_in = in.size();
  for (;;) {
    state.next_out = block.data();
    state.avail_out = block.size();
    const lzma_ret code = lzma_code(&state, LZMA_FINISH);
    const std::uint64_t used = in.size() - state.avail_in;
    if (!sink.put({block.data(), block.size() - state.avail_out}, used, out)) return out;
    if (code == LZMA_STREAM_END) return out;
    if (code == LZMA_MEMLIMIT_ERROR) {
      out.state = "bounded";
      out.why = fmt::format("its dictionary is larger than {} bytes", kMostMemory);
      out.consumed = in.size();
      return out;
    }
    if (code != LZMA_OK) {
      out.damaged(code == LZMA_BUF_ERROR ? "the stream is cut off"
                                         : fmt::format("the stream breaks at byte {}", used));
      return out;
    }
  }
}

lzma_ret start_xz(lzma_stream* state, std::uint64_t memory) {
  return lzma_stream_decoder(state, memory, 0);
}
lzma_ret start_lzma(lzma_stream* state, std::uint64_t memory) {
  return lzma_alone_decoder(state, memory);
}

Expansion unzstd(ByteView in, Sink& sink) {
  Expansion out;
  WindowMemory memory;
  const ZSTD_customMem allocator{
      [](void* self, std::size_t size) { return static_cast<WindowMemory*>(self)->take(size); },
      [](void* self, void* data) { static_cast<WindowMemory*>(self)->give(data); }, &memory};
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> state(
      ZSTD_createDStream_advanced(allocator), &ZSTD_freeDStream);
  if (!state) {
    out.damaged("zstd has no memory");
    return out;
  }
  Bytes block(kStep);
  ZSTD_inBuffer input{in.data(), in.size(), 0};
  for (;;) {
    ZSTD_outBuffer output{block.data(), block.size(), 0};
    const std::size_t before = input.pos;
    const std::size_t code = ZSTD_decompressStream(state.get(), &output, &input);
    if (ZSTD_isError(code) != 0) {
      out.damaged(fmt::format("the zstd frame breaks near byte {}: {}", input.pos,
                              ZSTD_getErrorName(code)));
      return out;
    }
    if (!sink.put({block.data(), output.pos}, input.pos, out)) return out;
    if (code == 0) {
      if (input.pos == in.size() || !looks_like_zstd(in.subspan(input.pos))) return out;
    } else if (input.pos == before && output.pos == 0) {
      out.damaged("the zstd frame is cut off");
      return out;
    }
  }
}

Expansion unlz4(ByteView in, Sink& sink) {
  Expansion out;
  LZ4F_dctx* made = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0U) {
    out.damaged("lz4 has no memory");
    return out;
  }
  const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> state(
      made, &LZ4F_freeDecompressionContext);
  Bytes block(kStep);
  std::uint64_t used = 0;
  for (;;) {
    std::size_t got = block.size(), taken = in.size() - used;
    const std::size_t code =
        LZ4F_decompress(state.get(), block.data(), &got, in.data() + used, &taken, nullptr);
    if (LZ4F_isError(code) != 0U) {
      out.damaged(
          fmt::format("the lz4 frame breaks near byte {}: {}", used, LZ4F_getErrorName(code)));
      return out;
    }
    used += taken;
    if (!sink.put({block.data(), got}, used, out)) return out;
    if (code == 0) return out;
    if (taken == 0 && got == 0) {
      out.damaged("the lz4 frame is cut off");
      return out;
    }
  }
}

// The format of `lz4 -l`, which kernels use: a magic, then blocks of at most 8 MiB with their
// packed length in front; what cannot be a length ends it.
Expansion unlz4_legacy(ByteView in, Sink& sink) {
  constexpr std::size_t kBlock = 8U << 20U;
  Expansion out;
  Bytes block(kBlock);
  std::uint64_t at = 4;
  while (fits(in, at, 4)) {
    const std::uint64_t packed = little32(in, at);
    if (packed == 0x184c2102) {
      at += 4;
      continue;
    }
    if (packed == 0 || packed > static_cast<std::uint64_t>(LZ4_COMPRESSBOUND(kBlock)) ||
        !fits(in, at + 4, packed))
      break;
    const int got = LZ4_decompress_safe(reinterpret_cast<const char*>(in.data() + at + 4),
                                        reinterpret_cast<char*>(block.data()),
                                        static_cast<int>(packed), static_cast<int>(block.size()));
    if (got < 0) {
      if (at == 4) out.damaged("its first block does not unpack");
      break;
    }
    at += 4 + packed;
    if (!sink.put({block.data(), static_cast<std::size_t>(got)}, at, out)) return out;
    if (static_cast<std::size_t>(got) < kBlock) break;
  }
  out.consumed = at;
  if (at == 4 && out.state == "unpacked") out.damaged("it has no block");
  return out;
}

Expansion bunzip(ByteView in, Sink& sink) {
  Expansion out;
  bz_stream state{};
  if (BZ2_bzDecompressInit(&state, 0, 0) != BZ_OK) {
    out.damaged("bzip2 has no memory");
    return out;
  }
  const std::unique_ptr<bz_stream, int (*)(bz_stream*)> guard(&state, &BZ2_bzDecompressEnd);
  Bytes block(kStep);
  state.next_in = const_cast<char*>(reinterpret_cast<const char*>(in.data()));
  for (;;) {
    const std::uint64_t before = tell(in, state.next_in);
    state.avail_in = some(in.size() - before);
    state.next_out = reinterpret_cast<char*>(block.data());
    state.avail_out = static_cast<unsigned>(block.size());
    const int code = BZ2_bzDecompress(&state);
    const std::uint64_t used = tell(in, state.next_in);
    const std::size_t got = block.size() - state.avail_out;
    if (!sink.put({block.data(), got}, used, out)) return out;
    if (code == BZ_STREAM_END) return out;
    if (code != BZ_OK || (got == 0 && used == before)) {
      out.damaged(used == in.size() ? "the bzip2 stream is cut off"
                                    : fmt::format("the bzip2 stream breaks near byte {}", used));
      return out;
    }
  }
}

// lzop: a header of varying length, then blocks (unpacked length, packed length, checksums).
struct LzopHeader {
  std::size_t length = 0;
  std::size_t checks_plain = 0, checks_packed = 0;  // bytes of checksums in front of each block
};

LzopHeader lzop_header(ByteView in) {
  constexpr std::size_t kMagic = 9;
  if (in.size() < kMagic + 40) return {};
  const std::uint64_t version = big(in, kMagic, 2);
  std::size_t at = kMagic + 4;      // version, library version
  if (version >= 0x0940) at += 2;   // version needed
  at += version >= 0x0940 ? 2 : 1;  // method, level
  const std::uint32_t flags = big32(in, at);
  at += 4;
  if ((flags & 0x800U) != 0) at += 4;  // filter
  at += 8;                             // mode, time
  if (version >= 0x0940) at += 4;      // upper half of the time
  if (at >= in.size()) return {};
  at += 1U + in[at];  // name
  at += 4;            // checksum of the header
  LzopHeader out{.length = at};
  out.checks_plain = ((flags & 0x1U) != 0 ? 4U : 0U) + ((flags & 0x100U) != 0 ? 4U : 0U);
  out.checks_packed = ((flags & 0x2U) != 0 ? 4U : 0U) + ((flags & 0x200U) != 0 ? 4U : 0U);
  return out;
}

Expansion unlzop(ByteView in, Sink& sink) {
  constexpr std::uint64_t kMostBlock = 16U << 20U;
  Expansion out;
  const LzopHeader header = lzop_header(in);
  std::uint64_t at = header.length;
  Bytes block;
  for (;;) {
    if (header.length == 0 || !fits(in, at, 4)) break;
    const std::uint64_t plain = big32(in, at);
    if (plain == 0) {
      out.consumed = at + 4;
      return out;
    }
    if (plain > kMostBlock || !fits(in, at, 8)) break;
    const std::uint64_t packed = big32(in, at + 4);
    at += 8 + header.checks_plain + (packed < plain ? header.checks_packed : 0);
    if (packed > plain || !fits(in, at, packed)) break;
    block.resize(plain);
    lzo_uint got = plain;
    if (packed == plain) {
      std::copy_n(in.data() + at, plain, block.data());
    } else if (lzo1x_decompress_safe(in.data() + at, packed, block.data(), &got, nullptr) !=
               LZO_E_OK) {
      break;
    }
    at += packed;
    if (!sink.put({block.data(), got}, at, out)) return out;
  }
  out.damaged(fmt::format("the lzop stream breaks near byte {}", at));
  return out;
}

}  // namespace

bool looks_like_gzip(ByteView bytes) {
  // RFC 1952: reserved flags are zero, and the operating system is known or 255.
  return bytes.size() >= 18 && begins(bytes, "\x1f\x8b\x08") && (bytes[3] & 0xe0U) == 0 &&
         (bytes[9] <= 13 || bytes[9] == 255);
}
Outcome open_gzip(Walker& walker, const Place& place) { return open_with(walker, place, gunzip); }

bool looks_like_xz(ByteView bytes) {
  return bytes.size() >= 24 && bytes[6] == 0 && crc32(0, bytes.data() + 6, 2) == little32(bytes, 8);
}
Outcome open_xz(Walker& walker, const Place& place) {
  return open_with(walker, place,
                   [](ByteView in, Sink& sink) { return unlzma(in, sink, start_xz); });
}

bool looks_like_lzma(ByteView bytes) {
  if (bytes.size() < 32 || bytes[0] != 0x5d || bytes[13] != 0) return false;
  const std::uint32_t dictionary = little32(bytes, 1);
  std::uint32_t bits = dictionary;
  while (bits != 0 && (bits & 1U) == 0) bits >>= 1U;
  const std::uint64_t size = little(bytes, 5, 8);
  return (bits == 1 || bits == 3) && dictionary >= 4096 && dictionary <= (1U << 28U) &&
         (size == ~0ULL || (size >= 16 && size < (1ULL << 32U)));
}
Outcome open_lzma(Walker& walker, const Place& place) {
  Place strict = place;
  strict.carved = true;  // three bytes are little of a magic
  return open_with(walker, strict,
                   [](ByteView in, Sink& sink) { return unlzma(in, sink, start_lzma); });
}

bool looks_like_zstd(ByteView bytes) {
  // RFC 8878, 3.1.1.1: bit 3 of the frame header descriptor is zero.
  return bytes.size() >= 9 && begins(bytes, "\x28\xb5\x2f\xfd") && (bytes[4] & 0x08U) == 0;
}
Outcome open_zstd(Walker& walker, const Place& place) { return open_with(walker, place, unzstd); }

bool looks_like_lz4(ByteView bytes) {
  return bytes.size() >= 11 && (bytes[4] & 0xc2U) == 0x40 && (bytes[5] & 0x8fU) == 0 &&
         bytes[5] >= 0x40;
}
Outcome open_lz4(Walker& walker, const Place& place) { return open_with(walker, place, unlz4); }

bool looks_like_legacy_lz4(ByteView bytes) { return bytes.size() >= 16 && little32(bytes, 4) > 4; }
Outcome open_legacy_lz4(Walker& walker, const Place& place) {
  return open_with(walker, place, unlz4_legacy);
}

bool looks_like_bzip2(ByteView bytes) {
  return bytes.size() >= 14 && bytes[3] >= '1' && bytes[3] <= '9' &&
         (begins(bytes, "1AY&SY", 4) || begins(bytes, "\x17\x72\x45\x38\x50\x90", 4));
}
Outcome open_bzip2(Walker& walker, const Place& place) { return open_with(walker, place, bunzip); }

bool looks_like_lzop(ByteView bytes) { return lzop_header(bytes).length != 0; }
Outcome open_lzop(Walker& walker, const Place& place) { return open_with(walker, place, unlzop); }

}  // namespace haetae::formats::image
