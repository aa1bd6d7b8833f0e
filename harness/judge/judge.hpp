#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/model/error.hpp"
#include "harness/model/verdict.hpp"

struct sqlite3;

/// The judge: verdicts as a pure function of (catalogue, facts, plan, declaration facts). It reads
/// the run file and writes nothing.
///
/// The queries of a criterion:
///   subjects  SELECT subject
///   lacks     SELECT subject, why [, columns for the reason's sentence]
///   breach    SELECT subject, key, evidence [, columns for `says` and `remedy`]
///   cites     SELECT subject, evidence
/// Parameters of the catalogue are bound by name, and :tested_at (ISO date-time, UTC).
namespace haetae::judge {

struct Finding {
  std::string subject, key;
  catalogue::Text says, remedy;
  std::string replay{};  ///< a command with public tools that shows the same; empty if none
  std::vector<EvidenceId> evidence;
};

struct SubjectVerdict {
  std::string subject;
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  catalogue::Text reason;
  std::vector<EvidenceId> cites;
};

struct CriterionVerdict {
  std::string item, criterion;
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  catalogue::Text reason;
  std::vector<SubjectVerdict> subjects;
  std::vector<Finding> findings;
};

struct ItemVerdict {
  std::string item;
  std::string selected;  ///< planned, outside-type, excluded
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  catalogue::Text reason;
};

struct Judgement {
  std::string tested_at;
  bool whole = true;
  Headline headline = Headline::incomplete;
  std::vector<ItemVerdict> items;          ///< every item of the catalogue, in its order
  std::vector<CriterionVerdict> criteria;  ///< of the planned items
};

/// Question is what to judge: which items are in the plan, and when "now" is.
struct Question {
  std::string type = "standard";
  std::vector<std::string> only;  ///< empty: all
  std::string tested_at;
};

/// selection() says of each item whether it is planned, outside-type or excluded. An item of the
/// optional seven is planned when it is declared to apply or nothing is declared of it.
[[nodiscard]] std::string selection(const catalogue::Item& item, const Question& question);

/// judge() answers every item. The database must hold the tables of a run file; it is opened
/// read-only for the queries by an authorizer and reference tables are made in its temp schema.
[[nodiscard]] Result<Judgement> judge(sqlite3* database, const catalogue::Catalogue& catalogue,
                                      const Question& question);

/// sources_of() is the texts that a revision was judged by (0: the newest), the catalogue first. A
/// run that was never judged gives those that it was planned with.
[[nodiscard]] Result<std::vector<catalogue::SourceText>> sources_of(sqlite3* database,
                                                                    std::int64_t revision);

/// store() appends a judgement as a new revision to a run file.
[[nodiscard]] Result<void> store(evidence::RunFile& run, const catalogue::Catalogue& catalogue,
                                 const std::string& catalogue_sha256, const Question& question,
                                 const Judgement& judgement, std::string_view reason,
                                 std::string_view tool, Clock& clock);

/// check() finds everything wrong with the queries of a catalogue against a set of fact tables:
/// unknown tables, columns, functions and parameters, literals that no word list holds, missing
/// columns, {places} without a column, unknown reasons and topics. Empty: the catalogue is sound.
/// Each entry reads "FILE:LINE: criterion: what".
[[nodiscard]] std::vector<std::string> check(const catalogue::Catalogue& catalogue,
                                             const std::vector<evidence::FactTable>& facts,
                                             const std::vector<std::string>& topics);

}  // namespace haetae::judge
