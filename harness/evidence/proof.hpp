#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/evidence/run_file.hpp"

/// Proofs that a content belongs to a run, for somebody who has a copy without it.
namespace haetae::evidence {

/// kLargestProof bounds the content of a proof; larger contents are exported instead.
inline constexpr std::int64_t kLargestProof = 64 * 1024 * 1024;

/// Proof is a content with its salt, and the row and link that promised it.
struct Proof {
  std::string run;   ///< uuid
  std::string kind;  ///< secret, evidence
  std::int64_t id = 0;
  Bytes salt, content;
  Cells row;  ///< all columns, id and link too; bytes as lower-case hex
  std::string row_digest;
  std::int64_t link = 0;
  std::string link_hash;  ///< hex
  bool operator==(const Proof&) const = default;
};

/// prove() opens one commitment; not_found if the run has none such or its content is withheld.
[[nodiscard]] Result<Proof> prove(const RunFile& run, std::string_view kind, std::int64_t id);

/// check_proof() says what in `proof` does not fit the run or copy: one sentence each, none if it
/// fits. Whether the copy itself is whole is for verify() to say.
[[nodiscard]] Result<std::vector<std::string>> check_proof(const RunFile& run, const Proof& proof);

}  // namespace haetae::evidence
