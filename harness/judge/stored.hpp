#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/judge/judge.hpp"

namespace haetae::judge {

/// Stored is what a run file says of itself, read once: how far was looked, what became of the
/// procedures, what was declared of the items and what people answered.
struct Stored {
  struct Looked {
    CoverageState state = CoverageState::tainted;
    Cause cause = Cause::tool;
    std::string why;
  };
  struct Procedure {
    std::string id, plan, reason;  ///< plan: planned, not-permitted, excluded
    std::string state;             ///< last state, empty if it was never started
    Cause cause = Cause::none;
    std::string state_reason;
  };
  struct Statement {
    std::string applies, reason;
    EvidenceId evidence = 0;
  };
  struct PersonAnswer {
    std::string outcome, who, second, text;
    std::int64_t revision = 0;
    EvidenceId evidence = 0;
    std::vector<EvidenceId> attachments{};
  };

  std::map<std::pair<std::string, std::string>, Looked> coverage;  ///< (topic, subject)
  std::map<std::string, std::vector<Procedure>> procedures;        ///< by topic
  std::map<std::string, Statement> statements;                     ///< by item
  std::map<std::string, PersonAnswer> answers;                     ///< by criterion, the newest
  std::map<std::string, std::set<EvidenceId>> hits;                ///< in documents, by criterion
  std::set<EvidenceId> evidence;                                   ///< all ids

  [[nodiscard]] static Result<Stored> read(sqlite3* database);
  [[nodiscard]] const Looked* looked(const std::string& topic, const std::string& subject) const;
};

}  // namespace haetae::judge
