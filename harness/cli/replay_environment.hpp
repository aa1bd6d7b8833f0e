#pragma once

#include <string>

#include "harness/evidence/run_file.hpp"

namespace haetae::cli {

/// replay_environment() is device.env of a replay pack: what the maker declared of the device and
/// scripts need, as shell assignments that the environment overrides. No secret stands in it.
[[nodiscard]] std::string replay_environment(const evidence::RunFile& run);

}  // namespace haetae::cli
