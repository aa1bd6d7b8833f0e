#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haetae {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// as_bytes() views text as bytes; the text must outlive the view.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// as_text() views bytes as text; no encoding is checked.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// to_hex() is lower-case hexadecimal without separators.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// sha256() is the FIPS 180-4 digest, 32 bytes.
[[nodiscard]] Bytes sha256(ByteView bytes);

/// random_bytes() comes from the operating system's generator; it throws if that fails.
[[nodiscard]] Bytes random_bytes(std::size_t count);

/// printable() makes device text safe for a terminal or a log: control characters, escape
/// sequences, bidirectional marks and invalid UTF-8 become \xNN; at most `limit` bytes are kept.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace haetae
