#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/evidence/run_file.hpp"

/// Transcripts of a run as a capture that Wireshark opens.
namespace haetae::cli {

/// Selection says which evidence; an empty field selects all.
struct Selection {
  std::vector<EvidenceId> ids;
  std::string item;  ///< cited by a criterion of this item, newest revision
  std::string procedure;
};

/// selected() lists the evidence of a selection in id order; an item or procedure that the run does
/// not have is invalid_input.
[[nodiscard]] Result<std::vector<EvidenceId>> selected(const evidence::RunFile& run,
                                                       const Selection& selection);

struct Captured {
  std::size_t transcripts = 0;
  std::size_t withheld = 0;  ///< of a redacted copy
  std::size_t damaged = 0;   ///< no transcript inside, or cut short; what was read is written
};

/// write_capture() writes the transcripts among `ids` to `file` (mode 0600, replaced only when all
/// is written). It holds no more than a chunk of each in memory.
[[nodiscard]] Result<Captured> write_capture(const evidence::RunFile& run,
                                             const std::vector<EvidenceId>& ids,
                                             const std::filesystem::path& file);

}  // namespace haetae::cli
