#include <fmt/format.h>

#include "reports/html/sections.hpp"

namespace haetae::reports::page {
namespace {

void rules(Page& page) {
  page.raw("<p>");
  page.both(
      "시험 절차는 관찰만 하고 판정하지 않습니다. 판정은 저장된 사실에 시험 기준의 질의를 적용한 "
      "결과이며 언제든 다시 계산할 수 있습니다. 부재(제공하지 않음, 닫힘, 거부)는 같은 기기가 그 "
      "전후에 살아 있었고 대조 시험이 성립한 때에만 인정합니다.",
      "Procedures observe and do not judge. A verdict is a query of the catalogue over stored "
      "facts "
      "and can be computed again at any time. Absence (not offered, closed, refused) counts only "
      "if "
      "the same device was seen alive before and after and the controls held.");
  page.raw("</p>");
  subheading(page, {"판정 규칙", "Decision rules"});
  page.raw("<ul><li>");
  page.both(
      "세부 기준: 모든 대상에서 빠짐없이 확인되고, 위반이 없으며, 증적이 있어야 적합입니다. 위반이 "
      "하나라도 있으면 부적합입니다.",
      "Criterion: pass only if for every subject all was seen, nothing is broken and something is "
      "cited. One breach is enough to fail.");
  page.raw("</li><li>");
  page.both(
      "항목: 부적합 &gt; 판정보류 &gt; 미시험 &gt; 확인필요 &gt; 적합의 순서로 가장 앞선 것이 "
      "항목의 결과입니다.",
      "Item: the strongest of fail &gt; inconclusive &gt; not run &gt; pending &gt; pass.");
  page.raw("</li><li>");
  page.both(
      "종합: 하나라도 부적합이면 부적합, 적합과 해당없음만 있으면 적합, 그 밖에는 미완료입니다.",
      "Whole: non-conformant if any item fails; conformant if there are only passes and items that "
      "do not apply; otherwise incomplete.");
  page.raw("</li></ul>");
}

void set_up(Page& page, const Report& report) {
  subheading(page, {"시험 구성", "Set-up"});
  const Particulars none;
  const Particulars& given = report.particulars ? *report.particulars : none;
  Facts facts(page);
  facts.add({"시험 도구", "Tool"}, report.run_value("tool"));
  facts.open({"시험 기준", "Catalogue"}).text(report.revision.catalogue).raw(" ");
  page.text(report.revision.edition).raw("<br><span class=\"mono soft\">SHA-256 ");
  page.text(report.revision.sha256).raw("</span>");
  facts.close();
  facts.add({"결함 행렬", "Defect matrix"}, matrix_words(report.run_value("defect-matrix")));
  facts.add({"시험 호스트", "Test host"}, report.run_value("host"));
  facts.add({"허용한 위험도", "Permitted hazard"}, words_of(report.run_value("permit")));
  facts.add({"시험 환경", "Environment"}, given.environment);
  facts.add({"외부 제공 결과", "External results"}, given.external);
  facts.add({"방법과 다른 점", "Deviations from the method"}, given.deviations);
}

void changed_limits(Page& page, const Report& report) {
  if (report.changed_limits.empty()) return;
  subheading(page, {"바꾼 한계값", "Changed limits"});
  Table table(page, {{{"한계값", "Limit"}, false},
                     {{"기준의 값", "In the catalogue"}, false},
                     {{"적용한 값", "Applied"}, false},
                     {{"내용", "What"}, false}});
  for (const ChangedLimit& one : report.changed_limits) {
    table.row().cell().raw("<span class=\"mono\">").text(one.name).raw("</span>");
    table.cell().text(one.before).raw(" ").both(one.unit);
    table.cell().raw("<strong>").text(one.value).raw("</strong> ").both(one.unit);
    table.cell().both(one.title);
  }
}

void unstable(Page& page, const Report& report) {
  if (report.unstable.empty()) return;
  subheading(page, {"반복할 때마다 같지 않았던 사실", "Facts that differed between repeats"});
  Table table(page, {{{"절차", "Procedure"}, false},
                     {{"사실", "Fact"}, false},
                     {{"같은 결과", "The same"}, true},
                     {{"반복", "Repeats"}, true}});
  for (const UnstableFact& one : report.unstable) {
    table.row().cell().raw("<span class=\"mono\">").text(one.procedure).raw("</span>");
    table.cell().raw("<span class=\"mono\">").text(one.table).raw("</span> ").text(one.row);
    table.cell().number(one.same);
    table.cell().number(one.of);
  }
}

void equipment(Page& page, const Report& report) {
  subheading(page, {"장비", "Equipment"});
  if (!report.particulars || report.particulars->equipment.empty()) {
    page.raw("<p class=\"none\">").both(not_given()).raw("</p>");
    return;
  }
  Table table(page, {{{"장비", "Equipment"}, false},
                     {{"식별", "Identity"}, false},
                     {{"교정", "Calibration"}, false}});
  for (const auto& one : report.particulars->equipment) {
    table.row().cell().text(one.name);
    table.cell().text(one.id);
    table.cell().text(one.calibration.empty() ? "–" : one.calibration);
  }
}

void procedures(Page& page, const Report& report) {
  subheading(page, {"절차", "Procedures"});
  Table table(page, {{{"절차", "Procedure"}, false},
                     {{"판", "Version"}, true},
                     {{"위험도", "Hazard"}, false},
                     {{"상태", "State"}, false},
                     {{"비고", "Note"}, false}});
  for (const ProcedureEntry& one : report.procedures) {
    const bool planned = one.plan == "planned";
    table.row().cell().raw("<span class=\"mono\">").text(one.id).raw("</span>");
    table.cell().number(one.version);
    table.cell().both(words_of(one.hazard));
    table.cell().both(words_of(!planned            ? one.plan
                               : one.state.empty() ? "not-started"
                                                   : one.state));
    table.cell().text(planned ? one.reason : one.plan_reason);
  }
}

}  // namespace

void method(Page& page, const Report& report) {
  open_section(page, "method");
  rules(page);
  set_up(page, report);
  changed_limits(page, report);
  equipment(page, report);
  procedures(page, report);
  unstable(page, report);
  page.raw("<p class=\"soft\">");
  page.both(
      "제품 정보와 서비스 목록은 신청인이 제출한 것이며 시험기관이 확인한 것은 사실로 기록된 "
      "것뿐입니다.",
      "Product data and the list of services were supplied by the applicant; the laboratory "
      "confirms only what is recorded as a fact.");
  page.raw("</p>");
  close_section(page);
}

}  // namespace haetae::reports::page
