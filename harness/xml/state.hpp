#pragma once

#include <pugixml.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "harness/xml/xml.hpp"

namespace haetae::xml {

struct Document::State {
  std::string file;
  std::string text;
  pugi::xml_document tree;
  std::vector<std::size_t> lines;  ///< offset of the first byte of each line
  Problems* problems = nullptr;

  [[nodiscard]] int line_at(std::size_t offset) const;
  /// line_of() is the line of an element's name, or of the first character of a text.
  [[nodiscard]] int line_of(const pugi::xml_node& node) const;
};

}  // namespace haetae::xml
