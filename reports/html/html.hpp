#pragma once

#include <string>

#include "reports/model.hpp"

namespace haetae::reports {

/// html() renders one page that loads nothing and runs no script. Both languages are in it, and
/// `language` is shown first. Every string is escaped; a device's own words cannot become markup.
[[nodiscard]] std::string html(const Report& report, Language language);

}  // namespace haetae::reports
