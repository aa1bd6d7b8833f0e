#include <algorithm>
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "harness/judge/judge.hpp"
#include "harness/judge/sql_text.hpp"
#include "tests/support/fact_set.hpp"
#include "tests/support/sample_catalogue.hpp"

using namespace haetae;
using namespace haetae::judge;

namespace {

const std::vector<std::string> kTopics{"tls.endpoints", "tls.suites",     "ports.tcp",
                                       "services",      "login.surfaces", "lockout"};

catalogue::Catalogue changed(std::string_view from, std::string_view to) {
  auto sources = test::sample_sources();
  sources.pop_back();
  const std::size_t at = sources[0].text.find(from);
  REQUIRE(at != std::string::npos);
  sources[0].text.replace(at, from.size(), to);
  auto loaded = catalogue::load_sources(sources);
  if (!loaded) FAIL(loaded.error().message());
  return std::move(*loaded);
}

std::vector<std::string> check_changed(std::string_view from, std::string_view to) {
  return check(changed(from, to), test::fact_tables(), kTopics);
}

struct Broken {
  std::string_view from, to, says;
};

/// Each breaks one rule on purpose.
const std::vector<Broken> kBroken{
    {"FROM tls_version WHERE offered", "FROM tls_versions WHERE offered",
     "no such table: tls_versions"},
    {"FROM tls_version WHERE offered", "FROM tls_version WHERE offerd", "no such column: offerd"},
    {"offered &lt;&gt; 'no'", "offered &lt;&gt; 'nope'",
     "subjects: the literal 'nope' is in no word list of tls_version"},
    {"offered &lt;&gt; 'no'", "offered &lt;&gt; \"no\"", "no such column"},
    {"offered &lt;&gt; 'no'", "offered &lt;&gt; 'telnet'",
     "the literal 'telnet' is in no word list of tls_version"},
    {"offered &lt;&gt; 'no'", "offered LIKE 'no'", "a pattern after like must be a parameter"},
    {"offered &lt;&gt; 'no'", "offered GLOB 'n*'", "a pattern after glob must be a parameter"},
    {"offered &lt;&gt; 'no'", "offered &lt;&gt; 'no' LIMIT 1",
     "limit is not allowed, it hides rows"},
    {"offered &lt;&gt; 'no'", "length(offered) &gt; 2", "the number 2 stands in the query"},
    {"offered &lt;&gt; 'no'", "id &lt; 0x10", "the number 0x10 stands in the query"},
    {"offered &lt;&gt; 'no'", "offered &lt;&gt; x'6e6f'", "bytes stand in the query"},
    {"r.bits &lt; :suite_minimum_bits", "r.bits &lt; 112", "the number 112 stands in the query"},
    {"r.bits &lt; :suite_minimum_bits", "r.bits &lt; :suite_bits",
     "unknown parameter ':suite_bits'"},
    {"r.bits &lt; :suite_minimum_bits", "r.bits &lt; 0 AND t.suite = 'TLS_OTHER'",
     "the literal 'TLS_OTHER' is in no word list"},
    {"r.bits &lt; :suite_minimum_bits", "r.bits &lt; abs(random())",
     "function 'random' may not be used"},
    {"JOIN ref_suite_strength AS r", "JOIN ref_suites AS r", "no such table: ref_suites"},
    {"SELECT t.subject, t.suite AS key", "SELECT t.suite AS key, t.subject",
     "breach: the first columns are key, subject, evidence; needed: subject, key, evidence"},
    {"t.suite AS key, t.evidence, t.suite, r.bits", "t.suite AS key, t.evidence, t.suite",
     "says has the place {bits} without a column; allowed: subject, key, evidence, suite"},
    {"t.suite AS key, t.evidence, t.suite, r.bits",
     "t.suite AS key, t.evidence, t.suite, r.bits, r.bits", "a column stands twice"},
    {"Switch off {suite}", "Switch off {suites}", "remedy has the place {suites} without a column"},
    {"Switch off {suite}", "Switch off \"{suite}\"", "puts {suite} into quotation marks"},
    {"{suite} is not in the list", "{name} is not in the list",
     "reason 'suite-not-listed' has the place {name} without a column"},
    {"'suite-not-listed' AS why", "'suite-not-liste' AS why",
     "lacks: the literal 'suite-not-liste' is in no word list"},
    {"'suite-not-listed' AS why, t.suite FROM", "'suite-not-listed' AS reason, t.suite FROM",
     "lacks: the first columns are subject, reason; needed: subject, why"},
    {"'not-tried-enough' AS why", "'unknown' AS why", "no reason of the catalogue is selected"},
    {"<cites>SELECT subject, evidence FROM tls_suite</cites>",
     "<cites>SELECT subject FROM tls_suite</cites>", "needed: subject, evidence"},
    {"<universe>tls.endpoints</universe>", "<universe>tls.endpoint</universe>",
     "unknown topic 'tls.endpoint'; allowed: lockout, login.surfaces"},
    {"<coverage>tls.suites</coverage>", "<coverage>suites</coverage>", "unknown topic 'suites'"},
    {"<universe>tls.endpoints</universe>", "", "no universe; needed"},
    {"<subjects>SELECT DISTINCT subject FROM tls_version",
     "<subjects>DELETE FROM port RETURNING subject --", "may only SELECT"},
    {"<subjects>SELECT DISTINCT subject FROM tls_version",
     "<subjects>SELECT id AS subject FROM evidence --", "table 'evidence' may not be read"},
    {"WHERE protocol = 'telnet'</applies>", "WHERE protocol = 'tellnet'</applies>",
     "applies: the literal 'tellnet' is in no word list of service"},
};

}  // namespace

TEST_CASE("the sample catalogue is sound", "[judge]") {
  for (const std::string& flaw : check_changed("none", "none")) FAIL_CHECK(flaw);
  SUCCEED();
}

TEST_CASE("each rule for queries bites on a catalogue that breaks it", "[judge]") {
  for (const Broken& broken : kBroken) {
    CAPTURE(broken.from, broken.to, broken.says);
    const auto flaws = check_changed(broken.from, broken.to);
    REQUIRE_FALSE(flaws.empty());
    std::string all;
    for (const std::string& flaw : flaws) all += flaw + "\n";
    CAPTURE(all);
    CHECK(all.find(broken.says) != std::string::npos);
    CHECK(all.find("sample.xml:") == 0);
  }
}

TEST_CASE("a literal may join the parts of a key, and the device needs no universe", "[judge]") {
  CHECK(check_changed("t.suite AS key", "t.version || '/' || t.suite AS key").empty());
  CHECK_FALSE(check_changed("t.suite AS key", "t.version || 'and' || t.suite AS key").empty());
  CHECK(
      check_changed("<universe>tls.endpoints</universe>\n        <coverage>tls.suites</coverage>\n"
                    "        <subjects>SELECT DISTINCT subject FROM tls_version WHERE offered "
                    "&lt;&gt; 'no'</subjects>",
                    "<coverage>tls.suites</coverage><subjects>SELECT 0 AS subject</subjects>")
          .empty());
}

TEST_CASE("tokens of a query", "[judge]") {
  const auto cut =
      tokens("SELECT a.b, 'it''s' -- 'no'\n FROM \"T\" /* 5 */ WHERE x<=.5e3 AND y = :p || X'00'");
  std::string text;
  for (const Token& token : cut)
    text += fmt::format("{}{} ", static_cast<int>(token.kind), token.text);
  CHECK(text == "0select 0a 6. 0b 6, 2it's 0from 1T 0where 0x 6< 6= 3.5e3 0and 0y 6= 5:p 6|| 400 ");
  CHECK(tokens("'never closed").size() == 1);
  CHECK(tokens("/* never closed").empty());
  CHECK(word_list("CREATE TABLE t (a TEXT CHECK (a IN ('x', 'y''s')), b TEXT, -- 'no'\n c TEXT "
                  "CHECK (c IN ('z')))") == std::vector<std::string>{"x", "y's", "z"});
}

TEST_CASE("the attack finds a criterion that passes on nothing", "[judge]") {
  test::FactSet set;
  set.name = "made here";
  set.expect = "pass";
  set.facts = {{"tls_version",
                {{"evidence", std::int64_t{1}},
                 {"subject", "lan:tcp/443"},
                 {"version", "tls1.2"},
                 {"offered", "yes"}}},
               {"tls_suite",
                {{"evidence", std::int64_t{1}},
                 {"subject", "lan:tcp/443"},
                 {"version", "tls1.2"},
                 {"suite", "TLS_STRONG"},
                 {"code", std::int64_t{1}},
                 {"preference", std::int64_t{1}}}}};
  set.labels = {"tls_version.0", "tls_suite.0"};
  const auto covered = [](const std::string& topic, const std::string& subject) {
    return Coverage{.topic = topic,
                    .subject = subject,
                    .state = CoverageState::complete,
                    .cause = Cause::none,
                    .why = {},
                    .tried = {}};
  };
  set.coverage = {covered("tls.endpoints", "lan"), covered("tls.suites", "lan:tcp/443")};
  set.irrelevant = {"tls_version.0", "tls_suite.0.version"};
  const auto sound = changed("none", "none");
  // Without its version row the endpoint is no subject: not applicable, and the set says so.
  for (const std::string& flaw : test::attack(set, sound, "1.1-weak")) FAIL_CHECK(flaw);

  const auto has = [](const std::vector<std::string>& flaws, std::string_view what) {
    return std::ranges::any_of(
        flaws, [&](const std::string& flaw) { return flaw.find(what) != std::string::npos; });
  };
  // A criterion that forgot its lack for an unknown version.
  const auto hole = changed(
      "UNION ALL SELECT subject, 'service-unknown' AS why, version AS suite FROM tls_version WHERE "
      "offered = 'unknown'",
      "");
  auto strict = set;
  strict.irrelevant = {"tls_version.0.version", "tls_suite.0.version"};
  CHECK(has(test::attack(strict, hole, "1.1-weak"),
            "without tls_version.0.offered it is still pass"));
  CHECK(has(test::attack(strict, hole, "1.1-weak"),
            "without tls_version.0 it is still not-applicable"));
  // A criterion that needs no coverage of the endpoint.
  const auto blind = changed("<coverage>tls.suites</coverage>", "");
  CHECK(has(test::attack(set, blind, "1.1-weak"), "without coverage.1 it is still pass"));
  // A criterion that cites what does not show it.
  const auto vain = changed("<cites>SELECT subject, evidence FROM tls_suite</cites>",
                            "<cites>SELECT subject, evidence FROM tls_version</cites>");
  CHECK(has(test::attack(set, vain, "1.1-weak"), "without tls_suite.0 it is still pass"));
  // A list that has become stale.
  auto stale = set;
  stale.irrelevant.push_back("tls_suite.0");
  CHECK(has(test::attack(stale, sound, "1.1-weak"), "'tls_suite.0' is not irrelevant"));
}
