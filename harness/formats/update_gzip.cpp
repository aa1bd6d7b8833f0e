#include <zlib.h>

#include <algorithm>
#include <limits>

#include "harness/formats/update_archive.hpp"

namespace haetae::formats::update {
namespace {

constexpr std::size_t kStep = std::size_t{1} << 18U;
constexpr int kGzip = 15 + 16, kRaw = -15;

uInt step_of(std::size_t left) {
  return static_cast<uInt>(std::min<std::size_t>(left, std::numeric_limits<uInt>::max()));
}

Result<Bytes> expand(ByteView packed, std::size_t limit, int window) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK)
    return fail(ErrorKind::internal, "zlib could not be started");
  Bytes out;
  std::size_t taken = 0;
  int state = Z_OK;
  while (state == Z_OK) {
    if (stream.avail_in == 0 && taken < packed.size()) {
      stream.next_in = const_cast<Bytef*>(packed.data() + taken);
      stream.avail_in = step_of(packed.size() - taken);
      taken += stream.avail_in;
    }
    const std::size_t before = out.size();
    out.resize(before + std::min(kStep, limit + 1 - before));
    stream.next_out = out.data() + before;
    stream.avail_out = static_cast<uInt>(out.size() - before);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (out.size() > limit) break;
    if (state == Z_BUF_ERROR) break;
  }
  inflateEnd(&stream);
  if (out.size() > limit)
    return fail(ErrorKind::unsupported, "a compressed stream expands to more than the bound");
  if (state != Z_STREAM_END)
    return fail(ErrorKind::protocol, "a compressed stream is damaged or cut off");
  return out;
}

Bytes pack(ByteView plain, int window) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return {};
  Bytes out;
  std::size_t taken = 0;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    if (stream.avail_in == 0 && taken < plain.size()) {
      stream.next_in = const_cast<Bytef*>(plain.data() + taken);
      stream.avail_in = step_of(plain.size() - taken);
      taken += stream.avail_in;
    }
    const std::size_t before = out.size();
    out.resize(before + kStep);
    stream.next_out = out.data() + before;
    stream.avail_out = static_cast<uInt>(kStep);
    state = deflate(&stream, taken == plain.size() ? Z_FINISH : Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return out;
}

}  // namespace

bool is_gzip(ByteView file) {
  return file.size() > 18 && file[0] == 0x1f && file[1] == 0x8b && file[2] == 8;
}

Result<Bytes> gunzip(ByteView packed, std::size_t limit) { return expand(packed, limit, kGzip); }
Bytes gzip(ByteView plain) { return pack(plain, kGzip); }
Result<Bytes> inflate_raw(ByteView packed, std::size_t limit) {
  return expand(packed, limit, kRaw);
}
Bytes deflate_raw(ByteView plain) { return pack(plain, kRaw); }

std::uint32_t crc32_of(ByteView bytes) {
  uLong sum = crc32(0, nullptr, 0);
  for (std::size_t at = 0; at < bytes.size();) {
    const uInt step = step_of(bytes.size() - at);
    sum = crc32(sum, bytes.data() + at, step);
    at += step;
  }
  return static_cast<std::uint32_t>(sum);
}

}  // namespace haetae::formats::update
