#include "reports/html/sections.hpp"
#include "reports/summary.hpp"

/// What stands before the results: summary for a buyer, history, corrections, contents, opinion.
namespace haetae::reports::page {

void buyer(Page& page, const Report& report) {
  open_section(page, "summary");
  page.raw("<div class=\"sentences\">");
  for (const Text& sentence : buyer_summary(report)) {
    page.raw("<p>").both(sentence).raw("</p>\n");
  }
  page.raw("</div>");
  close_section(page);
}

void history(Page& page, const Report& report) {
  open_section(page, "history");
  if (report.history.empty()) {
    page.raw("<p class=\"none\">");
    page.both("이 시험에서 발급된 성적서가 없습니다. 이 문서는 초안입니다.",
              "No report was issued from this run. This document is a draft.");
    page.raw("</p>");
  } else {
    Table table(page, {{{"번호", "Number"}, false},
                       {{"발급", "Issued"}, false},
                       {{"판정", "Judgement"}, true},
                       {{"대체", "Replaces"}, false},
                       {{"사유", "Reason"}, false}});
    for (const Issue& issue : report.history) {
      table.row().cell().text(issue.number);
      table.cell().text(when(issue.at));
      table.cell().number(issue.revision);
      table.cell().text(issue.replaces.empty() ? "–" : issue.replaces);
      if (issue.replaces.empty())
        table.cell().both("최초 발급", "First issue");
      else
        table.cell().text(issue.reason);
    }
  }
  close_section(page);
}

void corrections(Page& page, const Report& report) {
  open_section(page, "corrections");
  if (!report.particulars) {
    page.raw("<p class=\"none\">").both(not_given()).raw("</p>");
  } else if (report.particulars->corrections.empty()) {
    page.raw("<p>").both("시험 중 보완된 것이 없다고 신고되었습니다.",
                         "Nothing was corrected during the test, as declared.");
    page.raw("</p>");
  } else {
    Table table(page, {{{"날짜", "Date"}, false}, {{"보완 내용", "What was changed"}, false}});
    for (const auto& one : report.particulars->corrections) {
      table.row().cell().text(one.date);
      table.cell().text(one.what);
    }
  }
  close_section(page);
}

void contents(Page& page) {
  page.raw("\n<nav class=\"contents\" aria-labelledby=\"h-contents\"><h2 id=\"h-contents\">");
  page.both("차례", "Contents").raw("</h2><ol>\n");
  for (const Chapter& chapter : chapters()) {
    page.raw("<li><a href=\"#").text(chapter.id).raw("\">").both(chapter.title).raw("</a></li>\n");
  }
  page.raw("</ol></nav>\n");
}

void opinion(Page& page, const Report& report) {
  open_section(page, "opinion");
  const Particulars none;
  const Particulars& given = report.particulars ? *report.particulars : none;
  if (given.opinion.ko.empty() && given.opinion.en.empty()) {
    page.raw("<p class=\"none\">").both(not_given()).raw("</p>");
  } else {
    page.raw("<p class=\"soft\">");
    page.both("아래는 시험 결과가 아니라 시험기관의 의견입니다.",
              "What follows is an opinion of the laboratory, not a result of the test.");
    page.raw("</p><blockquote>").both(given.opinion).raw("</blockquote>");
  }
  close_section(page);
}

}  // namespace haetae::reports::page
