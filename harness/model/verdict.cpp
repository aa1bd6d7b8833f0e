#include "harness/model/verdict.hpp"

#include <algorithm>
#include <array>

namespace haetae {
namespace {

struct VerdictText {
  Verdict verdict;
  std::string_view word;
  std::string_view korean;
  std::string_view sign;
};

constexpr std::array<VerdictText, 6> kVerdicts{{
    {Verdict::not_applicable, "not-applicable", "해당없음", "–"},
    {Verdict::pass, "pass", "적합", "✓"},
    {Verdict::pending, "pending", "확인필요", "…"},
    {Verdict::not_run, "not-run", "미시험", "·"},
    {Verdict::inconclusive, "inconclusive", "판정보류", "?"},
    {Verdict::fail, "fail", "부적합", "✗"},
}};

constexpr std::array<std::string_view, 6> kCauses{"none", "device",      "lab",
                                                  "tool", "declaration", "operator"};

constexpr std::array<std::string_view, 6> kCausesKorean{"없음", "제품", "시험기관",
                                                        "도구", "선언", "담당자"};

const VerdictText& text_of(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

}  // namespace

Verdict reduce(std::span<const Verdict> verdicts) {
  const auto worst = std::ranges::max_element(verdicts);
  return worst == verdicts.end() ? Verdict::not_applicable : *worst;
}

Headline headline(std::span<const Verdict> items, bool whole) {
  const Verdict worst = reduce(items);
  if (worst == Verdict::fail) return Headline::non_conformant;
  return whole && worst == Verdict::pass ? Headline::conformant : Headline::incomplete;
}

std::string_view word(Verdict verdict) { return text_of(verdict).word; }
std::string_view korean(Verdict verdict) { return text_of(verdict).korean; }
std::string_view sign(Verdict verdict) { return text_of(verdict).sign; }

std::string_view word(Headline headline) {
  switch (headline) {
    case Headline::conformant: return "conformant";
    case Headline::incomplete: return "incomplete";
    case Headline::non_conformant: return "non-conformant";
  }
  return "incomplete";
}

std::string_view korean(Headline headline) {
  switch (headline) {
    case Headline::conformant: return "적합";
    case Headline::incomplete: return "미완료";
    case Headline::non_conformant: return "부적합";
  }
  return "미완료";
}

std::string_view word(Cause cause) { return kCauses[static_cast<std::size_t>(cause)]; }

std::string_view korean(Cause cause) { return kCausesKorean[static_cast<std::size_t>(cause)]; }

std::optional<Verdict> verdict_from(std::string_view word) {
  const auto* const found = std::ranges::find(kVerdicts, word, &VerdictText::word);
  if (found == kVerdicts.end()) return std::nullopt;
  return found->verdict;
}

std::optional<Cause> cause_from(std::string_view word) {
  const auto* const found = std::ranges::find(kCauses, word);
  if (found == kCauses.end()) return std::nullopt;
  return static_cast<Cause>(found - kCauses.begin());
}

}  // namespace haetae
