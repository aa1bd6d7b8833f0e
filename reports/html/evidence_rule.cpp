#include "reports/html/evidence_rule.hpp"

#include <algorithm>

namespace haetae::reports::page {

Cited::Cited(const Report& report) : report_(report), index_(evidence_index(report)) {
  rows_.reserve(index_.listed.size());
  for (const EvidenceEntry* entry : index_.listed) rows_.push_back(entry->id);
}

bool Cited::has_row(EvidenceId id) const {
  return std::binary_search(rows_.begin(), rows_.end(), id);
}

void Cited::link(Page& page, EvidenceId id) const {
  if (has_row(id)) {
    page.raw("<a class=\"e\" href=\"#evidence-").number(id).raw("\">E").number(id).raw("</a>");
    return;
  }
  const EvidenceEntry* const entry = report_.evidence_entry(id);
  if (entry == nullptr) {
    page.raw("<span class=\"e\">E").number(id).raw("</span>");
    return;
  }
  page.raw("<a class=\"e\" href=\"#evidence-of-").text(entry->procedure).raw("\">E");
  page.number(id).raw("</a>");
}

void Cited::links(Page& page, const std::vector<EvidenceId>& ids, std::size_t shown) const {
  if (ids.empty()) return;
  page.raw("<span class=\"cite\">");
  for (std::size_t at = 0; at < std::min(shown, ids.size()); ++at) {
    link(page, ids[at]);
    page.raw(" ");
  }
  page.raw("</span>");
  if (ids.size() <= shown) return;
  constexpr std::size_t kMostLinks = 200;
  page.raw("<details class=\"more\"><summary>").both("외 ", "and ");
  page.grouped(static_cast<std::int64_t>(ids.size() - shown)).both("건", " more");
  page.raw("</summary><span class=\"cite\">");
  for (std::size_t at = shown; at < std::min(kMostLinks, ids.size()); ++at) {
    link(page, ids[at]);
    page.raw(" ");
  }
  if (ids.size() > kMostLinks) {
    const std::vector<EvidenceId> rest(ids.begin() + kMostLinks, ids.end());
    page.raw(" E").text(id_ranges(rest, 40));
  }
  page.raw("</span></details>");
}

}  // namespace haetae::reports::page
