#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace haetae {

/// Verdict is one of the six words of the report, ordered from the identity of the reducer to the
/// strongest: the reducer is the maximum.
enum class Verdict { not_applicable, pass, pending, not_run, inconclusive, fail };

/// Headline is what the cover says of the whole run.
enum class Headline { conformant, incomplete, non_conformant };

/// Cause says whose matter an inconclusive verdict is.
enum class Cause { none, device, lab, tool, declaration, operator_ };

/// reduce() is the only place where verdicts are combined: subjects to criterion, criteria to
/// item. The empty span gives not_applicable, the identity.
[[nodiscard]] Verdict reduce(std::span<const Verdict> verdicts);

/// headline() is non_conformant if any fail; conformant only if at least one pass and nothing else
/// but not_applicable; otherwise incomplete. `whole` is false for a run over a selection (--only),
/// which is at best incomplete.
[[nodiscard]] Headline headline(std::span<const Verdict> items, bool whole);

[[nodiscard]] std::string_view word(Verdict verdict);    ///< "pass", "not-run", …
[[nodiscard]] std::string_view korean(Verdict verdict);  ///< "적합", …
[[nodiscard]] std::string_view sign(Verdict verdict);  ///< UTF-8, differs in shape: ✓ ✗ ? … – ·
[[nodiscard]] std::string_view word(Headline headline);
[[nodiscard]] std::string_view korean(Headline headline);
[[nodiscard]] std::string_view word(Cause cause);
[[nodiscard]] std::string_view korean(Cause cause);
[[nodiscard]] std::optional<Verdict> verdict_from(std::string_view word);
[[nodiscard]] std::optional<Cause> cause_from(std::string_view word);

}  // namespace haetae
