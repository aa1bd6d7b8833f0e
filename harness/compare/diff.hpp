#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/model/verdict.hpp"

/// Two runs against each other: what changed, whether it got worse, and whose doing it is.
namespace haetae::compare {

using catalogue::Text;

/// Why is whose doing a change is. `operator_`: a person answered otherwise; `lab`: it was tested
/// otherwise (selection, permitted hazard, a procedure that did not come to its end).
enum class Why { device, declaration, catalogue, waiver, engine, flake, operator_, lab };

/// Way: from good (pass, not-applicable) to anything else, and from open (pending, not-run,
/// inconclusive) to fail is worse; the other way to good is better; everything else is just
/// changed. A breach that is no longer seen is better only where it was looked for completely.
enum class Way { worse, better, changed };

[[nodiscard]] std::string_view word(Why why);
[[nodiscard]] std::string_view korean(Why why);
[[nodiscard]] std::string_view word(Way way);
[[nodiscard]] std::string_view korean(Way way);

/// way_of() is the rule above; an absent verdict is one that is not part of that run.
[[nodiscard]] Way way_of(std::optional<Verdict> before, std::optional<Verdict> after);

/// Side is one of the two runs, by its newest revision.
struct Side {
  const evidence::RunFile* run = nullptr;
  catalogue::Loaded catalogue;  ///< by which that revision was judged
};

/// Head is what one run says of itself.
struct Head {
  std::string file, uuid, root, started, tool, catalogue, edition, profile, type, only, permit,
      firmware, hardware, headline;
  std::int64_t revision = 0;
};

struct CellChange {
  std::string column, before, after;
  bool operator==(const CellChange&) const = default;
};

/// FactChange is a row of a fact table, or of `coverage`, that is new, gone or other.
struct FactChange {
  std::string table, key;  ///< key: evidence::row_key()
  std::string subject;     ///< of the key, empty if it has none
  std::string what;        ///< added, removed, changed
  std::vector<CellChange> cells;
  Why why = Why::device;
};

/// VerdictChange is an item, a criterion or one of its subjects; `subject` is empty for the first
/// two, `criterion` for an item.
struct VerdictChange {
  std::string item, criterion, subject;
  Text title;
  std::optional<Verdict> before, after;
  Way way = Way::changed;
  std::vector<Why> why;
  Text reason;              ///< of the new verdict
  std::string waived;       ///< expiry of the waiver in force that covers it; empty: none
  bool regression = false;  ///< worse, and nothing finer below it says so
};

/// FindingChange is a breach that is new, gone, or of which the waiver changed.
struct FindingChange {
  std::string code, item, criterion, subject, key;
  Text says;
  std::string what;  ///< new, gone, waiver
  Way way = Way::changed;
  std::vector<Why> why;
  std::string waived;
};

/// Known is a breach that stands in both runs.
struct Known {
  std::string code, item, waived;
  Text says;
};

struct Flaky {
  std::string procedure, table, key;
  std::int64_t same = 0, of = 0;
};

struct WaiverLine {
  std::string target, reason, approver, expires, state;  ///< state: in-force, expired
};

struct Difference {
  Head before, after;
  bool declaration_changed = false, catalogue_changed = false, engine_changed = false;
  std::vector<VerdictChange> items, criteria, subjects;
  std::vector<FindingChange> findings;
  std::vector<FactChange> facts;
  std::vector<Known> known;
  std::vector<Flaky> flaky;  ///< of the new run
  std::vector<WaiverLine> waivers;
  std::size_t same_items = 0;

  [[nodiscard]] bool equal() const;
  /// regressions() counts what got worse; `beyond_waivers` leaves out what is waived.
  [[nodiscard]] std::size_t regressions(bool beyond_waivers) const;
};

/// diff() compares the newest revisions of two runs. `now` decides which waivers are in force. A
/// run that was never judged is ErrorKind::not_found.
[[nodiscard]] Result<Difference> diff(const Side& before, const Side& after, WallTime now);

/// exit_status() of `haetae diff`: 0 equal, 1 something got worse, 2 changed and nothing worse.
[[nodiscard]] int exit_status(const Difference& difference);
/// gate_holds() is the regression gate: nothing got worse beyond what is waived.
[[nodiscard]] bool gate_holds(const Difference& difference);

}  // namespace haetae::compare
