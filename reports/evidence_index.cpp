#include "reports/evidence_index.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

namespace haetae::reports {
namespace {

/// shown_elsewhere() is the evidence that answers and document hits point at.
std::set<EvidenceId> shown_elsewhere(const Report& report) {
  std::set<EvidenceId> out;
  for (const Answer& answer : report.answers) {
    out.insert(answer.evidence);
    out.insert(answer.attachments.begin(), answer.attachments.end());
  }
  for (const DocumentHit& hit : report.document_hits) out.insert(hit.evidence);
  return out;
}

struct Gathered {
  EvidenceGroup group;
  std::vector<EvidenceId> ids;
};

}  // namespace

std::string id_ranges(const std::vector<EvidenceId>& ids, std::size_t most) {
  std::string out;
  std::size_t ranges = 0;
  for (std::size_t at = 0; at < ids.size();) {
    std::size_t last = at;
    while (last + 1 < ids.size() && ids[last + 1] == ids[last] + 1) ++last;
    if (ranges == most) return out + ", …";
    if (ranges++ > 0) out += ", ";
    out += last == at ? fmt::format("{}", ids[at]) : fmt::format("{}–{}", ids[at], ids[last]);
    at = last + 1;
  }
  return out;
}

EvidenceIndex evidence_index(const Report& report) {
  EvidenceIndex index;
  const bool everything = report.evidence.size() <= kListEverything;
  const std::set<EvidenceId> elsewhere =
      everything ? std::set<EvidenceId>{} : shown_elsewhere(report);
  std::vector<Gathered> groups;
  std::map<std::string_view, std::size_t> place;
  for (const EvidenceEntry& entry : report.evidence) {
    const bool cited = !entry.cited_by.empty() || elsewhere.contains(entry.id);
    if (everything || (cited && index.listed.size() < kMostListed)) {
      index.listed.push_back(&entry);
      continue;
    }
    const auto [at, fresh] = place.try_emplace(entry.procedure, groups.size());
    if (fresh) groups.emplace_back().group.procedure = entry.procedure;
    Gathered& gathered = groups[at->second];
    ++gathered.group.count;
    gathered.group.bytes += entry.size;
    if (cited) ++gathered.group.cited;
    gathered.ids.push_back(entry.id);
  }
  for (Gathered& gathered : groups) {
    gathered.group.ids = id_ranges(gathered.ids, 12);
    index.grouped.push_back(std::move(gathered.group));
  }
  return index;
}

}  // namespace haetae::reports
