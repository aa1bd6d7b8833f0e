#pragma once

#include "harness/judge/judge.hpp"
#include "harness/judge/replay.hpp"
#include "harness/judge/sandbox.hpp"
#include "harness/judge/sentences.hpp"
#include "harness/judge/stored.hpp"

namespace haetae::judge {

/// Opinion is a verdict with its cause and reason.
struct Opinion {
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  catalogue::Text reason;
};

/// Bench is what the judgement of one run works with.
struct Bench {
  const catalogue::Catalogue& catalogue;
  const Stored& stored;
  Sandbox& sandbox;
  const ReplayPlaces& places;
};

/// judge_criterion() answers one criterion as if its item applied.
[[nodiscard]] CriterionVerdict judge_criterion(const Bench& bench, const catalogue::Item& item,
                                               const catalogue::Criterion& criterion);

/// everywhere() gives every part of a criterion the same verdict; findings go.
void everywhere(CriterionVerdict& verdict, const Opinion& opinion,
                std::vector<EvidenceId> evidence);

/// coverage_gap() is what is wrong with a needed topic at a subject; nothing if it is complete.
[[nodiscard]] std::optional<Opinion> coverage_gap(const Bench& bench, const std::string& topic,
                                                  const std::string& subject);

/// conclude() reduces the subjects of a criterion and says why.
void conclude(CriterionVerdict& out);

/// text_cell() is a cell that must hold text (or a number, written out); an error otherwise.
[[nodiscard]] Result<std::string> text_cell(const Answer& answer, const std::vector<Cell>& row,
                                            std::string_view column);
/// evidence_cell() is a cell that must hold the id of a piece of evidence of this run.
[[nodiscard]] Result<EvidenceId> evidence_cell(const Answer& answer, const std::vector<Cell>& row,
                                               const Stored& stored);

}  // namespace haetae::judge
