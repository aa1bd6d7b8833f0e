#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/audit/rejudge.hpp"
#include "harness/judge/judge.hpp"

struct sqlite3;

namespace haetae::audit {

/// VerdictRow is a row of a judgement: what is decided, and in which words.
struct VerdictRow {
  std::string decided;  ///< "pass", "fail (device)"; empty where being there is all
  std::vector<std::string> words;
  friend bool operator==(const VerdictRow&, const VerdictRow&) = default;
};

/// VerdictRows is a judgement by places: "item 1.2", "criterion x, subject y, finding z" …
using VerdictRows = std::map<std::string, VerdictRow>;

/// stored_rows() reads what the file holds of a revision.
[[nodiscard]] Result<VerdictRows> stored_rows(sqlite3* database, std::int64_t revision);
/// rows_of() is the same of a judgement.
[[nodiscard]] VerdictRows rows_of(const judge::Judgement& judgement);

/// compare() counts the differences into `out` and keeps the first 200.
void compare(const VerdictRows& stored, const VerdictRows& follows, Rejudged& out);

}  // namespace haetae::audit
