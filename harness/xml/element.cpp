#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "harness/xml/state.hpp"

namespace haetae::xml {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

pugi::xml_node node_of(const void* node) {
  return pugi::xml_node(static_cast<pugi::xml_node_struct*>(const_cast<void*>(node)));
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// schema_attribute() says whether a root attribute only tells editors where the XSD is.
bool schema_attribute(std::string_view name) {
  return name == "xmlns:xsi" || name == "xsi:noNamespaceSchemaLocation";
}

}  // namespace

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSpace), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::string list(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) {
    out += out.empty() ? "" : ", ";
    out += name;
  }
  return out.empty() ? "none" : out;
}

std::string Element::name() const { return node_of(node_).name(); }

int Element::line() const { return document_->state_->line_of(node_of(node_)); }

int Element::line(std::string_view attribute) const {
  const std::string& text = document_->state_->text;
  const std::ptrdiff_t start = node_of(node_).offset_debug();
  if (start < 0 || !has(attribute)) return line();
  std::size_t at = text.find_first_of(" \t\r\n/>", static_cast<std::size_t>(start));
  while (at != std::string::npos) {
    at = text.find_first_not_of(kSpace, at);
    if (at == std::string::npos || text[at] == '>' || text[at] == '/') break;
    const std::size_t quote = text.find_first_of("\"'", at);
    if (quote == std::string::npos) break;
    const std::size_t name_end = text.find_first_of("= \t\r\n", at);
    if (std::string_view(text).substr(at, name_end - at) == attribute) {
      return document_->state_->line_at(at);
    }
    const std::size_t end = text.find(text[quote], quote + 1);
    at = end == std::string::npos ? end : end + 1;
  }
  return line();
}

void Element::problem(std::string what) const {
  document_->state_->problems->add(document_->file(), line(), std::move(what));
}

void Element::problem_at(std::string_view attribute, std::string what) const {
  document_->state_->problems->add(document_->file(), line(attribute), std::move(what));
}

void Element::check(const Shape& shape) const {
  const pugi::xml_node node = node_of(node_);
  const bool root = node.parent().type() == pugi::node_document;
  std::vector<std::string_view> allowed = shape.required;
  allowed.insert(allowed.end(), shape.optional.begin(), shape.optional.end());
  std::set<std::string_view> seen;
  for (const pugi::xml_attribute attribute : node.attributes()) {
    const std::string_view attribute_name = attribute.name();
    if (!seen.insert(attribute_name).second) {
      problem(fmt::format("attribute '{}' of <{}> stands twice", attribute_name, name()));
    } else if (!contains(allowed, attribute_name) && !(root && schema_attribute(attribute_name))) {
      problem_at(attribute_name, fmt::format("unknown attribute '{}' of <{}>; allowed: {}",
                                             attribute_name, name(), list(allowed)));
    }
  }
  for (const std::string_view required : shape.required) {
    if (!seen.contains(required)) {
      problem(fmt::format("<{}> lacks the attribute '{}'; needed: {}", name(), required,
                          list(shape.required)));
    }
  }
  std::vector<std::string_view> names;
  for (const Child& child : shape.children) names.push_back(child.name);
  std::vector<int> counts(shape.children.size());
  std::size_t place = 0;
  for (const pugi::xml_node child : node.children()) {
    const Element element(document_, child.internal_object());
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      if (!shape.text) {
        element.problem(
            fmt::format("text is not allowed in <{}>; allowed: {}", name(), list(names)));
      }
      continue;
    }
    if (child.type() != pugi::node_element) continue;
    const auto found = std::ranges::find(names, std::string_view(child.name()));
    if (found == names.end()) {
      element.problem(fmt::format("unknown element <{}> in <{}>; allowed: {}", child.name(), name(),
                                  list(names)));
      continue;
    }
    const auto index = static_cast<std::size_t>(found - names.begin());
    const Times times = shape.children[index].times;
    if (++counts[index] == 2 && (times == Times::one || times == Times::maybe)) {
      element.problem(fmt::format("second <{}> in <{}>; allowed: one", child.name(), name()));
    } else if (index < place) {
      element.problem(fmt::format("<{}> must stand before <{}>; order: {}", child.name(),
                                  names[place], list(names)));
    }
    place = std::max(place, index);
  }
  for (std::size_t index = 0; index < names.size(); ++index) {
    const Times times = shape.children[index].times;
    if (counts[index] == 0 && (times == Times::one || times == Times::some)) {
      problem(fmt::format("<{}> lacks the element <{}>", name(), names[index]));
    }
  }
}

bool Element::has(std::string_view attribute) const {
  return !node_of(node_).attribute(std::string(attribute).c_str()).empty();
}

std::string Element::attribute(std::string_view name, std::string_view fallback) const {
  const pugi::xml_attribute found = node_of(node_).attribute(std::string(name).c_str());
  return found.empty() ? std::string(fallback) : found.value();
}

std::string Element::filled(std::string_view name) const {
  std::string value = attribute(name);
  if (has(name) && value.find_first_not_of(kSpace) == std::string::npos) {
    problem_at(name, fmt::format("attribute '{}' of <{}> is empty", name, this->name()));
  }
  return value;
}

std::string Element::word(std::string_view name, const Words& allowed,
                          std::string_view fallback) const {
  std::string value = attribute(name, fallback);
  if (has(name) && !contains(allowed, value)) {
    problem_at(name, fmt::format("attribute '{}' of <{}> is '{}'; allowed: {}", name, this->name(),
                                 value, list(allowed)));
  }
  return value;
}

std::vector<std::string> Element::words(std::string_view name, const Words& allowed) const {
  std::vector<std::string> out = split(attribute(name));
  std::set<std::string_view> seen;
  for (const std::string& value : out) {
    if (!seen.insert(value).second) {
      problem_at(name, fmt::format("'{}' stands twice in '{}' of <{}>", value, name, this->name()));
    } else if (!allowed.empty() && !contains(allowed, value)) {
      problem_at(name, fmt::format("unknown word '{}' in '{}' of <{}>; allowed: {}", value, name,
                                   this->name(), list(allowed)));
    }
  }
  return out;
}

std::int64_t Element::integer(std::string_view name, std::int64_t smallest, std::int64_t largest,
                              std::int64_t fallback) const {
  if (!has(name)) return fallback;
  const std::string text = attribute(name);
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < smallest ||
      value > largest) {
    problem_at(name, fmt::format("attribute '{}' of <{}> is '{}'; allowed: {} to {}", name,
                                 this->name(), text, smallest, largest));
    return fallback;
  }
  return value;
}

bool Element::flag(std::string_view name, bool fallback) const {
  return word(name, {"yes", "no"}, fallback ? "yes" : "no") == "yes";
}

std::vector<Element> Element::children() const {
  std::vector<Element> out;
  for (const pugi::xml_node child : node_of(node_).children()) {
    if (child.type() == pugi::node_element) out.emplace_back(document_, child.internal_object());
  }
  return out;
}

std::vector<Element> Element::children(std::string_view name) const {
  std::vector<Element> out;
  for (const pugi::xml_node child : node_of(node_).children()) {
    if (child.type() == pugi::node_element && std::string_view(child.name()) == name) {
      out.emplace_back(document_, child.internal_object());
    }
  }
  return out;
}

std::optional<Element> Element::child(std::string_view name) const {
  const pugi::xml_node found = node_of(node_).child(std::string(name).c_str());
  if (found.empty()) return std::nullopt;
  return Element(document_, found.internal_object());
}

std::vector<std::string> Element::attributes() const {
  std::vector<std::string> out;
  for (const pugi::xml_attribute attribute : node_of(node_).attributes()) {
    out.emplace_back(attribute.name());
  }
  return out;
}

std::string Element::raw_text() const {
  std::string out;
  for (const pugi::xml_node child : node_of(node_).children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) out += child.value();
  }
  const std::size_t begin = out.find_first_not_of(kSpace);
  if (begin == std::string::npos) return {};
  return out.substr(begin, out.find_last_not_of(kSpace) - begin + 1);
}

std::string Element::text() const {
  std::string out;
  for (const std::string& word : split(raw_text())) {
    out += out.empty() ? "" : " ";
    out += word;
  }
  return out;
}

}  // namespace haetae::xml
