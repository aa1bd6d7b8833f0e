#pragma once

#include <string>
#include <vector>

#include "harness/evidence/run_file.hpp"
#include "harness/model/record.hpp"

/// What several goes of one procedure have in common.
namespace haetae::runner {

/// kSecondLook is how often a procedure is done of which the facts differ from those of an earlier
/// run, to tell a change from a flake.
inline constexpr int kSecondLook = 3;

/// Observation is what one go of a procedure recorded.
struct Observation {
  std::vector<FactRow> facts;
  std::vector<Coverage> coverage;
};

/// Unstable is a fact that did not come out the same each time, for the table `unstable`.
struct Unstable {
  std::string table, row_key;
  int same = 0, of = 0;
  bool operator==(const Unstable&) const = default;
};

struct Merged {
  Observation observation;
  std::vector<Unstable> unstable;
};

/// merge() keeps every row that came in any go, so that what was seen once stays seen; where the
/// values of a row differ, those that came most often, of equals the first. Rows that did not come
/// each time with the same values are unstable: the topics of the procedure at their subject, or at
/// all subjects that they may belong to, become partial. Coverage is that of the worst go, and a
/// record that did not come each time is partial. `broken` says why there were fewer goes than
/// `of`; if it is not empty nothing is complete.
[[nodiscard]] Merged merge(const std::vector<Observation>& seen,
                           const std::vector<evidence::FactTable>& tables, int of,
                           const std::string& broken);

}  // namespace haetae::runner
