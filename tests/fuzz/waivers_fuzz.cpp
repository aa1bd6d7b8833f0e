#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/compare/waivers.hpp"

// What loads has a target, two people and a moment with a time zone; what does not says why.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = compare::load_waivers_text(text, "fuzz.xml");
  if (!loaded) {
    if (loaded.error().text.empty()) __builtin_trap();
    return 0;
  }
  if (loaded->list.empty()) __builtin_trap();
  for (const compare::Waiver& waiver : loaded->list) {
    if (waiver.target.empty() || waiver.author == waiver.approver) __builtin_trap();
    if (!compare::parse_moment(waiver.expires)) __builtin_trap();
  }
  return 0;
}
