#pragma once

#include <string>

#include "reports/model.hpp"

/// Reports for programs; README.md says which schema each follows.
namespace haetae::reports {

/// Shown says which results a SARIF file holds: some code hosts show every result as an alert.
enum class Shown { all, failures };

/// sarif() renders SARIF 2.1.0: a rule for each criterion, a result for each breach and for each
/// criterion that has none. Result fingerprints are finding codes.
[[nodiscard]] std::string sarif(const Report& report, Language language, Shown shown = Shown::all);

/// oscal() renders OSCAL assessment results 1.2.0. Its UUIDs come from the run: the same run gives
/// the same file.
[[nodiscard]] std::string oscal(const Report& report, Language language);

/// csv() is one row for each item, both languages: RFC 4180, UTF-8 with a byte-order mark, because
/// spreadsheets take Korean for another encoding without it. A cell that a spreadsheet would
/// compute starts with an apostrophe.
[[nodiscard]] std::string csv(const Report& report);

}  // namespace haetae::reports
