#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"

/// Altered copies of a saved settings file, whatever its format.
namespace haetae::formats {

/// AlteredSettings is one of them.
struct AlteredSettings {
  std::string mutation;  ///< flip, value, truncated, checksum-fixed
  std::string what;      ///< what was changed where
  Bytes bytes;
  bool has_value = false;  ///< the declared value was changed in it
};

/// kMostSettings is the size up to which a settings file is looked at.
constexpr std::size_t kMostSettings = 4u << 20U;

/// altered_settings() are the copies that can be made: `value` only where `from` stands in the
/// file, `checksum-fixed` only where a digest without a key (CRC-32, MD5, SHA-1, SHA-256, SHA-512)
/// of the rest stands in it, as hexadecimal text or as bytes at its begin or end. None of a file
/// that is shorter than 16 bytes or longer than kMostSettings.
[[nodiscard]] std::vector<AlteredSettings> altered_settings(ByteView file, std::string_view from,
                                                            std::string_view to);

}  // namespace haetae::formats
