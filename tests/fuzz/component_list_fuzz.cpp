#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "harness/formats/component_list.hpp"

/// A list is read or not; what is read has names.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const auto list = formats::read_component_list({reinterpret_cast<const char*>(data), size});
  if (!list) return 0;
  for (const auto& one : list->components)
    if (one.name.empty()) std::abort();
  return 0;
}
