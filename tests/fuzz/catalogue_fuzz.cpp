#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"

// A catalogue, what it includes and a profile, cut at NUL bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<catalogue::SourceText> sources;
  for (const char* name : {"sample.xml", "references/suites.xml", "profiles/strict.xml"}) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    if (!sources.empty() && rest.empty()) break;
    sources.push_back({name, std::string(rest.substr(0, end))});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto loaded = catalogue::load_sources(sources);
  if (!loaded) {
    if (loaded.error().text.empty()) __builtin_trap();
    return 0;
  }
  for (const catalogue::Item& item : loaded->items) {
    if (item.criteria.empty() || item.title.ko.empty() || item.title.en.empty()) __builtin_trap();
  }
  return 0;
}
