#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "harness/judge/judge.hpp"
#include "tests/support/fact_set.hpp"
#include "tests/support/sample_catalogue.hpp"

using namespace haetae;
using namespace haetae::judge;
using haetae::test::FactBase;

namespace {

const char* const kAt = "2026-11-22T12:00:00.000Z";
const Question kAll{.type = "standard", .only = {}, .tested_at = kAt};

catalogue::Catalogue sample() {
  auto sources = test::sample_sources();
  sources.pop_back();
  auto loaded = catalogue::load_sources(sources);
  if (!loaded) throw std::runtime_error(loaded.error().message());
  return std::move(*loaded);
}

/// Scene is a database that a test fills with a few words.
struct Scene {
  FactBase base{test::fact_tables()};

  void sql(const std::string& text) {
    const auto done = base.execute(text);
    if (!done) FAIL(text + ": " + done.error().message());
  }
  void cover(const std::string& topic, const std::string& subject,
             const std::string& state = "complete", const std::string& why = "because") {
    sql(
        fmt::format("INSERT INTO coverage (link, topic, subject, state, cause, why, tried, "
                    "procedure, version) VALUES (1, '{}', '{}', '{}', '{}', '{}', '', 'x', 1)",
                    topic, subject, state, state == "complete" ? "none" : "lab", why));
  }
  void tls(const std::string& subject, const std::string& offered = "yes") {
    sql(fmt::format("INSERT INTO tls_version VALUES (NULL, 1, 2, '{}', 'tls1.2', '{}')", subject,
                    offered));
  }
  void suite(const std::string& subject, const std::string& name, int evidence = 3) {
    sql(fmt::format("INSERT INTO tls_suite VALUES (NULL, 1, {}, '{}', 'tls1.2', '{}', 1, 1)",
                    evidence, subject, name));
  }
  void service(const std::string& subject, const std::string& protocol,
               const std::string& tls = "no", const std::string& product = "") {
    sql(fmt::format("INSERT INTO service VALUES (NULL, 1, 4, '{}', '{}', '{}', 'no', '{}', '', '')",
                    subject, protocol, tls, product));
  }
  void port(const std::string& subject, const std::string& state = "open") {
    sql(fmt::format(
        "INSERT INTO port VALUES (NULL, 1, 5, '{}', 'tcp', 23, '{}', '{}', 'not-asked')", subject,
        state, state));
  }
  void statement(const std::string& item, const std::string& applies) {
    sql(fmt::format("INSERT INTO statement VALUES (NULL, 1, 6, '{}', '{}', 'no such part')", item,
                    applies));
  }
  void procedure(const std::string& id, const std::string& topics,
                 const std::string& plan = "planned", const std::string& state = "",
                 const std::string& cause = "lab") {
    sql(
        fmt::format("INSERT INTO plan_procedure VALUES (NULL, 1, '{}', 1, 'safe', '{}', '{}', "
                    "'hazard not permitted')",
                    id, topics, plan));
    if (!state.empty()) {
      sql(fmt::format(
          "INSERT INTO procedure_state VALUES (NULL, 1, '{}', '{}', '', '{}', 'why so')", id, state,
          cause));
    }
  }
  Judgement judge(const catalogue::Catalogue& catalogue, const Question& question = kAll) {
    auto out = judge::judge(base.handle(), catalogue, question);
    if (!out) FAIL(out.error().message());
    return std::move(*out);
  }
  CriterionVerdict criterion(const std::string& id) {
    for (CriterionVerdict& verdict : judge(sample()).criteria) {
      if (verdict.criterion == id) return std::move(verdict);
    }
    FAIL("no criterion " + id);
    return {};
  }
};

/// Strong is one TLS endpoint with a strong suite, seen completely.
struct Strong : Scene {
  Strong() {
    tls("lan:tcp/443");
    suite("lan:tcp/443", "TLS_STRONG");
    cover("tls.endpoints", "lan");
    cover("tls.suites", "lan:tcp/443");
  }
};

/// Lockout is one login surface with everything that 1.4-block needs but the trial.
struct Lockout : Scene {
  Lockout() {
    sql("INSERT INTO login_surface VALUES (NULL, 1, 7, 'lan:tcp/80', 'http-basic', '/', 'seen', "
        "'yes', 'yes')");
    cover("login.surfaces", "lan");
    cover("lockout", "lan:tcp/80");
  }
  void trial(const std::string& blocked, int attempts, int failures) {
    sql(
        fmt::format("INSERT INTO lockout_trial VALUES (NULL, 1, 8, 'lan:tcp/80', 'http-basic', "
                    "'admin', {}, '{}', {}, 0, 'yes', 0, 'yes', 'account', 0)",
                    attempts, blocked, failures));
  }
};

const SubjectVerdict& subject(const CriterionVerdict& verdict, const std::string& name) {
  const auto found = std::ranges::find(verdict.subjects, name, &SubjectVerdict::subject);
  if (found == verdict.subjects.end()) FAIL("no subject " + name);
  return *found;
}

}  // namespace

TEST_CASE("a pass needs complete coverage, no lack, no breach and something cited", "[judge]") {
  Strong scene;
  const auto verdict = scene.criterion("1.1-weak");
  CHECK(verdict.verdict == Verdict::pass);
  CHECK(verdict.reason.en == "1 of 1 subjects hold");
  CHECK(subject(verdict, "lan:tcp/443").cites == std::vector<EvidenceId>{3});
}

TEST_CASE("nothing cited is no pass", "[judge]") {
  Strong scene;
  scene.sql("DELETE FROM tls_suite");
  const auto verdict = scene.criterion("1.1-weak");
  CHECK(verdict.verdict == Verdict::inconclusive);
  CHECK(verdict.cause == Cause::tool);
  CHECK(verdict.reason.en == "nothing is cited that shows it");
}

TEST_CASE("a breach that was seen stands on partial coverage and beside a lack", "[judge]") {
  Strong scene;
  scene.suite("lan:tcp/443", "TLS_WEAK", 9);
  scene.suite("lan:tcp/443", "TLS_STRANGE");
  scene.sql("UPDATE coverage SET state = 'partial', cause = 'device' WHERE topic = 'tls.suites'");
  scene.sql("DELETE FROM coverage WHERE topic = 'tls.endpoints'");
  const auto verdict = scene.criterion("1.1-weak");
  CHECK(verdict.verdict == Verdict::fail);
  REQUIRE(verdict.findings.size() == 1);
  CHECK(verdict.findings[0].key == "TLS_WEAK");
  CHECK(verdict.findings[0].evidence == std::vector<EvidenceId>{9});
  CHECK(verdict.reason.en == "offers TLS_WEAK with 40 bits");
  CHECK(verdict.findings[0].remedy.en == "Switch off TLS_WEAK");
  CHECK(subject(verdict, "lan").verdict == Verdict::inconclusive);
}

TEST_CASE("rows of one subject and key are one breach with all its evidence", "[judge]") {
  Strong scene;
  scene.suite("lan:tcp/443", "TLS_WEAK", 9);
  scene.sql(
      "INSERT INTO tls_suite VALUES (NULL, 1, 10, 'lan:tcp/443', 'tls1.0', 'TLS_WEAK', 1, 1)");
  const auto verdict = scene.criterion("1.1-weak");
  REQUIRE(verdict.findings.size() == 1);
  CHECK(verdict.findings[0].evidence == std::vector<EvidenceId>{9, 10});
}

TEST_CASE("taint voids breach and pass", "[judge]") {
  const std::string where = GENERATE("tls.suites", "tls.endpoints");
  const bool breach = GENERATE(true, false);
  Strong scene;
  if (breach) scene.suite("lan:tcp/443", "TLS_WEAK");
  scene.sql(
      "UPDATE coverage SET state = 'tainted', cause = 'device', why = 'another key' WHERE topic = "
      "'" +
      where + "'");
  const auto verdict = scene.criterion("1.1-weak");
  CHECK(verdict.verdict == Verdict::inconclusive);
  CHECK(verdict.cause == Cause::device);
  CHECK(verdict.findings.empty());
  CHECK(subject(verdict, "lan:tcp/443").reason.en.find("another key") != std::string::npos);
}

TEST_CASE("a taint of the whole device reaches each subject", "[judge]") {
  Strong scene;
  scene.cover("tls.suites", "lan", "tainted", "it moved");
  CHECK(scene.criterion("1.1-weak").verdict == Verdict::inconclusive);
}

TEST_CASE("a lack is inconclusive with its reason's sentence and cause", "[judge]") {
  Strong scene;
  scene.suite("lan:tcp/443", "TLS_STRANGE");
  const auto verdict = scene.criterion("1.1-weak");
  CHECK(verdict.verdict == Verdict::inconclusive);
  CHECK(verdict.cause == Cause::tool);
  CHECK(verdict.reason.en == "TLS_STRANGE is not in the list");
  CHECK(verdict.reason.ko == "TLS_STRANGE 목록에 없음");
}

TEST_CASE("a lack or breach on a subject that nobody named is not dropped", "[judge]") {
  Strong scene;
  SECTION("lack") {
    scene.service("lan:tcp/9", "unknown", "unknown");
    const auto verdict = scene.criterion("1.1-weak");
    CHECK(verdict.verdict == Verdict::inconclusive);
    CHECK(verdict.cause == Cause::device);
    CHECK(subject(verdict, "lan:tcp/443").verdict == Verdict::pass);
  }
  SECTION("breach") {
    scene.suite("lan:tcp/8443", "TLS_WEAK");
    CHECK(scene.criterion("1.1-weak").verdict == Verdict::fail);
  }
}

TEST_CASE("missing coverage is never a pass and says what became of the procedure", "[judge]") {
  struct Case {
    const char *plan, *state, *says;
    Verdict verdict;
    Cause cause;
  };
  const std::vector<Case> cases{
      {"not-permitted", "", "the procedure tls was not run: hazard not permitted", Verdict::not_run,
       Cause::none},
      {"excluded", "", "the procedure tls was not run: hazard not permitted", Verdict::not_run,
       Cause::none},
      {"planned", "", "the procedure tls was not reached", Verdict::not_run, Cause::none},
      {"planned", "started", "the procedure tls was not reached", Verdict::not_run, Cause::none},
      {"planned", "interrupted", "the procedure tls was interrupted: why so", Verdict::not_run,
       Cause::lab},
      {"planned", "skipped", "the procedure tls was skipped: why so", Verdict::not_run, Cause::lab},
      {"planned", "failed", "the procedure tls failed: why so", Verdict::inconclusive, Cause::lab},
      {"planned", "finished",
       "the procedure tls did not say how far it saw tls.suites at lan:tcp/443",
       Verdict::inconclusive, Cause::tool},
  };
  for (const Case& one : cases) {
    Strong scene;
    CAPTURE(one.plan, one.state);
    scene.sql("DELETE FROM coverage WHERE topic = 'tls.suites'");
    scene.procedure("tls", "tls.versions tls.suites", one.plan, one.state);
    const auto verdict = scene.criterion("1.1-weak");
    CHECK(verdict.verdict == one.verdict);
    CHECK(verdict.cause == one.cause);
    CHECK(verdict.reason.en == one.says);
  }
  Strong scene;
  scene.sql("DELETE FROM coverage WHERE topic = 'tls.suites'");
  CHECK(scene.criterion("1.1-weak").reason.en == "no procedure of this run looks at tls.suites");
  scene.cover("tls.suites", "lan:tcp/443", "partial", "it slowed down");
  CHECK(scene.criterion("1.1-weak").reason.en ==
        "tls.suites was not seen to the end: it slowed down");
}

TEST_CASE("what was not run explains a lack", "[judge]") {
  Lockout scene;
  scene.sql("DELETE FROM coverage WHERE topic = 'lockout'");
  scene.procedure("lockout", "lockout", "not-permitted");
  const auto verdict = scene.criterion("1.4-block");
  CHECK(verdict.verdict == Verdict::not_run);
  CHECK(verdict.reason.en == "the procedure lockout was not run: hazard not permitted");
}

TEST_CASE("an absent breach needs complete coverage and no lack", "[judge]") {
  Lockout scene;
  SECTION("enough tries, no block") {
    scene.trial("no", 6, 0);
    const auto verdict = scene.criterion("1.4-block");
    CHECK(verdict.verdict == Verdict::fail);
    CHECK(verdict.reason.ko == "6회 실패에도 차단 없음");
  }
  SECTION("the boundary: exactly the limit") {
    scene.trial("no", 5, 0);
    CHECK(scene.criterion("1.4-block").verdict == Verdict::fail);
  }
  SECTION("too few tries") {
    scene.trial("no", 4, 0);
    const auto verdict = scene.criterion("1.4-block");
    CHECK(verdict.verdict == Verdict::inconclusive);
    CHECK(verdict.reason.en == "only 4 tries");
  }
  SECTION("partial") {
    scene.trial("no", 6, 0);
    scene.sql("UPDATE coverage SET state = 'partial', cause = 'lab' WHERE topic = 'lockout'");
    CHECK(scene.criterion("1.4-block").verdict == Verdict::inconclusive);
  }
  SECTION("universe not complete") {
    scene.trial("no", 6, 0);
    scene.sql(
        "UPDATE coverage SET state = 'partial', cause = 'lab' WHERE topic = 'login.surfaces'");
    CHECK(scene.criterion("1.4-block").verdict == Verdict::inconclusive);
  }
  SECTION("a block in time") {
    scene.trial("yes", 5, 5);
    CHECK(scene.criterion("1.4-block").verdict == Verdict::pass);
  }
  SECTION("a block too late") {
    scene.trial("yes", 6, 6);
    CHECK(scene.criterion("1.4-block").verdict == Verdict::fail);
  }
}

TEST_CASE("an empty universe is not applicable only where discovery is complete", "[judge]") {
  Scene scene;
  CHECK(scene.criterion("1.1-weak").verdict == Verdict::inconclusive);
  scene.cover("tls.endpoints", "lan");
  const auto verdict = scene.criterion("1.1-weak");
  CHECK(verdict.verdict == Verdict::not_applicable);
  CHECK(verdict.reason.en == "there is nothing to judge");
  scene.sql("UPDATE coverage SET state = 'partial', cause = 'device'");
  CHECK(scene.criterion("1.1-weak").verdict == Verdict::inconclusive);
}

TEST_CASE("without a universe an empty answer proves nothing", "[judge]") {
  Scene scene;
  auto catalogue = sample();
  catalogue.items[0].criteria[0].universe.clear();
  CHECK(scene.judge(catalogue).criteria[0].verdict == Verdict::inconclusive);
}

TEST_CASE("an incomplete universe keeps a criterion from passing", "[judge]") {
  Strong scene;
  scene.sql(
      "UPDATE coverage SET state = 'partial', cause = 'lab', why = 'cut' WHERE topic = "
      "'tls.endpoints'");
  const auto verdict = scene.criterion("1.1-weak");
  CHECK(verdict.verdict == Verdict::inconclusive);
  CHECK(verdict.cause == Cause::lab);
  CHECK(subject(verdict, "lan:tcp/443").verdict == Verdict::pass);
}

TEST_CASE("planned criteria are not-run or pending", "[judge]") {
  Scene scene;
  const auto image = scene.criterion("1.2-image");
  CHECK(image.verdict == Verdict::not_run);
  CHECK(image.reason.ko == "시험 절차 준비 중");
  CHECK(scene.criterion("1.2-paper").verdict == Verdict::pending);
}

TEST_CASE("the newest answer of a person counts", "[judge]") {
  Scene scene;
  CHECK(scene.criterion("1.1-asked").verdict == Verdict::pending);
  const auto answer = [&](int revision, const std::string& outcome) {
    scene.sql(
        fmt::format("INSERT INTO answer VALUES (NULL, 1, 11, '1.1-asked', {}, '{}', 'Kim', '', "
                    "'seen on the open board', 'terminal', '2026-11-22T12:00:00Z')",
                    revision, outcome));
  };
  answer(2, "does-not-conform");
  answer(1, "conforms");
  const auto failed = scene.criterion("1.1-asked");
  CHECK(failed.verdict == Verdict::fail);
  REQUIRE(failed.findings.size() == 1);
  CHECK(failed.findings[0].evidence == std::vector<EvidenceId>{11});
  CHECK(failed.findings[0].remedy.en == "Do");
  answer(3, "unknown");
  CHECK(scene.criterion("1.1-asked").cause == Cause::operator_);
  answer(4, "not-applicable");
  CHECK(scene.criterion("1.1-asked").verdict == Verdict::not_applicable);
  answer(5, "conforms");
  const auto passed = scene.criterion("1.1-asked");
  CHECK(passed.verdict == Verdict::pass);
  CHECK(passed.subjects.at(0).cites == std::vector<EvidenceId>{11});
}

namespace {

/// Answered is a person's answer to 1.1-asked, whose step a test may change.
struct Answered : Scene {
  catalogue::Catalogue edition = sample();

  Answered() {
    auto& criteria = edition.items[0].criteria;
    asked_ = &*std::ranges::find(criteria, "1.1-asked", &catalogue::Criterion::id);
    asked_->step = catalogue::Step{
        .task = {"연다", "Open"}, .look = {"본다", "Look"}, .second = false, .finds = {}};
  }
  void want_second() { asked_->step->second = true; }
  void rest_on(const std::string& topic) { asked_->coverage = {topic}; }
  void answer(int revision, const std::string& outcome, const std::string& text,
              const std::string& second = "") {
    sql(
        fmt::format("INSERT INTO answer VALUES (NULL, 1, 11, '1.1-asked', {}, '{}', 'Kim', '{}', "
                    "'{}', 'file', '2026-11-22T12:00:00Z')",
                    revision, outcome, second, text));
  }
  CriterionVerdict now() {
    for (CriterionVerdict& verdict : judge(edition).criteria) {
      if (verdict.criterion == "1.1-asked") return std::move(verdict);
    }
    FAIL("1.1-asked is not judged");
    return {};
  }

 private:
  catalogue::Criterion* asked_ = nullptr;
};

const std::string kFour = "no console on J3";

}  // namespace

TEST_CASE("an answer that shows nothing is no pass", "[judge]") {
  Answered scene;
  scene.answer(1, "conforms", "");
  CHECK(scene.now().verdict == Verdict::pending);
  CHECK(scene.now().reason.en.find("shows nothing") != std::string::npos);
  scene.answer(2, "conforms", "all is fine");
  CHECK(scene.now().verdict == Verdict::pending);
  scene.answer(3, "conforms", "all . fine ! -");
  CHECK(scene.now().verdict == Verdict::pending);
  scene.answer(4, "conforms", kFour);
  CHECK(scene.now().verdict == Verdict::pass);
  scene.answer(5, "conforms", "");
  CHECK(scene.now().verdict == Verdict::pending);

  SECTION("an attachment shows something, one of an older answer does not") {
    scene.sql(
        "INSERT INTO answer_attachment VALUES (NULL, 1, 12, '1.1-asked', 4, 1, 'a.png', "
        "'image/png', 'ab', 3)");
    CHECK(scene.now().verdict == Verdict::pending);
    scene.sql(
        "INSERT INTO answer_attachment VALUES (NULL, 1, 12, '1.1-asked', 5, 1, 'a.png', "
        "'image/png', 'ab', 3)");
    const auto passed = scene.now();
    CHECK(passed.verdict == Verdict::pass);
    CHECK(passed.subjects.at(0).cites == std::vector<EvidenceId>{11, 12});
    CHECK(passed.reason.ko == "Kim 확인: 첨부 1개");
  }
  SECTION("a hit in a document shows something and is cited") {
    scene.sql(
        "INSERT INTO document_hit VALUES (NULL, 1, 13, '1.1-asked', 'manual: M', 'p', 2, 'a p b')");
    const auto passed = scene.now();
    CHECK(passed.verdict == Verdict::pass);
    CHECK(passed.subjects.at(0).cites == std::vector<EvidenceId>{11, 13});
    scene.answer(6, "not-applicable", "");
    CHECK(scene.now().verdict == Verdict::pending);
    scene.answer(7, "not-applicable", kFour);
    CHECK(scene.now().verdict == Verdict::not_applicable);
  }
  SECTION("a failure needs no explanation") {
    scene.answer(6, "does-not-conform", "");
    CHECK(scene.now().verdict == Verdict::fail);
  }
}

TEST_CASE("where a second person is asked for, one is not enough", "[judge]") {
  Answered scene;
  scene.want_second();
  scene.answer(1, "conforms", kFour);
  CHECK(scene.now().verdict == Verdict::pending);
  CHECK(scene.now().reason.en == "waits for a second person; found by Kim: no console on J3");
  scene.answer(2, "conforms", kFour, " k I m");
  CHECK(scene.now().verdict == Verdict::pending);
  scene.answer(3, "not-applicable", kFour);
  CHECK(scene.now().verdict == Verdict::pending);
  scene.answer(4, "does-not-conform", kFour);
  CHECK(scene.now().verdict == Verdict::fail);
  scene.answer(5, "conforms", kFour, "이점검");
  CHECK(scene.now().verdict == Verdict::pass);
  CHECK(scene.now().reason.ko == "Kim(재확인 이점검) 확인: no console on J3");
}

TEST_CASE("an answer that rests on documents needs them read", "[judge]") {
  Answered scene;
  scene.rest_on("documents");
  scene.answer(1, "conforms", kFour);
  CHECK(scene.now().verdict == Verdict::inconclusive);
  scene.cover("documents", "lan", "partial", "manual.pdf cannot be read");
  CHECK(scene.now().verdict == Verdict::inconclusive);
  CHECK(scene.now().reason.en.find("manual.pdf cannot be read") != std::string::npos);
  scene.answer(2, "does-not-conform", "");
  CHECK(scene.now().verdict == Verdict::fail);
  scene.answer(3, "conforms", kFour);
  scene.sql("UPDATE coverage SET state = 'complete', cause = 'none'");
  CHECK(scene.now().verdict == Verdict::pass);
}

TEST_CASE("what people write is harmless in a sentence", "[judge]") {
  Answered scene;
  scene.answer(1, "conforms", "<script>alert(1)</script>\n\x1b[2J {who} {text} four words here");
  scene.sql("UPDATE answer SET text = text || char(27) || '[2J' || char(10) || char(8238) || 'x'");
  const auto verdict = scene.now();
  CHECK(verdict.verdict == Verdict::pass);
  for (const std::string& text : {verdict.reason.ko, verdict.reason.en}) {
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.find("\u202e") == std::string::npos);
    CHECK(text.find("{who} {text}") != std::string::npos);
  }
}

TEST_CASE("answers of an earlier file, which knew no second person, are read", "[judge]") {
  Answered scene;
  scene.answer(1, "conforms", kFour);
  for (const char* column : {"second", "method", "at"}) {
    scene.sql(fmt::format("ALTER TABLE answer DROP COLUMN {}", column));
  }
  scene.sql("DROP TABLE answer_attachment; DROP TABLE document_hit");
  CHECK(scene.now().verdict == Verdict::pass);
  scene.want_second();
  CHECK(scene.now().verdict == Verdict::pending);
}

TEST_CASE("an optional item wants a statement", "[judge]") {
  Scene scene;
  scene.port("lan:tcp/23");
  scene.service("lan:tcp/23", "http");
  for (const char* topic : {"ports.tcp", "services"}) scene.cover(topic, "lan");
  const auto open = scene.criterion("1.3-telnet");
  CHECK(open.verdict == Verdict::inconclusive);
  CHECK(open.cause == Cause::declaration);
  SECTION("it applies") {
    scene.statement("1.3", "yes");
    CHECK(scene.criterion("1.3-telnet").verdict == Verdict::pass);
  }
  SECTION("it does not") {
    scene.statement("1.3", "no");
    const auto verdict = scene.criterion("1.3-telnet");
    CHECK(verdict.verdict == Verdict::not_applicable);
    CHECK(verdict.reason.en == "declared: no such part");
  }
  SECTION("nobody knows") {
    scene.statement("1.3", "unknown");
    CHECK(scene.criterion("1.3-telnet").verdict == Verdict::inconclusive);
  }
}

TEST_CASE("what is declared not to apply and yet seen is not believed", "[judge]") {
  Scene scene;
  scene.statement("1.3", "no");
  scene.statement("1.1", "no");
  scene.statement("1.2", "no");
  CHECK(scene.criterion("1.2-image").verdict == Verdict::not_applicable);
  CHECK(scene.criterion("1.1-asked").verdict == Verdict::not_applicable);
  SECTION("an item that everybody must meet wants the observation") {
    CHECK(scene.criterion("1.1-weak").verdict == Verdict::inconclusive);
    scene.cover("tls.endpoints", "lan");
    CHECK(scene.criterion("1.1-weak").verdict == Verdict::not_applicable);
    scene.tls("lan:tcp/443");
    scene.suite("lan:tcp/443", "TLS_STRONG");
    CHECK(scene.criterion("1.1-weak").verdict == Verdict::inconclusive);
    CHECK(scene.criterion("1.1-asked").verdict == Verdict::not_applicable);
    scene.cover("tls.suites", "lan:tcp/443");
    const auto asked = scene.criterion("1.1-asked");
    CHECK(asked.verdict == Verdict::inconclusive);
    CHECK(asked.cause == Cause::declaration);
    CHECK(asked.reason.en == "declared not to apply, yet seen at lan:tcp/443");
    CHECK(asked.subjects.at(0).cites == std::vector<EvidenceId>{3});
    CHECK(scene.criterion("1.1-weak").verdict == Verdict::inconclusive);
  }
  SECTION("a breach stands") {
    scene.service("lan:tcp/23", "telnet", "no", "busy");
    CHECK(scene.criterion("1.3-telnet").verdict == Verdict::fail);
  }
  SECTION("observation without a breach") {
    auto catalogue = sample();
    catalogue.items[2].applies = "SELECT subject, evidence FROM service WHERE protocol = 'http'";
    scene.service("lan:tcp/80", "http");
    const auto verdict = scene.judge(catalogue);
    const auto& telnet =
        *std::ranges::find(verdict.criteria, "1.3-telnet", &CriterionVerdict::criterion);
    CHECK(telnet.verdict == Verdict::inconclusive);
    CHECK(telnet.cause == Cause::declaration);
    CHECK(telnet.subjects[0].cites == std::vector<EvidenceId>{4});
  }
  SECTION("a query that fails is no leave to skip") {
    auto catalogue = sample();
    catalogue.items[2].applies = "SELECT subject, evidence FROM nowhere";
    const auto verdict = scene.judge(catalogue);
    CHECK(verdict.items[2].verdict == Verdict::inconclusive);
    CHECK(verdict.items[2].cause == Cause::tool);
  }
}

TEST_CASE("selection, headline and whole", "[judge]") {
  Strong scene;
  scene.sql(
      "INSERT INTO answer VALUES (NULL, 1, 11, '1.1-asked', 1, 'conforms', 'Kim', '', 'seen on the "
      "open board', 'terminal', '2026-11-22T12:00:00Z')");
  const auto catalogue = sample();
  const auto lite = scene.judge(catalogue, {.type = "lite", .only = {}, .tested_at = kAt});
  CHECK(lite.headline == Headline::conformant);
  CHECK(lite.whole);
  CHECK(lite.items.size() == 4);
  CHECK(lite.items[0].verdict == Verdict::pass);
  CHECK(lite.items[0].reason.en == "2 of 2 criteria hold");
  CHECK(lite.items[1].selected == "outside-type");
  CHECK(lite.items[1].verdict == Verdict::not_run);
  CHECK(lite.criteria.size() == 2);
  const auto only = scene.judge(catalogue, {.type = "standard", .only = {"1.1"}, .tested_at = kAt});
  CHECK(only.headline == Headline::incomplete);
  CHECK_FALSE(only.whole);
  CHECK(only.items[3].selected == "excluded");
  CHECK(scene.judge(catalogue).headline == Headline::incomplete);
  CHECK_FALSE(judge::judge(scene.base.handle(), catalogue,
                           {.type = "lite", .only = {"1.4"}, .tested_at = kAt}));
  CHECK_FALSE(judge::judge(scene.base.handle(), catalogue,
                           {.type = "standard", .only = {"9.9"}, .tested_at = kAt}));
  CHECK_FALSE(
      judge::judge(scene.base.handle(), catalogue, {.type = "gold", .only = {}, .tested_at = kAt}));
}

TEST_CASE("a device's own words are quoted and never expanded again", "[judge]") {
  Scene scene;
  scene.statement("1.3", "yes");
  scene.service("lan:tcp/23", "telnet", "no", "{subject} \x1b[31m” pass");
  const auto verdict = scene.criterion("1.3-telnet");
  REQUIRE(verdict.findings.size() == 1);
  CHECK(verdict.findings[0].says.en == "telnet “{subject} \\x1b[31m\" pass”");
}

TEST_CASE("a query that goes wrong makes its criterion inconclusive and nothing else", "[judge]") {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"SELECT subject FROM nowhere", "no such table: nowhere"},
      {"SELECT subject, kind FROM tls_version", "no such column: kind"},
      {"SELECT subject FROM coverage", "table 'coverage' may not be read"},
      {"SELECT text AS subject FROM document", "table 'document' may not be read"},
      {"SELECT value AS subject FROM secret_value", "table 'secret_value' may not be read"},
      {"SELECT name AS subject FROM sqlite_schema", "may not be read"},
      {"SELECT name AS subject FROM pragma_table_info('port')", ""},
      {"SELECT printf('%s', subject) AS subject FROM tls_version",
       "function 'printf' may not be used"},
      {"SELECT replace(subject, 'a', 'b') AS subject FROM tls_version",
       "function 'replace' may not be used"},
      {"SELECT random() AS subject FROM tls_version", "function 'random' may not be used"},
      {"SELECT load_extension('x') AS subject FROM tls_version", "load_extension"},
      {"SELECT datetime('now') AS subject FROM tls_version", "function 'datetime' may not be used"},
      {"SELECT CURRENT_TIMESTAMP AS subject FROM tls_version", "may not be used"},
      {"SELECT zeroblob(10) AS subject FROM tls_version", "function 'zeroblob' may not be used"},
      {"SELECT subject FROM tls_version; DELETE FROM port", "more than one statement"},
      {"SELECT subject FROM tls_version; SELECT 1", "more than one statement"},
      {"DELETE FROM port", "may only SELECT"},
      {"DELETE FROM port RETURNING subject", "may only SELECT"},
      {"PRAGMA table_info(port)", "may only SELECT"},
      {"ATTACH 'x' AS y", "may only SELECT"},
      {"EXPLAIN SELECT subject FROM port", "a query must be one SELECT"},
      {"", "a query must be one SELECT"},
      {"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS subject FROM n",
       "without recursion"},
      {"SELECT subject FROM tls_version WHERE version = \"tls1.2\"", "no such column"},
      {"SELECT subject FROM tls_version WHERE version = :nobody", "unknown parameter ':nobody'"},
      {"SELECT subject FROM tls_version WHERE version = ?", "unknown parameter"},
      {"SELECT subject FROM tls_version WHERE version = @suite_minimum_bits",
       "unknown parameter '@suite_minimum_bits'"},
      {"SELECT NULL AS subject FROM tls_version", "holds no text"},
      {"SELECT version FROM tls_version", "has no column 'subject'"},
      {"SELECT x'00' AS subject FROM tls_version", "may not give bytes"},
      {"SELECT a.subject FROM tls_version a, port b, port c, port d, port e", "rows"},
      {"SELECT max(a.subject || g.subject) AS subject FROM port a, port b, port c, port d, port e, "
       "port f, port "
       "g",
       "steps"},
  };
  Strong scene;
  for (int index = 0; index < 20; ++index) scene.port(fmt::format("lan:tcp/{}", index));
  for (const auto& [query, says] : bad) {
    CAPTURE(query, says);
    auto catalogue = sample();
    catalogue.items[0].criteria[0].subjects = query;
    const auto out = scene.judge(catalogue);
    CHECK(out.criteria[0].verdict == Verdict::inconclusive);
    CHECK(out.criteria[0].cause == Cause::tool);
    CAPTURE(out.criteria[0].reason.en);
    CHECK(out.criteria[0].reason.en.find(says) != std::string::npos);
    CHECK(out.criteria[2].verdict == Verdict::not_run);
  }
  // The connection is as it was: what the sandbox forbids works again, and nothing is left behind.
  scene.sql("DELETE FROM tls_suite");
  CHECK_FALSE(scene.base.execute("SELECT * FROM ref_suite_strength"));
  CHECK(scene.criterion("1.1-weak").reason.en == "nothing is cited that shows it");
}

TEST_CASE("a lack with an unknown reason or evidence of nothing is no pass", "[judge]") {
  Strong scene;
  auto catalogue = sample();
  catalogue.items[0].criteria[0].lacks = "SELECT subject, 'sorry' AS why FROM tls_version";
  CHECK(scene.judge(catalogue).criteria[0].reason.en == "the reason sorry is not in the catalogue");
  catalogue = sample();
  catalogue.items[0].criteria[0].breach =
      "SELECT subject, suite AS key, 0 AS evidence, suite, 1 AS bits FROM tls_suite";
  CHECK(scene.judge(catalogue).criteria[0].reason.en.find("names no evidence") !=
        std::string::npos);
}

TEST_CASE("a breach that cites evidence of another run is no breach", "[judge]") {
  Strong scene;
  auto catalogue = sample();
  catalogue.items[0].criteria[0].breach =
      "SELECT subject, suite AS key, 999 AS evidence, suite, 1 AS bits FROM tls_suite";
  const auto out = scene.judge(catalogue);
  CHECK(out.criteria[0].verdict == Verdict::inconclusive);
  CHECK(out.criteria[0].reason.en.find("names no evidence") != std::string::npos);
}

TEST_CASE("a file that is no run file is an error", "[judge]") {
  Scene scene;
  scene.sql("DROP TABLE procedure_state; DROP TABLE plan_procedure; DROP TABLE coverage");
  const auto out = judge::judge(scene.base.handle(), sample(), kAll);
  REQUIRE_FALSE(out);
  CHECK(out.error().text.find("no run file") != std::string::npos);
}

TEST_CASE("a table that the run never had makes its criteria inconclusive", "[judge]") {
  Strong scene;
  scene.sql("DROP TABLE tls_suite");
  const auto verdict = scene.criterion("1.1-weak");
  CHECK(verdict.verdict == Verdict::inconclusive);
  CHECK(verdict.cause == Cause::tool);
}

TEST_CASE("a judgement is stored as a revision with findings and citations", "[judge]") {
  const auto file = std::filesystem::path(HAETAE_BINARY_DIR) / "judge-store.haetae";
  std::filesystem::remove(file);
  const auto first = [](evidence::Transaction& rows) -> Result<void> {
    const evidence::StoredEvidence seen{.id = 1,
                                        .procedure = "test",
                                        .kind = "transcript",
                                        .subject = "lan",
                                        .label = "made up",
                                        .media_type = "text/plain",
                                        .at = {},
                                        .content = {1, 2, 3},
                                        .cut = 0};
    if (auto done = rows.insert(seen); !done) return done;
    const auto row = rows.insert("service", {{"evidence", std::int64_t{1}},
                                             {"subject", "lan:tcp/23"},
                                             {"protocol", "telnet"},
                                             {"tls", "no"},
                                             {"starttls", "no"},
                                             {"product", "busy"},
                                             {"version", ""},
                                             {"banner", ""}});
    if (!row) return tl::unexpected<Error>(row.error());
    return {};
  };
  {
    auto run = evidence::RunFile::create(file, test::fact_tables(), first, system_clock());
    if (!run) FAIL(run.error().message());
    const auto catalogue = sample();
    const auto judgement = judge::judge(run->handle(), catalogue, kAll);
    if (!judgement) FAIL(judgement.error().message());
    CHECK(judgement->headline == Headline::non_conformant);
    for (int revision = 0; revision < 2; ++revision) {
      const auto stored =
          store(*run, catalogue, "abc", kAll, *judgement, "test", "haetae test", system_clock());
      if (!stored) FAIL(stored.error().message());
    }
    const auto count = [&](const std::string& sql) {
      sqlite3_stmt* statement = nullptr;
      REQUIRE(sqlite3_prepare_v2(run->handle(), sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
      REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
      const int value = sqlite3_column_int(statement, 0);
      sqlite3_finalize(statement);
      return value;
    };
    CHECK(count("SELECT count(*) FROM revision") == 2);
    CHECK(count("SELECT count(*) FROM verdict_item WHERE revision = 2") == 4);
    CHECK(count("SELECT count(*) FROM verdict_criterion WHERE revision = 2") == 6);
    CHECK(count("SELECT count(*) FROM finding WHERE revision = 2 AND criterion = '1.3-telnet' AND "
                "says_en = 'telnet busy'") == 1);
    CHECK(count("SELECT count(*) FROM citation AS c JOIN finding AS f ON f.id = c.finding "
                "WHERE c.revision = 2 AND c.evidence = 1") == 1);
    CHECK(run->finish());
  }
  const auto verified = evidence::verify(file, std::nullopt);
  REQUIRE(verified);
  CHECK(verified->intact());
  std::filesystem::remove(file);
}

TEST_CASE("the order in which rows were written decides nothing", "[judge]") {
  const auto build = [](bool reversed) {
    auto scene = std::make_unique<Strong>();
    std::vector<std::string> ports{"lan:tcp/1", "lan:tcp/2", "lan:tcp/3"};
    if (reversed) std::ranges::reverse(ports);
    for (const std::string& port : ports) {
      scene->tls(port);
      scene->suite(port, port == "lan:tcp/2" ? "TLS_STRANGE" : "TLS_WEAK");
      scene->suite(port, "TLS_STRONG");
    }
    return scene->criterion("1.1-weak");
  };
  const auto forward = build(false);
  const auto backward = build(true);
  CHECK(forward.reason == backward.reason);
  CHECK(forward.reason.en == "offers TLS_WEAK with 40 bits, and 1 more");
  REQUIRE(forward.subjects.size() == backward.subjects.size());
  for (std::size_t index = 0; index < forward.subjects.size(); ++index) {
    CHECK(forward.subjects[index].subject == backward.subjects[index].subject);
    CHECK(forward.subjects[index].reason == backward.subjects[index].reason);
  }
}

TEST_CASE("taking anything away from a conformant run never leaves it conformant", "[judge]") {
  const auto catalogue = sample();
  const Question lite{.type = "lite", .only = {}, .tested_at = kAt};
  Strong scene;
  scene.sql(
      "INSERT INTO answer VALUES (NULL, 1, 11, '1.1-asked', 1, 'conforms', 'Kim', '', 'seen on the "
      "open board', 'terminal', '2026-11-22T12:00:00Z')");
  REQUIRE(scene.judge(catalogue, lite).headline == Headline::conformant);
  const std::vector<std::string> losses{
      "DELETE FROM answer",
      "UPDATE answer SET outcome = 'unknown'",
      "DELETE FROM tls_suite",
      "UPDATE tls_version SET offered = 'unknown'",
      "DELETE FROM coverage WHERE topic = 'tls.suites'",
      "DELETE FROM coverage WHERE topic = 'tls.endpoints'",
      "UPDATE coverage SET state = 'partial'",
      "UPDATE coverage SET state = 'tainted'",
      "INSERT INTO tls_suite VALUES (NULL, 1, 3, 'lan:tcp/443', 'tls1.2', 'TLS_OTHER', 1, 1)",
      "INSERT INTO tls_suite VALUES (NULL, 1, 3, 'lan:tcp/443', 'tls1.2', 'TLS_WEAK', 1, 1)",
      "INSERT INTO tls_version VALUES (NULL, 1, 2, 'lan:tcp/444', 'tls1.2', 'unknown')",
      "INSERT INTO statement VALUES (NULL, 1, 6, '1.1', 'no', 'not ours')",
      "DROP TABLE tls_suite",
      "DROP TABLE answer",
  };
  for (const std::string& loss : losses) {
    CAPTURE(loss);
    scene.sql("SAVEPOINT loss");
    scene.sql(loss);
    const auto worse = scene.judge(catalogue, lite).headline;
    scene.sql("ROLLBACK TO loss; RELEASE loss");
    CHECK(worse != Headline::conformant);
  }
}
