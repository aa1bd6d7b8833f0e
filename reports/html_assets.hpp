#pragma once

#include <string_view>

namespace haetae::reports {
extern const std::string_view kTemplate;  ///< reports/report.mustache
extern const std::string_view kStyle;     ///< reports/report.css
}  // namespace haetae::reports
