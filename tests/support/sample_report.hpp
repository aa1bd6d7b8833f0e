#pragma once

#include "reports/model.hpp"

/// Reports made by hand for renderers: sparse, typical and crowded. Test-only.
namespace haetae::test {

/// kHostileText is what a device that means ill would send.
inline const std::string kHostileText =
    std::string("\x1b[31m<script>&\"']]>--\xff ") + "\xe2\x80\xae" + "=cmd";

/// empty_report() holds nothing at all.
[[nodiscard]] reports::Report empty_report();
/// sparse_report() has one domain with two items, one port, nothing measured.
[[nodiscard]] reports::Report sparse_report();
/// typical_report() looks like a camera after a run.
[[nodiscard]] reports::Report typical_report();
/// full_report() is the typical one, issued: with particulars, waivers, answers, replays, damages
/// and a device that puts hostile text wherever it can.
[[nodiscard]] reports::Report full_report();
/// crowded_report() has 50 items, 60 ports, 8 TLS endpoints with 30 suites, 2000 samples.
[[nodiscard]] reports::Report crowded_report();

}  // namespace haetae::test
