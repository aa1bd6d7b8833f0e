#include "reports/html/words.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace haetae::reports::page {
namespace {

/// look_up() gives a word that the map does not know back as it is.
Text look_up(const std::map<std::string_view, Text>& words, std::string_view word) {
  const auto found = words.find(word);
  return found == words.end() ? Text{std::string(word), std::string(word)} : found->second;
}

Literal verdict_class(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "<span class=\"v v-pass\">";
    case Verdict::fail: return "<span class=\"v v-fail\">";
    case Verdict::inconclusive: return "<span class=\"v v-inconclusive\">";
    case Verdict::not_run: return "<span class=\"v v-not-run\">";
    case Verdict::pending: return "<span class=\"v v-pending\">";
    case Verdict::not_applicable: return "<span class=\"v v-not-applicable\">";
  }
  return "<span class=\"v v-inconclusive\">";
}

}  // namespace

std::string when(std::string_view iso) {
  const bool utc = iso.size() >= 20 && iso[10] == 'T' && iso.back() == 'Z';
  if (!utc) return std::string(iso);
  return fmt::format("{} {} UTC", iso.substr(0, 10), iso.substr(11, 8));
}

Text type_text(std::string_view type) {
  static const std::map<std::string_view, Text> kWords{{"lite", {"라이트", "Lite"}},
                                                       {"basic", {"베이직", "Basic"}},
                                                       {"standard", {"스탠다드", "Standard"}}};
  return look_up(kWords, type);
}

Text source_text(std::string_view source) {
  static const std::map<std::string_view, Text> kWords{
      {"probe", {"네트워크 시험", "network test"}},
      {"capture", {"통신 관찰", "traffic capture"}},
      {"firmware", {"펌웨어 분석", "firmware analysis"}},
      {"document", {"제출 서류", "document"}},
      {"operator", {"시험자 확인", "looked at by a person"}}};
  return look_up(kWords, source);
}

Text state_text(std::string_view state) {
  static const std::map<std::string_view, Text> kWords{
      {"planned", {"계획됨", "planned"}},
      {"not-permitted", {"허용되지 않음", "not permitted"}},
      {"excluded", {"제외됨", "excluded"}},
      {"outside-type", {"유형 밖", "outside the type"}},
      {"not-started", {"시작하지 않음", "not started"}},
      {"started", {"시작됨", "started"}},
      {"finished", {"완료", "finished"}},
      {"failed", {"실패", "failed"}},
      {"interrupted", {"중단됨", "interrupted"}},
      {"skipped", {"건너뜀", "skipped"}},
      {"partial", {"일부만", "partial"}},
      {"tainted", {"오염됨", "tainted"}},
      {"complete", {"전부", "complete"}},
      {"not-run", {"미시험", "not run"}},
      {"pending", {"확인필요", "pending"}},
      {"in-force", {"유효", "in force"}},
      {"expired", {"만료", "expired"}}};
  return look_up(kWords, state);
}

Text hazard_text(std::string_view hazard) {
  static const std::map<std::string_view, Text> kWords{
      {"passive", {"수동", "passive"}},
      {"safe", {"안전", "safe"}},
      {"state-changing", {"상태 변경", "state-changing"}},
      {"lockout-risk", {"잠금 위험", "lockout risk"}},
      {"disruptive", {"중단 유발", "disruptive"}},
      {"may-brick", {"손상 가능", "may brick"}}};
  return look_up(kWords, hazard);
}

Text kind_text(std::string_view kind) {
  static const std::map<std::string_view, Text> kWords{
      {"transcript", {"대화 기록", "transcript"}}, {"artefact", {"산출물", "artefact"}},
      {"document", {"서류", "document"}},          {"item", {"항목", "item"}},
      {"criterion", {"세부 기준", "criterion"}},   {"procedure", {"절차", "procedure"}},
      {"coverage", {"확인 범위", "coverage"}}};
  return look_up(kWords, kind);
}

Text verdict_text(Verdict verdict) {
  return {std::string(korean(verdict)), std::string(word(verdict))};
}

Text headline_text(Headline headline) {
  std::string english(word(headline));
  english.front() = static_cast<char>(english.front() - 'a' + 'A');
  return {std::string(korean(headline)), english};
}

Text cause_text(Cause cause) { return {std::string(korean(cause)), std::string(word(cause))}; }

std::string_view headline_sign(Headline headline) {
  return headline == Headline::conformant ? "✓" : headline == Headline::non_conformant ? "✗" : "…";
}

const Text& not_given() {
  static const Text kText{"제출되지 않음", "not given"};
  return kText;
}

void verdict(Page& page, Verdict verdict) {
  page.raw(verdict_class(verdict)).raw("<span aria-hidden=\"true\">").text(sign(verdict));
  page.raw("</span> ").both(verdict_text(verdict)).raw("</span>");
}

void counts(Page& page, const Counts& counts, With with) {
  for (const Verdict verdict : kShown) {
    const std::size_t count = counts[static_cast<std::size_t>(verdict)];
    if (count == 0) continue;
    page.raw(verdict_class(verdict)).raw("<span aria-hidden=\"true\">").text(sign(verdict));
    page.raw("</span>&#8239;").grouped(static_cast<std::int64_t>(count));
    page.raw(with == With::words ? Literal(" <span>") : Literal(" <span class=\"sr\">"));
    page.both(verdict_text(verdict)).raw("</span></span> ");
  }
}

Counts criteria_counts(const Item& item) {
  Counts out{};
  for (const Criterion& criterion : item.criteria) {
    ++out[static_cast<std::size_t>(criterion.verdict)];
  }
  return out;
}

std::size_t total(const Counts& counts) {
  std::size_t sum = 0;
  for (const std::size_t count : counts) sum += count;
  return sum;
}

const std::vector<Chapter>& chapters() {
  static const std::vector<Chapter> kAll{
      {"summary", {"구매자를 위한 요약", "Summary for a buyer"}},
      {"history", {"발급 이력", "History of issues"}},
      {"corrections", {"시험 중 보완 사항", "Corrections during the test"}},
      {"opinion", {"종합 의견", "Overall opinion"}},
      {"method", {"시험 방법", "Method"}},
      {"glance", {"한눈에 보는 결과", "Result at a glance"}},
      {"items", {"항목과 결과", "Items and results"}},
      {"fails", {"부적합 사항", "What fails"}},
      {"details", {"항목별 상세", "Details of each item"}},
      {"open", {"시험하지 않은 것과 이유", "Not tested, and why"}},
      {"waivers", {"예외 승인", "Waivers"}},
      {"steps", {"사람이 확인한 것", "What people looked at"}},
      {"inventory", {"식별 목록", "Inventories"}},
      {"evidence", {"증적 목록", "Evidence"}},
      {"seal", {"봉인과 검증", "Seal and verification"}}};
  return kAll;
}

void open_section(Page& page, std::string_view id) {
  const auto& all = chapters();
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const Chapter& one) { return one.id == id; });
  page.raw("\n<section id=\"")
      .text(id)
      .raw("\" aria-labelledby=\"h-")
      .text(id)
      .raw("\"><h2 id=\"h-");
  page.text(id).raw("\"><span class=\"no\">").number(found - all.begin() + 1).raw("</span> ");
  page.both(found->title).raw("</h2>\n");
}

void close_section(Page& page) { page.raw("</section>\n"); }

void subheading(Page& page, const Text& title) { page.raw("<h3>").both(title).raw("</h3>\n"); }

Facts::Facts(Page& page) : page_(page) { page_.raw("<dl class=\"facts\">\n"); }
Facts::~Facts() { page_.raw("</dl>\n"); }

Page& Facts::open(const Text& name) { return page_.raw("<div><dt>").both(name).raw("</dt><dd>"); }

Facts& Facts::close() {
  page_.raw("</dd></div>\n");
  return *this;
}

Facts& Facts::add(const Text& name, std::string_view value) {
  return add(name, Text{std::string(value), std::string(value)});
}

Facts& Facts::add(const Text& name, const Text& value) {
  open(name);
  if (value.ko.empty() && value.en.empty()) {
    page_.raw("<span class=\"none\">").both(not_given()).raw("</span>");
  } else {
    page_.both(value);
  }
  return close();
}

Facts& Facts::mono(const Text& name, std::string_view value) {
  open(name);
  if (value.empty()) {
    page_.raw("<span class=\"none\">").both(not_given()).raw("</span>");
  } else {
    page_.raw("<span class=\"mono\">").text(value).raw("</span>");
  }
  return close();
}

}  // namespace haetae::reports::page
