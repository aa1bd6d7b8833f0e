#include "harness/judge/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "harness/model/bytes.hpp"

namespace haetae::judge {
namespace {

struct Entry {
  Sentence id;
  std::string_view ko, en;
};

constexpr std::array kSentences{
    Entry{Sentence::no_procedure, "시험 절차 준비 중", "no procedure yet"},
    Entry{Sentence::waits_operator, "시험원의 확인을 기다림", "waits for an operator's answer"},
    Entry{Sentence::waits_document, "제출 문서의 검토를 기다림",
          "waits for the review of a document"},
    Entry{Sentence::answered_conforms, "{who} 확인: {text}", "found to conform by {who}: {text}"},
    Entry{Sentence::answered_fails, "{who} 확인 결과 부적합: {text}",
          "found not to conform by {who}: {text}"},
    Entry{Sentence::answered_not_applicable, "{who} 확인 결과 해당없음: {text}",
          "found not to apply by {who}: {text}"},
    Entry{Sentence::answered_unknown, "{who} 판단 불가: {text}", "{who} could not decide: {text}"},
    Entry{Sentence::answer_shows_nothing,
          "{who} 적합 응답에 근거 없음: {count}어절 이상의 설명, 첨부 파일, 문서 인용 중 하나가 "
          "필요함",
          "{who} found it to conform but shows nothing: needed is a text of {count} words or more, "
          "an attachment or a hit in a document"},
    Entry{Sentence::answer_gives_no_reason,
          "{who} 해당없음 응답에 사유 없음: {count}어절 이상의 설명이 필요함",
          "{who} found it not to apply but gives no reason: needed is a text of {count} words or "
          "more"},
    Entry{Sentence::waits_second, "두 번째 확인자를 기다림. {who} 확인: {text}",
          "waits for a second person; found by {who}: {text}"},
    Entry{Sentence::declared_not_applicable, "신청인 진술: {reason}", "declared: {reason}"},
    Entry{Sentence::declared_but_seen, "해당없음으로 진술되었으나 {subject}에서 관찰됨",
          "declared not to apply, yet seen at {subject}"},
    Entry{Sentence::not_declared, "해당 여부가 진술되지 않음: 적용 여부를 진술해야 함",
          "nothing is declared of this item; say whether it applies"},
    Entry{Sentence::outside_type, "{type} 유형의 시험항목이 아님",
          "not an item of the {type} type"},
    Entry{Sentence::excluded, "이번 시험의 선택에서 제외됨",
          "excluded by the selection of this run"},
    Entry{Sentence::tainted, "{topic} 관찰을 신뢰할 수 없음: {why}",
          "what was seen of {topic} cannot be relied on: {why}"},
    Entry{Sentence::partial, "{topic} 관찰이 끝까지 이루어지지 않음: {why}",
          "{topic} was not seen to the end: {why}"},
    Entry{Sentence::nobody_looks, "{topic}을(를) 관찰하는 절차가 이 시험에 없음",
          "no procedure of this run looks at {topic}"},
    Entry{Sentence::not_permitted, "절차 {procedure} 미실행: {why}",
          "the procedure {procedure} was not run: {why}"},
    Entry{Sentence::not_reached, "절차 {procedure}이(가) 실행되지 않음",
          "the procedure {procedure} was not reached"},
    Entry{Sentence::interrupted, "절차 {procedure} 중단: {why}",
          "the procedure {procedure} was interrupted: {why}"},
    Entry{Sentence::skipped, "절차 {procedure} 건너뜀: {why}",
          "the procedure {procedure} was skipped: {why}"},
    Entry{Sentence::failed, "절차 {procedure} 실패: {why}",
          "the procedure {procedure} failed: {why}"},
    Entry{Sentence::finished_silent,
          "절차 {procedure}이(가) {subject}의 {topic} 관찰 범위를 남기지 않음",
          "the procedure {procedure} did not say how far it saw {topic} at {subject}"},
    Entry{Sentence::query_failed, "판정 질의 오류: {why}",
          "the query of the criterion failed: {why}"},
    Entry{Sentence::unknown_reason, "카탈로그에 없는 사유 {why}",
          "the reason {why} is not in the catalogue"},
    Entry{Sentence::nothing_cited, "적합의 근거가 되는 증적이 없음",
          "nothing is cited that shows it"},
    Entry{Sentence::nothing_found, "판정 대상이 없음", "there is nothing to judge"},
    Entry{Sentence::no_universe, "판정 대상의 범위를 알 수 없음",
          "it is not known whether all subjects were found"},
    Entry{Sentence::subject_holds, "위반이 관찰되지 않음",
          "no breach was seen where everything needed was seen"},
    Entry{Sentence::holds, "대상 {count}개 모두 적합", "{count} of {count} subjects hold"},
    Entry{Sentence::criteria_hold, "판정기준 {count}개 모두 적합",
          "{count} of {count} criteria hold"},
    Entry{Sentence::all_not_applicable, "해당 사항 없음", "nothing of it applies"},
    Entry{Sentence::and_more, "{first} 외 {count}건", "{first}, and {count} more"},
    Entry{Sentence::of_subjects, "{first} (대상 {all}개 중 {count}개)",
          "{first} ({count} of {all} subjects)"},
};

constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_";

/// each_place() calls `plain` with the text between places and `place` with each place's name.
void each_place(std::string_view text, const std::function<void(std::string_view)>& plain,
                const std::function<void(std::string_view)>& place) {
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    plain(text.substr(0, open));
    text.remove_prefix(open);
    if (text.empty()) return;
    const std::size_t close = text.find_first_not_of(kNameCharacters, 1);
    if (close != std::string_view::npos && close > 1 && text[close] == '}') {
      place(text.substr(1, close - 1));
      text.remove_prefix(close + 1);
    } else {
      plain(text.substr(0, 1));
      text.remove_prefix(1);
    }
  }
}

}  // namespace

std::string expand(std::string_view text,
                   const std::function<std::string(std::string_view)>& value) {
  std::string out;
  each_place(
      text, [&](std::string_view plain) { out += plain; },
      [&](std::string_view name) { out += value(name); });
  return out;
}

catalogue::Text sentence(Sentence id, const Places& places) {
  const auto* entry = std::ranges::find(kSentences, id, &Entry::id);
  const auto value = [&places](std::string_view name) {
    const auto found = places.find(name);
    return found == places.end() ? fmt::format("{{{}}}", name) : found->second;
  };
  return {.ko = expand(entry->ko, value), .en = expand(entry->en, value)};
}

std::string shown(const Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&cell)) return fmt::format("{:g}", *real);
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr) return "–";
  const bool plain =
      !text->empty() && text->size() <= 100 && std::ranges::all_of(*text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._:/+-@").find(c) != std::string_view::npos;
      });
  if (plain) return *text;
  // The device's own quotation marks must not look like ours.
  std::string safe = printable(*text);
  for (const std::string_view mark : {"“", "”"}) {
    for (std::size_t at = safe.find(mark); at != std::string::npos; at = safe.find(mark)) {
      safe.replace(at, mark.size(), "\"");
    }
  }
  return fmt::format("“{}”", safe);
}

catalogue::Text fill(const catalogue::Text& text, const std::vector<std::string>& columns,
                     const std::vector<Cell>& row) {
  const auto value = [&](std::string_view name) {
    const auto found = std::ranges::find(columns, name);
    return found == columns.end() ? fmt::format("{{{}}}", name)
                                  : shown(row[static_cast<std::size_t>(found - columns.begin())]);
  };
  return {.ko = expand(text.ko, value), .en = expand(text.en, value)};
}

std::vector<std::string> places_of(const catalogue::Text& text) {
  std::vector<std::string> out;
  for (const std::string& side : {text.ko, text.en}) {
    each_place(
        side, [](std::string_view) {},
        [&out](std::string_view name) {
          if (std::ranges::find(out, name) == out.end()) out.emplace_back(name);
        });
  }
  return out;
}

}  // namespace haetae::judge
