#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace haetae {

/// kShortestSecret is the length in bytes below which a value cannot be told from chance.
inline constexpr std::size_t kShortestSecret = 4;

/// secret_forms() are the byte strings by which a secret is recognised, the value itself first:
/// base64 (both alphabets, at each of the three places within a group), hexadecimal (lower, upper),
/// URL-encoded (what must be, and all of it; + for a blank), HTML-escaped (by name and number),
/// JSON- and C-escaped, quoted for a shell, UTF-16 (both byte orders). Not found are values that
/// were hashed, encrypted, compressed, cut into pieces or turned around.
[[nodiscard]] std::vector<std::string> secret_forms(std::string_view value);

}  // namespace haetae
