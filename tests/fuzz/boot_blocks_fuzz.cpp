#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "harness/formats/boot_blocks.hpp"

/// Environments, device trees and signed headers are read within their bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const ByteView bytes(data, size);
  for (const auto& list :
       {formats::read_environment(bytes).value_or(std::vector<formats::Variable>{}),
        formats::default_environment(bytes)})
    for (const formats::Variable& one : list)
      if (one.at >= size || one.name.empty()) std::abort();
  std::size_t total = 0;
  formats::each_property(bytes, [&](const formats::Property& one) { total += one.value.size(); });
  if (total > size) std::abort();
  (void)formats::read_mcuboot(bytes);
  (void)formats::read_vbmeta(bytes);
  return 0;
}
