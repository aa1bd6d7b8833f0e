#include <fmt/format.h>

#include "reports/pdf/content.hpp"
#include "reports/words.hpp"

namespace haetae::reports::print {
namespace {

const Particulars& particulars(const Report& report) {
  static const Particulars empty;
  return report.particulars ? *report.particulars : empty;
}

std::string authorised(const Report& report) {
  const std::string who = report.run_value("authorised-by");
  if (who.empty()) return "";
  return cut(fmt::format("{} {} ({} – {})", who, report.run_value("authorised-organisation"),
                         report.run_value("authorised-from"), report.run_value("authorised-until")),
             300);
}

void decision_rule(Writer& to) {
  to.document.heading(2, to.t("판정 규칙", "Decision rule"), "decision-rule");
  to.document.paragraph(words(
      to.t("시험 절차는 관찰만 하고 판정하지 않습니다. 판정은 저장된 사실에 시험 기준의 질의를 "
           "적용한 결과이며, 저장된 "
           "기록만으로 언제든 다시 계산할 수 있습니다. 측정 불확도를 고려한 보호 대역은 적용하지 "
           "않습니다: 사실은 "
           "횟수, 길이, 이름처럼 셀 수 있는 값입니다.",
           "Procedures observe and do not judge. A verdict is a query of the catalogue over stored "
           "facts "
           "and can be computed again from the record alone. No guard band is applied: facts are "
           "countable values such as numbers, lengths and names.")));
  to.document.bullets(
      {words(to.t("적합: 모든 대상을 빠짐없이 확인했고, 위반이 없으며, 증적이 하나 이상 있다.",
                  "Pass: for every subject all was seen, nothing is broken, and something is "
                  "cited.")),
       words(
           to.t("부적합: 증적이 있는 위반이 하나 이상이다.", "Fail: at least one breach, cited.")),
       words(to.t(
           "없음(제공하지 않음, 닫힘, 거부)은 같은 기기가 그 전후에 살아 있었고 대조 시험이 성립한 "
           "때에만 인정한다.",
           "Absence (not offered, closed, refused) counts only if the same device was seen "
           "alive before and after and the controls held.")),
       words(to.t("대상에서 세부 기준, 항목, 종합 판정으로 합칠 때는 부적합 > 판정보류 > 미시험 > "
                  "확인필요 > "
                  "적합의 순서로 가장 강한 것이 남고, 해당없음은 영향을 주지 않는다.",
                  "From subjects to criterion, item and headline the strongest remains: fail > "
                  "inconclusive > not run > pending > pass; not applicable has no influence.")),
       words(to.t("종합 판정: 하나라도 부적합이면 부적합, 적합과 해당없음만 있고 적합이 하나 "
                  "이상이면 적합, 그 "
                  "밖에는 미완료이다.",
                  "Headline: non-conformant if any item fails; conformant if there is at least one "
                  "pass and nothing else but not applicable; otherwise incomplete.")),
       words(to.t("예외 승인은 결과를 바꾸지 않는다.", "A waiver never changes a result."))});
}

void tool_and_setup(Writer& to) {
  const Report& report = to.report;
  const Particulars& more = particulars(report);
  to.document.heading(2, to.t("시험 기준과 도구", "Catalogue and tool"), "tool");
  facts_table(to, {{to.t("시험 기준", "Catalogue"),
                    words(fmt::format("{} {} – {}", report.revision.catalogue,
                                      report.revision.edition, to.t(report.catalogue_title)))},
                   {to.t("기준의 SHA-256", "SHA-256 of it"),
                    {{.text = report.revision.sha256, .mono = true}}},
                   {to.t("인증 유형, 제품군", "Type, profile"),
                    words(to.t(type_words(report.revision.type)) +
                          (report.revision.profile.empty() ? "" : ", " + report.revision.profile))},
                   {to.t("시험 도구", "Tool"), words(cut(report.run_value("tool"), 200))},
                   {to.t("판정한 도구", "Judged by"),
                    words(fmt::format("{} · {} · {} {}/{}", cut(report.revision.tool, 200),
                                      when(report.revision.at), to.t("판정", "revision"),
                                      report.revision.number, report.revision.of))},
                   {to.t("결함 행렬", "Defect matrix"),
                    given(to, cut(to.t(matrix_words(report.run_value("defect-matrix"))), 300))}});
  to.document.heading(2, to.t("구성과 환경", "Set-up and environment"), "setup");
  facts_table(
      to,
      {{to.t("시험 대상 주소", "Address under test"),
        given(to, cut(report.run_value("addresses"), 300))},
       {to.t("시험 컴퓨터", "Test host"), given(to, cut(report.run_value("host"), 300))},
       {to.t("허용된 위험", "Permitted hazard"), words(to.t(words_of(report.run_value("permit"))))},
       {to.t("시험 허가", "Authorised by"), supplied(to, authorised(report))},
       {to.t("환경 조건", "Environment"), given(to, cut(more.environment, 600))},
       {to.t("외부 제공자의 결과", "Results of external providers"),
        given(to, cut(more.external, 600))}});
}

void equipment(Writer& to) {
  to.document.heading(2, to.t("시험 장비", "Equipment"), "equipment");
  const auto& list = particulars(to.report).equipment;
  if (list.empty()) {
    return nothing(to, to.t("장비 목록이 제출되지 않았습니다.", "No list of equipment was given."));
  }
  to.document.table_begin(
      {{.width = 200, .names_row = true}, {.width = 130}, {.width = page::kText - 330}},
      {to.t("장비", "Equipment"), to.t("식별", "Identification"), to.t("교정", "Calibration")},
      {.size = 8.6});
  for (const declaration::Equipment& one : list) {
    to.document.row({cut(one.name, 300), Rich{given(to, cut(one.id, 120))},
                     Rich{given(to, cut(one.calibration, 200))}});
  }
  to.document.table_end();
}

void deviations(Writer& to) {
  to.document.heading(2, to.t("추가, 이탈, 제외", "Additions, deviations, exclusions"),
                      "deviations");
  const Particulars& more = particulars(to.report);
  if (to.t(more.deviations).empty()) {
    nothing(to, to.t("시험기관이 밝힌 것이 없습니다.", "The laboratory stated none."));
  } else {
    paragraphs(to, to.t(more.deviations));
  }
  std::vector<Rich> entries;
  for (const DocumentEntry& one : to.report.documents) {
    if (one.kind != "limits" && one.kind != "profile") continue;
    entries.push_back(words(fmt::format("{}: {} (SHA-256 {})", to.t(words_of(one.kind)),
                                        cut(one.name, 160), one.sha256.substr(0, 16))));
  }
  for (const ChangedLimit& one : to.report.changed_limits) {
    entries.push_back(words(to.t(
        fmt::format("바뀐 한계값: {} ({}) {} {} → {} {}", to.t(one.title), one.name,
                    cut(one.before, 80), to.t(one.unit), cut(one.value, 80), to.t(one.unit)),
        fmt::format("Limit changed: {} ({}) from {} {} to {} {}", to.t(one.title), one.name,
                    cut(one.before, 80), to.t(one.unit), cut(one.value, 80), to.t(one.unit)))));
  }
  std::size_t outside = 0;
  for (const Item& item : to.report.items) outside += item.selected == "planned" ? 0U : 1U;
  if (outside > 0) {
    entries.push_back(
        words(to.t(fmt::format("이 유형 또는 선택에 속하지 않아 시험하지 않은 항목: {}개 ({}장)",
                               outside, chapter_number("open")),
                   fmt::format("Items outside this type or selection, not tested: {} (chapter {})",
                               outside, chapter_number("open")))));
  }
  if (!entries.empty()) to.document.bullets(entries);
}

void procedures(Writer& to) {
  to.document.heading(2, to.t("시험 절차", "Procedures"), "procedures");
  to.document.table_begin({{.width = 132, .names_row = true},
                           {.width = 84},
                           {.width = 84},
                           {.width = page::kText - 300}},
                          {to.t("절차", "Procedure"), to.t("위험", "Hazard"), to.t("상태", "State"),
                           to.t("비고", "Note")},
                          {.size = 8.2});
  for (const ProcedureEntry& one : to.report.procedures) {
    const bool planned = one.plan == "planned";
    const std::string state = planned ? (one.state.empty() ? "not-started" : one.state) : one.plan;
    to.document.row({Rich{{.text = fmt::format("{} v{}", one.id, one.version), .mono = true}},
                     to.t(words_of(one.hazard)), to.t(words_of(state)),
                     cut(planned ? one.reason : one.plan_reason, 500)});
  }
  to.document.table_end();
}

void unstable(Writer& to) {
  if (to.report.unstable.empty()) return;
  to.document.heading(
      2, to.t("반복할 때마다 같지 않았던 사실", "Facts that differed between repeats"), "unstable");
  to.document.table_begin(
      {{.width = 110, .names_row = true}, {.width = page::kText - 190}, {.width = 80}},
      {to.t("절차", "Procedure"), to.t("사실", "Fact"), to.t("같은 결과", "The same")},
      {.size = 8.2});
  for (const UnstableFact& one : to.report.unstable) {
    to.document.row({Rich{{.text = one.procedure, .mono = true}},
                     words(fmt::format("{} {}", one.table, cut(one.row, 300))),
                     words(fmt::format("{} / {}", one.same, one.of))});
  }
  to.document.table_end();
}

}  // namespace

void method(Writer& to) {
  chapter(to, "method");
  tool_and_setup(to);
  decision_rule(to);
  deviations(to);
  equipment(to);
  procedures(to);
  unstable(to);
}

}  // namespace haetae::reports::print
