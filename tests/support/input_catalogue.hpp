#pragma once

#include <optional>
#include <stdexcept>

#include "harness/catalogue/catalogue.hpp"

namespace haetae::test {

/// input_catalogue() is the catalogue of the product with a delay of one second, so that a test
/// waits little.
inline catalogue::Catalogue input_catalogue() {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) throw std::runtime_error(loaded.error().message());
  for (auto& one : loaded->value.parameters) {
    if (one.name == "input.delay") one.value = std::int64_t{1};
    if (one.name == "input.crawl-pages") one.value = std::int64_t{20};
    if (one.name == "input.recovery") one.value = std::int64_t{1};
    if (one.name == "input.requests") one.value = std::int64_t{1500};
  }
  return loaded->value;
}

}  // namespace haetae::test
