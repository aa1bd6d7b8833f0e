#pragma once

#include "harness/judge/criterion.hpp"

/// The judgement of what people answer. There is no default success: what somebody calls conforming
/// holds only if it shows something and, where the catalogue asks, another person confirms it.
namespace haetae::judge {

/// Standing is what an answer is worth.
enum class Standing {
  unanswered,
  shows_nothing,  ///< no explanation, no attachment, no hit in a document
  waits_second,   ///< another person has to confirm it
  settled,
};

/// standing_of() weighs the newest answer to a criterion.
[[nodiscard]] Standing standing_of(const catalogue::Catalogue& catalogue, const Stored& stored,
                                   const catalogue::Criterion& criterion);

/// least_words() is how many words a text needs to count as an explanation.
[[nodiscard]] std::int64_t least_words(const catalogue::Catalogue& catalogue);

/// judge_answer() answers a criterion of source document or operator.
void judge_answer(const Bench& bench, const catalogue::Item& item,
                  const catalogue::Criterion& criterion, CriterionVerdict& out);

}  // namespace haetae::judge
