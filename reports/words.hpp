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

/// matrix_words() is the score of the defect matrix as the run holds it, in both languages.
[[nodiscard]] Text matrix_words(const std::string& score);

/// sign_of() differs in shape from headline to headline.
[[nodiscard]] std::string_view sign_of(Headline headline);

/// Chapter is one of the numbered parts that every report has, in the same order.
struct Chapter {
  std::string_view id;
  Text title;
};
[[nodiscard]] const std::vector<Chapter>& chapters();
/// chapter_number() counts from 1; 0 for an id that is no chapter.
[[nodiscard]] int chapter_number(std::string_view id);

}  // namespace haetae::reports
