#include "harness/formats/boot_blocks.hpp"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cstring>

extern "C" {
#include <libfdt.h>
}

namespace haetae::formats {
namespace {

constexpr std::size_t kMostVariables = 4096;
constexpr std::size_t kLongestText = 64 * 1024;
constexpr int kDeepest = 64;

std::uint64_t number(ByteView bytes, std::uint64_t at, unsigned width, bool big) {
  if (at > bytes.size() || width > bytes.size() - at) return 0;
  std::uint64_t value = 0;
  for (unsigned index = 0; index < width; ++index)
    value = value << 8U | bytes[static_cast<std::size_t>(at + (big ? index : width - 1 - index))];
  return value;
}

bool name_char(std::uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || c == '#' || c == ':';
}

// name=value, each with a zero byte at its end; an empty one ends the list.
std::vector<Variable> variables(ByteView bytes, std::size_t from) {
  std::vector<Variable> out;
  const std::string_view text = as_text(bytes);
  for (std::size_t at = from; at < text.size() && text[at] != '\0';) {
    const std::size_t end = text.find('\0', at);
    if (end == std::string_view::npos || end - at > kLongestText) break;
    const std::string_view line = text.substr(at, end - at);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) break;
    out.push_back({std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)), at});
    if (out.size() >= kMostVariables) break;
    at = end + 1;
  }
  return out;
}

bool starts_list(ByteView bytes, std::size_t at) {
  std::size_t end = at;
  while (end < bytes.size() && end - at < 64 && name_char(bytes[end])) ++end;
  return end > at && end < bytes.size() && bytes[end] == '=';
}

}  // namespace

std::optional<std::vector<Variable>> read_environment(ByteView bytes) {
  static constexpr std::array<std::size_t, 11> kSizes{
      0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000, 0x40000, 0x80000, 0x100000};
  if (bytes.size() < 16) return std::nullopt;
  const auto little = static_cast<std::uint32_t>(number(bytes, 0, 4, false));
  const auto big = static_cast<std::uint32_t>(number(bytes, 0, 4, true));
  for (const std::size_t head : {std::size_t{4}, std::size_t{5}}) {
    if (!starts_list(bytes, head)) continue;
    std::vector<std::size_t> sizes{bytes.size()};
    for (const std::size_t size : kSizes)
      if (size < bytes.size()) sizes.push_back(size);
    for (const std::size_t size : sizes) {
      boost::crc_32_type crc;
      crc.process_bytes(bytes.data() + head, size - head);
      if (crc.checksum() == little || crc.checksum() == big)
        return variables(bytes.first(size), head);
    }
  }
  return std::nullopt;
}

std::vector<Variable> default_environment(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  for (const char* name : {"bootdelay=", "bootcmd=", "bootargs="}) {
    const std::string wanted = std::string(1, '\0') + name;
    const void* found = ::memmem(text.data(), text.size(), wanted.data(), wanted.size());
    if (found == nullptr) continue;
    auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1;
    // The list begins where what stands in front is no name=value any more.
    for (std::size_t step = 0; step < kMostVariables && at >= 2; ++step) {
      std::size_t before = at - 1;
      while (before > 0 && text[before - 1] != '\0' && at - before < kLongestText) --before;
      if (before + 1 >= at || !starts_list(bytes, before)) break;
      at = before;
    }
    return variables(bytes, at);
  }
  return {};
}

bool is_device_tree(ByteView bytes) {
  return bytes.size() >= sizeof(fdt_header) && number(bytes, 0, 4, true) == FDT_MAGIC;
}

int check_device_tree(const void* tree, std::size_t size) {
  if (size < sizeof(fdt_header)) return -FDT_ERR_TRUNCATED;
  // Before version 16 a node is named by its whole path, and libfdt's check follows a null pointer
  // where the root's has no slash.
  if (fdt_version(tree) < 16) return -FDT_ERR_BADVERSION;
  return fdt_check_full(tree, size);
}

bool each_property(ByteView bytes, const std::function<void(const Property&)>& visit) {
  if (!is_device_tree(bytes)) return false;
  const std::size_t size = std::min<std::size_t>(bytes.size(), number(bytes, 4, 4, true));
  if (size < sizeof(fdt_header) || size > (256U << 20U)) return false;
  const void* tree = bytes.data();
  std::vector<std::uint64_t> aligned;
  if (reinterpret_cast<std::uintptr_t>(tree) % alignof(std::uint64_t) != 0) {
    // libfdt wants its header aligned.
    aligned.resize((size + 7) / 8);
    std::memcpy(aligned.data(), bytes.data(), size);
    tree = aligned.data();
  }
  if (check_device_tree(tree, size) != 0) return false;
  std::vector<std::string> path;
  int depth = 0;
  for (int node = 0; node >= 0; node = fdt_next_node(tree, node, &depth)) {
    if (depth < 0) break;
    if (depth > kDeepest) return false;
    int length = 0;
    const char* name = fdt_get_name(tree, node, &length);
    if (name == nullptr) return false;
    path.resize(depth > 0 ? static_cast<std::size_t>(depth) - 1 : 0);
    if (depth > 0) path.emplace_back(name, static_cast<std::size_t>(length));
    std::string where;
    for (const std::string& step : path) where += "/" + step;
    if (where.empty()) where = "/";
    int property = 0;
    fdt_for_each_property_offset(property, tree, node) {
      const char* label = nullptr;
      int value_length = 0;
      const void* value = fdt_getprop_by_offset(tree, property, &label, &value_length);
      if (value == nullptr || label == nullptr || value_length < 0) return false;
      visit({where,
             label,
             {static_cast<const std::uint8_t*>(value), static_cast<std::size_t>(value_length)}});
    }
  }
  return true;
}

std::optional<McubootImage> read_mcuboot(ByteView bytes) {
  if (bytes.size() < 32 || number(bytes, 0, 4, false) != 0x96f3b83d) return std::nullopt;
  McubootImage out;
  const std::uint64_t header = number(bytes, 8, 2, false), guarded = number(bytes, 10, 2, false),
                      size = number(bytes, 12, 4, false);
  out.version = std::to_string(bytes[20]) + "." + std::to_string(bytes[21]) + "." +
                std::to_string(number(bytes, 22, 2, false)) + "+" +
                std::to_string(number(bytes, 24, 4, false));
  std::uint64_t at = header + size;
  for (const bool protects : {true, false}) {
    if (protects && guarded == 0) continue;
    const std::uint64_t magic = number(bytes, at, 2, false),
                        total = number(bytes, at + 2, 2, false);
    if (magic != (protects ? 0x6908U : 0x6907U) || at + total > bytes.size()) return out;
    const std::uint64_t end = at + total;
    for (std::uint64_t entry = at + 4; entry + 4 <= end;) {
      const std::uint64_t kind = number(bytes, entry, 2, false),
                          length = number(bytes, entry + 2, 2, false);
      if (kind == 0x20) out.signatures.emplace_back("rsa2048");
      if (kind == 0x21 || kind == 0x22) out.signatures.emplace_back("ecdsa");
      if (kind == 0x23) out.signatures.emplace_back("rsa3072");
      if (kind == 0x24) out.signatures.emplace_back("ed25519");
      if (kind == 0x50 && length == 4)
        out.security_counter = static_cast<std::uint32_t>(number(bytes, entry + 4, 4, false));
      entry += 4 + length;
    }
    at = end;
  }
  out.whole = true;
  return out;
}

std::optional<VbmetaHeader> read_vbmeta(ByteView bytes) {
  if (bytes.size() < 256 || std::memcmp(bytes.data(), "AVB0", 4) != 0) return std::nullopt;
  return VbmetaHeader{static_cast<std::uint32_t>(number(bytes, 28, 4, true)),
                      number(bytes, 112, 8, true)};
}

}  // namespace haetae::formats
