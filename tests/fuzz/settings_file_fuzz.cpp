#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "harness/formats/settings_file.hpp"

/// Each altered copy differs from the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const ByteView file(data, size);
  for (const auto& one : formats::altered_settings(file, "a=1", "a=2"))
    if (one.bytes.size() == file.size() && std::equal(file.begin(), file.end(), one.bytes.begin()))
      std::abort();
  return 0;
}
