#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>

#include "harness/catalogue/catalogue.hpp"
#include "harness/catalogue/phrases.hpp"
#include "testcases/procedures.hpp"

/// What people read in Korean is Korean: units and sources of limits, titles of procedures, and
/// the names of coverage topics.
namespace {

using namespace haetae;

catalogue::Catalogue whole() {
  const std::filesystem::path folder =
      std::filesystem::path(HAETAE_SOURCE_DIR) / "testcases/catalogue";
  auto loaded = catalogue::load(folder / "kisa-cic.xml", std::nullopt);
  if (!loaded) throw std::runtime_error(loaded.error().message());
  return std::move(loaded->value);
}

/// korean() is whether a text holds a Hangul syllable (U+AC00 to U+D7A3, in UTF-8 EA B0 80 to
/// ED 9E A3).
bool korean(const std::string& text) {
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (first >= 0xEA && first <= 0xED && second >= 0x80) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("units and sources of limits, topics and procedures are told in Korean", "[contract]") {
  const auto catalogue = whole();
  std::set<std::string> english;
  for (const auto& parameter : catalogue.parameters)
    for (const std::string& text : {parameter.unit, parameter.source})
      if (!text.empty() && !korean(catalogue::phrase(catalogue, text).ko)) english.insert(text);
  for (const auto& procedure : testcases::procedures()) {
    INFO(procedure.info.id);
    CHECK(korean(procedure.info.title.ko));
    CHECK_FALSE(korean(procedure.info.title.en));
    for (const std::string& topic : procedure.info.topics)
      if (!korean(catalogue::phrase(catalogue, topic).ko)) english.insert(topic);
  }
  for (const std::string& text : english) UNSCOPED_INFO(text);
  CHECK(english.empty());
}
