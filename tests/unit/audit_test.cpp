#include <fstream>

#include <catch2/catch.hpp>

#include "harness/audit/check.hpp"
#include "harness/audit/rejudge.hpp"
#include "harness/audit/report_file.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/judged_run.hpp"

using namespace haetae;
using namespace haetae::audit;
using haetae::test::Folder;
using haetae::test::JudgedRun;
using haetae::test::Raw;

namespace {

std::vector<Rejudged> again(JudgedRun& run, std::string_view tool = "tool 1") {
  auto out = rejudge(run.file(), tool);
  REQUIRE(out);
  return std::move(*out);
}

/// said() is every difference of one revision as one text.
std::string said(const Rejudged& revision) {
  std::string out = revision.trouble;
  for (const Difference& difference : revision.differences)
    out += difference.place + ": " + difference.text + "\n";
  return out;
}

/// of() is what is said where a person changed the judgement before it was stored.
std::string of(const std::function<void(judge::Judgement&)>& change,
               std::string_view tool = "tool 1") {
  const Folder folder;
  JudgedRun run(folder.path / "run.haetae");
  run.suite("TLS_WEAK");
  run.judge(change);
  const auto revisions = again(run, tool);
  REQUIRE(revisions.size() == 1);
  CHECK(revisions[0].differing == revisions[0].differences.size());
  return said(revisions[0]);
}

judge::CriterionVerdict& weak(judge::Judgement& judgement) {
  for (auto& criterion : judgement.criteria) {
    if (criterion.criterion == "1.1-weak") return criterion;
  }
  FAIL("no such criterion");
  return judgement.criteria.front();
}

}  // namespace

TEST_CASE("verdicts that follow from the facts are found to follow, revision by revision") {
  const Folder folder;
  JudgedRun run(folder.path / "run.haetae");
  run.judge();
  run.suite("TLS_WEAK");  // the first revision did not know it
  run.judge();
  run.report("2026-001", "", "text");
  const auto revisions = again(run);
  REQUIRE(revisions.size() == 2);
  INFO(said(revisions[0]) << said(revisions[1]));
  CHECK(revisions[0].follows());
  CHECK(revisions[1].follows());
  CHECK(revisions[0].findings == 0);
  CHECK(revisions[1].findings == 1);
  CHECK(revisions[0].items == 4);
  CHECK(revisions[0].wording);
  CHECK_FALSE(again(run, "tool 2")[0].wording);
}

TEST_CASE("a verdict that does not follow is named with what is stored and what follows") {
  CHECK(of([](judge::Judgement&) {}).empty());
  CHECK(of([](judge::Judgement& judgement) {
          weak(judgement).subjects[0].verdict = Verdict::pass;
        }) == "criterion 1.1-weak, subject lan:tcp/443: stored pass, follows fail\n");
  CHECK(of([](judge::Judgement& judgement) { weak(judgement).verdict = Verdict::pass; }) ==
        "criterion 1.1-weak: stored pass of item 1.1, follows fail of item 1.1\n");
  CHECK(of([](judge::Judgement& judgement) { judgement.items[0].verdict = Verdict::pass; }) ==
        "item 1.1: stored pass, follows fail\n");
  CHECK(of([](judge::Judgement& judgement) { judgement.items[0].selected = "excluded"; }) ==
        "item 1.1: stored excluded, fail, follows fail\n");
  CHECK(of([](judge::Judgement& judgement) { judgement.headline = Headline::conformant; }) ==
        "headline: stored conformant, follows non-conformant\n");
  CHECK(of([](judge::Judgement& judgement) {
          judgement.items.pop_back();
        }).starts_with("item 1.4: not stored, follows inconclusive"));
}

TEST_CASE("a removed or invented finding or citation is named") {
  const std::string finding = "criterion 1.1-weak, subject lan:tcp/443, finding TLS_WEAK";
  CHECK(of([](judge::Judgement& judgement) { weak(judgement).findings.clear(); }) ==
        finding + ": not stored, follows from the facts\n" + finding +
            ", evidence 3: not stored, follows from the facts\n");
  CHECK(of([](judge::Judgement& judgement) { weak(judgement).findings[0].evidence = {2}; }) ==
        finding + ", evidence 2: stored in the file, does not follow\n" + finding +
            ", evidence 3: not stored, follows from the facts\n");
  CHECK(
      of([](judge::Judgement& judgement) {
        auto copy = weak(judgement).findings[0];
        copy.key = "TLS_OTHER\x1b[2J";
        weak(judgement).findings.push_back(copy);
      })
          .starts_with("criterion 1.1-weak, subject lan:tcp/443, finding TLS_OTHER\\x1b[2J: stored "
                       "in the file, does not follow"));
}

TEST_CASE("words are compared where the same edition of the tool judged") {
  const auto change = [](judge::Judgement& judgement) { judgement.items[0].reason.en = "fine"; };
  CHECK(of(change) == "item 1.1: its words are not those that follow\n");
  CHECK(of(change, "tool 2").empty());
}

TEST_CASE("a run whose catalogue does not load or takes too long says so") {
  const Folder folder;
  JudgedRun run(folder.path / "run.haetae");
  run.judge();
  const auto slow = rejudge(run.file(), "tool 1", std::chrono::milliseconds(-1000));
  REQUIRE(slow);
  REQUIRE(slow->size() == 1);
  CHECK((*slow)[0].trouble.find("take too long") != std::string::npos);
  run.finish();
  {
    Raw raw(folder.path / "run.haetae");
    raw.edit("document",
             "UPDATE document SET text = '<catalogue/>' WHERE kind = 'catalogue' AND name = "
             "'sample.xml'");
  }
  const auto open = evidence::RunFile::open(folder.path / "run.haetae", false, system_clock());
  REQUIRE(open);
  const auto broken = rejudge(*open, "tool 1");
  REQUIRE(broken);
  CHECK_FALSE((*broken)[0].trouble.empty());
  CHECK((*broken)[0].differences[0].place == "catalogue");
}

TEST_CASE("a report belongs to its run as long as no byte of it changes") {
  const Folder folder;
  JudgedRun run(folder.path / "run.haetae");
  run.judge();
  run.report("2026-001", "", "the report");
  run.report("2026-002", "2026-001", "the second report");
  const auto file = folder.path / "report.pdf";
  const auto with = [&](const std::string& content) {
    std::ofstream(file, std::ios::binary) << content;
    auto out = check_report(run.file(), file);
    REQUIRE(out);
    return std::move(*out);
  };
  const auto first = with("the report");
  CHECK(first.known);
  CHECK(first.number == "2026-001");
  CHECK(first.format == "pdf");
  CHECK(first.language == "ko");
  CHECK(first.link == 5);
  CHECK(first.replaced_by == "2026-002");
  CHECK(with("the second report").replaced_by.empty());
  const auto changed = with("the repork");
  CHECK_FALSE(changed.known);
  CHECK(changed.like == "2026-001");
  const auto other = with("another report, of another run");
  CHECK_FALSE(other.known);
  CHECK(other.like.empty());
  CHECK(other.issued == 2);
  CHECK_FALSE(with("").known);
  CHECK(check_report(run.file(), folder.path / "none").error().kind == ErrorKind::not_found);
}

TEST_CASE("a check says everything in both languages and with one exit code") {
  const Folder folder;
  const auto file = folder.path / "run.haetae";
  const auto key = evidence::SigningKey::load(folder.path / "key.pem", true);
  REQUIRE(key);
  std::ofstream(folder.path / "key.pub.pem") << key->public_pem();
  JudgedRun run(file);
  run.judge();
  run.report("2026-001", "", "the report");
  run.finish();
  Wish wish{.run = file, .tool = "tool 1"};
  auto checked = check(wish);
  REQUIRE(checked);
  CHECK(checked->exit_code == 2);  // not sealed
  CHECK(checked->text.find("not sealed") != std::string::npos);
  run.seal(*key);
  run.finish();
  wish.key = folder.path / "key.pub.pem";
  checked = check(wish);
  REQUIRE(checked);
  CHECK(checked->exit_code == 0);
  CHECK(checked->text.find("revision 1: follows from the facts: 4 items") != std::string::npos);
  std::ofstream(folder.path / "good.pdf") << "the report";
  std::ofstream(folder.path / "bad.pdf") << "the resort";
  wish.reports = {folder.path / "good.pdf"};
  CHECK(check(wish)->exit_code == 0);
  CHECK(check(wish)->text.find("report 2026-001, pdf, ko: unchanged, issued from link 5") !=
        std::string::npos);
  wish.reports.push_back(folder.path / "bad.pdf");
  CHECK(check(wish)->exit_code == 1);
  wish.korean = true;
  const auto korean = check(wish);
  CHECK(korean->text.find("판정 1차: 다시 판정해도 같습니다") != std::string::npos);
  CHECK(korean->text.find("성적서 2026-001") != std::string::npos);
  wish.run = folder.path / "none";
  CHECK(exit_code_of(check(wish).error()) == 64);
}
