#pragma once

#include <string_view>

#include "reports/model.hpp"

namespace haetae::reports {

/// words_of() is a stored word (open, not-permitted, state-changing, probe …) as readers of either
/// language say it; a word that is not listed stands as it is.
[[nodiscard]] Text words_of(std::string_view stored);
[[nodiscard]] Text words_of(Verdict verdict);
[[nodiscard]] Text words_of(Headline headline);
[[nodiscard]] Text words_of(Cause cause);
/// type_words() is the certification type: lite, basic, standard.
[[nodiscard]] Text type_words(std::string_view type);

/// sign_of() differs in shape from headline to headline.
[[nodiscard]] std::string_view sign_of(Headline headline);

/// buyer_sentences() is what a report comes down to, in five sentences for a purchaser.
[[nodiscard]] std::vector<Text> buyer_sentences(const Report& report);

/// criteria_counts() are the verdicts of the criteria of planned items.
[[nodiscard]] Counts criteria_counts(const Report& report);

}  // namespace haetae::reports
