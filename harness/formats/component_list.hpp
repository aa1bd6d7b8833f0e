#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Component lists that a maker submits, in JSON: SPDX 2.3 (clause 7, packages) and CycloneDX 1.6
/// (components). The file is another person's: size, depth and count are bounded.
namespace haetae::formats {

struct ListedComponent {
  std::string name, version;  ///< version may be empty
  bool operator==(const ListedComponent&) const = default;
};

struct ComponentList {
  std::string format;  ///< spdx, cyclonedx
  std::vector<ListedComponent> components;
  bool whole = true;  ///< false: more than 20,000, or entries without a name
};

/// read_component_list() gives nothing for what is neither.
[[nodiscard]] std::optional<ComponentList> read_component_list(std::string_view json);

}  // namespace haetae::formats
