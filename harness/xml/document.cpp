#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <system_error>

#include "harness/model/bytes.hpp"
#include "harness/xml/state.hpp"

namespace haetae::xml {
namespace {

constexpr std::size_t kMaximumProblems = 20;

struct Flaw {
  std::size_t offset = 0;
  std::string what;
};

/// sequence_length() is the length of the well-formed UTF-8 sequence at `at`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() - at < length) return 0;
  char32_t code = lead & (0x7fU >> length);
  for (std::size_t index = 1; index < length; ++index) {
    if ((byte(at + index) & 0xc0U) != 0x80U) return 0;
    code = (code << 6U) | (byte(at + index) & 0x3fU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < kSmallest[length] || code > 0x10ffff || surrogate ? 0 : length;
}

bool known_entity(std::string_view rest) {
  const std::size_t end = rest.substr(0, 12).find(';');
  if (end == std::string_view::npos || end < 2) return false;
  const std::string_view name = rest.substr(1, end - 1);
  if (name[0] != '#') {
    return name == "lt" || name == "gt" || name == "amp" || name == "quot" || name == "apos";
  }
  const bool hexadecimal = name.size() > 2 && name[1] == 'x';
  const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
  const auto is_digit = [&](unsigned char c) {
    return hexadecimal ? std::isxdigit(c) != 0 : std::isdigit(c) != 0;
  };
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return false;
  const unsigned long code = std::stoul(std::string(digits), nullptr, hexadecimal ? 16 : 10);
  return code == 9 || code == 10 || code == 13 || (code >= 0x20 && code < 0xd800) ||
         (code >= 0xe000 && code <= 0x10ffff);
}

/// find_flaw() looks for what pugixml lets through: control characters, bytes that are not UTF-8,
/// entities that nobody defined, a document type.
std::optional<Flaw> find_flaw(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("<!DOCTYPE")) return Flaw{at, "a DOCTYPE is not allowed"};
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f) {
      return Flaw{at, fmt::format("control character 0x{:02x} is not allowed", byte)};
    }
    const std::size_t length = sequence_length(text, at);
    if (length == 0) return Flaw{at, "this is not UTF-8; allowed: UTF-8"};
    at += length;
  }
  return std::nullopt;
}

/// find_entity() looks for undefined entities outside comments and CDATA sections.
std::optional<Flaw> find_entity(std::string_view text) {
  std::size_t at = 0;
  while ((at = text.find_first_of("<&", at)) != std::string_view::npos) {
    const std::string_view rest = text.substr(at);
    if (rest[0] == '&' && !known_entity(rest)) {
      return Flaw{
          at, "unknown entity; allowed: &lt; &gt; &amp; &quot; &apos; and characters by number"};
    }
    const std::string_view close = rest.starts_with("<!--")        ? "-->"
                                   : rest.starts_with("<![CDATA[") ? "]]>"
                                                                   : "";
    at = close.empty() ? at + 1 : text.find(close, at + 4);
    if (at == std::string_view::npos) break;
  }
  return std::nullopt;
}

std::size_t offset_of(const pugi::xml_node& node) {
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0));
}

std::optional<Flaw> find_misplaced(const pugi::xml_document& tree, std::string_view text) {
  int roots = 0;
  for (const pugi::xml_node node : tree.children()) {
    const std::size_t offset = offset_of(node);
    if (node.type() == pugi::node_element && ++roots > 1) {
      return Flaw{offset, fmt::format("second root element <{}>; allowed: one", node.name())};
    }
    if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata) {
      return Flaw{std::min(text.find_first_not_of(" \t\r\n", offset), text.size()),
                  "text outside the root element"};
    }
    if (node.type() == pugi::node_declaration) {
      std::string encoding = node.attribute("encoding").as_string("UTF-8");
      std::ranges::transform(encoding, encoding.begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      if (encoding != "UTF-8") return Flaw{offset, "encoding is not allowed; allowed: UTF-8"};
    }
  }
  if (roots == 0) return Flaw{text.size(), "no element in the file"};
  return std::nullopt;
}

struct DepthWalker final : pugi::xml_tree_walker {
  std::optional<Flaw> flaw;
  bool for_each(pugi::xml_node& node) override {
    if (depth() < kMaximumDepth || node.type() != pugi::node_element) return true;
    flaw = Flaw{offset_of(node),
                fmt::format("elements are nested too deeply; allowed: {}", kMaximumDepth)};
    return false;
  }
};

}  // namespace

Result<std::string> read_file(const std::filesystem::path& file, std::size_t limit) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (!std::filesystem::exists(status)) {
    return fail(ErrorKind::not_found, fmt::format("{}: there is no such file", file.string()));
  }
  if (!std::filesystem::is_regular_file(status)) {
    return fail(ErrorKind::invalid_input, fmt::format("{}: is not a file", file.string()));
  }
  std::ifstream in(file, std::ios::binary);
  // A file that grows meanwhile is cut and refused; one that is small needs no room for the limit.
  const std::uintmax_t size = std::filesystem::file_size(file, code);
  std::string text(
      static_cast<std::size_t>(std::min<std::uintmax_t>(code ? limit : size, limit)) + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.gcount() == 0 && !in.eof())) {
    return fail(ErrorKind::storage, fmt::format("{}: cannot be read", file.string()));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > limit) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{}:1: the file is too large; allowed: {} bytes", file.string(), limit));
  }
  return text;
}

void Problems::add(std::string_view file, int line, std::string what) {
  list_.push_back(Entry{std::string(file), line, std::move(what)});
}

Error Problems::error() const {
  std::vector<Entry> sorted = list_;
  std::ranges::stable_sort(
      sorted, [](const Entry& a, const Entry& b) { return a.file == b.file && a.line < b.line; });
  std::string text;
  for (std::size_t index = 0; index < std::min(sorted.size(), kMaximumProblems); ++index) {
    const Entry& entry = sorted[index];
    text += fmt::format("{}{}:{}: {}", index == 0 ? "" : "\n", entry.file, entry.line,
                        printable(entry.what, 1000));
  }
  if (sorted.size() > kMaximumProblems) {
    text += fmt::format("\n… and {} more", sorted.size() - kMaximumProblems);
  }
  return Error{ErrorKind::invalid_input, std::move(text), nullptr};
}

int Document::State::line_at(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(lines, offset);
  return static_cast<int>(after - lines.begin());
}

int Document::State::line_of(const pugi::xml_node& node) const {
  std::size_t offset = offset_of(node);
  if (node.type() == pugi::node_pcdata) {
    offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
  }
  return line_at(offset);
}

Document::Document(std::unique_ptr<State> state) : state_(std::move(state)) {}
Document::~Document() = default;

std::unique_ptr<Document> Document::parse(std::string_view text, std::string file,
                                          Problems& problems, std::size_t limit) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.size() > limit) {
    problems.add(file, 1, fmt::format("the text is too large; allowed: {} bytes", limit));
    return nullptr;
  }
  auto state = std::make_unique<State>();
  state->file = std::move(file);
  state->text = std::string(text);
  state->problems = &problems;
  state->lines.push_back(0);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') state->lines.push_back(at + 1);
  }
  const auto refuse = [&](const Flaw& flaw) {
    problems.add(state->file, state->line_at(flaw.offset), flaw.what);
    return std::unique_ptr<Document>();
  };
  if (const auto flaw = find_flaw(text)) return refuse(*flaw);
  const auto parsed = state->tree.load_buffer(
      text.data(), text.size(),
      pugi::parse_default | pugi::parse_declaration | pugi::parse_fragment, pugi::encoding_utf8);
  if (!parsed) {
    return refuse({static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0)),
                   fmt::format("not well-formed XML: {}", parsed.description())});
  }
  if (const auto flaw = find_entity(text)) return refuse(*flaw);
  if (const auto flaw = find_misplaced(state->tree, text)) return refuse(*flaw);
  DepthWalker walker;
  state->tree.traverse(walker);
  if (walker.flaw) return refuse(*walker.flaw);
  return std::unique_ptr<Document>(new Document(std::move(state)));
}

const std::string& Document::file() const { return state_->file; }

Element Document::root() const { return {this, state_->tree.document_element().internal_object()}; }

}  // namespace haetae::xml
