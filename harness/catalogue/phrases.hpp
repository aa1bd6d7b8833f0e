#pragma once

#include <string>
#include <string_view>

#include "harness/catalogue/catalogue.hpp"

namespace haetae::catalogue {

/// phrase() is an English sentence of a procedure in both languages, by the reference table
/// `phrase` (columns en, ko; {1} to {9} stand for any text, the first row that fits counts). What
/// no row knows stays English: it is still true, and a reader can ask what it means.
[[nodiscard]] Text phrase(const Catalogue& catalogue, std::string_view english);

}  // namespace haetae::catalogue
