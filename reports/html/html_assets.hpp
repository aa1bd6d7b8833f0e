#pragma once

#include <string_view>

namespace haetae::reports {
extern const std::string_view kStyle;   ///< reports/html/style/*.css
extern const std::string_view kScript;  ///< reports/html/script/*.js
}  // namespace haetae::reports
