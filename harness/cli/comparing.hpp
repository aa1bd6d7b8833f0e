#pragma once

#include <filesystem>
#include <optional>

#include "harness/compare/diff.hpp"
#include "harness/compare/retest.hpp"
#include "harness/compare/waivers.hpp"
#include "reports/model.hpp"

/// What several commands need to compare runs and to take waivers.
namespace haetae::cli {

/// Opened is a run file with the catalogue that its newest revision was judged by.
struct Opened {
  evidence::RunFile run;
  catalogue::Loaded catalogue;
  [[nodiscard]] compare::Side side() const { return {&run, catalogue}; }
};

[[nodiscard]] Result<Opened> open_judged(const std::filesystem::path& file);

/// Compared is a run against an earlier one.
struct Compared {
  compare::Difference difference;
  compare::Retest retest;
};
[[nodiscard]] Result<Compared> compare_runs(const Opened& before, const Opened& after);

/// put_baseline() says in a report what changed against an earlier run.
[[nodiscard]] Result<void> put_baseline(const std::filesystem::path& baseline,
                                        const std::filesystem::path& run, reports::Report& report);

/// asked_waivers() loads the file of --waivers with the key of --waiver-key, if they were given,
/// and checks all that can be known before anything is sent.
[[nodiscard]] Result<std::optional<compare::Waivers>> asked_waivers(
    const std::filesystem::path& file, const std::filesystem::path& key,
    const catalogue::Catalogue& catalogue);

}  // namespace haetae::cli
