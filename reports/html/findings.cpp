#include <algorithm>

#include "reports/html/sections.hpp"

/// What fails, what was not tested, and what is waived.
namespace haetae::reports::page {
namespace {

constexpr std::size_t kMostFindings = 400;  // of one criterion; the rest is counted

const Waiver* waiver_of(const Report& report, std::string_view target) {
  const auto found = std::find_if(report.waivers.begin(), report.waivers.end(),
                                  [target](const Waiver& one) { return one.target == target; });
  return found == report.waivers.end() ? nullptr : &*found;
}

void limits(Page& page, const Criterion& criterion) {
  for (const Limit& limit : criterion.limits) {
    page.raw("<p class=\"limit\">").both("한계값 ", "Limit ").raw("<strong>").text(limit.value);
    page.raw(" ").both(limit.unit).raw("</strong> ").both(limit.title);
    page.raw(" <span class=\"soft\">(").both(limit.source).raw(")</span></p>\n");
  }
}

void finding(Page& page, const Report& report, const Criterion& criterion, const Finding& one,
             const Cited& cited) {
  page.raw("<article class=\"finding\" id=\"").text(one.code).raw("\" data-search=\"finding\">");
  page.raw("<p class=\"says\">")
      .both(one.says, 700)
      .raw("</p>\n<p class=\"meta\"><a class=\"code\" href=\"#");
  page.text(one.code).raw("\">").text(one.code).raw("</a> <a href=\"#item-").text(criterion.item);
  page.raw("\">")
      .text(criterion.id)
      .raw("</a> <span class=\"mono\">")
      .text(one.subject)
      .raw("</span> ");
  cited.links(page, one.evidence);
  page.raw("</p>\n");
  limits(page, criterion);
  page.raw("<p class=\"remedy\"><span class=\"sr\">").both("조치: ", "Remedy: ").raw("</span>");
  page.both(one.remedy, 700).raw("</p>\n");
  if (!one.replay.empty()) {
    page.raw("<p class=\"soft\">").both("같은 것을 보이는 명령", "A command that shows the same");
    page.raw("</p><pre class=\"command\" tabindex=\"0\">").lines(one.replay, 8000).raw("</pre>");
  }
  const Waiver* waiver = waiver_of(report, one.code);
  if (waiver == nullptr) waiver = waiver_of(report, criterion.item);
  if (waiver != nullptr) {
    page.raw("<p class=\"waived\"><a href=\"#waivers\">").both("예외 승인", "Waiver").raw("</a> ");
    page.both(words_of(waiver->state)).raw(" · ").text(waiver->expires).raw(" · ");
    page.text(waiver->reason).raw("</p>");
  }
  page.raw("</article>\n");
}

bool breached(const Item& item) {
  return std::any_of(item.criteria.begin(), item.criteria.end(),
                     [](const Criterion& one) { return !one.findings.empty(); });
}

void rest(Page& page, std::size_t count) {
  page.raw("<p class=\"soft\">").both("이 세부 기준의 위반 ", "");
  page.grouped(static_cast<std::int64_t>(count));
  page.both("건은 실행 기록에 있습니다 (haetae report --format json).",
            " more breaches of this criterion are in the run (haetae report --format json).");
  page.raw("</p>");
}

}  // namespace

void fails(Page& page, const Report& report, const Cited& cited) {
  open_section(page, "fails");
  bool any = false;
  for (const Item& item : report.items) {
    if (item.selected != "planned" || !breached(item)) continue;
    any = true;
    page.raw("<h3><a class=\"no\" href=\"#item-").text(item.id).raw("\">").text(item.id);
    page.raw("</a> ").both(item.title).raw("</h3>\n");
    for (const Criterion& criterion : item.criteria) {
      const std::size_t shown = std::min(kMostFindings, criterion.findings.size());
      for (std::size_t at = 0; at < shown; ++at) {
        finding(page, report, criterion, criterion.findings[at], cited);
      }
      if (shown < criterion.findings.size()) rest(page, criterion.findings.size() - shown);
    }
  }
  if (!any) {
    page.raw("<p>");
    page.both("위반이 발견되지 않았습니다. 시험하지 못한 것은 <a href=\"#open\">뒤</a>에 있습니다.",
              "No breach was found. What could not be tested stands <a href=\"#open\">below</a>.");
    page.raw("</p>");
  }
  close_section(page);
}

namespace {

void open_criteria(Page& page, const Report& report) {
  Table table(page, {{{"기준", "Criterion"}, false},
                     {{"결과", "Result"}, false},
                     {{"내용", "What"}, false},
                     {{"이유", "Why"}, false},
                     {{"누구의 일", "Whose matter"}, false}});
  for (const Item& item : report.items) {
    if (item.selected != "planned") continue;
    for (const Criterion& criterion : item.criteria) {
      if (criterion.verdict != Verdict::inconclusive && criterion.verdict != Verdict::not_run &&
          criterion.verdict != Verdict::pending)
        continue;
      table.row(word(criterion.verdict)).cell().raw("<a href=\"#item-").text(item.id).raw("\">");
      page.text(criterion.id).raw("</a>");
      verdict(table.cell(), criterion.verdict);
      table.cell().both(criterion.title);
      table.cell().both(criterion.reason);
      if (criterion.cause == Cause::none) {
        table.cell().raw("–");
      } else {
        table.cell().both(words_of(criterion.cause));
      }
    }
  }
}

void other_gaps(Page& page, const Report& report) {
  const bool any = std::any_of(report.not_tested.begin(), report.not_tested.end(),
                               [](const NotTested& one) { return one.kind != "criterion"; });
  if (!any) return;
  constexpr std::size_t kMost = 1000;
  subheading(page, {"항목, 절차, 확인 범위", "Items, procedures and coverage"});
  Table table(page, {{{"무엇", "What"}, false},
                     {{"종류", "Kind"}, false},
                     {{"대상", "Subject"}, false},
                     {{"상태", "State"}, false},
                     {{"이유", "Why"}, false}});
  std::size_t shown = 0;
  for (const NotTested& one : report.not_tested) {
    if (one.kind == "criterion" || ++shown > kMost) continue;
    table.row().cell().text(one.id);
    table.cell().both(words_of(one.kind));
    table.cell().raw("<span class=\"mono\">").text(one.subject.empty() ? "–" : one.subject, 300);
    page.raw("</span>");
    table.cell().both(words_of(one.word));
    table.cell().both(one.reason);
  }
}

}  // namespace

void not_tested(Page& page, const Report& report) {
  open_section(page, "open");
  open_criteria(page, report);
  other_gaps(page, report);
  close_section(page);
}

void waivers(Page& page, const Report& report) {
  open_section(page, "waivers");
  if (report.waivers.empty()) {
    page.raw("<p>").both("예외 승인이 없습니다.", "There are no waivers.").raw("</p>");
  } else {
    page.raw("<p class=\"soft\">");
    page.both(
        "예외 승인은 알려진 위반을 정해진 날까지 받아들인다는 표시이며 판정을 바꾸지 않습니다.",
        "A waiver marks a known breach as accepted until a date; it changes no verdict.");
    page.raw("</p>");
    Table table(page, {{{"대상", "Target"}, false},
                       {{"상태", "State"}, false},
                       {{"만료", "Expires"}, false},
                       {{"사유", "Reason"}, false},
                       {{"작성", "Author"}, false},
                       {{"승인", "Approver"}, false},
                       {{"서명 키", "Signed by"}, false}});
    for (const Waiver& one : report.waivers) {
      table.row().cell().raw(one.target.starts_with("F-") ? Literal("<a href=\"#")
                                                          : Literal("<a href=\"#item-"));
      page.text(one.target).raw("\">").text(one.target).raw("</a>");
      table.cell().both(words_of(one.state));
      table.cell().text(one.expires);
      table.cell().text(one.reason);
      table.cell().text(one.author);
      table.cell().text(one.approver);
      if (one.signer.empty()) {
        table.cell().both("서명 없음", "unsigned");
      } else {
        table.cell().raw("<span class=\"mono\">").text(one.signer, 16).raw("</span>");
      }
    }
  }
  close_section(page);
}

}  // namespace haetae::reports::page
