#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/formats/update_fit.hpp"

namespace haetae::formats::update {
namespace {

constexpr std::size_t kHeader = 40, kMostTokens = 100'000, kDeepest = 32;
constexpr std::uint32_t kBegin = 1, kEndNode = 2, kProp = 3, kNop = 4, kEnd = 9;

std::uint32_t cell(ByteView file, std::size_t at) {
  return static_cast<std::uint32_t>(file[at]) << 24U |
         static_cast<std::uint32_t>(file[at + 1]) << 16U |
         static_cast<std::uint32_t>(file[at + 2]) << 8U | file[at + 3];
}

tl::unexpected<Error> broken(std::size_t at, const char* why) {
  return fail(ErrorKind::protocol, fmt::format("the device tree breaks at byte {}: {}", at, why));
}

std::optional<std::string> text_at(ByteView file, std::size_t at, std::size_t end) {
  const ByteView rest = file.subspan(at, end - at);
  const auto zero = std::find(rest.begin(), rest.end(), 0);
  if (zero == rest.end()) return std::nullopt;
  return std::string(as_text(rest.first(static_cast<std::size_t>(zero - rest.begin()))));
}

std::size_t aligned(std::size_t at, std::size_t base) { return base + (at - base + 3) / 4 * 4; }

struct Reader {
  ByteView file;
  Fdt& out;
  std::size_t base, end;
  std::vector<int> open;

  Result<void> property_at(FdtToken& token) {
    if (open.empty()) return broken(token.at, "a property stands outside of a node");
    if (end - token.at < 12) return broken(token.at, "a property is cut off");
    const std::size_t length = cell(file, token.at + 4), name = cell(file, token.at + 8);
    if (length > end - token.at - 12) return broken(token.at, "a value is cut off");
    if (name >= out.strings_length) return broken(token.at, "a name lies outside of the strings");
    const auto text = text_at(file, out.strings + name, out.strings + out.strings_length);
    if (!text) return broken(token.at, "a name has no end");
    token.name = *text;
    token.node = open.back();
    token.next = aligned(token.at + 12 + length, base);
    out.nodes[static_cast<std::size_t>(open.back())].properties.push_back(
        {*text, token.at, token.at + 12, length});
    return {};
  }

  Result<void> node_at(FdtToken& token) {
    const auto name = text_at(file, token.at + 4, end);
    if (!name || name->size() > 256) return broken(token.at, "the name of a node has no end");
    if (open.size() == kDeepest) return broken(token.at, "nodes are nested too deeply");
    token.next = aligned(token.at + 4 + name->size() + 1, base);
    FdtNode node;
    if (open.empty())
      node.path = "/";
    else {
      const std::string& above = out.nodes[static_cast<std::size_t>(open.back())].path;
      node.path = (above == "/" ? "" : above) + "/" + *name;
    }
    node.begin = token.at;
    token.node = static_cast<int>(out.nodes.size());
    open.push_back(token.node);
    out.nodes.push_back(std::move(node));
    return {};
  }

  Result<void> step(FdtToken& token) {
    switch (token.tag) {
      case kProp: return property_at(token);
      case kBegin: return node_at(token);
      case kEndNode:
        if (open.empty()) return broken(token.at, "a node ends that did not begin");
        token.node = open.back();
        out.nodes[static_cast<std::size_t>(open.back())].end = token.next;
        open.pop_back();
        return {};
      case kNop: token.node = open.empty() ? -1 : open.back(); return {};
      case kEnd: return {};
      default: return broken(token.at, "an unknown token");
    }
  }

  Result<void> run() {
    for (std::size_t at = base; out.tokens.size() < kMostTokens;) {
      if (at > end || end - at < 4) return broken(at, "the structure is cut off");
      FdtToken token{cell(file, at), at, at + 4, -1, {}};
      const auto good = step(token);
      if (!good) return good;
      at = token.next;
      out.tokens.push_back(token);
      if (token.tag != kEnd) continue;
      if (!open.empty()) return broken(at, "a node does not end");
      return {};
    }
    return fail(ErrorKind::unsupported, "the device tree has more tokens than the bound");
  }
};

bool left_out(std::string_view name) {
  return name == "data" || name == "data-size" || name == "data-position" || name == "data-offset";
}

}  // namespace

const FdtNode* Fdt::node(std::string_view path) const {
  for (const FdtNode& one : nodes)
    if (one.path == path) return &one;
  return nullptr;
}

bool is_fdt(ByteView file) { return file.size() >= kHeader && cell(file, 0) == 0xd00dfeedU; }

Result<Fdt> read_fdt(ByteView file) {
  Fdt out;
  out.total = cell(file, 4);
  const std::size_t base = cell(file, 8), length = cell(file, 36);
  out.strings = cell(file, 12);
  out.strings_length = cell(file, 32);
  if (out.total < kHeader || out.total > file.size())
    return broken(4, "it is longer than the file");
  if (base > out.total || length > out.total - base || out.strings > out.total ||
      out.strings_length > out.total - out.strings)
    return broken(8, "a block lies outside of it");
  Reader reader{file, out, base, base + length, {}};
  const auto good = reader.run();
  if (!good) return tl::unexpected(good.error());
  if (out.nodes.empty()) return broken(base, "it has no root");
  return out;
}

const FdtProperty* property(const FdtNode& node, std::string_view name) {
  for (const FdtProperty& one : node.properties)
    if (one.name == name) return &one;
  return nullptr;
}

std::vector<std::string> list_of(ByteView file, const FdtNode& node, std::string_view name) {
  std::vector<std::string> out;
  const FdtProperty* found = property(node, name);
  if (found == nullptr) return out;
  std::string_view text = as_text(file.subspan(found->at, found->length));
  while (!text.empty() && out.size() < 1024) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string text_of(ByteView file, const FdtNode& node, std::string_view name) {
  const auto list = list_of(file, node, name);
  return list.empty() ? std::string() : list.front();
}

std::optional<std::uint32_t> cell_of(ByteView file, const FdtNode& node, std::string_view name) {
  const FdtProperty* found = property(node, name);
  if (found == nullptr || found->length != 4) return std::nullopt;
  return cell(file, found->at);
}

// A listed node counts whole but for data; of a node below it only the frame (its begin and end)
// counts, and of what is below that nothing.
std::vector<ByteView> signed_regions(ByteView file, const Fdt& tree, const FdtNode& signature) {
  const auto listed = list_of(file, signature, "hashed-nodes");
  std::vector<ByteView> out;
  std::vector<int> above;
  int want = 0;
  for (const FdtToken& token : tree.tokens) {
    bool counts = false;
    if (token.tag == kBegin) {
      above.push_back(want);
      const std::string& path = tree.nodes[static_cast<std::size_t>(token.node)].path;
      if (std::find(listed.begin(), listed.end(), path) != listed.end())
        want = 2;
      else if (want > 0)
        --want;
      counts = want > 0;
    } else if (token.tag == kEndNode) {
      counts = want > 0;
      want = above.empty() ? 0 : above.back();
      if (!above.empty()) above.pop_back();
    } else if (token.tag == kProp || token.tag == kNop) {
      counts = want >= 2 && !(token.tag == kProp && left_out(token.name));
    } else {
      counts = token.tag == kEnd;
    }
    if (counts) out.push_back(file.subspan(token.at, token.next - token.at));
  }
  const FdtProperty* strings = property(signature, "hashed-strings");
  if (strings != nullptr && strings->length == 8) {
    const std::size_t at = cell(file, strings->at), length = cell(file, strings->at + 4);
    if (at <= tree.strings_length && length <= tree.strings_length - at)
      out.push_back(file.subspan(tree.strings + at, length));
  }
  return out;
}

}  // namespace haetae::formats::update
