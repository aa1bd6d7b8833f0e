#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/evidence/run_file.hpp"
#include "harness/model/error.hpp"

/// Whether a report that somebody holds is one that was issued from a run.
namespace haetae::audit {

struct ReportFile {
  std::filesystem::path file;
  std::string sha256;
  bool known = false;                          ///< the run file names these very bytes
  std::string number{}, format{}, language{};  ///< of the issued report
  std::int64_t link = 0;                       ///< that recorded it
  std::string replaced_by{};                   ///< number of the report that took its place
  std::string like{};      ///< not known: number of an issued report with as many bytes, so changed
  std::size_t issued = 0;  ///< files that the run names
};

/// check_report() compares the SHA-256 of a file with the table report_file.
[[nodiscard]] Result<ReportFile> check_report(const evidence::RunFile& run,
                                              const std::filesystem::path& file);

}  // namespace haetae::audit
