#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/catalogue/phrases.hpp"
#include "testcases/procedures.hpp"

/// What people read in Korean is Korean: units and sources of limits, titles of procedures, the
/// names of coverage topics, and why something was not learned.
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

struct Reason {
  std::string text;
  bool goes_on = false;  ///< something is added to it when the program runs
};

/// literals_at() joins the string literals that stand next to each other from `at` on.
Reason literals_at(const std::string& source, std::size_t at) {
  Reason out;
  while (true) {
    at = source.find_first_not_of(" \n", at);
    if (at == std::string::npos || source[at] != '"') break;
    const std::size_t end = source.find('"', at + 1);
    if (end == std::string::npos) break;
    out.text += source.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  out.goes_on = at != std::string::npos && source[at] == '+';
  return out;
}

/// reasons_in() are the sentences of a procedure's source that say why something was not learned.
std::vector<Reason> reasons_in(const std::string& source) {
  std::vector<Reason> out;
  for (const std::string before : {"lost(", "why = ", "why_ = ", "return {", "gap = {", "add({"})
    for (std::size_t at = 0; (at = source.find(before, at)) != std::string::npos;) {
      at += before.size();
      Reason one = literals_at(source, at);
      if (one.text.size() >= 18 && one.text.find(' ') != std::string::npos && !korean(one.text))
        out.push_back(std::move(one));
    }
  return out;
}

}  // namespace

TEST_CASE("what procedures say of why something was not learned is told in Korean", "[contract]") {
  const auto catalogue = whole();
  const auto* phrases = catalogue.reference("phrase");
  REQUIRE(phrases != nullptr);
  const auto begins_one = [&](const std::string& text) {
    return std::any_of(phrases->rows.begin(), phrases->rows.end(), [&](const auto& row) {
      return std::get<std::string>(row[0]).starts_with(text);
    });
  };
  std::size_t seen = 0;
  const std::filesystem::path folder = std::filesystem::path(HAETAE_SOURCE_DIR) / "testcases";
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    // Its shortfalls name what was asked, and are joined to a sentence elsewhere.
    if (file.path().extension() != ".cpp" || file.path().filename() == "tls_details.cpp") continue;
    std::ifstream in(file.path());
    const std::string source{std::istreambuf_iterator<char>(in), {}};
    for (const Reason& one : reasons_in(source)) {
      ++seen;
      INFO(file.path().filename().string() << ": " << one.text);
      CHECK(
          (one.goes_on ? begins_one(one.text) : korean(catalogue::phrase(catalogue, one.text).ko)));
    }
  }
  CHECK(seen > 200);
}

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
