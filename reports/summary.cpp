#include "reports/summary.hpp"

#include <fmt/format.h>

namespace haetae::reports {
namespace {

struct Tally {
  std::size_t items = 0, findings = 0, criteria = 0, held = 0;
};

Tally tally(const Report& report) {
  Tally out;
  for (const std::size_t count : report.counts) out.items += count;
  for (const Item& item : report.items) {
    if (item.selected != "planned") continue;
    for (const Criterion& criterion : item.criteria) {
      ++out.criteria;
      if (criterion.verdict == Verdict::pass) ++out.held;
      out.findings += criterion.findings.size();
    }
  }
  return out;
}

Text what_was_tested(const Report& report, const Tally& sums) {
  const std::string product =
      report.device.maker + (report.device.maker.empty() ? "" : " ") + report.device.model;
  return {fmt::format("{} (펌웨어 {}) 시료 한 대를 보안 요구 항목 {}개에 대해 시험했습니다.",
                      product, report.device.firmware, sums.items),
          fmt::format("One sample of {} (firmware {}) was tested against {} security requirements.",
                      product, report.device.firmware, sums.items)};
}

Text what_came_out(const Report& report, const Tally& sums) {
  const std::size_t failed = report.counts[static_cast<std::size_t>(Verdict::fail)];
  switch (report.revision.headline) {
    case Headline::conformant:
      return {"해당하는 모든 항목이 기준에 맞았습니다.", "Every requirement that applies is met."};
    case Headline::non_conformant:
      return {fmt::format("{}개 항목이 기준에 맞지 않으며, 발견된 위반은 모두 {}건입니다.", failed,
                          sums.findings),
              fmt::format("Requirements that are not met: {}; breaches found in all: {}.", failed,
                          sums.findings)};
    case Headline::incomplete: break;
  }
  return {"위반은 발견되지 않았지만 아직 답하지 못한 항목이 있어 적합이라고 할 수 없습니다.",
          "No breach was found, but some requirements are not answered yet, so this is no "
          "statement of conformity."};
}

Text what_is_open(const Report& report) {
  const auto count = [&](Verdict verdict) {
    return report.counts[static_cast<std::size_t>(verdict)];
  };
  const std::size_t pending = count(Verdict::pending);
  const std::size_t not_run = count(Verdict::not_run);
  const std::size_t undecided = count(Verdict::inconclusive);
  if (pending + not_run + undecided == 0) {
    return {"답하지 못하고 남은 항목은 없습니다.", "Nothing is left without an answer."};
  }
  return {fmt::format("아직 답이 없는 항목: 사람이나 서류의 확인 대기 {}개, 시험하지 않음 {}개, "
                      "판정 보류 {}개.",
                      pending, not_run, undecided),
          fmt::format("Without an answer so far: waiting for a person or a document {}, not "
                      "tested {}, undecided {}.",
                      pending, not_run, undecided)};
}

}  // namespace

std::vector<Text> buyer_summary(const Report& report) {
  const Tally sums = tally(report);
  const std::size_t passed = report.counts[static_cast<std::size_t>(Verdict::pass)];
  return {what_was_tested(report, sums), what_came_out(report, sums),
          Text{fmt::format("{}개 항목은 모든 세부 기준을 충족했고, 세부 기준으로는 {}개 가운데 "
                           "{}개가 적합합니다.",
                           passed, sums.criteria, sums.held),
               fmt::format("Requirements met in full: {}; of {} single criteria, {} hold.", passed,
                           sums.criteria, sums.held)},
          what_is_open(report),
          Text{"결과는 시험한 시료와 펌웨어에만 유효하며, 모든 판정은 저장된 증적에서 다시 계산해 "
               "확인할 수 있습니다.",
               "The results hold for this sample and firmware only; every verdict can be computed "
               "again from the stored evidence and checked."}};
}

}  // namespace haetae::reports
