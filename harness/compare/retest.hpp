#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/compare/diff.hpp"

/// Which items must be tested again after a change, and which carry over from an earlier run.
namespace haetae::compare {

/// Change is what is known of the new build: nothing has to be tested for it.
struct Change {
  const catalogue::Catalogue* catalogue = nullptr;  ///< of the next run
  std::string type;                                 ///< lite, basic, standard
  std::vector<std::string> only;
  std::vector<FactChange> facts;                 ///< declared rows; of two runs, all that differ
  std::map<std::string, std::int64_t> versions;  ///< of procedures
};

/// RetestReason has a word: new, not-held, identity, catalogue, procedure, declared, unstable,
/// fact.
struct RetestReason {
  std::string word;
  Text says;
};

struct RetestItem {
  std::string item;
  Text title;
  std::vector<RetestReason> reasons;  ///< empty: it carries over
  std::optional<Verdict> last;
  std::vector<EvidenceId> evidence;  ///< of the baseline, on which the last verdict rests
};

struct Retest {
  std::string run, root, file;  ///< the baseline: uuid, hash of its newest link, name
  std::vector<RetestItem> items;
  [[nodiscard]] std::vector<std::string> again() const;
  [[nodiscard]] std::vector<std::string> carried() const;
};

/// retest() looks at every item of the type. What the baseline did not show to hold is tested
/// again; so is what reads a changed row, rests on another criterion or procedure than before, or
/// names a part of the identity that changed (`retest` of the catalogue's item).
[[nodiscard]] Result<Retest> retest(const Side& baseline, const Change& change);

/// change_between() is what two finished runs show.
[[nodiscard]] Result<Change> change_between(const Difference& difference, const Side& after);

/// versions_of() are the procedures of a run.
[[nodiscard]] Result<std::map<std::string, std::int64_t>> versions_of(const evidence::RunFile& run);

}  // namespace haetae::compare
