#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "harness/formats/image.hpp"
#include "harness/model/bytes.hpp"

/// How random bytes look.
namespace haetae::formats::image {

using Histogram = std::array<std::uint64_t, 256>;

[[nodiscard]] Histogram count_values(ByteView bytes);

/// entropy_of() is Shannon's, in bits a byte; 0 of nothing.
[[nodiscard]] double entropy_of(const Histogram& counts);

/// bands_of() cuts the bytes into at most `most` bands of whole KiB.
[[nodiscard]] std::vector<Band> bands_of(ByteView bytes, std::uint64_t most);

/// looks_random() is true for at least 1 KiB whose values are as even as those of ciphertext, by
/// the chi-square statistic of the 256 values (NIST SP 800-22 speaks of the same for bits): good
/// compression passes it too, machine code, text and pictures do not.
[[nodiscard]] bool looks_random(ByteView bytes);

}  // namespace haetae::formats::image
