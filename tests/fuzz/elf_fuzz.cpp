#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "harness/formats/elf.hpp"

/// Every file is read within its bytes, twice the same, and never says more than it could see.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const auto elf = formats::read_elf({data, size});
  if (!elf) return 0;
  if (!formats::is_elf({data, size})) std::abort();
  if (!elf->damage.empty() && elf->imports_known) std::abort();
  if (elf->canary == "absent" && !elf->imports_known) std::abort();
  if (!formats::read_elf({data, size})) std::abort();
  return 0;
}
