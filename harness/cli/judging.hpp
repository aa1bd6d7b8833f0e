#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "harness/catalogue/catalogue.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/judge/judge.hpp"

/// Judging the facts of a run file once more, for every command that does.
namespace haetae::cli {

/// kLimitsName is the text of limits that were set for one judgement, among the sources.
inline constexpr std::string_view kLimitsName = "limits.xml";

/// BeforeSeal adds what belongs to a judgement before it is sealed.
using BeforeSeal = std::function<Result<void>(evidence::RunFile&, const judge::Judgement&)>;

/// stored_catalogue() is the one that the run file holds, with its texts.
[[nodiscard]] Result<catalogue::Loaded> stored_catalogue(const evidence::RunFile& run);

/// unchanged() is an error that names the damage if the file is not what was written: nothing is
/// added to such a run, since a seal says that somebody stands for it.
[[nodiscard]] Result<void> unchanged(const std::filesystem::path& file);

/// judge_again() judges by `catalogue`, which the file then holds too, adds a revision with
/// `reason`, seals with `key_file` (empty: the key of the state folder) and leaves one file.
[[nodiscard]] Result<judge::Judgement> judge_again(evidence::RunFile& run,
                                                   const catalogue::Loaded& catalogue,
                                                   const std::filesystem::path& key_file,
                                                   std::string_view reason,
                                                   const BeforeSeal& before_seal = {});

}  // namespace haetae::cli
