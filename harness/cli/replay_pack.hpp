#pragma once

#include <filesystem>

#include "harness/evidence/run_file.hpp"

namespace haetae::cli {

struct ReplayPack {
  std::size_t scripts = 0;
  std::size_t without = 0;  ///< findings that no public tool shows
};

/// write_replay_pack() writes a folder (which must not exist, or be empty) with a script for each
/// finding of the newest revision that has a replay, named by the finding's code, README.md in both
/// languages, lib.sh, device.env and run-all.sh. No secret stands in any of them.
[[nodiscard]] Result<ReplayPack> write_replay_pack(const evidence::RunFile& run,
                                                   const std::filesystem::path& folder);

}  // namespace haetae::cli
