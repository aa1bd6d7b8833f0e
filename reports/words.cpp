#include "reports/words.hpp"

#include <algorithm>
#include <cstdio>
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
      {"passive", {"수동", "passive"}},
      {"safe", {"안전", "safe"}},
      {"state-changing", {"상태 변경", "state changing"}},
      {"lockout-risk", {"잠금 위험", "lockout risk"}},
      {"disruptive", {"중단 유발", "disruptive"}},
      {"may-brick", {"손상 가능", "may brick"}},
      {"planned", {"계획됨", "planned"}},
      {"not-permitted", {"허용되지 않음", "not permitted"}},
      {"excluded", {"제외됨", "excluded"}},
      {"outside-type", {"유형 밖", "outside the type"}},
      {"started", {"시작됨", "started"}},
      {"not-started", {"시작하지 않음", "not started"}},
      {"finished", {"완료", "finished"}},
      {"failed", {"실패", "failed"}},
      {"interrupted", {"중단됨", "interrupted"}},
      {"skipped", {"건너뜀", "skipped"}},
      {"complete", {"전부", "complete"}},
      {"partial", {"일부만", "partial"}},
      {"tainted", {"오염됨", "tainted"}},
      {"probe", {"네트워크 시험", "network test"}},
      {"capture", {"통신 관찰", "traffic capture"}},
      {"firmware", {"펌웨어 분석", "firmware analysis"}},
      {"document", {"제출 서류", "document"}},
      {"operator", {"시험자 확인", "looked at by a person"}},
      {"conforms", {"적합", "conforms"}},
      {"does-not-conform", {"부적합", "does not conform"}},
      {"not-applicable", {"해당없음", "not applicable"}},
      {"in-force", {"유효", "in force"}},
      {"expired", {"만료", "expired"}},
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
      {"transcript", {"대화 기록", "transcript"}},
  };
  return words;
}

std::string spaced(std::string_view word) {
  std::string out(word);
  std::ranges::replace(out, '-', ' ');
  return out;
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

Text matrix_words(const std::string& score) {
  int caught = 0, of = 0, alarms = 0, criteria = 0;
  if (std::sscanf(score.c_str(), "defects caught %d of %d, false alarms %d, criteria covered %d",
                  &caught, &of, &alarms, &criteria) != 4)
    return {score, score};
  return {fmt::format("결함 {}개 가운데 {}개를 찾음, 잘못 울린 경보 {}건, 다룬 세부 기준 {}개", of,
                      caught, alarms, criteria),
          score};
}

std::string_view sign_of(Headline headline) {
  if (headline == Headline::conformant) return "✓";
  return headline == Headline::non_conformant ? "✗" : "…";
}

const std::vector<Chapter>& chapters() {
  static const std::vector<Chapter> all{
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
  return all;
}

int chapter_number(std::string_view id) {
  const auto& all = chapters();
  const auto found = std::ranges::find(all, id, &Chapter::id);
  return found == all.end() ? 0 : static_cast<int>(found - all.begin()) + 1;
}

}  // namespace haetae::reports
