#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/catalogue/catalogue.hpp"
#include "harness/compare/diff.hpp"
#include "harness/compare/earlier.hpp"
#include "harness/compare/pair.hpp"
#include "harness/compare/render.hpp"
#include "harness/compare/retest.hpp"
#include "harness/compare/waivers.hpp"
#include "harness/judge/judge.hpp"
#include "harness/model/finding.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fact_set.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/sample_catalogue.hpp"

/// Two runs over a small catalogue: pairing, ways, causes, gate, waivers, re-test plan.
namespace {

using namespace haetae;
using compare::Way;
using compare::Why;

std::string moment(int year) { return fmt::format("{}-06-01T00:00:00Z", year); }

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}
void must(Result<void> result) {
  if (!result) throw std::runtime_error(result.error().message());
}

/// Build is one build of a device, as a run saw it.
struct Build {
  std::vector<FactRow> facts;
  std::vector<Coverage> coverage;
  std::vector<catalogue::SourceText> sources = test::sample_sources();
  std::string tool = "haetae test";
  std::int64_t version = 1;
  std::vector<std::pair<std::string, std::string>> unstable;

  Build() {
    sources.pop_back();  // without the profile
    add("tls_version", {{"subject", "lan:tcp/443"}, {"version", "tls1.2"}, {"offered", "yes"}});
    suite("TLS_STRONG");
    add("service", {{"subject", "lan:tcp/443"},
                    {"protocol", "http"},
                    {"tls", "yes"},
                    {"starttls", "no"},
                    {"product", "x"},
                    {"version", "1"},
                    {"banner", "hello"}});
    add("port", {{"subject", "lan:tcp/443"},
                 {"transport", "tcp"},
                 {"number", std::int64_t{443}},
                 {"state", "open"},
                 {"over_ipv4", "open"},
                 {"over_ipv6", "not-asked"}});
    add("declared_identity", {{"field", "firmware"}, {"text", "1.0"}});
    add("statement", {{"item", "1.3"}, {"applies", "yes"}, {"reason", ""}});
    for (const char* const topic : {"tls.endpoints", "ports.tcp", "services", "login.surfaces"}) {
      cover(topic, "lan");
    }
    cover("tls.suites", "lan:tcp/443");
  }
  void add(const std::string& table, std::vector<std::pair<std::string, Value>> cells) {
    cells.insert(cells.begin(), {"evidence", std::int64_t{1}});
    facts.push_back({table, std::move(cells)});
  }
  void suite(const std::string& name) {
    add("tls_suite", {{"subject", "lan:tcp/443"},
                      {"version", "tls1.2"},
                      {"suite", name},
                      {"code", std::int64_t{1}},
                      {"preference", std::int64_t{1}}});
  }
  void cover(const std::string& topic, const std::string& subject) {
    coverage.push_back({topic, subject, CoverageState::complete, Cause::none, "", ""});
  }
  Value& cell(const std::string& table, const std::string& column) {
    for (FactRow& row : facts) {
      if (row.table != table) continue;
      for (auto& [name, value] : row.cells) {
        if (name == column) return value;
      }
    }
    throw std::runtime_error("no " + table + "." + column);
  }
};

/// Run is a build written, judged and stored.
struct Run {
  Run(const test::TempDir& folder, const std::string& name, const Build& build,
      const std::string& waivers = {})
      : file(create(folder, name, build)) {
    catalogue.sources = build.sources;
    catalogue.value = must(catalogue::load_sources(build.sources));
    const judge::Question question{
        .type = "standard", .only = {}, .tested_at = "2026-11-22T12:00:00Z"};
    judgement = must(judge::judge(file.handle(), catalogue.value, question));
    must(judge::store(file, catalogue.value, "00", question, judgement, "run", build.tool, clock));
    if (waivers.empty()) return;
    const auto loaded = must(compare::load_waivers_text(waivers, "waivers.xml"));
    must(compare::store_waivers(file, loaded, judgement, *compare::parse_moment(moment(2026))));
  }

  evidence::RunFile create(const test::TempDir& folder, const std::string& name,
                           const Build& build) {
    auto made =
        must(evidence::RunFile::create(folder.file(name), test::fact_tables(), nullptr, clock));
    auto rows = must(made.begin("all"));
    const std::vector<std::pair<std::string, std::string>> values{
        {"uuid", name}, {"started", "2026-11-22T12:00:00Z"}, {"type", "standard"}, {"only", ""}};
    for (const auto& [key, value] : values)
      must(rows->insert("run", {{"name", key}, {"value", value}}));
    must(rows->insert(evidence::StoredEvidence{.id = 1,
                                               .procedure = "probe",
                                               .kind = "transcript",
                                               .subject = "lan",
                                               .label = "all",
                                               .media_type = "text/plain",
                                               .at = WallTime{},
                                               .content = {1},
                                               .cut = 0}));
    must(rows->insert("plan_procedure",
                      {{"procedure", std::string("probe")},
                       {"version", build.version},
                       {"hazard", std::string("safe")},
                       {"topics", std::string("tls.endpoints ports.tcp services login.surfaces "
                                              "tls.suites lockout")},
                       {"state", std::string("planned")},
                       {"reason", std::string()}}));
    for (const FactRow& row : build.facts) must(rows->insert(row.table, row.cells));
    for (const Coverage& one : build.coverage) {
      must(rows->insert("coverage", {{"topic", one.topic},
                                     {"subject", one.subject},
                                     {"state", std::string(word(one.state))},
                                     {"cause", std::string(word(one.cause))},
                                     {"why", one.why},
                                     {"tried", one.tried},
                                     {"procedure", std::string("probe")},
                                     {"version", build.version}}));
    }
    for (const auto& [table, key] : build.unstable) {
      must(rows->insert("unstable", {{"procedure", std::string("probe")},
                                     {"tbl", table},
                                     {"row_key", key},
                                     {"same", std::int64_t{2}},
                                     {"of", std::int64_t{3}}}));
    }
    must(rows->commit());
    return made;
  }

  [[nodiscard]] compare::Side side() const { return {&file, catalogue}; }

  test::FakeClock clock;
  evidence::RunFile file;
  catalogue::Loaded catalogue;
  judge::Judgement judgement;
};

compare::Difference diff(const Run& before, const Run& after, int year = 2026) {
  return must(compare::diff(before.side(), after.side(), *compare::parse_moment(moment(year))));
}

std::string waiver(const std::string& target, const std::string& expires) {
  return fmt::format(
      "<waivers>\n  <waiver target=\"{}\" reason=\"known\" author=\"A\" approver=\"B\" "
      "expires=\"{}\"/>\n</waivers>\n",
      target, expires);
}

const std::string kWeak = finding_code("1.1-weak", "lan:tcp/443", "TLS_WEAK");

}  // namespace

TEST_CASE("codes of findings are the same in every run and version", "[unit]") {
  CHECK(finding_code("3.1-tls-suites", "lan:tcp/443", "tls1.2 TLS_RSA_WITH_3DES_EDE_CBC_SHA") ==
        "F-c5a5047368c1");
  CHECK(kWeak == "F-b592d7787488");
  CHECK(finding_code("", "", "") == "F-709e80c88487");
}

TEST_CASE("two runs of the same build are equal, whatever is volatile", "[unit]") {
  const test::TempDir folder;
  Build build;
  const Run before(folder, "a", build);
  build.cell("service", "banner") = std::string("another greeting");
  const Run after(folder, "b", build);
  const auto difference = diff(before, after);
  CHECK(difference.equal());
  CHECK(compare::exit_status(difference) == 0);
  CHECK(compare::gate_holds(difference));
}

TEST_CASE("one changed cipher is named, and nothing else", "[unit]") {
  const test::TempDir folder;
  Build build;
  const Run before(folder, "a", build);
  build.suite("TLS_WEAK");
  const Run after(folder, "b", build);
  const auto worse = diff(before, after);
  REQUIRE(worse.findings.size() == 1);
  CHECK(worse.findings[0].code == kWeak);
  CHECK(worse.findings[0].way == Way::worse);
  CHECK(worse.findings[0].why == std::vector{Why::device});
  REQUIRE(worse.facts.size() == 1);
  CHECK(worse.facts[0].key == "subject=lan:tcp/443 version=tls1.2 suite=TLS_WEAK");
  CHECK(worse.facts[0].what == "added");
  CHECK(compare::exit_status(worse) == 1);
  CHECK_FALSE(compare::gate_holds(worse));
  CHECK(worse.regressions(true) == 1);

  const auto better = diff(after, before);
  REQUIRE(better.findings.size() == 1);
  CHECK(better.findings[0].way == Way::better);
  CHECK(compare::exit_status(better) == 2);
  CHECK(compare::gate_holds(better));
}

TEST_CASE("a breach that was not looked for again is not fixed", "[unit]") {
  const test::TempDir folder;
  Build build;
  build.suite("TLS_WEAK");
  const Run before(folder, "a", build);
  std::erase_if(build.facts, [](const FactRow& row) { return row.table == "tls_suite"; });
  std::erase_if(build.coverage, [](const Coverage& one) { return one.topic == "tls.suites"; });
  const Run after(folder, "b", build);
  const auto difference = diff(before, after);
  REQUIRE(difference.findings.size() == 1);
  CHECK(difference.findings[0].what == "gone");
  CHECK(difference.findings[0].way == Way::changed);
}

TEST_CASE("what passed and is not shown any more is worse, never quiet", "[unit]") {
  const test::TempDir folder;
  Build build;
  const Run before(folder, "a", build);
  SECTION("nothing was looked at") {
    build.facts.clear();
    build.coverage.clear();
  }
  SECTION("one endpoint was not finished") {
    build.coverage.back().state = CoverageState::partial;
    build.coverage.back().cause = Cause::lab;
    build.coverage.back().why = "no time";
  }
  const Run after(folder, "b", build);
  const auto difference = diff(before, after);
  CHECK_FALSE(compare::gate_holds(difference));
  CHECK(compare::exit_status(difference) == 1);
}

TEST_CASE("each cause is told from the others", "[unit]") {
  const test::TempDir folder;
  Build build;
  const Run before(folder, "a", build);
  SECTION("catalogue: the same facts under another limit") {
    const auto limits =
        must(catalogue::limits_source(before.catalogue.value, {"suite.minimum-bits=300"}));
    build.sources.push_back(limits);
    const Run after(folder, "b", build);
    const auto difference = diff(before, after);
    REQUIRE(difference.findings.size() == 1);
    CHECK(difference.findings[0].why == std::vector{Why::catalogue});
    CHECK(difference.facts.empty());
    CHECK(difference.catalogue_changed);
    REQUIRE(after.catalogue.value.changed.size() == 1);
    CHECK(std::get<std::int64_t>(after.catalogue.value.changed[0].before) == 112);
  }
  SECTION("declaration: another statement about the same device") {
    build.cell("statement", "applies") = std::string("no");
    const Run after(folder, "b", build);
    const auto difference = diff(before, after);
    REQUIRE(difference.facts.size() == 1);
    CHECK(difference.facts[0].why == Why::declaration);
    REQUIRE_FALSE(difference.items.empty());
    CHECK(difference.items[0].item == "1.3");
    CHECK(difference.items[0].why == std::vector{Why::declaration});
  }
  SECTION("device and catalogue at once, each for its own") {
    build.suite("TLS_WEAK");
    build.sources.push_back(
        must(catalogue::limits_source(before.catalogue.value, {"suite.minimum-bits=300"})));
    const Run after(folder, "b", build);
    const auto difference = diff(before, after);
    REQUIRE(difference.findings.size() == 2);
    for (const auto& finding : difference.findings) {
      CHECK(finding.why == std::vector{finding.key == "TLS_WEAK" ? Why::device : Why::catalogue});
    }
  }
  SECTION("engine: another version of the procedure sees more") {
    build.suite("TLS_WEAK");
    build.version = 2;
    const Run after(folder, "b", build);
    const auto difference = diff(before, after);
    REQUIRE(difference.findings.size() == 1);
    CHECK(difference.findings[0].why == std::vector{Why::engine});
  }
  SECTION("flake: the row was not stable") {
    build.suite("TLS_WEAK");
    build.unstable = {{"tls_suite", "subject=lan:tcp/443 version=tls1.2 suite=TLS_WEAK"}};
    const Run after(folder, "b", build);
    const auto difference = diff(before, after);
    REQUIRE(difference.findings.size() == 1);
    CHECK(difference.findings[0].why == std::vector{Why::flake});
    CHECK(difference.flaky.size() == 1);
  }
}

TEST_CASE("a waiver quiets the gate until it expires, and nothing else", "[unit]") {
  const test::TempDir folder;
  Build build;
  const Run clean(folder, "a", build);
  build.suite("TLS_WEAK");
  const Run plain(folder, "b", build);
  for (const std::string& target : {kWeak, std::string("1.1")}) {
    const Run waived(folder, "c" + target, build, waiver(target, moment(2027)));
    const auto now = diff(clean, waived);
    CHECK(compare::gate_holds(now));
    CHECK(compare::exit_status(now) == 1);
    CHECK(now.after.headline == "non-conformant");
    const auto later = diff(clean, waived, 2028);
    CHECK_FALSE(compare::gate_holds(later));
    REQUIRE(later.waivers.size() == 1);
    CHECK(later.waivers[0].state == "expired");
    // What was accepted then and is no longer so now is news, and the waiver is its cause.
    const auto expired = diff(waived, plain);
    REQUIRE(expired.findings.size() == 1);
    CHECK(expired.findings[0].why == std::vector{Why::waiver});
    CHECK(expired.findings[0].way == Way::worse);
    CHECK_FALSE(compare::gate_holds(expired));
  }
}

TEST_CASE("waivers that match nothing are found", "[unit]") {
  const test::TempDir folder;
  Build build;
  build.suite("TLS_WEAK");
  const Run run(folder, "a", build);
  const auto count = [&](const std::string& target) {
    const auto loaded = must(compare::load_waivers_text(waiver(target, moment(2027)), "w.xml"));
    return compare::unmatched(loaded, run.judgement).size();
  };
  CHECK(count(kWeak) == 0);
  CHECK(count("F-000000000000") == 1);
  CHECK(count("1.1") == 0);
  const auto unknown = must(compare::load_waivers_text(waiver("9.9", moment(2027)), "w.xml"));
  const auto checked = compare::check_targets(unknown, run.catalogue.value);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().text.find("w.xml:2: no item '9.9'") != std::string::npos);
}

TEST_CASE("malformed waivers are refused with file, line and what is allowed", "[unit]") {
  const std::string good = waiver(kWeak, moment(2027));
  REQUIRE(compare::load_waivers_text(good, "w.xml"));
  const auto bad = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const auto loaded = compare::load_waivers_text(text, "w.xml");
    INFO(text);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::invalid_input);
    CHECK(loaded.error().text.find("w.xml:") == 0);
  };
  bad("reason=\"known\" ", "");
  bad("reason=\"known\"", "reason=\"\"");
  bad("approver=\"B\"", "approver=\"A\"");
  bad("approver=\"B\"", "approver=\"\"");
  bad("<waiver ", "<waver ");
  bad("<waivers>", "<list>");
  bad("author=", "colour=\"red\" author=");
  bad(moment(2027), "2027-06-01T00:00:00");
  bad(moment(2027), "2027-06-01");
  bad(moment(2027), "2027-13-01T00:00:00Z");
  bad(moment(2027), "never");
  bad(kWeak, "F-xyz");
  bad("/>", "");
  const std::string one =
      good.substr(good.find("  <waiver "), good.find("</waivers>") - good.find("  <waiver "));
  CHECK_FALSE(compare::load_waivers_text("<waivers>" + one + one + "</waivers>", "w.xml"));
  CHECK_FALSE(compare::load_waivers_text("<waivers/>", "w.xml"));
  CHECK_FALSE(compare::load_waivers_text("", "w.xml"));
}

TEST_CASE("moments need a time zone and are the same moment everywhere", "[unit]") {
  const auto seoul = compare::parse_moment("2026-12-31T23:59:59+09:00");
  REQUIRE(seoul);
  CHECK(*seoul == *compare::parse_moment("2026-12-31T14:59:59Z"));
  CHECK(*seoul == *compare::parse_moment("2026-12-31T09:29:59-05:30"));
  CHECK(iso8601(*seoul) == "2026-12-31T14:59:59.000Z");
  for (const char* const text :
       {"2026-12-31T23:59:59", "2026-02-29T00:00:00Z", "2026-12-31 23:59:59Z",
        "2026-12-31T24:00:00Z", "2026-12-31T23:59:59+9:00", "", "Z", "2026-12-31T23:59:59+0900",
        "2026-1a-31T23:59:59Z"}) {
    INFO(text);
    CHECK_FALSE(compare::parse_moment(text));
  }
}

TEST_CASE("a changed byte of signed waivers is found and named", "[unit]") {
  const test::TempDir folder;
  const std::string text = waiver(kWeak, moment(2027));
  for (const char* const kind : {"ed25519", "ec -pkeyopt ec_paramgen_curve:P-256", "rsa"}) {
    const std::string key = folder.file("key.pem"), pub = folder.file("pub.pem");
    std::vector<std::string> make{"/usr/bin/openssl", "genpkey", "-out", key, "-algorithm"};
    const std::string words = kind;
    for (std::size_t at = 0; at < words.size();) {
      const std::size_t end = std::min(words.find(' ', at), words.size());
      make.push_back(words.substr(at, end - at));
      at = end + 1;
    }
    REQUIRE(test::run_tool(make, std::chrono::seconds(60)).exit_code == 0);
    REQUIRE(test::run_tool({"/usr/bin/openssl", "pkey", "-in", key, "-pubout", "-out", pub},
                           std::chrono::seconds(60))
                .exit_code == 0);
    const std::string file = folder.write("waivers.xml", text);
    REQUIRE(compare::sign_waivers(file, key));
    const auto loaded = compare::load_waivers(file, pub);
    REQUIRE(loaded);
    CHECK(loaded->signer.size() == 64);
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string changed = text;
      changed[at] = changed[at] == 'x' ? 'y' : 'x';
      folder.write("waivers.xml", changed);
      const auto refused = compare::load_waivers(file, std::nullopt);
      REQUIRE_FALSE(refused);
      const auto line =
          1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      CHECK(refused.error().text.find(fmt::format("waivers.xml:{}: this line", line)) !=
            std::string::npos);
    }
    folder.write("waivers.xml", text);
    std::ifstream in(file + ".sig");
    const std::string signature{std::istreambuf_iterator<char>(in),
                                std::istreambuf_iterator<char>()};
    for (std::size_t at = 0; at < signature.size(); at += 7) {
      std::string changed = signature;
      changed[at] = changed[at] == '0' ? '1' : '0';
      folder.write("waivers.xml.sig", changed);
      CHECK_FALSE(compare::load_waivers(file, std::nullopt));
    }
    std::filesystem::remove(file + ".sig");
    CHECK_FALSE(compare::load_waivers(file, pub));
    std::filesystem::remove(key);
  }
}

TEST_CASE("rows are paired by key, numbers as numbers", "[unit]") {
  const test::TempDir folder;
  Build build;
  const auto certificate = [&](std::int64_t position) {
    build.add("certificate", {{"subject", "lan:tcp/443"},
                              {"position", position},
                              {"sha256", "aa"},
                              {"subject_name", "CN=x"},
                              {"issuer_name", "CN=x"},
                              {"key_algorithm", "ec"},
                              {"key_curve", "P-256"},
                              {"key_bits", std::int64_t{256}},
                              {"key_sha256", "bb"},
                              {"signature_algorithm", "x"},
                              {"not_before", ""},
                              {"not_after", ""},
                              {"self_signed", "no"},
                              {"ca", "no"},
                              {"covers_host", "yes"},
                              {"chain", "last"}});
  };
  for (const std::int64_t position : {2, 10, 9}) certificate(position);
  const Run before(folder, "a", build);
  certificate(100);
  build.cell("certificate", "key_bits") = std::int64_t{384};
  const Run after(folder, "b", build);
  const auto rows = must(compare::pair_all(before.file.handle(), after.file.handle()));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].change.what == "changed");
  CHECK(rows[0].change.cells == std::vector<compare::CellChange>{{"key_bits", "256", "384"}});
  CHECK(rows[1].change.what == "added");
  CHECK(rows[1].change.key == "subject=lan:tcp/443 position=100 sha256=aa");
}

TEST_CASE("the re-test plan names what a change can reach and carries the rest over", "[unit]") {
  const test::TempDir folder;
  Build build;
  const Run before(folder, "a", build);
  const auto plan = [&](const Run& after) {
    return must(compare::retest(before.side(),
                                must(compare::change_between(diff(before, after), after.side()))));
  };
  const auto again = [&](const Run& after) { return plan(after).again(); };
  const auto holds = [](const std::vector<std::string>& list, const char* item) {
    return std::ranges::find(list, item) != list.end();
  };
  SECTION("nothing changed: only what did not hold") {
    const Run after(folder, "b", build);
    CHECK_FALSE(holds(again(after), "1.3"));
    const auto whole = plan(after);
    const auto carried =
        std::ranges::find(whole.items, std::string("1.3"), &compare::RetestItem::item);
    CHECK(carried->evidence == std::vector<EvidenceId>{1});
    CHECK(whole.run == "a");
    CHECK_FALSE(whole.root.empty());
  }
  SECTION("what is declared of the item") {
    build.cell("service", "product") = std::string("y");
    CHECK(holds(again(Run(folder, "b", build)), "1.3"));
  }
  SECTION("the firmware, where the catalogue says so") {
    build.cell("declared_identity", "text") = std::string("1.1");
    CHECK_FALSE(holds(again(Run(folder, "b", build)), "1.3"));
    auto& text = build.sources.front().text;
    const std::string item = "<item id=\"1.3\"";
    text.replace(text.find(item), item.size(), item + " retest=\"firmware\"");
    CHECK(holds(again(Run(folder, "c", build)), "1.3"));
  }
  SECTION("another version of a procedure") {
    build.version = 2;
    CHECK(holds(again(Run(folder, "b", build)), "1.3"));
  }
  SECTION("another query") {
    auto& text = build.sources.front().text;
    const std::string query = "SELECT subject, evidence FROM service</cites>";
    text.replace(text.find(query), query.size(),
                 "SELECT subject, evidence FROM service WHERE protocol &lt;&gt; 'unknown'</cites>");
    CHECK(holds(again(Run(folder, "b", build)), "1.3"));
  }
}

TEST_CASE("what an earlier run saw otherwise is doubted", "[unit]") {
  const test::TempDir folder;
  Build build;
  const Run before(folder, "a", build);
  const auto earlier = must(compare::EarlierFacts::read(before.file));
  CHECK_FALSE(earlier.differ("probe", build.facts));
  CHECK_FALSE(earlier.differ("other", build.facts));
  auto fewer = build.facts;
  fewer.pop_back();
  CHECK(earlier.differ("probe", fewer));
  build.suite("TLS_WEAK");
  CHECK(earlier.differ("probe", build.facts));
}

TEST_CASE("device text leaves a difference escaped", "[unit]") {
  const test::TempDir folder;
  Build build;
  const Run before(folder, "a", build);
  const std::string evil = "<script>\x1b[31m\"&'\xff";
  build.cell("service", "product") = evil;
  build.suite("TLS_" + evil);
  const Run after(folder, "b", build);
  const auto difference = diff(before, after);
  const compare::Retest none{};
  for (const auto language : {compare::Language::ko, compare::Language::en}) {
    const std::string page = compare::html(difference, none, language);
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find('\x1b') == std::string::npos);
    CHECK(page.find('\xff') == std::string::npos);
    CHECK(compare::text(difference, none, language).find('\x1b') == std::string::npos);
  }
  const std::string json = compare::json(difference, none);
  CHECK(json.find('\x1b') == std::string::npos);
  CHECK(json.find('\xff') == std::string::npos);
}
