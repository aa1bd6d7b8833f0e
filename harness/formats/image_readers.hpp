#pragma once

#include <mutex>
#include <string>

#include "harness/formats/image_walker.hpp"

/// The readers of containers, one pair of functions a format: a quick look and the opening. All of
/// them read hostile bytes; none believes a length before it has checked it.
namespace haetae::formats::image {

/// Trouble keeps the first problem of a container and how many there were. Safe from threads.
class Trouble {
 public:
  void say(std::string state, std::string why);
  /// tell() puts it into an outcome.
  void tell(Outcome& outcome);

 private:
  std::mutex guard_;
  std::string state_, why_;
  std::uint64_t count_ = 0;
};

bool looks_like_gzip(ByteView bytes);
Outcome open_gzip(Walker& walker, const Place& place);
bool looks_like_xz(ByteView bytes);
Outcome open_xz(Walker& walker, const Place& place);
bool looks_like_lzma(ByteView bytes);
Outcome open_lzma(Walker& walker, const Place& place);
bool looks_like_zstd(ByteView bytes);
Outcome open_zstd(Walker& walker, const Place& place);
bool looks_like_lz4(ByteView bytes);
Outcome open_lz4(Walker& walker, const Place& place);
bool looks_like_legacy_lz4(ByteView bytes);
Outcome open_legacy_lz4(Walker& walker, const Place& place);
bool looks_like_bzip2(ByteView bytes);
Outcome open_bzip2(Walker& walker, const Place& place);
bool looks_like_lzop(ByteView bytes);
Outcome open_lzop(Walker& walker, const Place& place);

bool looks_like_tar(ByteView bytes);
Outcome open_tar(Walker& walker, const Place& place);
bool looks_like_mender(ByteView bytes);
bool looks_like_swu(ByteView bytes);
bool looks_like_cpio(ByteView bytes);
Outcome open_cpio(Walker& walker, const Place& place);
bool looks_like_zip(ByteView bytes);
Outcome open_zip(Walker& walker, const Place& place);
bool looks_like_package(ByteView bytes);
Outcome open_package(Walker& walker, const Place& place);

bool looks_like_squashfs(ByteView bytes);
Outcome open_squashfs(Walker& walker, const Place& place);

bool looks_like_uimage(ByteView bytes);
Outcome open_uimage(Walker& walker, const Place& place);

}  // namespace haetae::formats::image
