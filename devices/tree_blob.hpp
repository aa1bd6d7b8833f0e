#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace haetae::devices {

/// TreeBlob writes a flattened device tree (Devicetree Specification 0.4, section 5), the form of
/// device trees and of the boot images made of them.
class TreeBlob {
 public:
  void begin(std::string_view node);  ///< the first is the root, with an empty name
  void end();
  void bytes(std::string_view property, std::string_view value);
  void text(std::string_view property, std::string_view value);  ///< ended by a zero byte
  void number(std::string_view property, std::uint32_t value);
  /// finish() is the whole blob.
  [[nodiscard]] std::string finish() const;

 private:
  std::string structure_, names_;
};

}  // namespace haetae::devices
