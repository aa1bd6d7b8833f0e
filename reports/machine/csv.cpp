#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/machine/machine.hpp"
#include "reports/machine/texts.hpp"

namespace haetae::reports {

namespace {

/// computes() says whether a spreadsheet takes a cell for a formula; the wide forms count in East
/// Asian settings.
bool computes(std::string_view cell) {
  constexpr std::array<std::string_view, 8> kStarts{"=", "+", "-", "@", "＝", "＋", "－", "＠"};
  const std::size_t first = cell.find_first_not_of(" \t");
  if (first == std::string_view::npos) return false;
  const std::string_view rest = cell.substr(first);
  return std::ranges::any_of(kStarts,
                             [&](std::string_view start) { return rest.starts_with(start); });
}

void add(std::string& row, std::string_view text) {
  std::string cell = printable(text, 4000);
  if (computes(cell)) cell.insert(0, "'");
  if (!row.empty()) row += ',';
  row += '"';
  for (const char letter : cell) {
    if (letter == '"') row += '"';
    row += letter;
  }
  row += '"';
}

std::string row_of(const std::vector<std::string>& cells) {
  std::string row;
  for (const std::string& cell : cells) add(row, cell);
  return row + "\r\n";
}

std::string numbers(const std::vector<EvidenceId>& ids) {
  constexpr std::size_t kMost = 50;
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(kMost, ids.size()));
  const std::string out = fmt::format("{}", fmt::join(ids.begin(), end, " "));
  return ids.size() <= kMost ? out : fmt::format("{} (+{})", out, ids.size() - kMost);
}

std::vector<std::string> cells_of(const Report& report, const Item& item) {
  Text domain;
  for (const Domain& one : report.domains) {
    if (one.id == item.domain) domain = one.title;
  }
  std::vector<std::string> codes, subjects, waived;
  for (const Criterion& criterion : item.criteria) {
    for (const Finding& finding : criterion.findings) {
      codes.push_back(finding.code);
      if (std::ranges::find(subjects, finding.subject) == subjects.end())
        subjects.push_back(finding.subject);
      const Waiver* const waiver = waiver_of(report, item, criterion, finding);
      if (waiver != nullptr) waived.push_back(finding.code + " " + waiver->state);
    }
  }
  const bool planned = item.selected == "planned";
  return {item.id,
          item.code,
          domain.ko,
          domain.en,
          item.title.ko,
          item.title.en,
          item.selected,
          planned ? std::string(word(item.verdict)) : "",
          planned ? std::string(korean(item.verdict)) : "",
          planned && item.cause != Cause::none ? std::string(word(item.cause)) : "",
          item.reason.ko,
          item.reason.en,
          item.remedy.ko,
          item.remedy.en,
          std::to_string(codes.size()),
          fmt::format("{}", fmt::join(codes, " ")),
          fmt::format("{}", fmt::join(subjects, " ")),
          fmt::format("{}", fmt::join(waived, "; ")),
          numbers(item.evidence())};
}

}  // namespace

std::string csv(const Report& report) {
  std::string out = "\xEF\xBB\xBF";
  out += row_of({"item", "code", "domain_ko", "domain_en", "title_ko", "title_en", "selected",
                 "verdict", "verdict_ko", "cause", "reason_ko", "reason_en", "remedy_ko",
                 "remedy_en", "findings", "finding_codes", "subjects", "waived", "evidence"});
  for (const Item& item : report.items) out += row_of(cells_of(report, item));
  return out;
}

}  // namespace haetae::reports
