#include <algorithm>

#include "reports/html/content.hpp"
#include "reports/html/sections.hpp"

/// What people looked at: the steps of the catalogue, the answers so far, and a form for more.
namespace haetae::reports::page {
namespace {

Text outcome_text(std::string_view outcome) {
  if (outcome == "conforms") return {"적합", "conforms"};
  if (outcome == "does-not-conform") return {"부적합", "does not conform"};
  if (outcome == "not-applicable") return {"해당없음", "not applicable"};
  if (outcome == "unknown") return {"알 수 없음", "cannot be told"};
  return {std::string(outcome), std::string(outcome)};
}

class Steps {
 public:
  Steps(Page& page, const Report& report, const Cited& cited)
      : page_(page), report_(report), cited_(cited) {}
  void step(const Criterion& criterion);

 private:
  void task(const Criterion& criterion);
  void hits(const Criterion& criterion);
  void answers(const Criterion& criterion);
  void answer(const Answer& one, std::size_t number);
  void attachment(const Answer& answer, EvidenceId id);
  void form(const Criterion& criterion);
  void choice(const Criterion& criterion, Literal value, const Text& words);
  void field(const Text& name, Literal control);

  Page& page_;
  const Report& report_;
  const Cited& cited_;
  std::size_t pictures_left_ = 24U << 20U;  // bytes
};

void Steps::task(const Criterion& criterion) {
  const catalogue::Step& step = *criterion.step;
  page_.raw("<p><strong>").both("할 일", "What to do").raw("</strong> ").both(step.task);
  page_.raw("</p><p><strong>").both("볼 것", "What to look at").raw("</strong> ").both(step.look);
  page_.raw("</p>");
  if (!step.finds.empty()) {
    page_.raw("<p class=\"soft\">")
        .both("서류에서 찾는 말", "Words looked for in documents")
        .raw(": ");
    for (std::size_t at = 0; at < step.finds.size(); ++at) {
      page_.text(at == 0 ? "" : ", ").text(step.finds[at], 200);
    }
    page_.raw("</p>");
  }
  if (step.second) {
    page_.raw("<p class=\"soft\">");
    page_.both("다른 한 사람의 확인이 필요합니다.", "Another person has to confirm it.")
        .raw("</p>");
  }
}

void Steps::hits(const Criterion& criterion) {
  for (const DocumentHit& hit : report_.document_hits) {
    if (hit.criterion != criterion.id) continue;
    page_.raw("<p class=\"hit\">").text(hit.document, 300);
    if (hit.page > 0) page_.raw(", ").both("쪽 ", "page ").number(hit.page);
    page_.raw(": <q>");
    const std::size_t at = hit.phrase.empty() ? std::string::npos : hit.excerpt.find(hit.phrase);
    if (at == std::string::npos) {
      page_.text(hit.excerpt, 600);
    } else {
      page_.text(hit.excerpt.substr(0, at), 400).raw("<mark>").text(hit.phrase, 200);
      page_.raw("</mark>").text(hit.excerpt.substr(at + hit.phrase.size()), 400);
    }
    page_.raw("</q> ");
    cited_.link(page_, hit.evidence);
    page_.raw("</p>\n");
  }
}

void Steps::attachment(const Answer& answer, EvidenceId id) {
  const EvidenceEntry* const entry = report_.evidence_entry(id);
  const auto found = report_.contents.find(id);
  const bool here = found != report_.contents.end() && found->second.whole;
  const std::string_view type = here ? image_type(found->second.bytes) : std::string_view();
  page_.raw("<figure>");
  if (!type.empty() && found->second.bytes.size() <= pictures_left_) {
    pictures_left_ -= found->second.bytes.size();
    page_.raw("<img loading=\"lazy\" alt=\"").text(entry == nullptr ? "" : entry->label, 200);
    page_.raw(" — ").text(answer.criterion).raw(", ").text(answer.who, 200);
    page_.raw("\" src=\"data:").text(type).raw(";base64,").trusted(base64(found->second.bytes));
    page_.raw("\">");
  }
  page_.raw("<figcaption>");
  if (entry != nullptr) page_.text(entry->label, 200).raw(" ");
  cited_.link(page_, id);
  page_.raw("</figcaption></figure>\n");
}

void Steps::answer(const Answer& one, std::size_t number) {
  page_.raw(number == 0 ? Literal("<div class=\"given\"><p><strong>")
                        : Literal("<div class=\"given earlier\"><p><strong>"));
  page_.both(outcome_text(one.outcome)).raw("</strong> <bdi>").text(one.who, 200).raw("</bdi>");
  if (!one.second.empty()) {
    page_.raw(", ").both("확인", "confirmed by").raw(" <bdi>").text(one.second, 200).raw("</bdi>");
  }
  page_.raw(" · ").text(when(one.at)).raw(" ");
  if (one.evidence != 0) cited_.link(page_, one.evidence);
  if (number > 0)
    page_.raw(" <span class=\"soft\">").both("(이전 답)", "(earlier answer)").raw("</span>");
  page_.raw("</p>");
  if (!one.text.empty()) page_.raw("<p class=\"words\">").lines(one.text, 20000).raw("</p>");
  if (!one.attachments.empty()) {
    page_.raw("<div class=\"figures\">");
    for (const EvidenceId id : one.attachments) attachment(one, id);
    page_.raw("</div>");
  }
  page_.raw("</div>\n");
}

void Steps::answers(const Criterion& criterion) {
  std::vector<const Answer*> given;
  for (const Answer& one : report_.answers) {
    if (one.criterion == criterion.id) given.push_back(&one);
  }
  std::reverse(given.begin(), given.end());  // the last one counts
  for (std::size_t at = 0; at < given.size(); ++at) answer(*given[at], at);
  if (given.empty()) {
    page_.raw("<p class=\"none\">")
        .both("아직 답이 없습니다.", "There is no answer yet.")
        .raw("</p>\n");
  }
}

void Steps::choice(const Criterion& criterion, Literal value, const Text& words) {
  page_.raw("<label class=\"choice\"><input type=\"radio\" name=\"outcome-").text(criterion.id);
  page_.raw("\" value=\"").raw(value).raw("\"> ").both(words).raw("</label>");
}

void Steps::field(const Text& name, Literal control) {
  page_.raw("<label class=\"field\"><span>").both(name).raw("</span>").raw(control).raw("</label>");
}

void Steps::form(const Criterion& criterion) {
  page_.raw("<fieldset class=\"answer scripted\" data-criterion=\"").text(criterion.id);
  page_.raw(criterion.step->second ? Literal("\" data-second=\"yes\"><legend>")
                                   : Literal("\"><legend>"));
  page_.both("답하기", "Answer").raw(" <span class=\"mono\">").text(criterion.id);
  page_.raw("</span></legend><div class=\"choices\" role=\"radiogroup\" aria-label=\"");
  page_.text(criterion.id).raw("\">");
  choice(criterion, "conforms", outcome_text("conforms"));
  choice(criterion, "does-not-conform", outcome_text("does-not-conform"));
  choice(criterion, "not-applicable", outcome_text("not-applicable"));
  choice(criterion, "unknown", outcome_text("unknown"));
  page_.raw("<button type=\"button\" class=\"clear\">")
      .both("지우기", "Clear")
      .raw("</button></div>");
  field({"확인한 사람", "Who looked"},
        "<input name=\"who\" type=\"text\" maxlength=\"60\" autocomplete=\"name\">");
  if (criterion.step->second) {
    field({"확인한 다른 사람", "Who else confirms"},
          "<input name=\"second\" type=\"text\" maxlength=\"60\" autocomplete=\"off\">");
  }
  field({"본 것", "What was seen"},
        "<textarea name=\"text\" rows=\"3\" maxlength=\"6000\"></textarea>");
  field({"첨부 (사진, 서류)", "Attachments (photos, documents)"},
        "<input name=\"files\" type=\"file\" multiple>");
  page_.raw("<p class=\"trouble\" role=\"alert\"></p></fieldset>\n");
}

void Steps::step(const Criterion& criterion) {
  page_.raw("<details class=\"step\" data-search=\"step\" data-verdict=\"")
      .text(word(criterion.verdict));
  page_.raw("\"><summary><h3><span class=\"no mono\">").text(criterion.id).raw("</span> ");
  page_.both(criterion.title).raw("</h3>");
  verdict(page_, criterion.verdict);
  page_.raw("</summary><div class=\"body\" id=\"step-").text(criterion.id).raw("\">\n");
  task(criterion);
  hits(criterion);
  answers(criterion);
  form(criterion);
  page_.raw("</div></details>\n");
}

}  // namespace

void steps(Page& page, const Report& report, const Cited& cited) {
  open_section(page, "steps");
  Steps writer(page, report, cited);
  std::size_t asked = 0;
  for (const Item& item : report.items) {
    if (item.selected != "planned") continue;
    for (const Criterion& criterion : item.criteria) {
      if (!criterion.step) continue;
      if (asked++ == 0) {
        page.raw("<p class=\"soft\">");
        page.both(
            "사람이 보아야 하는 것입니다. 기본값은 없습니다. 답은 "
            "<span class=\"mono\">haetae answer RUN</span>으로, 또는 아래 양식을 채워 저장한 "
            "파일로 "
            "넣습니다: <span class=\"mono\">haetae answer RUN --file answers.xml</span>",
            "What only a person can see. Nothing is answered by default. Answers go in by "
            "<span class=\"mono\">haetae answer RUN</span>, or by the file that the forms below "
            "save: <span class=\"mono\">haetae answer RUN --file answers.xml</span>");
        page.raw("</p>\n");
      }
      writer.step(criterion);
    }
  }
  if (asked == 0) {
    page.raw("<p>")
        .both("사람에게 묻는 것이 없습니다.", "Nothing is asked of a person.")
        .raw("</p>");
  } else {
    page.raw(
        "<div class=\"save scripted\"><button type=\"button\" id=\"save-answers\" data-run=\"");
    page.text(report.run_value("uuid")).raw("\">");
    page.both("답을 파일로 저장", "Save answers to a file");
    page.raw(
        "</button> <span id=\"save-state\" role=\"status\" aria-live=\"polite\"></span></div>\n");
  }
  close_section(page);
}

}  // namespace haetae::reports::page
