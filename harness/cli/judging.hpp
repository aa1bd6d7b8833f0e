#pragma once

#include <filesystem>
#include <string_view>

#include "harness/catalogue/catalogue.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/judge/judge.hpp"

/// Judging the facts of a run file once more, for every command that does.
namespace haetae::cli {

/// stored_catalogue() is the one that the run file holds, with its texts.
[[nodiscard]] Result<catalogue::Loaded> stored_catalogue(const evidence::RunFile& run);

/// judge_again() judges by `catalogue`, which the file then holds too, adds a revision with
/// `reason`, seals with `key_file` (empty: the key of the state folder) and leaves one file.
[[nodiscard]] Result<judge::Judgement> judge_again(evidence::RunFile& run,
                                                   const catalogue::Loaded& catalogue,
                                                   const std::filesystem::path& key_file,
                                                   std::string_view reason);

}  // namespace haetae::cli
