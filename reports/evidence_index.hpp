#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reports/model.hpp"

namespace haetae::reports {

/// EvidenceGroup is the pieces of evidence of one procedure that are not listed one by one.
struct EvidenceGroup {
  std::string procedure;
  std::size_t count = 0;
  std::int64_t bytes = 0;
  std::string ids;        ///< as ranges: "4–17, 20, 31–90"; at most 12 ranges, then "…"
  std::size_t cited = 0;  ///< those among them that are cited (beyond kMostListed)
};

/// EvidenceIndex is how a report of any size lists its evidence.
struct EvidenceIndex {
  std::vector<const EvidenceEntry*> listed;  ///< in id order; they live in the report
  std::vector<EvidenceGroup> grouped;        ///< by procedure, in the order of their first id
};

/// Up to this many pieces everything is listed.
inline constexpr std::size_t kListEverything = 1000;
/// So many cited pieces are listed one by one at most; those beyond are grouped too.
inline constexpr std::size_t kMostListed = 4000;

/// evidence_index() lists everything while it is at most kListEverything; beyond that it lists what
/// a verdict, an answer or a document hit cites, and groups the rest by procedure.
[[nodiscard]] EvidenceIndex evidence_index(const Report& report);

/// id_ranges() writes sorted ids as ranges, at most `most` of them.
[[nodiscard]] std::string id_ranges(const std::vector<EvidenceId>& ids, std::size_t most);

}  // namespace haetae::reports
