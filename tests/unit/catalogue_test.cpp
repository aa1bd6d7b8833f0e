#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "harness/catalogue/catalogue.hpp"
#include "harness/catalogue/phrases.hpp"
#include "tests/support/sample_catalogue.hpp"

using namespace haetae;
using namespace haetae::catalogue;
using haetae::test::sample_sources;

namespace {

const std::filesystem::path kSource = HAETAE_SOURCE_DIR;

/// schema_accepts() asks xmllint, an independent reader, about the published XSD.
bool schema_accepts(const std::string& text) {
  const auto file = std::filesystem::path(HAETAE_BINARY_DIR) /
                    fmt::format("catalogue-{}.xml", std::hash<std::string>()(text));
  std::ofstream(file, std::ios::binary) << text;
  const int code =
      std::system(fmt::format("xmllint --noout --nonet --schema {} {} >/dev/null 2>&1",
                              (kSource / "harness/catalogue/catalogue.xsd").string(), file.string())
                      .c_str());
  std::filesystem::remove(file);
  REQUIRE((code == 0 || WEXITSTATUS(code) == 1 || WEXITSTATUS(code) == 3));
  return code == 0;
}

struct Bad {
  std::size_t source;  ///< 0 catalogue, 1 references, 2 profile
  std::string_view from, to, says;
  bool schema_knows = true;
};

const std::vector<Bad> kBad{
    {0, "<catalogue id=\"sample\"", "<catalogue id=\"Sample Catalogue\"", "is no name"},
    {0, " edition=\"1\"", "", "<catalogue> lacks the attribute 'edition'"},
    {0, "<legal-base>none</legal-base>", "", "lacks the element <legal-base>"},
    {0, "<ko>표본</ko><en>Sample</en>", "<ko>표본</ko>", "<title> lacks the element <en>"},
    {0, "<ko>표본</ko>", "<ko> </ko>", "<ko> in <title> is empty"},
    {0, "<domain id=\"1\"><ko>영역</ko><en>Domain</en></domain>",
     "<domain id=\"1\"><ko>a</ko><en>a</en></domain><domain id=\"1\"><ko>a</ko><en>a</en></domain>",
     "domain '1' stands twice"},
    {0, "type=\"integer\" value=\"112\"", "type=\"number\" value=\"112\"",
     "is 'number'; allowed: integer, real, text"},
    {0, "value=\"112\"", "value=\"many\"", "attribute 'value' of <parameter> is 'many'", false},
    {0, "type=\"integer\" value=\"112\"", "type=\"real\" value=\"1,5\"", "'1,5' is no number",
     false},
    {0, "name=\"lockout.failures\"", "name=\"suite.minimum-bits\"",
     "parameter 'suite.minimum-bits' stands twice"},
    {0, "name=\"lockout.failures\"", "name=\"suite.minimum.bits\"",
     "are both bound as :suite_minimum_bits", false},
    {0, "name=\"lockout.failures\"", "name=\"tested-at\"", "is the time of the test", false},
    {0, "cause=\"lab\"", "cause=\"weather\"", "allowed: device, lab, tool, declaration, operator"},
    {0, "id=\"not-tried-enough\"", "id=\"suite-not-listed\"",
     "reason 'suite-not-listed' stands twice"},
    {0, "<include file=\"references/suites.xml\"/>", "<include file=\"references/other.xml\"/>",
     "there is no text 'references/other.xml'", false},
    {0, "<include file=\"references/suites.xml\"/>",
     "<include file=\"references/suites.xml\"/><include file=\"references/suites.xml\"/>",
     "is included twice"},
    {0, "official=\"confirmed\"", "official=\"yes\"", "allowed: confirmed, reconstructed"},
    {0, "official=\"confirmed\" domain=\"1\"", "official=\"confirmed\" domain=\"9\"",
     "no domain '9'; allowed: 1", false},
    {0, "types=\"lite basic standard\"", "types=\"light\"",
     "unknown word 'light' in 'types' of <item>; allowed: lite, basic, standard"},
    {0, "types=\"lite basic standard\"", "types=\"\"", "no type; allowed"},
    {0, "methods=\"probe operator\"", "methods=\"magic\"",
     "allowed: probe, capture, firmware, document, operator"},
    {0, "<item id=\"1.2\"", "<item id=\"1.1\"", "item '1.1' stands twice"},
    {0, "id=\"1.2-image\"", "id=\"1.1-weak\"", "criterion '1.1-weak' stands twice"},
    {0, "id=\"1.1-weak\" source=\"probe\"", "id=\"1.1-weak\" source=\"probes\"",
     "allowed: probe, capture"},
    {0, "kind=\"absent\"", "kind=\"missing\"", "allowed: seen, absent"},
    {0, "id=\"1.1-weak\" source=\"probe\"", "id=\"1.1-weak\" source=\"probe\" planned=\"yes\"",
     "criterion '1.1-weak' is planned and holds universe, coverage, subjects, lacks, breach, "
     "cites, says, remedy; allowed: title",
     false},
    {0, "source=\"firmware\" planned=\"yes\"", "source=\"firmware\"",
     "criterion '1.2-image' lacks <subjects>", false},
    {0, "id=\"1.3-telnet\" source=\"probe\"", "id=\"1.3-telnet\" source=\"operator\"",
     "is answered by a person and holds universe, subjects", false},
    {0, "<cites>SELECT subject, evidence FROM tls_suite</cites>", "",
     "criterion '1.1-weak' lacks <cites>", false},
    {0, "<cites>SELECT subject, evidence FROM tls_suite</cites>", "<cites> </cites>",
     "<cites> is empty"},
    {0, "<universe>tls.endpoints</universe>", "<universe>TLS</universe>", "'TLS' is no topic"},
    {0, "<universe>tls.endpoints</universe>", "<universe>a a</universe>", "topic 'a' stands twice",
     false},
    {0, "<universe>ports.tcp services</universe>", "", "criterion '1.3-telnet' names no topic",
     false},
    {0, "<subjects>SELECT subject FROM port",
     "<subject>x</subject><subjects>SELECT subject FROM port",
     "unknown element <subject> in <criterion>; allowed: title, universe"},
    {0, "<items>", "<!DOCTYPE x><items>", "a DOCTYPE is not allowed"},
    {1, "<references>", "<reference>", "not well-formed XML"},
    {1, "<row suite=\"TLS_WEAK\" bits=\"40\"/>", "<row suite=\"TLS_WEAK\"/>",
     "<row> lacks the attribute 'bits'", false},
    {1, "bits=\"40\"", "bits=\"forty\"", "attribute 'bits' of <row> is 'forty'", false},
    {1, "bits=\"40\"", "bits=\"40\" colour=\"red\"",
     "unknown attribute 'colour' of <row>; allowed: suite, bits", false},
    {1, "<row suite=\"TLS_WEAK\" bits=\"40\"/>", "<row suite=\"TLS_STRONG\" bits=\"256\"/>",
     "this row stands twice", false},
    {1, "<column name=\"bits\" type=\"integer\"/>", "<column name=\"bits\" type=\"blob\"/>",
     "allowed: text, integer"},
    {1, "<column name=\"bits\" type=\"integer\"/>", "<column name=\"suite\" type=\"integer\"/>",
     "column 'suite' stands twice"},
    {1, " date=\"2026-11-01\"", "", "lacks the attribute 'date'"},
    {1, "name=\"suite_strength\"", "name=\"x; DROP TABLE port\"", "is no name"},
    {2, "base=\"sample\"", "base=\"other\"",
     "the profile is for catalogue 'other'; allowed: sample", false},
    {2, "parameter=\"suite.minimum-bits\"", "parameter=\"suite.bits\"",
     "no parameter 'suite.bits'; allowed: suite.minimum-bits, lockout.failures", false},
    {2, "value=\"300\"", "value=\"long\"", "attribute 'value' of <set> is 'long'", false},
    {2, "<reason id=\"more\"", "<reason id=\"service-unknown\"",
     "reason 'service-unknown' stands twice", false},
    {2, "item=\"1.2\"", "item=\"9.9\"", "no item '9.9'", false},
    {2, "id=\"1.2-extra\"", "id=\"1.1-weak\"", "criterion '1.1-weak' stands twice", false},
    {2, "<profile id=\"strict\" base=\"sample\">", "<profile id=\"strict\" base=\"sample\"><item/>",
     "unknown element <item> in <profile>; allowed: title, set"},
};

}  // namespace

TEST_CASE("a catalogue loads with its includes and a profile on top", "[catalogue]") {
  auto sources = sample_sources();
  const auto loaded = load_sources(sources);
  if (!loaded) FAIL(loaded.error().message());
  CHECK(loaded->items.size() == 4);
  CHECK(loaded->profile->id == "strict");
  CHECK(std::get<std::int64_t>(loaded->parameter("suite.minimum-bits")->value) == 300);
  CHECK(loaded->parameter("suite.minimum-bits")->source == "test profile");
  CHECK(loaded->reference("suite_strength")->rows.size() == 2);
  CHECK(loaded->reason("more")->cause == Cause::operator_);
  CHECK(loaded->item("1.2")->criteria.size() == 3);
  CHECK(loaded->item("1.3")->optional);
  CHECK_FALSE(loaded->item("1.3")->lite);
  const Criterion& weak = loaded->item("1.1")->criteria.front();
  CHECK(weak.universe == std::vector<std::string>{"tls.endpoints"});
  CHECK(weak.subjects == "SELECT DISTINCT subject FROM tls_version WHERE offered <> 'no'");
  CHECK(weak.file == "sample.xml");
  CHECK(weak.line == 23);
  CHECK(loaded->item("1.4")->criteria.front().kind == Kind::absent);
  sources.pop_back();
  const auto plain = load_sources(sources);
  REQUIRE(plain);
  CHECK_FALSE(plain->profile);
  CHECK(std::get<std::int64_t>(plain->parameter("suite.minimum-bits")->value) == 112);
  CHECK(parameter_binding("password.length-3") == "password_length_3");
}

TEST_CASE("everything that is wrong in a catalogue is told with its line", "[catalogue]") {
  for (const Bad& bad : kBad) {
    auto sources = sample_sources();
    std::string& text = sources[bad.source].text;
    CAPTURE(bad.from, bad.to, bad.says);
    const std::size_t at = text.find(bad.from);
    REQUIRE(at != std::string::npos);
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
    text.replace(at, bad.from.size(), bad.to);
    const auto loaded = load_sources(sources);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::invalid_input);
    CAPTURE(loaded.error().text);
    CHECK(loaded.error().text.find(bad.says) != std::string::npos);
    const std::string place = fmt::format("{}:{}: ", sources[bad.source].name, line);
    if (bad.says.find("lacks") == std::string_view::npos && bad.says != "not well-formed XML" &&
        bad.says.find("names no topic") == std::string_view::npos) {
      CHECK(loaded.error().text.find(place) == 0);
    }
    CHECK(schema_accepts(text) == !bad.schema_knows);
  }
}

TEST_CASE("the published schema accepts the sample", "[catalogue]") {
  for (const SourceText& source : sample_sources()) {
    CAPTURE(source.name);
    CHECK(schema_accepts(source.text));
  }
}

TEST_CASE("texts that nobody asked for and empty catalogues are errors", "[catalogue]") {
  auto sources = sample_sources();
  sources.push_back({"other.xml", "<references/>"});
  CHECK(load_sources(sources).error().text.find(
            "other.xml:1: unknown root element <references>; allowed: profile") == 0);
  sources.back() = {"profiles/two.xml", sources[2].text};
  CHECK(load_sources(sources).error().text.find("second profile; allowed: one") !=
        std::string::npos);
  CHECK_FALSE(load_sources({}));
}

TEST_CASE("a catalogue is read from files, and only from its own folder", "[catalogue]") {
  const auto folder = std::filesystem::path(HAETAE_BINARY_DIR) / "catalogue-test";
  std::filesystem::remove_all(folder);
  for (const SourceText& source : sample_sources()) {
    std::filesystem::create_directories((folder / source.name).parent_path());
    std::ofstream(folder / source.name) << source.text;
  }
  const auto loaded = load(folder / "sample.xml", folder / "profiles/strict.xml");
  if (!loaded) FAIL(loaded.error().message());
  const auto again = load_sources(loaded->sources);
  REQUIRE(again);
  CHECK(again->items.size() == loaded->value.items.size());
  CHECK(loaded->sources[2].name == "profiles/strict.xml");

  std::ofstream(folder.parent_path() / "outside.xml") << "<references/>";
  std::filesystem::create_symlink(folder.parent_path() / "outside.xml", folder / "link.xml");
  for (const char* bad :
       {"../outside.xml", "/etc/passwd", "link.xml", "references/../../outside.xml", ""}) {
    std::string text = sample_sources()[0].text;
    text.replace(text.find("references/suites.xml"), 21, bad);
    std::ofstream(folder / "bad.xml") << text;
    const auto refused = load(folder / "bad.xml", std::nullopt);
    CAPTURE(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text.find("is outside the catalogue's folder") != std::string::npos);
    CHECK(refused.error().text.find("bad.xml:17: ") != std::string::npos);
  }
  std::filesystem::remove(folder / "references/suites.xml");
  const auto missing = load(folder / "sample.xml", std::nullopt);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message().find("there is no such file") != std::string::npos);
  CHECK(load(folder / "none.xml", std::nullopt).error().kind == ErrorKind::not_found);
  std::filesystem::remove_all(folder);
}

TEST_CASE("sentences of procedures have Korean ones, and what stands in their places too",
          "[unit]") {
  const auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  REQUIRE(loaded);
  const auto korean = [&](std::string_view text) {
    const Text both = catalogue::phrase(loaded->value, text);
    CHECK(both.en == text);
    return both.ko;
  };
  CHECK(korean("lockout") == "반복 실패 차단");
  CHECK(korean("its hazard is lockout-risk, permitted is up to safe") ==
        "위험 등급이 잠금 위험(lockout-risk)이나 안전(safe)까지만 허용됨");
  CHECK(korean("/status was not answered: no answer in time") ==
        "/status에 응답하지 않음: 제한 시간 안에 응답이 없음");
  CHECK(korean("no version was accepted; the endpoint died") ==
        "받아들인 버전이 없음; 시험 중에 응답을 멈춤");
  CHECK(korean("the console went away: the other side ended the console") ==
        "콘솔이 끊어짐: 상대가 콘솔 연결을 끝냄");
  CHECK(korean("something that nobody foresaw") == "something that nobody foresaw");
  CHECK(korean("").empty());
  // What a device said may stand in a sentence: no place is filled twice, and no text takes long.
  CHECK(korean("the answer to {1} {2} was broken off") == "{1} {2}의 응답이 중간에 끊김");
  std::string hostile = "account '";
  for (int count = 0; count < 60; ++count) hostile += "' at has had failures of ";
  CHECK(korean(hostile) == hostile);
}

TEST_CASE("every coverage topic of a procedure has a Korean name", "[unit]") {
  const auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  REQUIRE(loaded);
  std::set<std::string> topics;
  for (const auto& item : loaded->value.items) {
    for (const auto& criterion : item.criteria) {
      topics.insert(criterion.universe.begin(), criterion.universe.end());
      topics.insert(criterion.coverage.begin(), criterion.coverage.end());
    }
  }
  REQUIRE_FALSE(topics.empty());
  for (const std::string& topic : topics) {
    INFO(topic);
    CHECK(catalogue::phrase(loaded->value, topic).ko != topic);
  }
}
