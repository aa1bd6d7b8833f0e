#include <cstddef>
#include <cstdlib>

#include "harness/formats/update_image.hpp"

/// Every reader of update files, and the altered files that need no fresh key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const ByteView file(data, size);
  const auto known = formats::read_update_file(file, std::nullopt, {});
  (void)formats::read_update_file(file, formats::DeclaredSignature{-64, 64}, {});
  if (!known) return 0;
  for (const formats::Region& region : known->regions)
    if (region.offset > size || region.length > size - region.offset) std::abort();
  for (const char* id : {"flip-header", "flip-manifest", "flip-payload", "flip-signature",
                         "wrong-model", "unsigned", "version-mismatch", "path-traversal"})
    (void)formats::mutate_one(file, *known, id);
  return 0;
}
