#pragma once

#include <string>
#include <string_view>

#include "testcases/firmware/reference_rows.hpp"

namespace haetae::testcases::firmware {

/// ComponentNames gives software one name, whatever package or list names it (reference table
/// component_name).
class ComponentNames {
 public:
  explicit ComponentNames(const catalogue::Catalogue& catalogue)
      : rows_(catalogue, "component_name") {}

  /// of() looks for the name of a package, then for that of the package it was built from; without
  /// an entry it is the latter, or the name itself.
  [[nodiscard]] std::string of(std::string_view name, std::string_view source = {}) const {
    for (const std::string_view one : {name, source})
      for (std::size_t row = 0; row < rows_.size() && !one.empty(); ++row)
        if (fits_any(rows_.text(row, "names"), one)) return rows_.text(row, "component");
    return std::string(source.empty() ? name : source);
  }

 private:
  ReferenceRows rows_;
};

}  // namespace haetae::testcases::firmware
