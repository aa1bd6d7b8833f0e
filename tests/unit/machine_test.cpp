#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "harness/model/finding.hpp"
#include "reports/machine/machine.hpp"
#include "reports/machine/texts.hpp"
#include "tests/support/sample_report.hpp"

using namespace haetae;
using namespace haetae::reports;
using Json = nlohmann::json;

namespace {

constexpr Language kLanguages[] = {Language::ko, Language::en};

std::map<std::string, Report> reports_by_name() {
  return {{"empty", test::empty_report()},
          {"sparse", test::sparse_report()},
          {"typical", test::typical_report()},
          {"full", test::full_report()},
          {"crowded", test::crowded_report()}};
}

/// Schema is a published schema, loaded once.
class Schema {
 public:
  explicit Schema(const std::string& path,
                  valijson::SchemaParser::Version version = valijson::SchemaParser::kDraft7) {
    std::ifstream file(std::string(HAETAE_SOURCE_DIR) + path);
    const Json text = Json::parse(file);
    valijson::SchemaParser(version).populateSchema(valijson::adapters::NlohmannJsonAdapter(text),
                                                   schema_);
  }
  /// errors() is empty if a document fits.
  std::string errors(const Json& document) const {
    valijson::Validator validator;
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter target(document);
    if (validator.validate(schema_, target, &results)) return "";
    std::string out;
    valijson::ValidationResults::Error error;
    for (int most = 0; most < 8 && results.popError(error); ++most) {
      for (const std::string& part : error.context) out += part;
      out += ": " + error.description + "\n";
    }
    return out;
  }

 private:
  valijson::Schema schema_;
};

const Schema& sarif_schema() {
  static const Schema schema("/fixtures/schemas/sarif-2.1.0.json", valijson::SchemaParser::kDraft4);
  return schema;
}
const Schema& oscal_schema() {
  static const Schema schema("/fixtures/schemas/oscal-assessment-results.json");
  return schema;
}
const Schema& own_schema() {
  static const Schema schema("/reports/machine/report.schema.json");
  return schema;
}

/// sound() says that a text is UTF-8 without control characters beside line ends.
bool sound(const std::string& text) {
  try {
    static_cast<void>(Json(text).dump());
  } catch (const Json::exception&) {
    return false;
  }
  return std::ranges::none_of(text, [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return (byte < 0x20 && letter != '\n' && letter != '\r') || byte == 0x7f;
  });
}

/// collect() walks a document: UUIDs that are defined, and those that something refers to.
void collect(const Json& node, std::multiset<std::string>& defined, std::set<std::string>& used) {
  if (node.is_array()) {
    for (const Json& one : node) collect(one, defined, used);
  }
  if (!node.is_object()) return;
  for (const auto& [name, value] : node.items()) {
    if (name == "uuid") {
      defined.insert(value.get<std::string>());
    } else if (name.ends_with("-uuid")) {
      used.insert(value.get<std::string>());
    } else if (name.ends_with("-uuids")) {
      for (const Json& one : value) used.insert(one.get<std::string>());
    } else if (name == "href" && value.get<std::string>().starts_with("#")) {
      used.insert(value.get<std::string>().substr(1));
    }
    collect(value, defined, used);
  }
}

/// rows_of() reads RFC 4180 as a spreadsheet would.
std::vector<std::vector<std::string>> rows_of(std::string_view text) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    if (quoted && letter == '"' && at + 1 < text.size() && text[at + 1] == '"') {
      rows.back().back() += '"';
      ++at;
    } else if (letter == '"') {
      quoted = !quoted;
    } else if (!quoted && letter == ',') {
      rows.back().emplace_back();
    } else if (!quoted && letter == '\r' && text.substr(at, 2) == "\r\n") {
      ++at;
      rows.emplace_back(1);
    } else {
      rows.back().back() += letter;
    }
  }
  rows.pop_back();
  return rows;
}

}  // namespace

TEST_CASE("SARIF fits the published schema in both languages, whatever the device says") {
  for (const auto& [name, report] : reports_by_name()) {
    for (const Language language : kLanguages) {
      for (const Shown shown : {Shown::all, Shown::failures}) {
        const std::string text = sarif(report, language, shown);
        INFO(name);
        CHECK(sarif_schema().errors(Json::parse(text)) == "");
        CHECK(sound(text));
      }
    }
  }
  Json broken = Json::parse(sarif(test::full_report(), Language::en));
  broken["runs"][0]["results"][0]["kind"] = "passed";
  CHECK(sarif_schema().errors(broken) != "");
}

TEST_CASE("SARIF says of each criterion what the verdict means") {
  Report report = test::full_report();
  Json run = Json::parse(sarif(report, Language::en))["runs"][0];
  CHECK_FALSE(run["automationDetails"].contains("guid"));  // a UUID of version 7
  report.run[0].value = "9f86d081-884c-4d65-9a2f-eaa0c55ad015";
  run = Json::parse(sarif(report, Language::en))["runs"][0];
  CHECK(run["automationDetails"]["guid"] == report.run[0].value);
  const Json rules = run["tool"]["driver"]["rules"];
  const std::map<Verdict, std::string> kinds{
      {Verdict::pass, "pass"},           {Verdict::fail, "fail"},
      {Verdict::inconclusive, "review"}, {Verdict::not_run, "open"},
      {Verdict::pending, "open"},        {Verdict::not_applicable, "notApplicable"}};
  std::size_t criteria = 0, suppressed = 0, failed = 0;
  for (const Item& item : report.items) criteria += item.criteria.size();
  CHECK(rules.size() == criteria);
  CHECK(run["results"].size() == criteria);  // each criterion that fails has one breach
  CHECK(run["taxonomies"][0]["taxa"].size() == report.items.size());
  for (const Json& result : run["results"]) {
    CHECK(rules[result["ruleIndex"].get<std::size_t>()]["id"] == result["ruleId"]);
    const std::string id = result["taxa"][0]["id"];
    const auto item = std::ranges::find(report.items, id, &Item::id);
    REQUIRE(item != report.items.end());
    INFO(id);
    CHECK(result["kind"] ==
          (item->selected == "planned" ? kinds.at(item->verdict) : "informational"));
    CHECK(result["level"] == (result["kind"] == "fail" ? "error" : "none"));
    // Code hosts want a file of the repository, relative, with a line.
    const Json& place = result["locations"][0]["physicalLocation"];
    const std::string uri = place["artifactLocation"]["uri"];
    CHECK(std::regex_match(uri, std::regex("[A-Za-z0-9._~%-]+\\.xml")));
    CHECK(place["region"]["startLine"] == 1);
    if (result["kind"] != "fail") {
      CHECK_FALSE(result.contains("partialFingerprints"));
      continue;
    }
    ++failed;
    suppressed += result.contains("suppressions") ? 1 : 0;
    const Criterion& criterion = item->criteria[0];
    CHECK(result["partialFingerprints"]["haetaeFinding/v1"] == criterion.findings[0].code);
    CHECK(result["partialFingerprints"]["primaryLocationLineHash"] ==
          criterion.findings[0].code + ":1");
    const std::string message = result["message"]["text"];
    CHECK(message.find("](") == std::string::npos);
    CHECK(message.find(" {0}") == std::string::npos);
    CHECK(message.find("{{0}") != std::string::npos);
    CHECK(result["properties"]["replay"] == criterion.findings[0].replay);
  }
  CHECK((failed > 1 && suppressed == (failed + 1) / 2));         // every other waiver has expired
  CHECK(run["invocations"][0]["executionSuccessful"] == false);  // a damage is named
  const Json only = Json::parse(sarif(report, Language::en, Shown::failures))["runs"][0];
  CHECK(only["results"].size() == failed);
  CHECK(only["tool"]["driver"]["rules"].size() == criteria);
}

TEST_CASE("a fingerprint does not change with the run, the evidence or the language") {
  Report other = test::typical_report();
  other.run[0].value = "0192d5a8-7c11-7b3e-9f66-000000000000";
  other.evidence[0].id = 9;
  for (Item& item : other.items) {
    for (Criterion& criterion : item.criteria) {
      for (Finding& finding : criterion.findings) finding.evidence = {9};
    }
  }
  const auto prints = [](const std::string& text) {
    std::set<std::string> out;
    const Json document = Json::parse(text);
    for (const Json& result : document["runs"][0]["results"]) {
      if (result.contains("partialFingerprints"))
        out.insert(result["partialFingerprints"]["haetaeFinding/v1"].get<std::string>());
    }
    return out;
  };
  const auto before = prints(sarif(test::typical_report(), Language::en));
  CHECK(before.size() > 1);
  CHECK(before == prints(sarif(other, Language::ko)));
}

TEST_CASE("OSCAL fits the schema in both languages, and every reference inside resolves") {
  for (const auto& [name, report] : reports_by_name()) {
    for (const Language language : kLanguages) {
      const std::string text = oscal(report, language);
      const Json document = Json::parse(text);
      INFO(name);
      CHECK(oscal_schema().errors(document) == "");
      CHECK(sound(text));
      CHECK(text == oscal(report, language));
      std::multiset<std::string> defined;
      std::set<std::string> used;
      collect(document, defined, used);
      for (const std::string& one : used) CHECK(defined.count(one) == 1);
      for (const std::string& one : defined) {
        CHECK(defined.count(one) == 1);
        CHECK(one[14] == '5');
      }
    }
  }
  Json broken = Json::parse(oscal(test::full_report(), Language::en));
  broken["assessment-results"]["results"][0]["findings"][0]["target"]["status"]["state"] = "pass";
  CHECK(oscal_schema().errors(broken) != "");
}

TEST_CASE("OSCAL is satisfied only where a criterion passes") {
  const Report report = test::full_report();
  const Json all = Json::parse(oscal(report, Language::en))["assessment-results"];
  const Json& result = all["results"][0];
  std::map<std::string, Json> targets;
  for (const Json& finding : result["findings"])
    targets[finding["target"]["target-id"]] = finding["target"]["status"];
  std::size_t risks = 0, planned = 0;
  for (const Item& item : report.items) {
    planned += item.selected == "planned" ? 1 : 0;
    for (const Criterion& criterion : item.criteria) {
      const auto found = targets.find("criterion-" + criterion.id);
      INFO(criterion.id << " " << word(criterion.verdict));
      const bool judged =
          item.selected == "planned" &&
          (criterion.verdict == Verdict::pass || criterion.verdict == Verdict::fail ||
           criterion.verdict == Verdict::inconclusive);
      REQUIRE((found != targets.end()) == judged);
      if (!judged) continue;
      risks += criterion.findings.size();
      const bool passed = criterion.verdict == Verdict::pass;
      CHECK(found->second["state"] == (passed ? "satisfied" : "not-satisfied"));
      CHECK(found->second["reason"] == (passed                               ? "pass"
                                        : criterion.verdict == Verdict::fail ? "fail"
                                                                             : "other"));
    }
  }
  CHECK(result["risks"].size() == risks);
  std::map<std::string, int> states;
  for (const Json& risk : result["risks"]) ++states[risk["status"]];
  CHECK((states["open"] >= 1 && states["deviation-approved"] >= 1 && states.size() == 2));
  const Json& controls = result["reviewed-controls"]["control-selections"][0]["include-controls"];
  CHECK(controls.size() == planned);
  CHECK(all["metadata"]["version"] == "HT-2026-0002");
  CHECK(all["metadata"]["revisions"].size() == 2);
  CHECK(all["metadata"]["parties"].size() == 5);
}

TEST_CASE("UUIDs of names are those of RFC 9562") {
  CHECK(uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com") ==
        "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  CHECK(is_uuid("2ed6657d-e927-568b-95e1-2665a8aea6a2"));
  for (const char* const none :
       {"", "1234", "2ed6657d-e927-568b-95e1-2665a8aea6a", "2ed6657de927-568b-95e1-2665a8aea6a2-",
        "2ed6657d-e927-068b-95e1-2665a8aea6a2", "2ed6657d-e927-568b-c5e1-2665a8aea6a2",
        "2ed6657g-e927-568b-95e1-2665a8aea6a2"}) {
    CHECK_FALSE(is_uuid(none));
  }
  CHECK(uuid5("1234", "a") == uuid5("", "a"));
}

TEST_CASE("an instant is a date and time that exists") {
  for (const char* const good :
       {"2026-11-22T12:00:00Z", "2026-11-22T12:00:00.000Z", "2024-02-29T23:59:59.9Z"}) {
    CHECK(is_instant(good));
  }
  for (const char* const bad :
       {"", "later", "2026-02-29T12:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22 12:00:00Z",
        "2026-11-22T12:00:00", "2026-11-22T12:00:00.Z", "2026-11-22T12:00:00.1xZ",
        "2026-1x-22T12:00:00Z", "1800-11-22T12:00:00Z", "2026-11-22T12:00:00+09:00"}) {
    CHECK_FALSE(is_instant(bad));
  }
}

TEST_CASE("CSV has one row an item, opens as Korean, and computes nothing") {
  for (const auto& [name, report] : reports_by_name()) {
    const std::string text = csv(report);
    INFO(name);
    CHECK(text.starts_with("\xEF\xBB\xBF"));
    CHECK(sound(text));
    const auto rows = rows_of(std::string_view(text).substr(3));
    REQUIRE(rows.size() == report.items.size() + 1);
    for (const auto& row : rows) {
      CHECK(row.size() == rows[0].size());
      for (const std::string& cell : row) {
        CHECK(cell.find_first_of("\r\n\t") == std::string::npos);
        for (const std::string start : {"=", "+", "-", "@", "＝", "＋", "－", "＠"})
          CHECK_FALSE(cell.starts_with(start));
      }
    }
    for (std::size_t at = 0; at < report.items.size(); ++at) {
      CHECK(rows[at + 1][0] == report.items[at].id);
      CHECK(rows[at + 1][7] ==
            (report.items[at].selected == "planned" ? word(report.items[at].verdict) : ""));
    }
  }
  const auto rows = rows_of(std::string_view(csv(test::full_report())).substr(3));
  CHECK(rows[1][10] == "'＝1+1");
  CHECK(rows[1][11].starts_with("'=HYPERLINK(\"http"));
  const auto waived = std::ranges::find_if(
      rows, [](const auto& row) { return row[17].find("in-force") != std::string::npos; });
  CHECK(waived != rows.end());
}

TEST_CASE("JUnit fits the schema that Jenkins reads by, whatever the device says") {
  std::string folder = (std::filesystem::temp_directory_path() / "haetae-junit-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string file = folder + "/junit.xml";
  const std::string check = fmt::format(
      "xmllint --noout --nonet --schema '{}/fixtures/schemas/junit.xsd' '{}' 2>'{}/said'",
      HAETAE_SOURCE_DIR, file, folder);
  const auto fits = [&](const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
    return std::system(check.c_str()) == 0;
  };
  for (const auto& [name, report] : reports_by_name()) {
    for (const Language language : kLanguages) {
      const std::string text = junit(report, language);
      INFO(name);
      CHECK(sound(text));
      CHECK(fits(text));
    }
  }
  const std::string text = junit(test::full_report(), Language::en);
  CHECK(text.find("waiver: in-force") != std::string::npos);
  CHECK(text.find("replay: openssl s_client") != std::string::npos);
  CHECK(text.find("HT-2026-0002") != std::string::npos);
  CHECK_FALSE(fits(std::string(text).replace(text.find("<testcase"), 9, "<testcase wrong='1'")));
  std::filesystem::remove_all(folder);
}

TEST_CASE("JSON fits its own schema with everything that a laboratory adds") {
  for (const auto& [name, report] : reports_by_name()) {
    const Json document = Json::parse(Json::parse(reports::json(report)).dump());
    INFO(name);
    // A report that no run file gave has no date or revision that the schema would take.
    if (name != "empty") CHECK(own_schema().errors(document) == "");
  }
  const Json document = Json::parse(reports::json(test::full_report()));
  CHECK(document["issue"]["replaces"] == "HT-2026-0001");
  CHECK(document["history"].size() == 2);
  CHECK(document["particulars"]["manager"]["name"] == "박책임");
  CHECK(document["answers"][0]["second"] == "박책임");
  CHECK(document["documentHits"][0]["page"] == 3);
  CHECK(document["changedLimits"][0]["value"] == "128");
  CHECK(document["items"][0]["criteria"][0]["step"]["look"]["en"] == "It is there.");
  CHECK(document["latency"].size() == 190);
  CHECK(document["entropy"].size() == 4);
  CHECK(document["damages"].size() == 1);
  CHECK(document["inventories"]["components"][0]["name"] == "busybox");
  bool waived = false;
  for (const Json& item : document["items"]) {
    for (const Json& criterion : item["criteria"]) {
      for (const Json& finding : criterion["findings"]) {
        CHECK(finding["code"] == finding_code(criterion["id"].get<std::string>(),
                                              finding["subject"].get<std::string>(),
                                              "TLS_RSA_WITH_RC4_128_SHA"));
        waived = waived || finding["waiver"] == "in-force";
      }
    }
  }
  CHECK(waived);
}
