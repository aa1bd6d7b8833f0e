#pragma once

#include <string>
#include <string_view>

#include "reports/model.hpp"

/// What the machine formats share: texts that are safe in any of them, names that stay the same.
namespace haetae::reports {

/// plain() keeps line ends and shows every other control character and broken byte as \xNN.
[[nodiscard]] std::string plain(std::string_view text, std::size_t line_limit = 4000);

/// line() is one line without space at its ends; "-" if nothing is left.
[[nodiscard]] std::string line(std::string_view text, std::size_t limit = 1000);

/// is_uuid() accepts what RFC 9562 writes, versions 1 to 8.
[[nodiscard]] bool is_uuid(std::string_view text);

/// uuid5() is the name-based UUID of RFC 9562 section 5.5 within a name space that is itself a
/// UUID; a name space that is none counts as the nil UUID.
[[nodiscard]] std::string uuid5(std::string_view name_space, std::string_view name);

/// is_instant() accepts a date and time of RFC 3339 in UTC that exists.
[[nodiscard]] bool is_instant(std::string_view text);

/// waiver_of() is the waiver of a finding, of its criterion or of its item, in force before
/// expired; none: nullptr.
[[nodiscard]] const Waiver* waiver_of(const Report& report, const Item& item,
                                      const Criterion& criterion, const Finding& finding);

/// root_of() is the hash of the newest link; empty for a report that no run file gave.
[[nodiscard]] std::string root_of(const Report& report);

}  // namespace haetae::reports
