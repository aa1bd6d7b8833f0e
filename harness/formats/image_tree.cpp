#include <fmt/format.h>
#include <libfdt.h>

#include <algorithm>
#include <optional>

#include "harness/formats/boot_blocks.hpp"
#include "harness/formats/image_readers.hpp"

// Device trees (Devicetree Specification 0.4, chapter 5) and the images of U-Boot in that form
// (FIT, doc/uImage.FIT/source_file_format.txt).
namespace haetae::formats::image {
namespace {

constexpr int kMostImages = 256;

std::optional<std::uint64_t> number(const void* tree, int node, const char* name) {
  int length = 0;
  const auto* cells = static_cast<const std::uint8_t*>(fdt_getprop(tree, node, name, &length));
  if (cells == nullptr || (length != 4 && length != 8)) return std::nullopt;
  return big({cells, static_cast<std::size_t>(length)}, 0, static_cast<std::size_t>(length));
}

// Where the bytes of an image of a FIT stand: in the tree, or behind it.
struct Stretch {
  std::uint64_t at = 0, length = 0;
};

std::optional<Stretch> data_of(const void* tree, int node, std::uint64_t total) {
  int length = 0;
  if (const void* data = fdt_getprop(tree, node, "data", &length)) {
    const auto at = static_cast<const std::uint8_t*>(data) - static_cast<const std::uint8_t*>(tree);
    return Stretch{static_cast<std::uint64_t>(at), static_cast<std::uint64_t>(length)};
  }
  const auto size = number(tree, node, "data-size");
  if (!size) return std::nullopt;
  if (const auto position = number(tree, node, "data-position")) return Stretch{*position, *size};
  if (const auto offset = number(tree, node, "data-offset"))
    return Stretch{(total + 3) / 4 * 4 + *offset, *size};
  return std::nullopt;
}

}  // namespace

bool looks_like_tree(ByteView bytes) {
  if (bytes.size() < 48) return false;
  const std::uint64_t total = big32(bytes, 4), nodes = big32(bytes, 8), strings = big32(bytes, 12);
  const std::uint64_t version = big32(bytes, 20), oldest = big32(bytes, 24);
  return total >= 48 && nodes >= 40 && nodes < total && strings >= 40 && strings <= total &&
         version >= 16 && version < 64 && oldest <= version;
}

Outcome open_tree(Walker& walker, const Place& place) {
  const ByteView bytes = place.bytes;
  const std::uint64_t total = big32(bytes, 4);
  Outcome out{.length = std::min<std::uint64_t>(total, bytes.size()),
              .state = "plain",
              .why = "",
              .format = ""};
  if (total > bytes.size()) {
    if (place.carved) return {};
    out.state = "damaged";
    out.why = fmt::format("it is cut off: {} of {} bytes are there", bytes.size(), total);
    walker.raw_of(place, 0, out.length);
    return out;
  }
  // libfdt reads from addresses that are multiples of eight only.
  Scratch copy;
  const void* tree = bytes.data();
  if (reinterpret_cast<std::uintptr_t>(tree) % 8 != 0) {
    if (!copy.append(bytes.first(total)))
      return {.length = total,
              .state = "bounded",
              .why = "there is no room for scratch files",
              .format = ""};
    const auto aligned = copy.finish();
    if (!aligned)
      return {.length = total, .state = "bounded", .why = aligned.error().message(), .format = ""};
    tree = aligned->data();
  }
  if (const int code = check_device_tree(tree, total); code != 0) {
    if (place.carved) return {};
    out.state = "damaged";
    out.why = fmt::format("the tree does not hold together: {}", fdt_strerror(code));
    walker.raw_of(place, 0, out.length);
    return out;
  }
  const int images = fdt_path_offset(tree, "/images");
  if (images < 0) {
    walker.raw_of(place, 0, out.length);
    return out;
  }
  out.format = "fit";
  out.state = "unpacked";
  int count = 0;
  for (int node = fdt_first_subnode(tree, images); node >= 0 && count < kMostImages;
       node = fdt_next_subnode(tree, node)) {
    ++count;
    const auto data = data_of(tree, node, total);
    if (!data) continue;
    if (!fits(bytes, data->at, data->length)) {
      out.state = "damaged";
      out.why = fmt::format("the data of image {} lies outside of the file",
                            printable(fdt_get_name(tree, node, nullptr)));
      continue;
    }
    if (!walker.may_go_on()) break;
    walker.wrapped(place, data->at, data->length);
    out.length = std::max(out.length, data->at + data->length);
  }
  if (count == kMostImages) {
    out.state = "bounded";
    out.why = fmt::format("it lists more than {} images", kMostImages);
  }
  return out;
}

bool looks_like_fit(ByteView bytes) {
  // The node "/images" stands in the structure block as its name behind FDT_BEGIN_NODE.
  if (!looks_like_tree(bytes)) return false;
  const ByteView head = bytes.subspan(big32(bytes, 8) < bytes.size() ? big32(bytes, 8) : 0);
  const std::string_view text = as_text(head);
  return text.find(std::string_view("\0\0\0\1images\0\0", 12)) != std::string_view::npos;
}

}  // namespace haetae::formats::image
