#pragma once

#include <string>

#include "harness/compare/diff.hpp"
#include "harness/compare/retest.hpp"

/// What people and machines see of a difference. Device text is made printable or escaped here.
namespace haetae::compare {

enum class Language { ko, en };

/// text() is for a terminal, a line for each change, worse first.
[[nodiscard]] std::string text(const Difference& difference, const Retest& retest,
                               Language language);
/// json() renders by diff.schema.json; both languages stand side by side.
[[nodiscard]] std::string json(const Difference& difference, const Retest& retest);
/// html() is one page without scripts and without anything from outside.
[[nodiscard]] std::string html(const Difference& difference, const Retest& retest,
                               Language language);

/// retest_text() and retest_json() are what `haetae plan --baseline` prints.
[[nodiscard]] std::string retest_text(const Retest& retest, Language language);
[[nodiscard]] std::string retest_json(const Retest& retest);

/// joined() is causes or words, blank- or comma-separated.
[[nodiscard]] std::string joined(const std::vector<Why>& why, Language language);

}  // namespace haetae::compare
