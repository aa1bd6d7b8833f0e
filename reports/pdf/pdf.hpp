#pragma once

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"
#include "reports/model.hpp"

namespace haetae::reports {

/// pdf() renders the report for print: A4, tagged, with outline, links and embedded fonts; the same
/// bytes for the same report and language, wherever and whenever it is made with the same fonts.
/// ErrorKind::not_found if no installed font has the characters that are needed.
[[nodiscard]] Result<Bytes> pdf(const Report& report, Language language);

}  // namespace haetae::reports
