#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <fmt/format.h>
#include <sqlite3.h>

#include "harness/evidence/transcript.hpp"
#include "reports/html/html.hpp"
#include "reports/machine/machine.hpp"
#include "reports/model.hpp"
#include "reports/pdf/pdf.hpp"
#include "reports/pictures/drawing.hpp"
#include "reports/words.hpp"
#include "tests/support/daemon.hpp"

using namespace haetae;
using nlohmann::json;

namespace {

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "haetae-report-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

const std::string kHostile = std::string("\x1b[31m<script>&\"']]>\xff ") + "\xe2\x80\xae";

std::string s(std::string_view text) { return std::string(text); }

const catalogue::Loaded& kisa() {
  static const catalogue::Loaded one = [] {
    auto loaded =
        catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
    if (!loaded) FAIL(loaded.error().message());
    return *loaded;
  }();
  return one;
}

/// Verdicts go round the items, so that every word occurs.
constexpr std::string_view kWords[] = {"pass",    "fail",    "inconclusive",
                                       "not-run", "pending", "not-applicable"};

void add(evidence::Transaction& writer, std::string_view table, const evidence::Cells& cells) {
  auto done = writer.insert(table, cells);
  INFO((done ? "" : done.error().message()));
  REQUIRE(done);
}

void add_documents(evidence::Transaction& writer) {
  add(writer, "run", {{"name", s("uuid")}, {"value", s("1234")}});
  for (const auto& source : kisa().sources) {
    add(writer, "document",
        {{"kind", s("catalogue")},
         {"name", source.name},
         {"sha256", to_hex(sha256(as_bytes(source.text)))},
         {"text", source.text}});
  }
}

void add_facts(evidence::Transaction& writer) {
  REQUIRE(writer.insert(evidence::StoredEvidence{.id = 1,
                                                 .procedure = "tls",
                                                 .kind = "transcript",
                                                 .subject = "lan:tcp/443",
                                                 .label = kHostile,
                                                 .media_type = s(evidence::kTranscriptMediaType),
                                                 .at = WallTime{},
                                                 .content = evidence::encode_transcript({}),
                                                 .cut = 0}));
  REQUIRE(
      writer.insert(evidence::StoredSecret{.id = 1, .kind = "password", .value = "s3cr3t-value"}));
  const std::int64_t one = 1;
  add(writer, "declared_identity",
      {{"evidence", one}, {"field", s("model")}, {"text", s("CAM-1")}});
  for (const std::string port : {"443", "8080"}) {
    add(writer, "port",
        {{"evidence", one},
         {"subject", "lan:tcp/" + port},
         {"transport", s("tcp")},
         {"number", std::int64_t{std::stoi(port)}},
         {"state", s("open")},
         {"over_ipv4", s("open")},
         {"over_ipv6", s("not-asked")}});
  }
  add(writer, "service",
      {{"evidence", one},
       {"subject", s("lan:tcp/443")},
       {"protocol", s("http")},
       {"tls", s("yes")},
       {"starttls", s("no")},
       {"product", s("web")},
       {"version", s("1")},
       {"banner", kHostile}});
  add(writer, "declared_service",
      {{"evidence", one},
       {"subject", s("lan:tcp/443")},
       {"protocol", s("http")},
       {"tls", s("yes")},
       {"management", s("yes")},
       {"purpose", s("web page")}});
  add(writer, "tls_version",
      {{"evidence", one},
       {"subject", s("lan:tcp/443")},
       {"version", s("tls1.2")},
       {"offered", s("yes")}});
  add(writer, "tls_suite",
      {{"evidence", one},
       {"subject", s("lan:tcp/443")},
       {"version", s("tls1.2")},
       {"suite", s("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")},
       {"code", std::int64_t{0xc02f}},
       {"preference", one}});
  add(writer, "ssh_server",
      {{"evidence", one},
       {"subject", s("lan:tcp/22")},
       {"protocol", s("2.0")},
       {"software", s("dropbear_2022.83")}});
  add(writer, "ssh_algorithm",
      {{"evidence", one},
       {"subject", s("lan:tcp/22")},
       {"category", s("kex")},
       {"direction", s("both")},
       {"name", s("curve25519-sha256")},
       {"preference", one}});
  add(writer, "login_surface",
      {{"evidence", one},
       {"subject", s("lan:tcp/443")},
       {"method", s("http-form")},
       {"path", s("/login")},
       {"origin", s("both")},
       {"clear_text", s("no")},
       {"usable", s("yes")}});
  for (const std::string outcome : {"accepted", "refused", "not-tried"}) {
    add(writer, "login_trial",
        {{"evidence", one},
         {"subject", s("lan:tcp/443")},
         {"method", s("http-form")},
         {"path", s("/login")},
         {"account", s("admin")},
         {"credential", outcome},
         {"origin", s("well-known")},
         {"list", s("iot")},
         {"secret", one},
         {"outcome", outcome},
         {"right", s("no")}});
  }
  add(writer, "declared_account",
      {{"evidence", one},
       {"account", s("admin")},
       {"role", s("administrator")},
       {"factory", s("yes")},
       {"password_given", s("yes")},
       {"factory_password_given", s("yes")},
       {"sacrificial", s("no")}});
}

void add_plan(evidence::Transaction& writer) {
  for (const std::string id : {"tls", "lockout"}) {
    add(writer, "plan_procedure",
        {{"procedure", id},
         {"version", std::int64_t{1}},
         {"hazard", s(id == "tls" ? "safe" : "lockout-risk")},
         {"topics", s("tls.versions tls.suites")},
         {"state", s(id == "tls" ? "planned" : "not-permitted")},
         {"reason", s(id == "tls" ? "" : "needs --permit lockout-risk")}});
  }
  for (const std::string state : {"started", "finished"}) {
    add(writer, "procedure_state",
        {{"procedure", s("tls")},
         {"state", state},
         {"at", "2026-11-22T12:00:00.000Z " + state},
         {"cause", s("none")},
         {"reason", s("")}});
  }
  add(writer, "coverage",
      {{"topic", s("tls.suites")},
       {"subject", s("lan:tcp/443")},
       {"state", s("partial")},
       {"cause", s("device")},
       {"why", s("it stopped answering")},
       {"tried", s("")},
       {"procedure", s("tls")},
       {"version", std::int64_t{1}}});
  add(writer, "log", {{"at", s("now")}, {"level", s("warning")}, {"text", kHostile}});
}

void add_verdicts(evidence::Transaction& writer) {
  const std::int64_t one = 1;
  const auto& catalogue = kisa().value;
  add(writer, "revision",
      {{"at", s("2026-11-22T12:01:00.000Z")},
       {"tested_at", s("2026-11-22T12:00:00.000Z")},
       {"catalogue", catalogue.id},
       {"edition", catalogue.edition},
       {"sha256", to_hex(sha256(as_bytes(kisa().sources.front().text)))},
       {"profile", s("")},
       {"type", s("standard")},
       {"tool", s("haetae test")},
       {"root", s("00")},
       {"whole", one},
       {"headline", s("non-conformant")},
       {"reason", s("run")}});
  std::size_t round = 0;
  for (const auto& item : catalogue.items) {
    const bool planned = round != 7;
    const std::string verdict = planned ? s(kWords[round % 6]) : "not-run";
    ++round;
    add(writer, "verdict_item",
        {{"revision", one},
         {"item", item.id},
         {"selected", s(planned ? "planned" : "outside-type")},
         {"verdict", verdict},
         {"cause", s(verdict == "inconclusive" ? "lab" : "none")},
         {"reason_ko", "이유 " + item.id},
         {"reason_en", "reason " + item.id}});
    if (!planned) continue;
    for (const auto& criterion : item.criteria) {
      const evidence::Cells reason{{"verdict", verdict},
                                   {"cause", s("none")},
                                   {"reason_ko", s("이유")},
                                   {"reason_en", "because of " + kHostile}};
      evidence::Cells cells{{"revision", one}, {"item", item.id}, {"criterion", criterion.id}};
      cells.insert(cells.end(), reason.begin(), reason.end());
      add(writer, "verdict_criterion", cells);
      cells = {{"revision", one}, {"criterion", criterion.id}, {"subject", s("lan:tcp/443")}};
      cells.insert(cells.end(), reason.begin(), reason.end());
      add(writer, "verdict_subject", cells);
      std::int64_t finding = 0;
      if (verdict == "fail") {
        auto row = writer.insert("finding", {{"revision", one},
                                             {"criterion", criterion.id},
                                             {"subject", s("lan:tcp/443")},
                                             {"key", s("k")},
                                             {"says_ko", s("말")},
                                             {"says_en", "says " + kHostile},
                                             {"remedy_ko", s("조치")},
                                             {"remedy_en", s("do this")},
                                             {"replay", s("")}});
        REQUIRE(row);
        finding = *row;
      }
      if (verdict == "fail" || verdict == "pass") {
        add(writer, "citation",
            {{"revision", one},
             {"criterion", criterion.id},
             {"subject", s("lan:tcp/443")},
             {"finding", finding},
             {"evidence", one}});
      }
    }
  }
}

/// add_firmware() is an image of two parts, one of which holds a library in three files.
void add_firmware(evidence::Transaction& writer) {
  const std::int64_t one = 1;
  const auto band = [&](std::int64_t offset, double bits) {
    add(writer, "firmware_entropy",
        {{"evidence", one},
         {"subject", s("firmware:main")},
         {"offset", offset},
         {"length", std::int64_t{1024}},
         {"bits", bits}});
  };
  band(2048, 7.9999995);
  band(0, 0.0);
  band(1024, 4.25);
  const auto part = [&](std::string_view inside, std::int64_t offset, std::int64_t length,
                        std::string_view format) {
    add(writer, "firmware_part",
        {{"evidence", one},
         {"subject", s("firmware:main")},
         {"inside", s(inside)},
         {"offset", offset},
         {"length", length},
         {"format", s(format)},
         {"state", s("unpacked")},
         {"why", s("")}});
  };
  part("", 0, 3072, "uimage");
  part("", 1024, 1024, "squashfs");            // the narrower of two that hold a stretch names it
  part("uimage@0/gzip@64", 2048, 64, "cpio");  // offsets in a stream are others
  const auto component = [&](std::string_view path, std::string_view name, std::string_view version,
                             std::string_view release) {
    add(writer, "component",
        {{"evidence", one},
         {"subject", s("firmware:main")},
         {"inside", s("squashfs@1024")},
         {"path", s(path)},
         {"name", s(name)},
         {"version", s(version)},
         {"origin", s("text")},
         {"component", s(name)},
         {"release", s(release)}});
  };
  component("/usr/lib/libssl.so.3", "openssl", "3.5.4-1", "3.5.4");
  component("/usr/lib/libcrypto.so.3", "openssl", "3.5.4", "3.5.4");
  component("/usr/bin/tool", "openssl", "3.5.4-2", "3.5.4");
  component("/opt/libcrypto.so.1.1", "openssl", "1.1.1w", "1.1.1w");
  component("/lib/odd", "odd", "as built", "");
}

/// Sample is a run file with something in every list of the report.
struct Sample {
  Folder folder;
  std::optional<evidence::RunFile> run;
  explicit Sample(void (*more)(evidence::Transaction& writer) = nullptr) {
    auto facts = evidence::load_fact_tables(HAETAE_SOURCE_DIR "/testcases/facts");
    REQUIRE(facts);
    auto made = evidence::RunFile::create(
        folder.path / "a.haetae", *facts,
        [](evidence::Transaction& first) -> Result<void> {
          add_documents(first);
          return {};
        },
        system_clock());
    REQUIRE(made);
    run.emplace(std::move(*made));
    auto writer = run->begin("all");
    REQUIRE(writer);
    add_facts(**writer);
    add_plan(**writer);
    add_verdicts(**writer);
    if (more != nullptr) more(**writer);
    REQUIRE((*writer)->commit());
    writer->reset();
    auto key = evidence::SigningKey::load(folder.path / "key.pem", true);
    REQUIRE(key);
    REQUIRE(run->seal(*key));
    REQUIRE(run->finish());
  }
};

reports::Report report_of(const Sample& sample) {
  const auto catalogue = reports::catalogue_of(*sample.run);
  INFO((catalogue ? "" : catalogue.error().message()));
  REQUIRE(catalogue);
  auto verification = evidence::verify(sample.run->path(), std::nullopt);
  REQUIRE(verification);
  auto report = reports::read(*sample.run, *catalogue, std::move(*verification));
  INFO((report ? "" : report.error().message()));
  REQUIRE(report);
  return std::move(*report);
}

/// schema_errors() is empty for a document that the published schema allows.
std::string schema_errors(const json& document) {
  std::ifstream in(HAETAE_SOURCE_DIR "/reports/machine/report.schema.json");
  const json text = json::parse(in);
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter target(document);
  if (validator.validate(schema, target, &results)) return "";
  std::string out;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& part : error.context) out += part;
    out += ": " + error.description + "\n";
  }
  return out.empty() ? "does not fit" : out;
}

}  // namespace

TEST_CASE("the score of the defect matrix is told in both languages") {
  const auto known =
      reports::matrix_words("defects caught 9 of 10, false alarms 1, criteria covered 8");
  CHECK(known.ko == "결함 10개 가운데 9개를 찾음, 잘못 울린 경보 1건, 다룬 세부 기준 8개");
  CHECK(known.en == "defects caught 9 of 10, false alarms 1, criteria covered 8");
  CHECK(reports::matrix_words("another tool's words").ko == "another tool's words");
}

TEST_CASE("a report holds everything that the run file says") {
  const Sample sample;
  const auto report = report_of(sample);
  CHECK(report.items.size() == kisa().value.items.size());
  CHECK(report.device.model == "CAM-1");
  CHECK(report.revision.headline == Headline::non_conformant);
  CHECK((report.revision.number == 1 && report.revision.of == 1));
  CHECK(report.run_value("uuid") == "1234");
  std::size_t planned = 0;
  for (const std::size_t count : report.counts) planned += count;
  CHECK(planned == report.items.size() - 1);
  REQUIRE(report.services.size() == 2);
  CHECK((report.services[0].declared == "yes" && report.services[0].purpose == "web page"));
  CHECK((report.services[1].declared == "no" && report.services[1].protocol.empty()));
  REQUIRE(report.logins.size() == 1);
  CHECK((report.logins[0].tried == 2 && report.logins[0].accepted == 1));
  REQUIRE(report.tls.size() == 1);
  CHECK((report.tls[0].versions.size() == 1 && report.tls[0].suites.size() == 1));
  REQUIRE(report.evidence.size() == 1);
  CHECK(report.evidence[0].cited_by.size() > 10);
  REQUIRE(report.evidence_entry(1) != nullptr);
  CHECK(report.evidence_entry(2) == nullptr);
  CHECK(report.procedures[0].state == "finished");
  CHECK(report.finished == "2026-11-22T12:00:00.000Z started");  // the later of the two words
  const auto& failed = report.items[1];
  CHECK(failed.verdict == Verdict::fail);
  REQUIRE_FALSE(failed.criteria.empty());
  REQUIRE(failed.criteria[0].findings.size() == 1);
  CHECK(failed.criteria[0].findings[0].evidence == std::vector<EvidenceId>{1});
  CHECK(failed.criteria[0].subjects[0].cites.empty());
  CHECK(report.items[0].criteria[0].subjects[0].cites == std::vector<EvidenceId>{1});
  CHECK(failed.evidence() == std::vector<EvidenceId>{1});
  std::set<std::string> kinds;
  for (const auto& entry : report.not_tested) kinds.insert(entry.kind + " " + entry.word);
  for (const std::string kind : {"item outside-type", "criterion not-run", "criterion pending",
                                 "procedure not-permitted", "coverage partial"}) {
    INFO(kind);
    CHECK(kinds.contains(kind));
  }
  std::set<std::string> limits;
  for (const auto& item : report.items) {
    for (const auto& criterion : item.criteria) {
      for (const auto& limit : criterion.limits) limits.insert(limit.name);
    }
  }
  CHECK_FALSE(limits.empty());
  CHECK_FALSE(limits.contains("device.subject"));  // a name that queries bind is no limit
  REQUIRE(report.verification);
  CHECK(report.verification->intact());
}

TEST_CASE("a report draws the bands of an image by place and groups its components by version") {
  CHECK(report_of(Sample()).entropy.empty());
  const Sample sample(&add_firmware);
  const reports::Report report = report_of(sample);
  REQUIRE(report.entropy.size() == 3);
  std::vector<std::string> bands;
  for (const reports::EntropyBand& band : report.entropy)
    bands.push_back(fmt::format("{} {}+{} {:.2f} {}", band.image, band.offset, band.size, band.bits,
                                band.what));
  CHECK(bands == std::vector<std::string>{"firmware:main 0+1024 0.00 uimage",
                                          "firmware:main 1024+1024 4.25 squashfs",
                                          "firmware:main 2048+1024 8.00 uimage"});
  // To the millionth of a bit, never above eight.
  CHECK(report.entropy[2].bits == Approx(7.999999).margin(1e-9));
  std::vector<std::string> components;
  for (const reports::ComponentRow& row : report.components)
    components.push_back(row.name + " " + row.version + " " + row.where);
  CHECK(components == std::vector<std::string>{"odd as built firmware:main /lib/odd",
                                               "openssl 1.1.1w firmware:main /opt/libcrypto.so.1.1",
                                               "openssl 3.5.4 firmware:main /usr/bin/tool (3)"});
  for (const reports::ComponentRow& row : report.components) CHECK(row.evidence == 1);
  const auto drawing = reports::pictures::entropy_map(report, reports::Language::en, 400);
  CHECK(drawing.alternative.find("firmware:main, 3072 B") != std::string::npos);
  CHECK(drawing.alternative.find(" 33 %") != std::string::npos);
}

TEST_CASE("JSON fits the published schema, shows every item and no secret") {
  const Sample sample;
  const std::string text = reports::json(report_of(sample));
  json document = json::parse(text);
  CHECK(schema_errors(document) == "");
  REQUIRE(document["items"].size() == kisa().value.items.size());
  for (std::size_t index = 0; index < document["items"].size(); ++index) {
    CHECK(document["items"][index]["id"] == kisa().value.items[index].id);
    CHECK(document["items"][index]["criteria"].size() == kisa().value.items[index].criteria.size());
  }
  CHECK(document["headline"] == "non-conformant");
  CHECK(text.find("s3cr3t-value") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  // The schema bites: a missing, an unknown and a wrong member are refused.
  json broken = document;
  broken["items"][0].erase("verdict");
  CHECK(schema_errors(broken) != "");
  broken = document;
  broken["items"][0]["verdict"] = "passed";
  CHECK(schema_errors(broken) != "");
  broken = document;
  broken["secret"] = "x";
  CHECK(schema_errors(broken) != "");
}

TEST_CASE("JUnit shows every item with the outcome that its verdict means") {
  const Sample sample;
  const auto report = report_of(sample);
  for (const auto language : {reports::Language::ko, reports::Language::en}) {
    const std::string text = reports::junit(report, language);
    pugi::xml_document document;
    const auto parsed = document.load_string(text.c_str());
    INFO(parsed.description());
    REQUIRE(parsed);
    CHECK(text.find("s3cr3t-value") == std::string::npos);
    for (const char byte : text)
      CHECK_FALSE((static_cast<unsigned char>(byte) < 0x20 && byte != '\n'));
    CHECK(text.find("&#") == std::string::npos);
    std::map<std::string, std::string> seen;
    std::map<std::string, unsigned> kinds;
    for (const pugi::xml_node suite : document.child("testsuites").children("testsuite")) {
      for (const pugi::xml_node test : suite.children("testcase")) {
        const std::string name = test.attribute("name").value();
        std::string kind = "passed";
        for (const char* one : {"failure", "error", "skipped"}) {
          if (test.child(one)) kind = one;
        }
        seen[name.substr(0, name.find(' '))] = kind;
        ++kinds[kind];
      }
    }
    REQUIRE(seen.size() == report.items.size());
    for (const auto& item : report.items) {
      const std::string expected = item.selected != "planned"              ? "skipped"
                                   : item.verdict == Verdict::pass         ? "passed"
                                   : item.verdict == Verdict::fail         ? "failure"
                                   : item.verdict == Verdict::inconclusive ? "error"
                                                                           : "skipped";
      INFO(item.id);
      CHECK(seen[item.id] == expected);
    }
    const pugi::xml_node root = document.child("testsuites");
    CHECK(root.attribute("tests").as_uint() == report.items.size());
    CHECK(root.attribute("failures").as_uint() == kinds["failure"]);
    CHECK(root.attribute("errors").as_uint() == kinds["error"]);
    unsigned skipped = 0;
    for (const pugi::xml_node suite : root.children("testsuite"))
      skipped += suite.attribute("skipped").as_uint();
    CHECK(skipped == kinds["skipped"]);
  }
}

TEST_CASE("each revision is shown with the catalogue that it was judged by") {
  Sample sample;
  std::string text = kisa().sources.front().text;
  const auto at = text.find("edition=\"");
  REQUIRE(at != std::string::npos);
  text.replace(at, text.find('"', at + 9) - at, "edition=\"2099.01");
  auto writer = sample.run->begin("catalogue");
  REQUIRE(writer);
  for (const auto& source : kisa().sources) {
    const bool first = source.name == kisa().sources.front().name;
    add(**writer, "document",
        {{"kind", s("catalogue")},
         {"name", source.name},
         {"sha256", to_hex(sha256(as_bytes(first ? text : source.text)))},
         {"text", first ? text : source.text}});
  }
  REQUIRE((*writer)->commit());
  writer->reset();
  // Not judged by it yet: the first revision keeps its own.
  CHECK(reports::catalogue_of(*sample.run).value().edition == kisa().value.edition);
  writer = sample.run->begin("judge");
  REQUIRE(writer);
  add(**writer, "revision",
      {{"at", s("later")},
       {"tested_at", s("then")},
       {"catalogue", kisa().value.id},
       {"edition", s("2099.01")},
       {"sha256", to_hex(sha256(as_bytes(text)))},
       {"profile", s("")},
       {"type", s("standard")},
       {"tool", s("haetae test")},
       {"root", s("00")},
       {"whole", std::int64_t{1}},
       {"headline", s("incomplete")},
       {"reason", s("judged again")}});
  REQUIRE((*writer)->commit());
  CHECK(reports::catalogue_of(*sample.run).value().edition == "2099.01");
  CHECK(reports::catalogue_of(*sample.run, 1).value().edition == kisa().value.edition);
  // A revision without stored verdicts claims nothing.
  const auto report = reports::read(*sample.run, reports::catalogue_of(*sample.run).value());
  REQUIRE(report);
  for (const auto& item : report->items) CHECK(item.verdict == Verdict::inconclusive);
}

TEST_CASE("every renderer writes sound UTF-8 without control characters or secrets") {
  const Sample sample;
  const auto report = report_of(sample);
  const auto check = [](const std::string& text) {
    // JSON's strict writer is the judge: it throws on bytes that are no UTF-8.
    CHECK_NOTHROW(json(text).dump());
    CHECK(text.find("s3cr3t-value") == std::string::npos);
    for (const char byte : text) {
      if (static_cast<unsigned char>(byte) < 0x20 && byte != '\n') FAIL("a control character");
    }
  };
  check(reports::json(report));
  std::string rows = reports::csv(report);
  CHECK(std::erase(rows, '\r') == report.items.size() + 1);
  check(rows);
  for (const auto language : {reports::Language::ko, reports::Language::en}) {
    check(reports::sarif(report, language));
    check(reports::oscal(report, language));
    for (const std::string& text :
         {reports::html(report, language), reports::junit(report, language),
          reports::pictures::svg(reports::pictures::port_map(report, language, 400)),
          reports::pictures::svg(reports::pictures::label(report, language))}) {
      check(text);
      CHECK(text.find("<script>&") == std::string::npos);
    }
  }
}

TEST_CASE("what cannot be reported says why") {
  const Sample sample;
  CHECK(reports::catalogue_of(*sample.run, 7).error().kind == ErrorKind::not_found);
  const Folder folder;
  auto run = evidence::RunFile::create(folder.path / "b.haetae", {}, nullptr, system_clock());
  REQUIRE(run);
  const auto unjudged = reports::catalogue_of(*run);
  REQUIRE_FALSE(unjudged);
  CHECK(unjudged.error().text.find("haetae judge") != std::string::npos);
  // A catalogue that lacks a judged item is the wrong one.
  catalogue::Catalogue other = kisa().value;
  other.items.pop_back();
  CHECK(reports::read(*sample.run, other).error().kind == ErrorKind::invalid_input);
}

namespace {

/// damage() does to a copy of the sample what an editor of the file could, and reads it again.
Result<reports::Report> damaged(const Sample& sample, const std::filesystem::path& copy,
                                const std::string& sql) {
  std::filesystem::copy_file(sample.run->path(), copy);
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(copy.c_str(), &raw) == SQLITE_OK);
  char* wrong = nullptr;
  sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, &wrong);
  INFO((wrong == nullptr ? "" : wrong));
  REQUIRE(wrong == nullptr);
  sqlite3_close(raw);
  auto run = evidence::RunFile::open(copy, false, system_clock());
  if (!run) return tl::unexpected(run.error());
  const auto catalogue = reports::catalogue_of(*run);
  if (!catalogue) return tl::unexpected(catalogue.error());
  auto verification = evidence::verify(copy, std::nullopt);
  if (!verification) return tl::unexpected(verification.error());
  return reports::read(*run, *catalogue, std::move(*verification));
}

}  // namespace

TEST_CASE("a damaged run is shown as far as it can be read, and says that it is damaged") {
  const Sample sample;
  const std::size_t items = report_of(sample).items.size();
  const Folder folder;
  int number = 0;
  const auto read = [&](const std::string& sql) {
    return damaged(sample, folder.path / fmt::format("{}.haetae", ++number), sql);
  };
  for (const char* const table :
       {"verdict_subject", "verdict_item", "finding", "citation", "evidence", "evidence_salt",
        "coverage", "log", "procedure_state", "plan_procedure", "report", "port", "service"}) {
    INFO(table);
    const auto report = read(fmt::format("DROP TABLE \"{}\"", table));
    REQUIRE(report);
    CHECK(report->items.size() == items);
    CHECK_FALSE(report->damages.empty());
    CHECK(report->revision.headline != Headline::conformant);
    CHECK_FALSE(reports::html(*report, reports::Language::en).empty());
    CHECK(json::accept(reports::json(*report)));
  }
  const auto forged = read(
      "DROP TRIGGER revision_no_update; UPDATE revision SET headline = 'conformant';"
      "DROP TRIGGER verdict_item_no_update; UPDATE verdict_item SET verdict = 'pass'");
  REQUIRE(forged);
  CHECK_FALSE(forged->damages.empty());
  CHECK(forged->revision.headline == Headline::incomplete);
  for (const char* const table : {"revision", "document", "link"}) {
    INFO(table);
    const auto report = read(fmt::format("DROP TABLE \"{}\"", table));
    REQUIRE_FALSE(report);
    CHECK_FALSE(report.error().message().empty());
  }
  const auto older = read("PRAGMA user_version = 1");
  REQUIRE_FALSE(older);
  CHECK(older.error().message().find("format 1") != std::string::npos);
}

TEST_CASE("a run with changed bytes is refused with a sentence or shown as damaged") {
  const Sample sample;
  const Folder folder;
  std::ifstream in(sample.run->path(), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  std::uint32_t state = 20261122;
  int shown = 0;
  for (int round = 0; round < 40; ++round) {
    std::string bytes = whole;
    for (int flips = round % 2 == 0 ? 0 : 7; flips < 8; ++flips) {
      state = state * 1664525 + 1013904223;
      bytes[state % bytes.size()] = static_cast<char>(state >> 24U);
    }
    const auto file = folder.path / "flipped.haetae";
    std::ofstream(file, std::ios::binary) << bytes;
    auto run = evidence::RunFile::open(file, false, system_clock());
    if (!run) continue;
    const auto catalogue = reports::catalogue_of(*run);
    auto verification = evidence::verify(file, std::nullopt);
    if (!catalogue || !verification) continue;
    const bool intact = verification->intact();
    const auto report = reports::read(*run, *catalogue, std::move(*verification));
    if (!report) continue;
    ++shown;
    CHECK(report->damages.empty() == intact);
    CHECK(json::accept(reports::json(*report)));
    CHECK_FALSE(reports::html(*report, reports::Language::ko).empty());
  }
  CHECK(shown > 0);
}

TEST_CASE("the PDF of a run shows every item of the catalogue and no secret") {
  const Sample sample;
  const auto report = report_of(sample);
  const test::TempDir folder;
  for (const auto language : {reports::Language::ko, reports::Language::en}) {
    const auto bytes = reports::pdf(report, language);
    REQUIRE(bytes);
    const std::string file = folder.write("report.pdf", as_text(*bytes));
    const auto said = test::run_tool({test::find_tool("pdftotext"), file, "-"});
    REQUIRE(said.exit_code == 0);
    // A line may break anywhere, so white space does not count.
    const auto squeezed = [](std::string text) {
      std::erase_if(text, [](unsigned char letter) { return letter <= ' '; });
      return text;
    };
    const std::string text = squeezed(said.output);
    CHECK(text.find("s3cr3t-value") == std::string::npos);
    CHECK(said.output.find('\x1b') == std::string::npos);
    REQUIRE(report.items.size() == kisa().value.items.size());
    for (const auto& item : report.items) {
      INFO(item.id);
      CHECK(text.find(squeezed(item.id + reports::in(item.title, language))) != std::string::npos);
      if (item.selected != "planned") continue;
      for (const auto& criterion : item.criteria) {
        INFO(criterion.id);
        CHECK(text.find(criterion.id) != std::string::npos);
      }
    }
  }
}
