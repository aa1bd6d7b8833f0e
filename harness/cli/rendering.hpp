#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/evidence/run_file.hpp"
#include "reports/model.hpp"

/// Reports as the commands write them: which formats there are, and how a run becomes one.
namespace haetae::cli {

/// format_of() is the format that `asked` names or, if it is empty, that the ending of `file` does.
[[nodiscard]] Result<std::string> format_of(const std::filesystem::path& file,
                                            std::string_view asked);

/// shows_both() says whether a format holds both languages at once.
[[nodiscard]] bool shows_both(std::string_view format);

/// read_report() verifies the run file and reads the report of it; damages are marked in it.
[[nodiscard]] Result<reports::Report> read_report(const evidence::RunFile& run,
                                                  const std::filesystem::path& file,
                                                  const reports::Wanted& wanted);

/// render() is the report in a format of format_of().
[[nodiscard]] Result<std::string> render(const reports::Report& report, std::string_view format,
                                         reports::Language language);

/// write_file() writes all or nothing: beside the file first, then in its place.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& file, std::string_view content);

}  // namespace haetae::cli
