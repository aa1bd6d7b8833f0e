#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/compare/diff.hpp"
#include "harness/judge/judge.hpp"

struct sqlite3;

namespace haetae::compare {

/// Opinion is a verdict with what stands behind it.
struct Opinion {
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  Text reason;
};

/// Judged is one judgement of the facts, stored or made anew, in a form that can be compared.
struct Judged {
  struct Item : Opinion {
    std::string selected;
  };
  struct Criterion : Opinion {
    std::string item;
    std::map<std::string, Opinion> subjects;
    std::map<std::pair<std::string, std::string>, Text> findings;  ///< (subject, key) → says
  };
  std::map<std::string, Item> items;
  std::map<std::string, Criterion> criteria;

  [[nodiscard]] const Criterion* criterion(const std::string& id) const;
};

/// stored() is revision `revision` of a run file.
[[nodiscard]] Result<Judged> stored(sqlite3* database, std::int64_t revision);
[[nodiscard]] Judged judged(const judge::Judgement& judgement);

/// Step is the judgement after one of the inputs was exchanged for that of the other run.
struct Step {
  Why why = Why::device;
  Judged judged;
};

/// chain() goes from the old judgement to the new one, one input at a time: engine, catalogue,
/// declaration, and what is left. The first step is the stored judgement of the old run, the last
/// that of the new one; steps without a difference of inputs are left out.
[[nodiscard]] Result<std::vector<Step>> chain(const Side& before, const Side& after,
                                              const Difference& heads, bool declared_changed);

/// declared() is whether a fact table holds what the maker declares.
[[nodiscard]] bool declared(std::string_view table);

}  // namespace haetae::compare
