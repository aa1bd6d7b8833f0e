#include <fmt/format.h>

#include "reports/html/sections.hpp"

namespace haetae::reports::page {
namespace {

Text seal_state(const Report& report) {
  if (!report.verification) return {"확인하지 않음", "not checked"};
  const auto& checked = *report.verification;
  if (!checked.intact()) {
    return {fmt::format("손상됨: {}곳이 기록된 것과 다릅니다", checked.damages.size()),
            fmt::format("DAMAGED: {} places differ from what was written", checked.damages.size())};
  }
  if (checked.sealed_to == 0) return {"봉인되지 않음", "not sealed"};
  return {fmt::format("온전함: 링크 {} / {}까지 봉인됨", checked.sealed_to, checked.links),
          fmt::format("intact: sealed to link {} of {}", checked.sealed_to, checked.links)};
}

}  // namespace

void seal(Page& page, const Report& report) {
  open_section(page, "seal");
  {
    Facts facts(page);
    facts.add({"상태", "State"}, seal_state(report));
    facts.mono({"실행 기록 루트", "Run root"},
               report.verification ? report.verification->root : "");
    for (const SealEntry& one : report.seals) {
      facts.open({"봉인", "Seal"})
          .both("링크 ", "link ")
          .number(one.n)
          .raw(" · ")
          .text(when(one.at));
      page.raw("<br><span class=\"mono soft\">").text(one.public_key, 1200).raw("</span>");
      facts.close();
    }
    if (report.verification && report.verification->withheld > 0) {
      facts.open({"가려진 내용", "Withheld"}).grouped(report.verification->withheld);
      facts.close();
    }
    facts.mono({"확인 방법", "To check"}, "haetae verify RUN --key PUBLIC.pem");
    if (report.particulars && !report.particulars->verify_at.empty()) {
      facts.mono({"확인하는 곳", "Where to verify"}, report.particulars->verify_at);
    }
  }
  subheading(page, {"시험이 근거한 문서", "Documents that the run rests on"});
  {
    Table table(
        page,
        {{{"이름", "Name"}, false}, {{"종류", "Kind"}, false}, {{"SHA-256", "SHA-256"}, false}});
    for (const DocumentEntry& one : report.documents) {
      table.row().cell().text(one.name, 300);
      table.cell().text(one.kind);
      table.cell().raw("<span class=\"mono\">").text(one.sha256).raw("</span>");
    }
  }
  page.raw("<p class=\"end\">").both("— 성적서 끝 —", "— end of report —").raw("</p>");
  close_section(page);
}

}  // namespace haetae::reports::page
