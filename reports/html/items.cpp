#include <algorithm>
#include <set>

#include "reports/html/sections.hpp"

namespace haetae::reports::page {
namespace {

constexpr std::size_t kMostSubjects = 300;  // of one criterion; the rest is counted

std::vector<EvidenceId> evidence_of(const Criterion& criterion, const Subject& subject) {
  std::set<EvidenceId> ids(subject.cites.begin(), subject.cites.end());
  for (const Finding& finding : criterion.findings) {
    if (finding.subject == subject.subject)
      ids.insert(finding.evidence.begin(), finding.evidence.end());
  }
  return {ids.begin(), ids.end()};
}

void subjects(Page& page, const Criterion& criterion, const Cited& cited) {
  if (criterion.subjects.empty()) return;
  page.raw("<ul class=\"subjects\">");
  const std::size_t shown = std::min(kMostSubjects, criterion.subjects.size());
  for (std::size_t at = 0; at < shown; ++at) {
    const Subject& one = criterion.subjects[at];
    page.raw("<li>");
    verdict(page, one.verdict);
    page.raw(" <span class=\"mono\">").text(one.subject, 300).raw("</span> ").both(one.reason, 500);
    page.raw(" ");
    cited.links(page, evidence_of(criterion, one), 8);
    page.raw("</li>\n");
  }
  page.raw("</ul>");
  if (shown < criterion.subjects.size()) {
    page.raw("<p class=\"soft\">+ ")
        .grouped(static_cast<std::int64_t>(criterion.subjects.size() - shown));
    page.raw("</p>");
  }
}

void rule(Page& page, const Criterion& criterion) {
  if (criterion.rule.empty()) return;
  page.raw("<details class=\"rule\"><summary>").both("판정 질의", "Decision queries");
  page.raw("</summary><div class=\"body\">");
  for (const NameValue& query : criterion.rule) {
    page.raw("<p class=\"soft\">")
        .text(query.name)
        .raw("</p><pre class=\"command\" tabindex=\"0\">");
    page.lines(query.value, 8000).raw("</pre>");
  }
  page.raw("</div></details>");
}

void criterion_view(Page& page, const Criterion& criterion, const Cited& cited) {
  page.raw("<div class=\"criterion\" id=\"criterion-")
      .text(criterion.id)
      .raw("\"><h4><span class=\"mono\">");
  page.text(criterion.id).raw("</span> ");
  verdict(page, criterion.verdict);
  page.raw("</h4>\n<p>").both(criterion.title).raw(" <span class=\"soft\">(");
  page.both(words_of(criterion.source)).raw(")</span></p>\n");
  for (const Limit& limit : criterion.limits) {
    page.raw("<p class=\"limit\">").both("한계값 ", "Limit ").raw("<strong>").text(limit.value);
    page.raw(" ").both(limit.unit).raw("</strong> ").both(limit.title);
    page.raw(" <span class=\"soft\">(").both(limit.source).raw(")</span></p>\n");
  }
  if (criterion.subjects.empty())
    page.raw("<p class=\"soft\">").both(criterion.reason).raw("</p>\n");
  for (std::size_t at = 0; at < std::min<std::size_t>(20, criterion.findings.size()); ++at) {
    const Finding& one = criterion.findings[at];
    page.raw("<p class=\"breach\"><a class=\"code\" href=\"#").text(one.code).raw("\">");
    page.text(one.code).raw("</a> ").both(one.says, 300).raw("</p>\n");
  }
  subjects(page, criterion, cited);
  if (criterion.step) {
    page.raw("<p><a href=\"#step-").text(criterion.id).raw("\">");
    page.both("사람이 할 일과 답", "What a person does, and the answer").raw("</a></p>");
  }
  rule(page, criterion);
  page.raw("</div>\n");
}

bool open_at_first(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::inconclusive;
}

void item_view(Page& page, const Item& item, const Cited& cited) {
  page.raw("<details class=\"item\" data-search=\"item\" data-verdict=\"").text(word(item.verdict));
  page.raw(open_at_first(item.verdict) ? Literal("\" open>") : Literal("\">"));
  page.raw("<summary><h3><span class=\"no\">").text(item.id).raw("</span> ").both(item.title);
  page.raw("</h3>");
  verdict(page, item.verdict);
  page.raw("</summary>\n<div class=\"body\" id=\"item-").text(item.id).raw("\">\n<p>");
  page.both(item.requirement).raw("</p>\n<p class=\"soft\">").both("공식 번호", "Official code");
  page.raw(" ").text(item.code.empty() ? "–" : item.code).raw(" · ");
  if (item.official) {
    page.both("명칭 확인됨", "title confirmed by a public source");
  } else {
    page.both("명칭 재구성", "title reconstructed");
  }
  if (item.optional) page.raw(" · ").both("제품에 따라 적용", "depends on the product");
  page.raw("</p>\n");
  for (const Criterion& criterion : item.criteria) criterion_view(page, criterion, cited);
  if (item.verdict != Verdict::pass && item.verdict != Verdict::not_applicable) {
    page.raw("<p class=\"remedy\"><strong>").both("조치", "Remedy").raw("</strong> ");
    page.both(item.remedy).raw("</p>\n");
  }
  page.raw("</div></details>\n");
}

}  // namespace

void details(Page& page, const Report& report, const Cited& cited) {
  open_section(page, "details");
  for (const Item& item : report.items) {
    if (item.selected == "planned") item_view(page, item, cited);
  }
  close_section(page);
}

}  // namespace haetae::reports::page
