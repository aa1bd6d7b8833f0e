#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/bytes.hpp"

/// Blocks that boot loaders keep: environments, device trees, signed headers. What comes in is
/// hostile: every offset and count is checked against the bytes that are there.
namespace haetae::formats {

/// Variable is one entry of a boot loader's environment.
struct Variable {
  std::string name, value;
  std::uint64_t at = 0;  ///< byte where its name begins
  bool operator==(const Variable&) const = default;
};

/// read_environment() reads an environment of U-Boot that starts at byte 0: a CRC-32 of either byte
/// order, with or without the flag of a redundant copy, over the whole block or one of the usual
/// sizes. Nothing where no checksum is right.
[[nodiscard]] std::optional<std::vector<Variable>> read_environment(ByteView bytes);

/// default_environment() is the one that is compiled into a boot loader: the run of name=value
/// texts, each ended by a zero byte, around the first of the usual names.
[[nodiscard]] std::vector<Variable> default_environment(ByteView bytes);

/// Property is one of a flattened device tree (Devicetree Specification 0.4, chapter 5).
struct Property {
  std::string node;  ///< path, "/" for the root
  std::string name;
  ByteView value;
};

/// is_device_tree() looks at the magic only.
[[nodiscard]] bool is_device_tree(ByteView bytes);

/// check_device_tree() is 0 where libfdt may walk the `size` bytes at `tree`, which must be aligned
/// to eight; else libfdt's negative code. Trees before version 16 (2005) are refused.
[[nodiscard]] int check_device_tree(const void* tree, std::size_t size);

/// each_property() visits all properties; false where the tree is damaged or deeper than 64.
bool each_property(ByteView bytes, const std::function<void(const Property&)>& visit);

/// McubootImage is what the trailer of an image for MCUboot holds (docs/design.md of MCUboot 2.1).
struct McubootImage {
  std::string version;                  ///< major.minor.revision+build
  std::vector<std::string> signatures;  ///< "rsa2048", "ecdsa", "rsa3072", "ed25519"
  std::optional<std::uint32_t> security_counter;
  bool whole = false;  ///< false: the trailer is cut off
};
[[nodiscard]] std::optional<McubootImage> read_mcuboot(ByteView bytes);

/// VbmetaHeader is the start of Android's verified-boot data (libavb, avb_vbmeta_image.h).
struct VbmetaHeader {
  std::uint32_t algorithm = 0;  ///< 0: not signed
  std::uint64_t rollback_index = 0;
};
[[nodiscard]] std::optional<VbmetaHeader> read_vbmeta(ByteView bytes);

}  // namespace haetae::formats
