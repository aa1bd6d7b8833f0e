#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/declaration/declaration.hpp"

// What loads must load again without its secrets, and can be explained.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = declaration::load_text(text, "fuzz.xml");
  if (!loaded) {
    if (loaded.error().text.empty()) __builtin_trap();
    return 0;
  }
  const auto again = declaration::load_text(loaded->redacted_text, "fuzz.xml");
  if (!again || again->value.accounts.size() != loaded->value.accounts.size()) __builtin_trap();
  for (const declaration::Account& account : again->value.accounts) {
    if (account.has_password && account.password != "withheld") __builtin_trap();
  }
  if (declaration::explain(loaded->value).empty()) __builtin_trap();
  return 0;
}
