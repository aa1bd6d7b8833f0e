#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/compare/diff.hpp"

/// What one run says of itself, for a comparison.
namespace haetae::compare {

/// head_of() is who was tested, when and by what, after the newest judgement.
[[nodiscard]] Result<Head> head_of(const evidence::RunFile& run);

/// Notes is what one run says beside its verdicts.
struct Notes {
  std::map<std::string, std::int64_t> versions;            ///< of procedures
  std::set<std::pair<std::string, std::string>> unstable;  ///< (table, row key)
  std::vector<Flaky> flaky;
  std::vector<WaiverLine> waivers;
};

/// read_notes() reads them for a revision; a waiver that has run out by `now` is `expired`.
[[nodiscard]] Result<Notes> read_notes(const evidence::RunFile& run, std::int64_t revision,
                                       WallTime now);

}  // namespace haetae::compare
