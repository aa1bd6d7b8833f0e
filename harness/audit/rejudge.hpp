#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/evidence/run_file.hpp"
#include "harness/model/error.hpp"

/// Whether the verdicts of a run follow from its facts: everything that they follow from is in the
/// file, so they can be come to once more and compared.
namespace haetae::audit {

/// Difference is one place where a stored verdict is not what follows.
struct Difference {
  std::string place;  ///< "criterion tls.version, subject lan:tcp/443"
  std::string text;   ///< "stored pass, follows inconclusive"
};

/// Rejudged is one revision, judged again.
struct Rejudged {
  std::int64_t revision = 0;
  std::string at{};  ///< when it was judged first
  std::size_t items = 0, criteria = 0, subjects = 0, findings = 0;
  bool wording = false;   ///< sentences were compared too: the same edition of the tool judged
  std::string trouble{};  ///< why it could not be judged again; empty if it was
  std::size_t differing = 0;
  std::vector<Difference> differences{};  ///< at most 200 of them
  [[nodiscard]] bool follows() const { return trouble.empty() && differing == 0; }
};

/// rejudge() judges every revision again with the catalogue and over the facts that the file held
/// then, in their order, and compares verdicts, causes, findings and citations; sentences too where
/// `tool` is the edition that judged. It reads only. It gives up after `patience`, since the
/// queries come from the file.
[[nodiscard]] Result<std::vector<Rejudged>> rejudge(
    const evidence::RunFile& run, std::string_view tool,
    std::chrono::milliseconds patience = std::chrono::minutes(5));

}  // namespace haetae::audit
