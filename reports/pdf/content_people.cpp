#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/pdf/content.hpp"
#include "reports/pdf/picture.hpp"
#include "reports/words.hpp"

namespace haetae::reports::print {
namespace {

std::vector<const Answer*> answers_of(const Report& report, const std::string& criterion) {
  std::vector<const Answer*> out;
  for (const Answer& answer : report.answers) {
    if (answer.criterion == criterion) out.push_back(&answer);
  }
  return out;
}

/// attachment() shows a picture, or says what else was attached.
void attachment(Writer& to, EvidenceId id) {
  const EvidenceEntry* const entry = to.report.evidence_entry(id);
  const std::string label = entry == nullptr ? "" : cut(entry->label, 200);
  const auto content = to.report.contents.find(id);
  const auto image = content != to.report.contents.end() && content->second.whole
                         ? image_of(content->second.bytes)
                         : std::nullopt;
  Rich caption = cites(to, {id});
  caption.push_back({.text = "  " + label});
  if (!image) {
    caption.push_back({.text = to.t("  (첨부, 여기에 보이지 않음)", "  (attached, not shown here)"),
                       .ink = Ink::soft});
    return to.document.paragraph(caption, {.size = 8.2});
  }
  const double scale = std::min({(page::kText - 80) / image->width, 300 / image->height, 0.75});
  const double width = image->width * scale;
  to.document.figure(width, image->height * scale,
                     fmt::format("{} E{}: {}", to.t("첨부 사진", "Attached picture"), id, label),
                     [&](_cairo* cairo) { paint(cairo, *image, width); });
  to.document.paragraph(caption, {.size = 8.2, .align = Align::middle}, 8);
}

void step(Writer& to, const Item& item, const Criterion& criterion) {
  Document& document = to.document;
  document.need(170);
  document.heading(3, fmt::format("{}  {}", criterion.id, to.t(item.title)),
                   "step-" + criterion.id);
  std::vector<std::pair<std::string, Rich>> rows;
  rows.push_back({to.t("기준", "Criterion"), words(to.t(criterion.title))});
  if (criterion.step) {
    rows.push_back({to.t("할 일", "To do"), words(to.t(criterion.step->task))});
    rows.push_back({to.t("볼 것", "To look at"), words(to.t(criterion.step->look))});
  }
  rows.push_back({to.t("결과", "Result"), {verdict(to, criterion.verdict)}});
  std::vector<EvidenceId> attached;
  for (const Answer* answer : answers_of(to.report, criterion.id)) {
    Rich rich{{.text = to.t(words_of(answer->outcome)) + "  ", .bold = true},
              {.text = cut(answer->text, 1500)}};
    rich.push_back(
        {.text = fmt::format(
             "  ({}{}, {})  ", cut(answer->who, 80),
             answer->second.empty() ? "" : to.t(", 확인 ", ", second ") + cut(answer->second, 80),
             when(answer->at)),
         .ink = Ink::soft});
    append(rich, cites(to, {answer->evidence}));
    rows.push_back({to.t("답변", "Answer"), rich});
    attached.insert(attached.end(), answer->attachments.begin(), answer->attachments.end());
  }
  for (const DocumentHit& hit : to.report.document_hits) {
    if (hit.criterion != criterion.id) continue;
    Rich rich{{.text = fmt::format("{} {} {}: “{}”  ", cut(hit.document, 120), to.t("쪽", "page"),
                                   hit.page, cut(hit.excerpt, 400))}};
    append(rich, cites(to, {hit.evidence}));
    rows.push_back({to.t("서류에서", "In the document"), rich});
  }
  facts_table(to, rows, 82, 8.4);
  for (const EvidenceId id : attached) attachment(to, id);
}

}  // namespace

void people(Writer& to) {
  Document& document = to.document;
  document.page_break();
  chapter(to, "steps");
  bool any = false;
  for (const Item& item : to.report.items) {
    if (item.selected != "planned") continue;
    for (const Criterion& criterion : item.criteria) {
      const bool asked = criterion.source == "operator" || criterion.source == "document";
      if (!asked || (!criterion.step && answers_of(to.report, criterion.id).empty())) continue;
      any = true;
      step(to, item, criterion);
    }
  }
  if (!any) {
    nothing(to, to.t("이 시험에는 사람이 확인할 단계가 없습니다.",
                     "This run holds no step for a person."));
  }
}

}  // namespace haetae::reports::print
