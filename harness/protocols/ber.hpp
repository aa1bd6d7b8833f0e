#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "harness/model/bytes.hpp"

/// ASN.1 BER as far as SNMP needs it (ITU-T X.690): definite lengths of at most three bytes.
namespace haetae::protocols::ber {

/// Item is one type, length, value; `value` views the bytes it was read from.
struct Item {
  std::uint8_t tag = 0;
  ByteView value;
};

/// Cursor walks over a sequence of items and never beyond its end.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] std::optional<Item> next();
  /// next(tag) is the next item if it has that tag; otherwise nothing is taken.
  [[nodiscard]] std::optional<ByteView> next(std::uint8_t tag);
  /// integer() takes an INTEGER-like item of at most eight bytes.
  [[nodiscard]] std::optional<std::int64_t> integer(std::uint8_t tag = 0x02);
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  ByteView rest_;
};

/// wrap() is tag, length and value; values up to 65535 bytes.
[[nodiscard]] Bytes wrap(std::uint8_t tag, ByteView value);
[[nodiscard]] Bytes integer(std::int64_t value);
[[nodiscard]] Bytes text(std::string_view value);
/// join() puts encoded items behind one another.
[[nodiscard]] Bytes join(std::initializer_list<Bytes> parts);

}  // namespace haetae::protocols::ber
