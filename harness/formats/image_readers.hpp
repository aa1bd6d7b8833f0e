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

bool looks_like_trx(ByteView bytes);
Outcome open_trx(Walker& walker, const Place& place);
bool looks_like_mcuboot(ByteView bytes);
Outcome open_mcuboot(Walker& walker, const Place& place);
bool looks_like_android_boot(ByteView bytes);
Outcome open_android_boot(Walker& walker, const Place& place);
bool looks_like_sparse(ByteView bytes);
Outcome open_sparse(Walker& walker, const Place& place);
bool looks_like_rauc(ByteView bytes);
Outcome open_rauc(Walker& walker, const Place& place);
bool looks_like_tree(ByteView bytes);
bool looks_like_fit(ByteView bytes);
Outcome open_tree(Walker& walker, const Place& place);

bool looks_like_luks(ByteView bytes);
Outcome open_luks(Walker& walker, const Place& place);
bool looks_like_payload(ByteView bytes);
Outcome open_payload(Walker& walker, const Place& place);
bool looks_like_seven_zip(ByteView bytes);
bool looks_like_rar(ByteView bytes);
Outcome open_foreign_archive(Walker& walker, const Place& place);
bool looks_like_erofs(ByteView bytes);
bool looks_like_f2fs(ByteView bytes);
Outcome open_foreign_system(Walker& walker, const Place& place);

bool looks_like_gpt(ByteView bytes);
Outcome open_gpt(Walker& walker, const Place& place);
bool looks_like_mbr(ByteView bytes);
Outcome open_mbr(Walker& walker, const Place& place);
bool looks_like_ext(ByteView bytes);
Outcome open_ext(Walker& walker, const Place& place);
bool looks_like_cramfs(ByteView bytes);
Outcome open_cramfs(Walker& walker, const Place& place);
bool looks_like_romfs(ByteView bytes);
Outcome open_romfs(Walker& walker, const Place& place);
bool looks_like_jffs2(ByteView bytes);
Outcome open_jffs2(Walker& walker, const Place& place);
bool looks_like_ubi(ByteView bytes);
Outcome open_ubi(Walker& walker, const Place& place);
bool looks_like_ubifs(ByteView bytes);
Outcome open_ubifs(Walker& walker, const Place& place);
bool looks_like_fat(ByteView bytes);
Outcome open_fat(Walker& walker, const Place& place);

}  // namespace haetae::formats::image
