#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/evidence/run_file.hpp"

/// Copies of a run for people who must not see its secrets.
namespace haetae::evidence {

struct RedactOptions {
  std::set<EvidenceId> withhold;             ///< these contents, whatever they hold
  std::optional<std::set<EvidenceId>> only;  ///< all other contents are withheld
  bool all = false;                          ///< every content
  std::set<std::string> names;               ///< no secrets though tried as such: account names
};

struct Redacted {
  std::size_t secrets = 0;           ///< values left out: all of them
  std::size_t with_secret = 0;       ///< contents left out because they hold one
  std::size_t asked = 0;             ///< contents left out because that was asked
  std::size_t kept = 0;              ///< contents in the copy
  std::vector<SecretId> published;   ///< not searched for: the catalogue lists them, or names
  std::vector<SecretId> short_ones;  ///< searched for in contents only: under 4 bytes
  std::vector<std::string> left;  ///< places in tables that hold a secret; then nothing is written
};

/// redact() writes a copy of `run` to `file` (which must not exist) with the same tables, schema,
/// links and seals, without the secret values and without the contents that hold one in any of its
/// secret_forms() or that the options name. A value that is an attribute of the catalogue in the
/// run, or one of `names`, is public and not searched for; the texts of catalogue, schema and fact
/// tables are the same for everybody and not searched. Where a table holds a secret, the places
/// come back in `left`, at most 50, and there is no file. Contents are read once and never held
/// whole.
[[nodiscard]] Result<Redacted> redact(const RunFile& run, const std::filesystem::path& file,
                                      const RedactOptions& options);

}  // namespace haetae::evidence
