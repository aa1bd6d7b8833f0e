#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "harness/catalogue/parts.hpp"

namespace haetae::catalogue {
namespace {

/// escaped() makes text fit for an attribute.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += letter;
    }
  }
  return out;
}

std::string shown(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return std::get<std::string>(value);
}

template <class Number>
bool whole_number(const std::string& text, Number& value) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end;
}

/// fits() is whether a text is a value of the type of `like`.
bool fits(const std::string& text, const Value& like) {
  if (std::holds_alternative<std::int64_t>(like)) {
    std::int64_t value = 0;
    return whole_number(text, value);
  }
  double value = 0;
  if (std::holds_alternative<double>(like))
    return whole_number(text, value) && std::isfinite(value);
  return std::ranges::all_of(text, [](unsigned char letter) { return letter >= 0x20; });
}

}  // namespace

void read_limits(const xml::Element& element, Catalogue& out) {
  element.check({.required = {"base"}, .optional = {}, .children = {{"set", xml::Times::some}}});
  if (element.has("base") && element.attribute("base") != out.id) {
    element.problem_at("base", fmt::format("the limits are for catalogue '{}'; allowed: {}",
                                           element.attribute("base"), out.id));
  }
  std::set<std::string> seen;
  for (const xml::Element& child : element.children("set")) {
    const Parameter* const before = out.parameter(child.attribute("parameter"));
    if (before != nullptr) out.changed.push_back({before->name, before->value});
    read_set(child, out, seen);
  }
}

Result<SourceText> limits_source(const Catalogue& catalogue,
                                 const std::vector<std::string>& assignments) {
  std::string sets;
  std::set<std::string> seen;
  for (const std::string& assignment : assignments) {
    const std::size_t at = assignment.find('=');
    const std::string name = assignment.substr(0, at);
    const Parameter* const parameter = catalogue.parameter(name);
    if (at == std::string::npos || parameter == nullptr) {
      std::string known;
      for (const Parameter& one : catalogue.parameters) {
        known += fmt::format("{}{} ({}, now {})", known.empty() ? "" : ", ", one.name,
                             type_of(one.value), shown(one.value));
      }
      return fail(ErrorKind::invalid_input,
                  at == std::string::npos
                      ? fmt::format("--limit '{}' is not NAME=VALUE; limits: {}", assignment, known)
                      : fmt::format("--limit: no limit '{}'; allowed: {}", name, known));
    }
    const std::string value = assignment.substr(at + 1);
    if (!fits(value, parameter->value)) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("--limit {}: '{}' is no {}; now it is {}", name, value,
                              type_of(parameter->value), shown(parameter->value)));
    }
    if (!seen.insert(name).second) {
      return fail(ErrorKind::invalid_input, fmt::format("--limit {} is given twice", name));
    }
    sets += fmt::format(
        "  <set parameter=\"{}\" value=\"{}\" source=\"set for this judgement; the catalogue says "
        "{}\"/>\n",
        escaped(name), escaped(value), escaped(shown(parameter->value)));
  }
  return SourceText{.name = "limits.xml",
                    .text = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<limits "
                                        "base=\"{}\">\n{}</limits>\n",
                                        escaped(catalogue.id), sets)};
}

}  // namespace haetae::catalogue
