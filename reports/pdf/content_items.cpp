#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/pdf/content.hpp"
#include "reports/words.hpp"

namespace haetae::reports::print {
namespace {

constexpr std::size_t kMostSubjects = 60;

std::string item_anchor(const Item& item) { return "item-" + item.id; }

std::vector<EvidenceId> evidence_of(const Criterion& criterion, const Subject& subject) {
  std::set<EvidenceId> ids(subject.cites.begin(), subject.cites.end());
  for (const Finding& finding : criterion.findings) {
    if (finding.subject != subject.subject) continue;
    ids.insert(finding.evidence.begin(), finding.evidence.end());
  }
  return {ids.begin(), ids.end()};
}

std::string limit_text(const Writer& to, const Limit& limit) {
  std::string out = fmt::format("{} {}", cut(limit.value, 120), to.t(limit.unit));
  out += fmt::format(" – {}", to.t(limit.title));
  if (!limit.source.en.empty())
    out += fmt::format(" ({}: {})", to.t("출처", "source"), to.t(limit.source));
  return out;
}

/// measured() is the verdict and reason of one subject with its evidence.
Rich measured(const Writer& to, const Criterion& criterion, const Subject& subject) {
  Rich rich{{.text = std::string(sign(subject.verdict)) + " ",
             .bold = true,
             .ink = ink_of(subject.verdict)},
            {.text = cut(subject.subject, 120) + "  ", .mono = true},
            {.text = cut(to.t(subject.reason), 900)}};
  const auto ids = evidence_of(criterion, subject);
  if (!ids.empty()) rich.push_back({.text = "  "});
  append(rich, cites(to, ids));
  return rich;
}

void criterion_rows(Writer& to, const Criterion& criterion) {
  Document& document = to.document;
  const auto label = [](const std::string& text) { return Rich{{.text = text, .ink = Ink::soft}}; };
  document.row({label(to.t("기준", "Criterion")), words(to.t(criterion.title))});
  for (const Limit& limit : criterion.limits) {
    document.row({label(to.t("한계값", "Limit")), words(limit_text(to, limit))});
  }
  Rich reason{verdict(to, criterion.verdict), {.text = "  " + cut(to.t(criterion.reason), 1500)}};
  if (criterion.cause != Cause::none) {
    reason.push_back(
        {.text = fmt::format("  ({}: {})", to.t("원인", "cause"), to.t(words_of(criterion.cause))),
         .ink = Ink::soft});
  }
  document.row({label(to.t("결과", "Result")), reason});
  std::size_t shown = 0;
  for (const Subject& subject : criterion.subjects) {
    if (shown++ == kMostSubjects) {
      document.row(
          {label(""),
           words(to.t(
               fmt::format("… 그 밖에 {}개 대상", criterion.subjects.size() - kMostSubjects),
               fmt::format("… and {} more subjects", criterion.subjects.size() - kMostSubjects)))});
      break;
    }
    document.row(
        {label(shown == 1 ? to.t("측정값", "Measured") : ""), measured(to, criterion, subject)});
  }
  bool first = true;
  std::size_t remedies = 0;
  for (const Finding& finding : criterion.findings) {
    if (remedies++ == kMostSubjects) break;
    Rich rich{{.text = finding.code + "  ", .mono = true, .link = "finding-" + finding.code}};
    append(rich, words(cut(to.t(finding.remedy), 900)));
    document.row({label(first ? to.t("조치", "Remedy") : ""), rich});
    first = false;
  }
}

void answer_rows(Writer& to, const Criterion& criterion) {
  for (const Answer& answer : to.report.answers) {
    if (answer.criterion != criterion.id) continue;
    std::string who = cut(answer.who, 80);
    if (!answer.second.empty()) who += to.t(", 확인 ", ", second ") + cut(answer.second, 80);
    Rich rich{{.text = to.t(words_of(answer.outcome)) + "  ", .bold = true},
              {.text = cut(answer.text, 1500) + "  "},
              {.text = fmt::format("({}, {})", who, when(answer.at)), .ink = Ink::soft}};
    rich.push_back({.text = " "});
    std::vector<EvidenceId> ids{answer.evidence};
    ids.insert(ids.end(), answer.attachments.begin(), answer.attachments.end());
    append(rich, cites(to, ids));
    to.document.row({Rich{{.text = to.t("답변", "Answer"), .ink = Ink::soft}}, rich});
  }
}

/// bare() is a criterion of which there is nothing to tell but its verdict and why.
bool bare(const Writer& to, const Criterion& criterion) {
  const bool answered = std::ranges::any_of(
      to.report.answers, [&](const Answer& one) { return one.criterion == criterion.id; });
  const bool cited = std::ranges::any_of(criterion.subjects,
                                         [](const Subject& one) { return !one.cites.empty(); });
  return !answered && !cited && criterion.findings.empty() && criterion.limits.empty() &&
         criterion.subjects.size() <= 1;
}

/// bare_criteria() are those in one table, a row each.
void bare_criteria(Writer& to, const Item& item) {
  Document& document = to.document;
  bool open = false;
  for (const Criterion& criterion : item.criteria) {
    if (!bare(to, criterion)) continue;
    if (!open) {
      document.skip(6);
      document.table_begin(
          {{.width = 126, .names_row = true}, {.width = page::kText - 126 - 132}, {.width = 132}},
          {to.t("세부 기준", "Criterion"), to.t("내용", "What is asked"), to.t("결과", "Result")},
          {.size = 8.2, .leading = 1.42});
    }
    open = true;
    document.row({Rich{{.text = criterion.id, .mono = true}},
                  fmt::format("{} ({})", to.t(criterion.title), to.t(words_of(criterion.source))),
                  Rich{verdict(to, criterion.verdict),
                       {.text = "  " + cut(to.t(criterion.reason), 600), .ink = Ink::soft}}});
  }
  if (open) document.table_end();
}

std::string about(const Writer& to, const Item& item) {
  std::vector<std::string> types;
  if (item.lite) types.push_back(to.t(type_words("lite")));
  if (item.basic) types.push_back(to.t(type_words("basic")));
  if (item.standard) types.push_back(to.t(type_words("standard")));
  std::string out =
      fmt::format("{} {}", to.t("공식 번호", "official code"), item.code.empty() ? "–" : item.code);
  out += item.official ? to.t(" · 명칭 확인됨", " · title confirmed by a public source")
                       : to.t(" · 명칭 재구성", " · title reconstructed");
  out += fmt::format(" · {}", fmt::join(types, ", "));
  if (item.optional) out += to.t(" · 제품에 따라 선택", " · depends on the product");
  if (!item.methods.empty()) {
    std::vector<std::string> methods;
    for (const std::string& one : item.methods) methods.push_back(to.t(words_of(one)));
    out += fmt::format(" · {}: {}", to.t("시험 방법", "method"), fmt::join(methods, ", "));
  }
  return out;
}

void item_details(Writer& to, const Item& item) {
  Document& document = to.document;
  document.heading(2, fmt::format("{}  {}", item.id, to.t(item.title)), item_anchor(item));
  Rich result{verdict(to, item.verdict), {.text = "  " + cut(to.t(item.reason), 1500)}};
  document.paragraph(result, {.size = 9.6}, 3);
  document.paragraph({{.text = about(to, item), .ink = Ink::soft}}, {.size = 8}, 3);
  document.paragraph(words(to.t(item.requirement)), {}, 4);
  for (const Criterion& criterion : item.criteria) {
    if (bare(to, criterion)) continue;
    document.heading(4, fmt::format("{}  ({})", criterion.id, to.t(words_of(criterion.source))));
    document.table_begin({{.width = 62, .names_row = true}, {.width = page::kText - 62}}, {},
                         {.size = 8.4, .leading = 1.45});
    criterion_rows(to, criterion);
    answer_rows(to, criterion);
    document.table_end();
  }
  bare_criteria(to, item);
  if (item.verdict != Verdict::pass && item.verdict != Verdict::not_applicable) {
    document.paragraph(
        {{.text = to.t("조치  ", "Remedy  "), .bold = true}, {.text = to.t(item.remedy)}});
  }
}

void finding_table(Writer& to, const Item& item, const Criterion& criterion,
                   const Finding& finding) {
  Document& document = to.document;
  const std::string code = finding.code;
  document.need(150);
  document.heading(3, fmt::format("{}  {} {}", code, item.id, to.t(item.title)), "finding-" + code);
  std::vector<std::pair<std::string, Rich>> rows;
  rows.push_back({to.t("위반", "Breach"), words(cut(to.t(finding.says), 1800))});
  Rich where{{.text = criterion.id, .mono = true, .ink = Ink::accent, .link = item_anchor(item)}};
  where.push_back({.text = "  " + cut(finding.subject, 160), .mono = true});
  if (!finding.key.empty()) where.push_back({.text = "  " + cut(finding.key, 200), .mono = true});
  rows.push_back({to.t("기준, 대상", "Criterion, subject"), where});
  for (const Limit& limit : criterion.limits) {
    rows.push_back({to.t("한계값", "Limit"), words(limit_text(to, limit))});
  }
  rows.push_back({to.t("증적", "Evidence"), cites(to, finding.evidence)});
  rows.push_back({to.t("조치", "Remedy"), words(cut(to.t(finding.remedy), 1800))});
  if (!finding.replay.empty()) {
    rows.push_back(
        {to.t("재현", "To reproduce"), {{.text = cut(finding.replay, 800), .mono = true}}});
  }
  for (const Waiver& waiver : to.report.waivers) {
    if (waiver.target != code && waiver.target != item.id) continue;
    rows.push_back({to.t("예외 승인", "Waiver"),
                    words(fmt::format("{} – {} ({})", to.t(words_of(waiver.state)),
                                      cut(waiver.reason, 400), cut(waiver.expires, 60)))});
  }
  facts_table(to, rows, 92, 8.4);
}

/// Breach is one finding with where it belongs.
struct Breach {
  const Item* item = nullptr;
  const Criterion* criterion = nullptr;
  const Finding* finding = nullptr;
};

/// So many breaches stand with all that is known of them; those behind stand in one line each, up
/// to kMostLines: a device that answers on every port must not make a report nobody can open.
constexpr std::ptrdiff_t kMostWhole = 400;
constexpr std::size_t kMostLines = 4000;

void more_findings(Writer& to, const std::vector<Breach>& rest) {
  Document& document = to.document;
  document.heading(2, to.t("그 밖의 위반", "More breaches"), "more-findings");
  document.table_begin({{.width = 96, .names_row = true},
                        {.width = 110},
                        {.width = 90},
                        {.width = page::kText - 296}},
                       {to.t("부호", "Code"), to.t("세부 기준", "Criterion"),
                        to.t("대상", "Subject"), to.t("위반", "Breach")},
                       {.size = 7.6, .leading = 1.38});
  for (std::size_t at = 0; at < std::min(rest.size(), kMostLines); ++at) {
    const Breach& one = rest[at];
    Cell code(Rich{{.text = one.finding->code, .mono = true}});
    code.anchor = "finding-" + one.finding->code;
    document.row({code, one.criterion->id, cut(one.finding->subject, 80),
                  cut(to.t(one.finding->says), 200)});
  }
  document.table_end();
  if (rest.size() <= kMostLines) return;
  const std::size_t left = rest.size() - kMostLines;
  nothing(to, to.t(fmt::format("그 밖에 {}건은 실행 기록과 JSON 성적서에 있습니다.", left),
                   fmt::format("{} more stand in the run file and in the JSON report.", left)));
}

}  // namespace

void items_and_results(Writer& to) {
  Document& document = to.document;
  chapter(to, "items");
  document.table_begin({{.width = 34, .names_row = true},
                        {.width = page::kText - 34 - 66 - 92 - 34},
                        {.width = 66},
                        {.width = 92},
                        {.width = 34, .align = Align::end}},
                       {to.t("번호", "No."), to.t("항목", "Item"), to.t("적용", "Applies"),
                        to.t("결과", "Result"), to.t("쪽", "Page")},
                       {.size = 8.6});
  for (const Item& item : to.report.items) {
    const bool planned = item.selected == "planned";
    const std::string link = planned ? item_anchor(item) : "";
    const int page = planned ? document.page_of(link) : 0;
    const std::string applies = !planned ? to.t(words_of(item.selected))
                                : item.verdict == Verdict::not_applicable ? to.t("아니요", "no")
                                                                          : to.t("예", "yes");
    document.row({Rich{{.text = item.id, .ink = planned ? Ink::accent : Ink::soft, .link = link}},
                  Rich{{.text = to.t(item.title)}}, Rich{{.text = applies, .ink = Ink::soft}},
                  planned ? Rich{verdict(to, item.verdict)} : Rich{{.text = "–", .ink = Ink::soft}},
                  Rich{{.text = planned ? fmt::format("{}", page) : "–", .link = link}}});
  }
  document.table_end();
}

void findings(Writer& to) {
  Document& document = to.document;
  document.page_break();
  chapter(to, "fails");
  std::vector<Breach> all;
  for (const Item& item : to.report.items) {
    for (const Criterion& criterion : item.criteria) {
      for (const Finding& finding : criterion.findings)
        all.push_back({&item, &criterion, &finding});
    }
  }
  if (all.empty()) return nothing(to, to.t("위반이 발견되지 않았습니다.", "No breach was found."));
  const std::size_t whole = std::min(all.size(), static_cast<std::size_t>(kMostWhole));
  for (std::size_t at = 0; at < whole; ++at) {
    finding_table(to, *all[at].item, *all[at].criterion, *all[at].finding);
  }
  if (all.size() > whole) more_findings(to, {all.begin() + kMostWhole, all.end()});
}

void details(Writer& to) {
  Document& document = to.document;
  document.page_break();
  chapter(to, "details");
  for (const Domain& domain : to.report.domains) {
    bool headed = false;
    for (const std::size_t at : domain.items) {
      const Item& item = to.report.items[at];
      if (item.selected != "planned") continue;
      if (!headed) {
        document.need(190);
        if (document.rest() < page::kEnd - page::kTop - 80) document.skip(18);
        document.paragraph({{.text = fmt::format("{}  {}", domain.id, to.t(domain.title)),
                             .bold = true,
                             .ink = Ink::accent}},
                           {.size = 11}, 0);
      }
      headed = true;
      item_details(to, item);
    }
  }
}

}  // namespace haetae::reports::print
