#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/formats/update_image.hpp"

/// Flattened device trees as a FIT image is one (Devicetree Specification 0.4, chapter 5; U-Boot,
/// doc/usage/fit). Every offset is checked against the file.
namespace haetae::formats::update {

struct FdtProperty {
  std::string name;
  std::size_t token = 0;           ///< of its FDT_PROP, in the file
  std::size_t at = 0, length = 0;  ///< of its value, in the file
};

struct FdtNode {
  std::string path;                ///< "/", "/images/kernel-1"
  std::size_t begin = 0, end = 0;  ///< from FDT_BEGIN_NODE until behind FDT_END_NODE, in the file
  std::vector<FdtProperty> properties;
};

struct FdtToken {
  std::uint32_t tag = 0;
  std::size_t at = 0, next = 0;  ///< in the file
  int node = -1;                 ///< index of the node that begins, ends or holds it
  std::string name;              ///< of a property
};

struct Fdt {
  std::size_t total = 0, strings = 0, strings_length = 0;
  std::vector<FdtNode> nodes;
  std::vector<FdtToken> tokens;
  [[nodiscard]] const FdtNode* node(std::string_view path) const;
};

[[nodiscard]] bool is_fdt(ByteView file);
[[nodiscard]] Result<Fdt> read_fdt(ByteView file);
[[nodiscard]] const FdtProperty* property(const FdtNode& node, std::string_view name);
/// text_of() is a string value without its zero; the first of a list.
[[nodiscard]] std::string text_of(ByteView file, const FdtNode& node, std::string_view name);
[[nodiscard]] std::vector<std::string> list_of(ByteView file, const FdtNode& node,
                                               std::string_view name);
[[nodiscard]] std::optional<std::uint32_t> cell_of(ByteView file, const FdtNode& node,
                                                   std::string_view name);

/// signed_regions() are the stretches that the signature of a configuration covers: the nodes of
/// its list without the data of images, and the strings that it names (U-Boot, doc/usage/fit/
/// signature.rst, "Signed Configurations").
[[nodiscard]] std::vector<ByteView> signed_regions(ByteView file, const Fdt& tree,
                                                   const FdtNode& signature);

}  // namespace haetae::formats::update
