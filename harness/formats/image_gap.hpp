#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/model/bytes.hpp"

/// What lies between the containers of an image.
namespace haetae::formats::image {

struct Gap {
  std::uint64_t offset = 0, length = 0;
  std::string format, state, why;  ///< as in Part
};

/// pieces_of() cuts a stretch of `stream` where long padding stands, and names each piece.
[[nodiscard]] std::vector<Gap> pieces_of(ByteView stream, std::uint64_t offset,
                                         std::uint64_t length);

}  // namespace haetae::formats::image
