#include <algorithm>

#include <fmt/format.h>

#include "reports/pdf/content.hpp"
#include "reports/pdf/picture.hpp"
#include "reports/summary.hpp"
#include "reports/words.hpp"

namespace haetae::reports::print {
namespace {

const Particulars& particulars(const Report& report) {
  static const Particulars empty;
  return report.particulars ? *report.particulars : empty;
}

std::string joined(std::initializer_list<std::string> parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : ", ") + part;
  }
  return out;
}

std::string line_of(const declaration::Party& party) {
  return joined(
      {party.name, party.registration, party.representative, party.address, party.contact});
}

std::string kind_of(const Writer& to) {
  const Particulars& more = particulars(to.report);
  if (!to.t(more.kind).empty()) return to.t(more.kind);
  return to.t("사물인터넷 보안인증 사전시험 성적서",
              "IoT security certification · pre-test report");
}

std::string scheme_line(const Writer& to) {
  std::string out = to.t(type_words(to.report.revision.type));
  if (!to.t(to.report.profile_title).empty()) out += " · " + to.t(to.report.profile_title);
  if (!to.report.revision.whole) out += to.t(" · 일부 항목만 시험", " · a selection of items");
  return out;
}

/// mark() says whether the report was issued.
void mark(Writer& to, double y) {
  const bool issued = to.report.issue.has_value();
  const std::string text =
      issued ? to.t("성적서 번호 ", "Report No. ") + cut(to.report.issue->number, 60)
             : to.t("초안 – 발급되지 않은 성적서", "Draft – this report was not issued");
  to.document.place(page::kLeft, y, page::kText, {{.text = text}},
                    {.size = 10.5, .bold = true, .ink = issued ? Ink::ink : Ink::fail});
}

void headline(Writer& to, double y) {
  Document& document = to.document;
  const Headline value = to.report.revision.headline;
  const Ink ink = ink_of(value);
  document.area(page::kLeft, y, page::kText, 58, Ink::wash);
  document.area(page::kLeft, y, 4, 58, ink);
  std::string word = to.t(words_of(value));
  if (to.language == Language::en && !word.empty()) word[0] = static_cast<char>(word[0] - 32);
  document.place(page::kLeft + 18, y + 8, page::kText - 36,
                 {{.text = fmt::format("{} {}", sign_of(value), word)}},
                 {.size = 19, .leading = 1.3, .bold = true, .ink = ink}, "H1");
  Rich counts;
  std::size_t total = 0;
  for (const Verdict one : kShown) {
    const std::size_t count = to.report.counts[static_cast<std::size_t>(one)];
    total += count;
    if (count == 0) continue;
    counts.push_back({.text = fmt::format("{} {} {}", sign(one), to.t(words_of(one)), count),
                      .ink = ink_of(one)});
    counts.push_back({.text = "    "});
  }
  counts.push_back(
      {.text = to.t(fmt::format("대상 항목 {}개", total), fmt::format("of {} items", total)),
       .ink = Ink::soft});
  document.place(page::kLeft + 18, y + 35, page::kText - 36, counts, {.size = 9});
}

using Row = std::pair<std::string, Rich>;

/// period() names the day once where both moments lie in one.
std::string period(const std::string& from, const std::string& to) {
  const std::string start = when(from), end = when(to);
  const bool same_day =
      start.size() > 19 && end.size() > 19 && start.substr(0, 10) == end.substr(0, 10);
  return same_day ? start.substr(0, 19) + " – " + end.substr(11) : start + " – " + end;
}

/// damaged() says on the first page that the run is not what was written.
void damaged(Writer& to) {
  if (to.report.damages.empty()) return;
  to.document.paragraph(
      {{.text =
            to.t(fmt::format("손상된 실행 기록: {}곳이 기록된 그대로가 아닙니다. 읽을 수 있는 것만 "
                             "보이며, 이 성적서로 아무것도 증명할 수 없습니다.",
                             to.report.damages.size()),
                 fmt::format("Damaged run: {} places are not what was written. What can be "
                             "read is shown; nothing can be proved by this report.",
                             to.report.damages.size())),
        .bold = true,
        .ink = Ink::fail}},
      {.size = 9}, 6);
}

constexpr double kLabelWidth = 118, kLabelHeight = 230;

/// label() stands at the right of the facts and gives where it ends.
double label(Writer& to, double top) {
  const pictures::Drawing drawing = pictures::label(to.report, to.language);
  if (drawing.empty() || !(drawing.width > 0) || !(drawing.height > 0)) return top;
  const double scale = std::min(kLabelWidth / drawing.width, kLabelHeight / drawing.height);
  const double x = page::kWidth - page::kRight - drawing.width * scale;
  to.document.picture(x, top, drawing.alternative,
                      [&](_cairo* cairo) { draw(cairo, to.document.fonts(), drawing, scale); });
  return top + drawing.height * scale;
}

std::vector<Row> report_rows(const Writer& to) {
  const Report& report = to.report;
  const Particulars& more = particulars(report);
  const auto short_of = [](const std::string& text) { return cut(text, 220); };
  std::vector<Row> rows;
  if (!report.issue) {
    rows.push_back({to.t("실행과 판정", "Run and revision"), words(short_of(report_id(report)))});
  }
  if (report.issue && !report.issue->replaces.empty()) {
    rows.push_back(
        {to.t("대체하는 성적서", "Replaces report"),
         words(short_of(report.issue->replaces) + " – " + short_of(report.issue->reason))});
  }
  rows.push_back({to.t("신청인", "Applicant"), supplied(to, short_of(line_of(more.applicant)))});
  const Identity& device = report.device;
  rows.push_back({to.t("제품, 모델", "Product, model"),
                  supplied(to, short_of(joined({device.maker, device.model, device.category})))});
  std::string versions;
  if (!device.firmware.empty()) versions = to.t("펌웨어 ", "firmware ") + device.firmware;
  if (!device.hardware.empty()) {
    versions += (versions.empty() ? "" : ", ") + to.t("하드웨어 ", "hardware ") + device.hardware;
  }
  rows.push_back({to.t("버전", "Versions"), supplied(to, short_of(versions))});
  rows.push_back({to.t("일련번호", "Serial number"), supplied(to, short_of(device.serial))});
  const std::string sample = joined({more.sample, more.condition, more.units, more.selection});
  rows.push_back({to.t("시료", "Sample"), given(to, short_of(sample))});
  return rows;
}

std::vector<Row> test_rows(const Writer& to) {
  const Report& report = to.report;
  const Particulars& more = particulars(report);
  const auto short_of = [](const std::string& text) { return cut(text, 220); };
  std::vector<Row> rows;
  rows.push_back({to.t("인증 유형", "Type"), words(scheme_line(to))});
  rows.push_back({to.t("시험 기준", "Test method"),
                  words(fmt::format("{} ({} {})", to.t(report.catalogue_title),
                                    report.revision.catalogue, report.revision.edition))});
  rows.push_back({to.t("법적 근거", "Legal base"), given(to, short_of(report.legal_base))});
  rows.push_back({to.t("접수일", "Received"), given(to, when(cut(more.receipt, 60)))});
  rows.push_back({to.t("시험 기간", "Test period"),
                  words(period(report.run_value("started"), report.finished))});
  rows.push_back({to.t("발급일", "Issued"), given(to, report.issue ? when(report.issue->at) : "")});
  rows.push_back({to.t("시험기관", "Laboratory"), given(to, short_of(line_of(more.laboratory)))});
  rows.push_back({to.t("인정 번호", "Accreditation"), given(to, short_of(more.accreditation))});
  rows.push_back({to.t("시험 장소", "Place of the test"), given(to, short_of(more.site))});
  return rows;
}

/// signatures() are the fields of those who answer for the report.
void signatures(Writer& to, double y) {
  const Particulars& more = particulars(to.report);
  const double half = (page::kText - 28) / 2;
  const auto field = [&](double x, const std::string& office,
                         const declaration::Signatory& person) {
    Rich rich{{.text = office, .bold = true}, {.text = "   "}};
    append(rich, given(to, cut(joined({person.name, person.title}), 80)));
    to.document.place(x, y, half, rich, {.size = 8.6, .one_line = true});
    to.document.rule(x, y + 52, x + half, y + 52, 0.6, Ink::soft);
    to.document.place(x, y + 55, half,
                      {{.text = to.t("서명, 날짜", "signature, date"), .ink = Ink::soft}},
                      {.size = 7.2});
  };
  field(page::kLeft, to.t("시험자", "Tester"), more.tester);
  field(page::kLeft + half + 28, to.t("기술책임자", "Technical manager"), more.manager);
}

}  // namespace

void cover(Writer& to) {
  Document& document = to.document;
  const Report& report = to.report;
  document.anchor("cover");
  const std::string& laboratory = particulars(report).laboratory.name;
  document.area(page::kLeft, 80, 44, 3, Ink::accent);
  document.place(
      page::kLeft, 92, page::kText,
      {{.text = laboratory.empty() ? to.t("시험기관 제출되지 않음", "laboratory not given")
                                   : cut(laboratory, 120)}},
      {.size = 10.5, .ink = laboratory.empty() ? Ink::soft : Ink::ink, .one_line = true});
  document.place(page::kLeft, 116, page::kText, words(cut(kind_of(to), 120)),
                 {.size = 12, .ink = Ink::accent, .one_line = true});
  document.place(page::kLeft, 136, page::kText,
                 words(cut(report.device.maker + " " + report.device.model, 120)),
                 {.size = 25, .leading = 1.35, .bold = true, .one_line = true}, "H1");
  mark(to, 174);
  headline(to, 200);
  const double below = label(to, 270);
  document.move_to(272);
  document.set_width(page::kText - kLabelWidth - 22);
  auto rows = report_rows(to);
  for (Row& row : test_rows(to)) rows.push_back(std::move(row));
  facts_table(to, rows, 84, 8.2);
  document.set_width(page::kText);
  if (document.y() < below + 8) document.move_to(below + 8);
  damaged(to);
  const Look note{.size = 7.8, .leading = 1.5, .ink = Ink::soft};
  document.paragraph(
      {{.text = to.t(
            "이 성적서의 결과는 시험한 시료에만 유효합니다. 시험기관의 서면 승인 없이 이 성적서의 "
            "일부만을 복제할 수 없습니다. 이 성적서는 공식 인증서가 아닙니다.",
            "The results hold for the tested sample only. This report is not to be "
            "reproduced except in full without the laboratory's written approval. It is "
            "no official certificate.")}},
      note, 2);
  document.paragraph(
      {{.text =
            to.t("† 신청인이 제공한 정보로, 결과의 타당성에 영향을 줄 수 있습니다. 시험기관은 이를 "
                 "확인하지 않았습니다.",
                 "† Supplied by the applicant and not confirmed by the laboratory; it can "
                 "affect the validity of results.")}},
      note, 0);
  document.need(84);
  signatures(to, std::max(document.y() + 12, page::kEnd - 70));
  document.page_break();
}

void summary(Writer& to) {
  Document& document = to.document;
  chapter(to, "summary");
  document.skip(8);
  const Look large{.size = 12, .leading = 1.7};
  for (const Text& sentence : buyer_summary(to.report)) {
    document.paragraph(words(cut(to.t(sentence), 600)), large, 10);
  }
  document.skip(14);
  document.heading(3, to.t("결과를 나타내는 말", "What the words mean"));
  const std::pair<Verdict, Text> meanings[] = {
      {Verdict::pass,
       {"모든 대상을 빠짐없이 확인했고, 위반이 없으며, 증적이 있습니다.",
        "Every subject was seen in full, nothing is broken, and there is evidence."}},
      {Verdict::fail,
       {"증적이 있는 위반이 하나 이상입니다.", "At least one breach, with evidence."}},
      {Verdict::inconclusive,
       {"필요한 관찰이 없거나 믿을 수 없어 판정할 수 없습니다.",
        "What is needed was not seen or cannot be trusted."}},
      {Verdict::not_run,
       {"허용되지 않았거나, 제외되었거나, 중단되어 시험하지 않았습니다.",
        "Not permitted, excluded or interrupted."}},
      {Verdict::pending,
       {"사람의 확인이나 서류가 필요합니다.", "Waits for a person's answer or a document."}},
      {Verdict::not_applicable,
       {"이 제품에는 해당하지 않습니다.", "Does not apply to this product."}}};
  std::vector<Row> rows;
  for (const auto& [value, meaning] : meanings) {
    rows.push_back(
        {fmt::format("{} {}", sign(value), to.t(words_of(value))), words(to.t(meaning))});
  }
  facts_table(to, rows);
  document.page_break();
}

void history(Writer& to) {
  Document& document = to.document;
  const Report& report = to.report;
  chapter(to, "history");
  if (report.history.empty()) {
    nothing(to,
            to.t("이 시험에서 발급된 성적서가 없습니다.", "No report was issued from this run."));
  } else {
    document.table_begin(
        {{.width = 110, .names_row = true},
         {.width = 104},
         {.width = 44, .align = Align::end},
         {.width = 90},
         {.width = page::kText - 348}},
        {to.t("성적서 번호", "Report number"), to.t("발급일", "Issued"), to.t("판정", "Revision"),
         to.t("대체", "Replaces"), to.t("사유", "Reason")},
        {.size = 8.4});
    for (const Issue& issue : report.history) {
      document.row(
          {cut(issue.number, 80), when(issue.at), std::to_string(issue.revision),
           issue.replaces.empty() ? "–" : cut(issue.replaces, 80),
           issue.replaces.empty() ? to.t("최초 발급", "First issue") : cut(issue.reason, 400)});
    }
    document.table_end();
  }
  document.paragraph(
      {{.text =
            to.t("발급된 성적서는 고치지 않습니다. 새 성적서는 대체하는 성적서와 사유를 밝힙니다.",
                 "An issued report is never changed; a new one names the report that it "
                 "replaces, and why."),
        .ink = Ink::soft}});
}

void corrections(Writer& to) {
  Document& document = to.document;
  const Report& report = to.report;
  document.skip(24);
  chapter(to, "corrections");
  const auto& corrections = particulars(report).corrections;
  if (corrections.empty()) {
    nothing(to, to.t("기록된 보완이 없습니다.", "None were recorded."));
  } else {
    document.table_begin({{.width = 90, .names_row = true}, {.width = page::kText - 90}},
                         {to.t("날짜", "Date"), to.t("보완 내용", "What was corrected")},
                         {.size = 8.6});
    for (const declaration::Correction& one : corrections)
      document.row({cut(one.date, 40), cut(one.what, 1500)});
    document.table_end();
  }
}

void opinion(Writer& to) {
  Document& document = to.document;
  chapter(to, "opinion");
  const Particulars& more = particulars(to.report);
  if (to.t(more.opinion).empty()) {
    nothing(to, to.t("시험기관의 종합 의견이 제출되지 않았습니다.",
                     "The laboratory gave no overall opinion."));
  } else {
    paragraphs(to, to.t(more.opinion));
    document.paragraph(
        {{.text = to.t("위는 권한 있는 자의 의견과 해석이며 시험 결과가 아닙니다.",
                       "The above is opinion and interpretation by authorised staff, not a test "
                       "result."),
          .ink = Ink::soft}});
  }
  document.heading(3, to.t("적합성 진술", "Statement of conformity"));
  Rich said = words(to.t("시험한 시료에 대한 종합 판정: ", "Result for the tested sample: "));
  const Headline value = to.report.revision.headline;
  said.push_back({.text = fmt::format("{} {}", sign_of(value), to.t(words_of(value))),
                  .bold = true,
                  .ink = ink_of(value)});
  said.push_back({.text = to.t(fmt::format(" ({} {}, {})", to.report.revision.catalogue,
                                           to.report.revision.edition, scheme_line(to)),
                               fmt::format(" (by {} {}, {})", to.report.revision.catalogue,
                                           to.report.revision.edition, scheme_line(to)))});
  document.paragraph(said);
  document.paragraph(words(to.t(
      "이 진술은 7장의 표에 있는 각 항목의 결과에 적용되며, 5장의 판정 규칙을 따릅니다. 충족하거나 "
      "충족하지 "
      "못한 요구사항은 같은 표에 하나씩 적혀 있습니다.",
      "The statement applies to the results of the items in the table of chapter 7, under the "
      "decision rule of chapter 5. Which requirements are met and which are not stands there, item "
      "by item.")));
  document.page_break();
}

}  // namespace haetae::reports::print
