#include "reports/words.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace haetae::reports {
namespace {

using Words = std::map<std::string_view, std::pair<const char*, const char*>>;

const Words& stored_words() {
  static const Words words = {
      {"yes", {"예", "yes"}},
      {"no", {"아니요", "no"}},
      {"unknown", {"알 수 없음", "unknown"}},
      {"none", {"없음", "none"}},
      {"not-asked", {"묻지 않음", "not asked"}},
      {"not-tried", {"시도하지 않음", "not tried"}},
      {"open", {"열림", "open"}},
      {"closed", {"닫힘", "closed"}},
      {"filtered", {"차단됨", "filtered"}},
      {"silent", {"응답 없음", "silent"}},
      {"in", {"들어옴", "in"}},
      {"out", {"나감", "out"}},
      {"declared", {"신고됨", "declared"}},
      {"undeclared", {"신고되지 않음", "undeclared"}},
      {"found", {"발견됨", "found"}},
      {"passive", {"관찰만", "passive"}},
      {"safe", {"무해", "safe"}},
      {"state-changing", {"상태 변경", "state changing"}},
      {"lockout-risk", {"계정 잠김 우려", "lockout risk"}},
      {"disruptive", {"중단 우려", "disruptive"}},
      {"may-brick", {"고장 우려", "may brick"}},
      {"planned", {"계획됨", "planned"}},
      {"not-permitted", {"허용되지 않음", "not permitted"}},
      {"excluded", {"제외됨", "excluded"}},
      {"outside-type", {"인증 유형 밖", "outside the type"}},
      {"started", {"시작됨", "started"}},
      {"not-started", {"시작하지 않음", "not started"}},
      {"finished", {"끝남", "finished"}},
      {"failed", {"실패", "failed"}},
      {"interrupted", {"중단됨", "interrupted"}},
      {"skipped", {"건너뜀", "skipped"}},
      {"complete", {"완전", "complete"}},
      {"partial", {"일부만", "partial"}},
      {"tainted", {"오염됨", "tainted"}},
      {"probe", {"네트워크 시험", "network probe"}},
      {"capture", {"통신 수집", "capture"}},
      {"firmware", {"펌웨어 분석", "firmware analysis"}},
      {"document", {"서류 확인", "document"}},
      {"operator", {"시험원 확인", "operator"}},
      {"in-force", {"유효", "in force"}},
      {"expired", {"만료됨", "expired"}},
      {"item", {"항목", "item"}},
      {"criterion", {"세부 기준", "criterion"}},
      {"procedure", {"절차", "procedure"}},
      {"coverage", {"확인 범위", "coverage"}},
      {"declaration", {"신고서", "declaration"}},
      {"catalogue", {"시험 기준", "catalogue"}},
      {"profile", {"제품군 기준", "profile"}},
      {"limits", {"변경된 한계값", "changed limits"}},
      {"waivers", {"예외 승인", "waivers"}},
      {"answers", {"답변", "answers"}},
      {"particulars", {"성적서 기재 사항", "particulars"}},
      {"artefact", {"산출물", "artefact"}},
      {"transcript", {"통신 기록", "transcript"}},
  };
  return words;
}

std::size_t total(const Counts& counts) {
  std::size_t sum = 0;
  for (const std::size_t count : counts) sum += count;
  return sum;
}

std::string spaced(std::string_view word) {
  std::string out(word);
  std::ranges::replace(out, '-', ' ');
  return out;
}

Text result_sentence(const Report& report) {
  const auto failed = report.counts[static_cast<std::size_t>(Verdict::fail)];
  if (report.revision.headline == Headline::conformant) {
    return {"해당하는 모든 항목이 기준에 맞았습니다.", "Every item that applies conforms."};
  }
  if (report.revision.headline == Headline::incomplete) {
    return {"위반은 발견되지 않았으나 아직 모든 항목에 답하지는 못했습니다.",
            "No breach was found, but not every item is answered yet."};
  }
  std::size_t findings = 0;
  for (const Item& item : report.items) {
    for (const Criterion& criterion : item.criteria) findings += criterion.findings.size();
  }
  return {fmt::format("{}개 항목이 기준에 맞지 않으며 위반은 모두 {}건입니다.", failed, findings),
          fmt::format("Items that do not conform: {}. Breaches in all: {}.", failed, findings)};
}

}  // namespace

Text words_of(std::string_view stored) {
  const auto found = stored_words().find(stored);
  if (found == stored_words().end()) return {std::string(stored), std::string(stored)};
  return {found->second.first, found->second.second};
}

Text words_of(Verdict verdict) { return {std::string(korean(verdict)), spaced(word(verdict))}; }

Text words_of(Headline headline) {
  return {std::string(korean(headline)), std::string(word(headline))};
}

Text words_of(Cause cause) { return {std::string(korean(cause)), std::string(word(cause))}; }

Text type_words(std::string_view type) {
  if (type == "lite") return {"라이트", "Lite"};
  if (type == "basic") return {"베이직", "Basic"};
  if (type == "standard") return {"스탠다드", "Standard"};
  return {std::string(type), std::string(type)};
}

std::string_view sign_of(Headline headline) {
  if (headline == Headline::conformant) return "✓";
  return headline == Headline::non_conformant ? "✗" : "…";
}

Counts criteria_counts(const Report& report) {
  Counts counts{};
  for (const Item& item : report.items) {
    if (item.selected != "planned") continue;
    for (const Criterion& criterion : item.criteria) {
      ++counts[static_cast<std::size_t>(criterion.verdict)];
    }
  }
  return counts;
}

std::vector<Text> buyer_sentences(const Report& report) {
  const auto count = [&](Verdict verdict) {
    return report.counts[static_cast<std::size_t>(verdict)];
  };
  const std::string product = report.device.maker + " " + report.device.model;
  const std::size_t items = total(report.counts);
  const Counts criteria = criteria_counts(report);
  const std::size_t held = criteria[static_cast<std::size_t>(Verdict::pass)];
  std::vector<Text> out;
  out.push_back({fmt::format("{}(펌웨어 {})를 {}개 항목에 대해 시험했습니다.", product,
                             report.device.firmware, items),
                 fmt::format("{} with firmware {} was tested against {} items.", product,
                             report.device.firmware, items)});
  out.push_back(result_sentence(report));
  out.push_back(
      {fmt::format("{}개 항목이 모두 기준에 맞았고, 세부 기준 {}개 가운데 {}개가 적합합니다.",
                   count(Verdict::pass), total(criteria), held),
       fmt::format("Items that conform as a whole: {}. Of {} criteria, {} hold.",
                   count(Verdict::pass), total(criteria), held)});
  out.push_back(
      {fmt::format("{}개 항목은 사람이나 서류의 답을 기다리고, {}개는 시험하지 않았으며, {}개는 "
                   "판정할 수 없었습니다.",
                   count(Verdict::pending), count(Verdict::not_run), count(Verdict::inconclusive)),
       fmt::format("Items that wait for a person or a document: {}. Not run: {}. Undecided: {}.",
                   count(Verdict::pending), count(Verdict::not_run),
                   count(Verdict::inconclusive))});
  out.push_back({"모든 판정은 저장된 증적에서 다시 계산하고 확인할 수 있습니다.",
                 "Every verdict can be computed again from the stored evidence and checked."});
  return out;
}

}  // namespace haetae::reports
