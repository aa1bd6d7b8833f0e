#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"

/// Reference tables of the catalogue, as inspectors read them.
namespace haetae::testcases::firmware {

/// ReferenceRows is one reference table; a table that the catalogue does not have is empty.
class ReferenceRows {
 public:
  ReferenceRows(const catalogue::Catalogue& catalogue, std::string_view name);

  [[nodiscard]] std::size_t size() const { return reference_ ? reference_->rows.size() : 0; }
  /// text() of a column that the table does not have is empty; a number becomes digits.
  [[nodiscard]] std::string text(std::size_t row, std::string_view column) const;
  [[nodiscard]] std::int64_t number(std::size_t row, std::string_view column) const;
  [[nodiscard]] std::string date() const { return reference_ ? reference_->date : ""; }

 private:
  const catalogue::Reference* reference_ = nullptr;
};

/// fits() is whether a name has the form of a pattern with * for any run of bytes.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view name);

/// fits_any() tries patterns that spaces part.
[[nodiscard]] bool fits_any(std::string_view patterns, std::string_view name);

/// base_name() is what stands behind the last slash.
[[nodiscard]] std::string_view base_name(std::string_view path);

/// find_bytes() is the first place of `text` from `from` on, or npos.
[[nodiscard]] std::size_t find_bytes(std::string_view bytes, std::string_view text,
                                     std::size_t from = 0);

}  // namespace haetae::testcases::firmware
