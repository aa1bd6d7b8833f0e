#pragma once

#include <string_view>

namespace haetae::reports {
extern const std::string_view kTemplate;  ///< reports/html/report.mustache
extern const std::string_view kStyle;     ///< reports/html/report.css
}  // namespace haetae::reports
