#include <algorithm>

#include <fmt/format.h>

#include "reports/inventory.hpp"
#include "reports/pdf/content.hpp"
#include "reports/words.hpp"

namespace haetae::reports::print {
namespace {

constexpr std::size_t kMostRows = 400;

double length_of(std::string_view text) {
  double sum = 0;
  for (const char letter : text) sum += (letter & 0x80) != 0 ? 2.8 : 4.5;
  return sum;
}

/// longest_word() is how wide the widest part is that should not be broken.
double longest_word(std::string_view text) {
  double longest = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    longest = std::max(longest, length_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return longest;
}

/// widths_of() gives every column room for its longest word, and shares the rest by how much text
/// each has.
std::vector<Column> widths_of(const Table& table, const Writer& to) {
  std::vector<double> least, more;
  double least_sum = 0, more_sum = 0;
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    double word = longest_word(to.t(table.columns[at])), total = 0;
    for (const auto& row : table.rows) {
      word = std::max(word, longest_word(std::string_view(row[at]).substr(0, 400)));
      total += std::min(length_of(row[at]), 400.0);
    }
    const double mean = table.rows.empty() ? 0 : total / static_cast<double>(table.rows.size());
    least.push_back(std::min(word, 96.0) + 10);
    more.push_back(std::max(mean + 10 - least.back(), 4.0));
    least_sum += least.back();
    more_sum += more.back();
  }
  const double spare = std::max(page::kText - least_sum, 0.0);
  const double scale = least_sum > page::kText ? page::kText / least_sum : 1.0;
  std::vector<Column> columns;
  for (std::size_t at = 0; at < least.size(); ++at) {
    columns.push_back(
        {.width = least[at] * scale + spare * more[at] / more_sum, .names_row = at == 0});
  }
  return columns;
}

void inventory(Writer& to, const Table& table, const std::string& anchor) {
  Document& document = to.document;
  document.heading(2, to.t(table.title), anchor);
  if (table.rows.empty()) return nothing(to, to.t("없음", "none"));
  std::vector<Cell> head;
  for (const Text& column : table.columns) head.push_back(Cell(to.t(column)));
  document.table_begin(widths_of(table, to), head, {.size = 7.8, .leading = 1.4});
  std::size_t shown = 0;
  for (const auto& row : table.rows) {
    if (shown++ == kMostRows) break;
    std::vector<Cell> cells;
    for (const std::string& cell : row) cells.push_back(Cell(cut(to.t(words_of(cell)), 400)));
    document.row(cells);
  }
  document.table_end();
  if (table.rows.size() > kMostRows) {
    nothing(
        to,
        to.t(fmt::format("그 밖에 {}행은 실행 기록에 있습니다.", table.rows.size() - kMostRows),
             fmt::format("{} more rows stand in the run file.", table.rows.size() - kMostRows)));
  }
}

std::string sealed(const Writer& to) {
  if (!to.report.verification) return to.t("확인하지 않음", "not checked");
  const auto& checked = *to.report.verification;
  if (!checked.intact()) {
    return to.t(
        fmt::format("손상됨: {}곳이 기록된 것과 다릅니다", checked.damages.size()),
        fmt::format("DAMAGED: {} places differ from what was written", checked.damages.size()));
  }
  if (checked.sealed_to == 0) return to.t("봉인되지 않음", "not sealed");
  return to.t(fmt::format("링크 {} 가운데 {}까지 봉인됨", checked.links, checked.sealed_to),
              fmt::format("sealed to link {} of {}", checked.sealed_to, checked.links));
}

/// what_of() is the label of a piece of evidence, who cites it, and what of it is missing.
Rich what_of(const Writer& to, const EvidenceEntry& entry) {
  Rich out = words(cut(entry.label, 160));
  if (entry.cut > 0) {
    out.push_back({.text = fmt::format("  (+{} {})", entry.cut,
                                       to.t("바이트 저장하지 않음", "bytes not kept")),
                   .ink = Ink::soft});
  }
  if (entry.withheld) {
    out.push_back({.text = to.t("  (내용 가림)", "  (content withheld)"), .ink = Ink::soft});
  }
  if (entry.cited_by.empty()) return out;
  constexpr std::size_t kMost = 1;  // a line is enough: the items say all that they rest on
  std::string by;
  for (std::size_t at = 0; at < std::min(entry.cited_by.size(), kMost); ++at) {
    by += (at == 0 ? "  → " : ", ") + entry.cited_by[at];
  }
  if (entry.cited_by.size() > kMost) by += fmt::format(" +{}", entry.cited_by.size() - kMost);
  out.push_back({.text = by, .ink = Ink::soft});
  return out;
}

void damages(Writer& to) {
  if (to.report.damages.empty()) return;
  to.document.heading(2, to.t("손상된 곳", "Damaged places"), "damages");
  constexpr std::size_t kMost = 50;
  std::vector<Rich> entries;
  for (const std::string& place : to.report.damages) {
    if (entries.size() == kMost) break;
    entries.push_back(words(cut(place, 400)));
  }
  if (to.report.damages.size() > kMost) {
    entries.push_back(words(fmt::format("… +{}", to.report.damages.size() - kMost)));
  }
  to.document.bullets(entries);
}

}  // namespace

void not_tested(Writer& to) {
  Document& document = to.document;
  document.page_break();
  chapter(to, "open");
  if (to.report.not_tested.empty()) return nothing(to, to.t("없음", "Nothing."));
  document.table_begin(
      {{.width = 108, .names_row = true},
       {.width = 150},
       {.width = 70},
       {.width = page::kText - 328}},
      {to.t("대상", "What"), to.t("내용", "Title"), to.t("상태", "State"), to.t("이유", "Why")},
      {.size = 8.2, .leading = 1.45});
  std::size_t shown = 0;
  for (const NotTested& one : to.report.not_tested) {
    if (shown++ == kMostRows * 2) break;
    const auto verdict_word = verdict_from(one.word);
    Rich what{{.text = to.t(words_of(one.kind)) + " ", .ink = Ink::soft},
              {.text = cut(one.id, 120), .mono = true}};
    if (!one.subject.empty()) what.push_back({.text = " " + cut(one.subject, 120), .mono = true});
    document.row({what, cut(to.t(one.title), 400),
                  to.t(verdict_word ? words_of(*verdict_word) : words_of(one.word)),
                  cut(to.t(one.reason), 900)});
  }
  document.table_end();
  if (to.report.not_tested.size() > kMostRows * 2) {
    const std::size_t left = to.report.not_tested.size() - kMostRows * 2;
    nothing(to, to.t(fmt::format("그 밖에 {}행은 실행 기록에 있습니다.", left),
                     fmt::format("{} more rows stand in the run file.", left)));
  }
}

void waivers(Writer& to) {
  Document& document = to.document;
  chapter(to, "waivers");
  if (to.report.waivers.empty()) {
    return nothing(to, to.t("예외 승인이 없습니다.", "There are none."));
  }
  document.paragraph(
      words(to.t("예외 승인은 결과를 바꾸지 않습니다.", "A waiver never changes a result.")));
  document.table_begin({{.width = 92, .names_row = true},
                        {.width = page::kText - 92 - 56 - 56 - 122 - 40},
                        {.width = 56},
                        {.width = 56},
                        {.width = 122},
                        {.width = 40}},
                       {to.t("대상", "Target"), to.t("사유", "Reason"), to.t("작성자", "Author"),
                        to.t("승인자", "Approver"), to.t("만료", "Expires"), to.t("상태", "State")},
                       {.size = 8.2});
  for (const Waiver& one : to.report.waivers) {
    document.row({Rich{{.text = cut(one.target, 80),
                        .mono = true,
                        .link = one.target.starts_with("F-") ? "finding-" + one.target : ""}},
                  cut(one.reason, 600), cut(one.author, 120), cut(one.approver, 120),
                  cut(one.expires, 60), to.t(words_of(one.state))});
  }
  document.table_end();
}

void inventories(Writer& to) {
  to.document.page_break();
  chapter(to, "inventory");
  int number = 0;
  for (const Table& table : reports::inventories(to.report)) {
    inventory(to, table, fmt::format("inventory-{}", ++number));
  }
}

/// evidence_of_procedure() lists what one procedure saw, a line each where the words allow it.
void evidence_of_procedure(Writer& to, std::string_view procedure,
                           const std::vector<const EvidenceEntry*>& entries, const Look& look) {
  Document& document = to.document;
  document.heading(4, cut(procedure, 80));
  document.table_begin({{.width = 36, .names_row = true},
                        {.width = 78},
                        {.width = page::kText - 36 - 78 - 44 - 84},
                        {.width = 44, .align = Align::end},
                        {.width = 84}},
                       {to.t("번호", "No."), to.t("대상", "Subject"), to.t("내용", "What"),
                        to.t("바이트", "Bytes"), to.t("확약", "Commitment")},
                       look);
  for (const EvidenceEntry* entry : entries) {
    Cell name(fmt::format("E{}", entry->id));
    name.anchor = fmt::format("E{}", entry->id);
    document.row({name, cut(entry->subject, 80), what_of(to, *entry), std::to_string(entry->size),
                  Rich{{.text = entry->commitment.substr(0, 16), .mono = true}}});
  }
  document.table_end();
}

void evidence_list(Writer& to) {
  Document& document = to.document;
  document.page_break();
  chapter(to, "evidence");
  document.paragraph(words(to.t(
      "내용은 실행 기록에 있으며 ‘haetae evidence 실행기록 번호’로 볼 수 있습니다. 확약은 솔트와 "
      "내용의 SHA-256을 합친 것의 SHA-256입니다.",
      "The contents stand in the run file: haetae evidence RUN ID shows one. The "
      "commitment is SHA-256 over salt and SHA-256 of the content.")));
  const Look look{.size = 7.6, .leading = 1.38};
  std::vector<std::pair<std::string_view, std::vector<const EvidenceEntry*>>> procedures;
  for (const EvidenceEntry* entry : to.index.listed) {
    auto found =
        std::ranges::find(procedures, entry->procedure, [](const auto& one) { return one.first; });
    if (found == procedures.end()) found = procedures.insert(found, {entry->procedure, {}});
    found->second.push_back(entry);
  }
  for (const auto& [procedure, entries] : procedures)
    evidence_of_procedure(to, procedure, entries, look);
  if (to.index.grouped.empty()) return;
  document.heading(2, to.t("그 밖의 증적 (절차별)", "Other evidence, by procedure"),
                   "evidence-rest");
  document.table_begin({{.width = 120, .names_row = true},
                        {.width = 54, .align = Align::end},
                        {.width = 84, .align = Align::end},
                        {.width = page::kText - 258}},
                       {to.t("절차", "Procedure"), to.t("개수", "Count"), to.t("바이트", "Bytes"),
                        to.t("번호", "Numbers")},
                       look);
  for (const EvidenceGroup& group : to.index.grouped) {
    document.row({cut(group.procedure, 80), std::to_string(group.count),
                  std::to_string(group.bytes), group.ids});
  }
  document.table_end();
}

void seal(Writer& to) {
  Document& document = to.document;
  document.need(260);
  chapter(to, "seal");
  const Report& report = to.report;
  std::vector<std::pair<std::string, Rich>> rows;
  const std::string root = report.verification ? report.verification->root : "";
  rows.push_back({to.t("실행 기록 루트", "Run root"), {{.text = root, .mono = true}}});
  rows.push_back({to.t("봉인", "Seal"), words(sealed(to))});
  for (const SealEntry& one : report.seals) {
    rows.push_back(
        {to.t(fmt::format("링크 {}의 봉인", one.n), fmt::format("Seal of link {}", one.n)),
         {{.text = when(one.at) + "  "}, {.text = cut(one.public_key, 200), .mono = true}}});
  }
  rows.push_back({to.t("실행 식별자", "Run"), {{.text = report.run_value("uuid"), .mono = true}}});
  const std::string where = report.particulars ? report.particulars->verify_at : "";
  rows.push_back({to.t("확인하는 곳", "Where to verify"), given(to, cut(where, 300))});
  facts_table(to, rows);
  damages(to);
  document.paragraph(
      words(to.t("받은 실행 기록과 시험기관의 공개키로 누구나 확인할 수 있습니다: ",
                 "Anybody who holds the run file and the laboratory's public key can check it: ")));
  document.paragraph(
      {{.text = "haetae verify RUN --key PUBLIC.pem --report REPORT.pdf", .mono = true}}, {}, 8,
      14);
  document.skip(16);
  document.paragraph({{.text = to.t("– 성적서 끝 –", "– end of report –"), .ink = Ink::soft}},
                     {.align = Align::middle});
}

}  // namespace haetae::reports::print
