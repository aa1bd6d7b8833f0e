#pragma once

#include <string_view>

/// The fixed texts of a replay pack.
namespace haetae::cli {

extern const std::string_view kReplayReadme;   ///< ends with the head of its table
extern const std::string_view kReplayLibrary;  ///< lib.sh
extern const std::string_view
    kReplayAll;  ///< run-all.sh; {0} are the scripts, {1} those that lock, {2} that stop

}  // namespace haetae::cli
