#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "harness/declaration/particulars.hpp"
#include "tests/support/daemon.hpp"

/// The particulars of a report: a strict form, since what it says is signed.
namespace {

using namespace haetae;
using declaration::load_particulars_text;

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = declaration::particulars_template();
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// schema_accepts() asks xmllint, an independent reader, about the published XSD.
bool schema_accepts(const std::string& text) {
  const test::TempDir folder;
  std::ofstream(folder.file("p.xml")) << text;
  return std::system(fmt::format("xmllint --noout --nonet --schema {} {} >/dev/null 2>&1",
                                 HAETAE_SOURCE_DIR "/harness/declaration/particulars.xsd",
                                 folder.file("p.xml"))
                         .c_str()) == 0;
}

}  // namespace

TEST_CASE("the template of the particulars is read and valid", "[unit]") {
  const auto loaded = load_particulars_text(declaration::particulars_template(), "p.xml");
  REQUIRE(loaded);
  CHECK(loaded->value.number == "2026-0001");
  CHECK(loaded->value.laboratory.name == "Example Laboratory");
  CHECK(loaded->value.applicant.contact == "maker@example.com");
  CHECK(loaded->value.receipt == "2026-01-01");
  CHECK(loaded->value.tester.name != loaded->value.manager.name);
  CHECK_FALSE(loaded->value.kind.ko.empty());
  CHECK(schema_accepts(declaration::particulars_template()));
}

TEST_CASE("every optional part of the particulars is read", "[unit]") {
  const std::string text =
      replaced("</report>", R"(<replaces number="2025-7">wrong serial</replaces></report>)");
  const auto loaded = load_particulars_text(text, "p.xml");
  REQUIRE(loaded);
  CHECK(loaded->value.replaces == "2025-7");
  CHECK(loaded->value.reason == "wrong serial");
  const auto more = load_particulars_text(
      replaced("</report>",
               "<equipment><instrument name=\"DMM\" id=\"7\" calibration=\"2027\"/></equipment>"
               "<deviations><ko>없음</ko><en>none</en></deviations><external>none</external>"
               "<opinion><ko>가</ko><en>a</en></opinion>"
               "<corrections><correction date=\"2026-01-02\">fixed</correction></corrections>"
               "</report>"),
      "p.xml");
  REQUIRE(more);
  CHECK(more->value.equipment.front().id == "7");
  CHECK(more->value.corrections.front().what == "fixed");
  CHECK(more->value.opinion.ko == "가");
}

TEST_CASE("particulars that are wrong are refused with file and line", "[unit]") {
  struct Wrong {
    std::string from, to, says;
    bool by_schema = true;
  };
  const std::vector<Wrong> list{
      {"<report number=\"2026-0001\"", "<report number=\"\"", "number"},
      {"<report number=\"2026-0001\"", "<report number=\"a b\"", "number"},
      {"<report number=\"2026-0001\"", "<report", "number"},
      {" verify-at=\"https://www.example.com/verify\"", "", "verify-at"},
      {"<laboratory name=\"Example Laboratory\"", "<laboratory name=\"\"", "name"},
      {"<laboratory name", "<lab name", "lab"},
      {"received=\"2026-01-01\"", "received=\"2026-02-30\"", "2026-02-30"},
      {"received=\"2026-01-01\"", "received=\"soon\"", "soon"},
      {"name=\"Name of the manager\"", "name=\"Name of the tester\"", "two persons", false},
      {"<environment>23 °C, 45 % relative humidity; isolated test network</environment>",
       "<environment> </environment>", "environment"},
      {"</report>", "<replaces number=\"1\"></replaces></report>", "why"},
      {"</report>", "<replaces number=\"2026-0001\">again</replaces></report>", "itself", false},
      {"</report>", "<colour/></report>", "colour"},
      {"</report>", "", "p.xml"},
  };
  for (const Wrong& wrong : list) {
    INFO(wrong.to);
    const std::string text = replaced(wrong.from, wrong.to);
    const auto loaded = load_particulars_text(text, "p.xml");
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::invalid_input);
    CHECK(loaded.error().message().find("p.xml:") != std::string::npos);
    CHECK(loaded.error().message().find(wrong.says) != std::string::npos);
    CHECK(schema_accepts(text) == !wrong.by_schema);
  }
}
