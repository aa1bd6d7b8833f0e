#pragma once

#include <string>

#include "harness/declaration/declaration.hpp"

namespace haetae::testcases {

/// subject_of() is lan:tcp/443 for a page on the device, site:NAME for one of another server.
[[nodiscard]] std::string subject_of(const declaration::PublicPage& page);

/// shown_date() is how a date stands in the text: as `wanted`, or, where that is empty, the ISO
/// date in one of its usual Korean and English forms; empty if it does not.
[[nodiscard]] std::string shown_date(const std::string& text, const std::string& iso,
                                     const std::string& wanted);

}  // namespace haetae::testcases
