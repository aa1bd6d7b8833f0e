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
  // More than a reader follows one by one: the ranges say the rest.
  const std::vector<EvidenceId> rest(ids.begin() + static_cast<std::ptrdiff_t>(shown), ids.end());
  page.raw("<span class=\"cite soft\">");
  page.both("외 ", "and ").grouped(static_cast<std::int64_t>(rest.size()));
  page.both("건", " more").raw(": E").text(id_ranges(rest, 12)).raw("</span>");
}

}  // namespace haetae::reports::page
