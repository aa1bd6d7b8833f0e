#pragma once

#include <string>
#include <vector>

#include "reports/evidence_index.hpp"
#include "reports/html/markup.hpp"

namespace haetae::reports::page {

/// Cited knows which evidence has a row of its own in the index, so that every link has a target.
class Cited {
 public:
  explicit Cited(const Report& report);
  [[nodiscard]] const EvidenceIndex& index() const { return index_; }
  [[nodiscard]] bool has_row(EvidenceId id) const;
  /// link() writes E118 as a link to its row, or to the group of its procedure.
  void link(Page& page, EvidenceId id) const;
  /// links() writes E118 E119 …; what is beyond `shown` folds away.
  void links(Page& page, const std::vector<EvidenceId>& ids, std::size_t shown = 12) const;

 private:
  const Report& report_;
  EvidenceIndex index_;
  std::vector<EvidenceId> rows_;
};

}  // namespace haetae::reports::page
