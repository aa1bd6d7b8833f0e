#pragma once

#include <filesystem>

#include "harness/compare/diff.hpp"
#include "harness/compare/retest.hpp"

/// What several commands need to compare runs.
namespace haetae::cli {

/// Opened is a run file with the catalogue that its newest revision was judged by.
struct Opened {
  evidence::RunFile run;
  catalogue::Loaded catalogue;
  [[nodiscard]] compare::Side side() const { return {&run, catalogue}; }
};

[[nodiscard]] Result<Opened> open_judged(const std::filesystem::path& file);

}  // namespace haetae::cli
