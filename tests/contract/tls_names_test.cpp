#include <catch2/catch.hpp>
#include <set>

#include "harness/catalogue/catalogue.hpp"
#include "harness/protocols/tls_names.hpp"

using namespace haetae;

namespace {

/// words() is one text column of a reference table of the catalogue.
std::set<std::string> words(const catalogue::Catalogue& catalogue, const char* table,
                            const char* column) {
  const catalogue::Reference* reference = catalogue.reference(table);
  REQUIRE(reference != nullptr);
  std::set<std::string> out;
  for (std::size_t i = 0; i < reference->columns.size(); ++i) {
    if (reference->columns[i].name != column) continue;
    for (const auto& row : reference->rows) out.insert(std::get<std::string>(row[i]));
  }
  return out;
}

std::set<std::string> names(std::span<const protocols::NamedNumber> table) {
  std::set<std::string> out;
  for (const auto& entry : table) out.emplace(entry.name);
  return out;
}

}  // namespace

// A name that the catalogue does not list makes a verdict inconclusive, so both sides list the
// same.
TEST_CASE("what TLS probes can name, the catalogue rates, and nothing else") {
  const auto loaded =
      catalogue::load(std::string(HAETAE_SOURCE_DIR) + "/testcases/catalogue/kisa-cic.xml", {});
  REQUIRE(loaded.has_value());
  std::set<std::string> suites = names(protocols::tls_suites());
  suites.merge(names(protocols::ssl2_cipher_kinds()));
  CHECK(suites == words(loaded->value, "tls_suite", "suite"));
  std::set<std::string> groups = names(protocols::tls_groups());
  groups.insert("dh-custom");
  CHECK(groups == words(loaded->value, "tls_group", "name"));
  CHECK(names(protocols::tls_signature_schemes()) ==
        words(loaded->value, "tls_signature", "scheme"));
}
