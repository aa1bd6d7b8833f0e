#pragma once

#include <string>
#include <string_view>

namespace haetae {

/// finding_code() is the stable short name of a finding over runs and versions: "F-" and the first
/// 12 hex digits of SHA-256 over criterion, subject and key, each followed by a zero byte.
[[nodiscard]] std::string finding_code(std::string_view criterion, std::string_view subject,
                                       std::string_view key);

}  // namespace haetae
