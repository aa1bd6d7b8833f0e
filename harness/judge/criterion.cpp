#include "harness/judge/criterion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/judge/answers.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::judge {
namespace {

constexpr std::string_view kDevice = "lan";

struct Lack {
  std::string why;
  Cause cause = Cause::tool;
  catalogue::Text reason;
};

/// Gathered is what the queries say of one subject.
struct Gathered {
  std::vector<Lack> lacks;
  std::vector<Finding> findings;
  std::set<EvidenceId> cites;
};
using Subjects = std::map<std::string, Gathered>;

struct Found {
  Subjects subjects;
};

catalogue::Text and_more(const catalogue::Text& first, std::size_t more) {
  if (more == 0) return first;
  const std::string count = fmt::format("{}", more);
  return {.ko = sentence(Sentence::and_more, {{"first", first.ko}, {"count", count}}).ko,
          .en = sentence(Sentence::and_more, {{"first", first.en}, {"count", count}}).en};
}

Result<void> gather_subjects(const Bench& bench, const catalogue::Criterion& criterion,
                             Found& out) {
  auto answer = bench.sandbox.run(criterion.subjects);
  if (!answer) return fail("subjects", std::move(answer.error()));
  for (const auto& row : answer->rows) {
    auto subject = text_cell(*answer, row, "subject");
    if (!subject) return fail("subjects", std::move(subject.error()));
    out.subjects[*subject];
  }
  return {};
}

Result<void> gather_lacks(const Bench& bench, const catalogue::Criterion& criterion, Found& out) {
  if (criterion.lacks.empty()) return {};
  auto answer = bench.sandbox.run(criterion.lacks);
  if (!answer) return fail("lacks", std::move(answer.error()));
  for (const auto& row : answer->rows) {
    auto subject = text_cell(*answer, row, "subject");
    auto why = text_cell(*answer, row, "why");
    if (!subject) return fail("lacks", std::move(subject.error()));
    if (!why) return fail("lacks", std::move(why.error()));
    const catalogue::Reason* reason = bench.catalogue.reason(*why);
    Lack lack{.why = *why, .cause = Cause::tool, .reason = {}};
    if (reason == nullptr) {
      lack.reason = sentence(Sentence::unknown_reason, {{"why", printable(*why)}});
    } else {
      lack.cause = reason->cause;
      lack.reason = fill(reason->text, answer->columns, row);
    }
    out.subjects[*subject].lacks.push_back(std::move(lack));
  }
  return {};
}

/// add_finding() joins rows of one (subject, key): they are one breach with all their evidence.
void add_finding(std::vector<Finding>& findings, Finding finding) {
  const auto same = std::ranges::find(findings, finding.key, &Finding::key);
  if (same == findings.end()) {
    findings.push_back(std::move(finding));
    return;
  }
  if (finding.says.en < same->says.en) {
    same->says = finding.says;
    same->remedy = finding.remedy;
  }
  if (same->replay.empty() || (!finding.replay.empty() && finding.replay < same->replay)) {
    same->replay = finding.replay;
  }
  same->evidence.insert(same->evidence.end(), finding.evidence.begin(), finding.evidence.end());
}

Result<void> gather_breaches(const Bench& bench, const catalogue::Criterion& criterion,
                             Found& out) {
  auto answer = bench.sandbox.run(criterion.breach);
  if (!answer) return fail("breach", std::move(answer.error()));
  const catalogue::Replay* replay = bench.catalogue.replay(criterion.replay);
  for (const auto& row : answer->rows) {
    auto subject = text_cell(*answer, row, "subject");
    auto key = text_cell(*answer, row, "key");
    auto evidence = evidence_cell(*answer, row, bench.stored);
    if (!subject) return fail("breach", std::move(subject.error()));
    if (!key) return fail("breach", std::move(key.error()));
    if (!evidence) return fail("breach", std::move(evidence.error()));
    add_finding(out.subjects[*subject].findings,
                {.subject = *subject,
                 .key = *key,
                 .says = fill(criterion.says, answer->columns, row),
                 .remedy = fill(criterion.remedy, answer->columns, row),
                 .replay = replay == nullptr
                               ? std::string()
                               : fill_replay(*replay, bench.places, answer->columns, row, *subject),
                 .evidence = {*evidence}});
  }
  return {};
}

Result<void> gather_cites(const Bench& bench, const catalogue::Criterion& criterion, Found& out) {
  auto answer = bench.sandbox.run(criterion.cites);
  if (!answer) return fail("cites", std::move(answer.error()));
  for (const auto& row : answer->rows) {
    auto subject = text_cell(*answer, row, "subject");
    auto evidence = evidence_cell(*answer, row, bench.stored);
    if (!subject) return fail("cites", std::move(subject.error()));
    if (!evidence) return fail("cites", std::move(evidence.error()));
    const auto known = out.subjects.find(*subject);
    if (known != out.subjects.end()) known->second.cites.insert(*evidence);
  }
  return {};
}

/// gather() runs the queries and puts everything into one order, that of the names, so that the
/// order in which rows were written decides nothing.
Result<Subjects> gather(const Bench& bench, const catalogue::Criterion& criterion) {
  Found out;
  for (const auto step : {&gather_subjects, &gather_lacks, &gather_breaches, &gather_cites}) {
    if (auto done = step(bench, criterion, out); !done) {
      return tl::unexpected<Error>(std::move(done.error()));
    }
  }
  for (auto& [name, subject] : out.subjects) {
    std::ranges::sort(subject.lacks, [](const Lack& a, const Lack& b) {
      return std::tie(a.why, a.reason.en) < std::tie(b.why, b.reason.en);
    });
    std::ranges::sort(subject.findings, {}, &Finding::key);
    for (Finding& finding : subject.findings) {
      std::ranges::sort(finding.evidence);
      finding.evidence.erase(std::unique(finding.evidence.begin(), finding.evidence.end()),
                             finding.evidence.end());
    }
  }
  return std::move(out.subjects);
}

Opinion lack_opinion(const std::vector<Lack>& lacks) {
  return {.verdict = Verdict::inconclusive,
          .cause = lacks.front().cause,
          .reason = and_more(lacks.front().reason, lacks.size() - 1)};
}

/// taint() is the first needed topic that another device may have answered.
std::optional<Opinion> taint(const Bench& bench, const catalogue::Criterion& criterion,
                             const std::string& subject) {
  const auto tainted = [&](const std::string& topic, const std::string& at) {
    const Stored::Looked* looked = bench.stored.looked(topic, at);
    return looked != nullptr && looked->state == CoverageState::tainted;
  };
  for (const std::string& topic : criterion.universe) {
    if (tainted(topic, std::string(kDevice))) {
      return coverage_gap(bench, topic, std::string(kDevice));
    }
  }
  for (const std::string& topic : criterion.coverage) {
    for (const std::string& at : {subject, std::string(kDevice)}) {
      if (tainted(topic, at)) return coverage_gap(bench, topic, at);
    }
  }
  return std::nullopt;
}

/// worst_gap() is what is wrong with the topics at a subject. A procedure that was not run explains
/// more than what is missing for it, so that comes first.
std::optional<Opinion> worst_gap(const Bench& bench, const std::vector<std::string>& topics,
                                 const std::string& subject) {
  std::optional<Opinion> out;
  for (const std::string& topic : topics) {
    auto gap = coverage_gap(bench, topic, subject);
    if (gap && (!out || gap->verdict > out->verdict)) out = std::move(gap);
  }
  return out;
}

struct Surroundings {
  std::optional<Opinion> universe_gap;
  std::vector<Lack> device_lacks;
};

/// decide() is the verdict of one subject; see DESIGN, criteria and coverage.
Opinion decide(const Bench& bench, const catalogue::Criterion& criterion,
               const std::string& subject, const Gathered& gathered, const Surroundings& around) {
  if (auto tainted = taint(bench, criterion, subject)) return *tainted;
  const auto gap = worst_gap(bench, criterion.coverage, subject);
  std::vector<Lack> lacks = gathered.lacks;
  if (criterion.kind == catalogue::Kind::absent && subject != kDevice) {
    lacks.insert(lacks.end(), around.device_lacks.begin(), around.device_lacks.end());
  }
  const bool complete = !gap && lacks.empty() && !around.universe_gap;
  const bool stands = criterion.kind == catalogue::Kind::seen || complete;
  if (!gathered.findings.empty() && stands) {
    return {.verdict = Verdict::fail,
            .cause = Cause::none,
            .reason = and_more(gathered.findings.front().says, gathered.findings.size() - 1)};
  }
  if (gap && gap->verdict == Verdict::not_run) return *gap;
  if (!lacks.empty()) return lack_opinion(lacks);
  if (gap) return *gap;
  if (!gathered.findings.empty()) return *around.universe_gap;  // absent, and not all was seen
  if (gathered.cites.empty()) {
    return {.verdict = Verdict::inconclusive,
            .cause = Cause::tool,
            .reason = sentence(Sentence::nothing_cited)};
  }
  return {
      .verdict = Verdict::pass, .cause = Cause::none, .reason = sentence(Sentence::subject_holds)};
}

void add_subject(CriterionVerdict& out, const std::string& name, const Opinion& opinion,
                 std::vector<EvidenceId> cites) {
  const auto same = std::ranges::find(out.subjects, name, &SubjectVerdict::subject);
  if (same == out.subjects.end()) {
    out.subjects.push_back({.subject = name,
                            .verdict = opinion.verdict,
                            .cause = opinion.cause,
                            .reason = opinion.reason,
                            .cites = std::move(cites)});
  } else if (opinion.verdict > same->verdict) {
    same->verdict = opinion.verdict;
    same->cause = opinion.cause;
    same->reason = opinion.reason;
  }
}

Opinion empty_universe(const catalogue::Criterion& criterion) {
  if (!criterion.universe.empty()) {
    return {.verdict = Verdict::not_applicable,
            .cause = Cause::none,
            .reason = sentence(Sentence::nothing_found)};
  }
  return {.verdict = Verdict::inconclusive,
          .cause = Cause::tool,
          .reason = sentence(Sentence::no_universe)};
}

void judge_queries(const Bench& bench, const catalogue::Criterion& criterion,
                   CriterionVerdict& out) {
  auto gathered = gather(bench, criterion);
  if (!gathered) {
    const std::string why = printable(gathered.error().message(), 500);
    everywhere(out,
               {.verdict = Verdict::inconclusive,
                .cause = Cause::tool,
                .reason = sentence(Sentence::query_failed, {{"why", why}})},
               {});
    return;
  }
  const std::string device(kDevice);
  Surroundings around{.universe_gap = worst_gap(bench, criterion.universe, device),
                      .device_lacks = {}};
  if (const auto lan = gathered->find(device); lan != gathered->end()) {
    around.device_lacks = lan->second.lacks;
  }
  for (const auto& [name, subject] : *gathered) {
    const Opinion opinion = decide(bench, criterion, name, subject, around);
    add_subject(out, name, opinion, {subject.cites.begin(), subject.cites.end()});
    if (opinion.verdict == Verdict::fail) {
      out.findings.insert(out.findings.end(), subject.findings.begin(), subject.findings.end());
    }
  }
  if (around.universe_gap) {
    add_subject(out, device, *around.universe_gap, {});
  } else if (out.subjects.empty()) {
    add_subject(out, device, empty_universe(criterion), {});
  }
  conclude(out);
}

}  // namespace

Result<std::string> text_cell(const Answer& answer, const std::vector<Cell>& row,
                              std::string_view column) {
  const auto found = std::ranges::find(answer.columns, column);
  if (found == answer.columns.end()) {
    return fail(ErrorKind::invalid_input, fmt::format("the query has no column '{}'", column));
  }
  const Cell& cell = row[static_cast<std::size_t>(found - answer.columns.begin())];
  if (const auto* text = std::get_if<std::string>(&cell); text != nullptr && !text->empty()) {
    return *text;
  }
  if (column == "key") {
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *integer);
  }
  return fail(ErrorKind::invalid_input,
              fmt::format("the column '{}' holds no text in some row", column));
}

Result<EvidenceId> evidence_cell(const Answer& answer, const std::vector<Cell>& row,
                                 const Stored& stored) {
  const auto found = std::ranges::find(answer.columns, "evidence");
  if (found != answer.columns.end()) {
    const Cell& cell = row[static_cast<std::size_t>(found - answer.columns.begin())];
    const auto* id = std::get_if<std::int64_t>(&cell);
    if (id != nullptr && stored.evidence.contains(*id)) return *id;
  }
  return fail(ErrorKind::invalid_input, "the column 'evidence' names no evidence in some row");
}

void everywhere(CriterionVerdict& verdict, const Opinion& opinion,
                std::vector<EvidenceId> evidence) {
  verdict.verdict = opinion.verdict;
  verdict.cause = opinion.cause;
  verdict.reason = opinion.reason;
  verdict.findings.clear();
  verdict.subjects = {{.subject = std::string(kDevice),
                       .verdict = opinion.verdict,
                       .cause = opinion.cause,
                       .reason = opinion.reason,
                       .cites = std::move(evidence)}};
}

void conclude(CriterionVerdict& out) {
  std::vector<Verdict> verdicts;
  for (const SubjectVerdict& subject : out.subjects) verdicts.push_back(subject.verdict);
  out.verdict = reduce(verdicts);
  const auto first = std::ranges::find(out.subjects, out.verdict, &SubjectVerdict::verdict);
  if (first == out.subjects.end()) return;
  const auto same = static_cast<std::size_t>(
      std::ranges::count(out.subjects, out.verdict, &SubjectVerdict::verdict));
  out.cause = first->cause;
  if (out.verdict == Verdict::pass) {
    out.reason = sentence(Sentence::holds, {{"count", fmt::format("{}", same)}});
  } else if (out.verdict == Verdict::fail) {
    out.reason = and_more(out.findings.front().says, out.findings.size() - 1);
  } else if (same == 1 && out.subjects.size() == 1) {
    out.reason = first->reason;
  } else {
    const Places numbers{{"count", fmt::format("{}", same)},
                         {"all", fmt::format("{}", out.subjects.size())}};
    Places ko = numbers;
    Places en = numbers;
    ko["first"] = first->reason.ko;
    en["first"] = first->reason.en;
    out.reason = {.ko = sentence(Sentence::of_subjects, ko).ko,
                  .en = sentence(Sentence::of_subjects, en).en};
  }
}

CriterionVerdict judge_criterion(const Bench& bench, const catalogue::Item& item,
                                 const catalogue::Criterion& criterion) {
  CriterionVerdict out{.item = item.id,
                       .criterion = criterion.id,
                       .verdict = Verdict::inconclusive,
                       .cause = Cause::tool,
                       .reason = {},
                       .subjects = {},
                       .findings = {}};
  if (!criterion.planned && !asked(criterion)) {
    judge_queries(bench, criterion, out);
  } else if (!criterion.planned) {
    judge_answer(bench, item, criterion, out);
  } else {
    const bool person = asked(criterion);
    const Sentence why = !person                          ? Sentence::no_procedure
                         : criterion.source == "document" ? Sentence::waits_document
                                                          : Sentence::waits_operator;
    everywhere(out,
               {.verdict = person ? Verdict::pending : Verdict::not_run,
                .cause = Cause::none,
                .reason = sentence(why)},
               {});
  }
  return out;
}

}  // namespace haetae::judge
