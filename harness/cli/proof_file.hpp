#pragma once

#include <string>
#include <string_view>

#include "harness/evidence/proof.hpp"

namespace haetae::cli {

/// proof_text() is a proof as JSON; the same proof gives the same text. FORMAT.md documents it.
[[nodiscard]] std::string proof_text(const evidence::Proof& proof);

/// read_proof() reads exactly what proof_text() writes; any other text is invalid_input.
[[nodiscard]] Result<evidence::Proof> read_proof(std::string_view text);

}  // namespace haetae::cli
