#include "harness/catalogue/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

namespace haetae::catalogue {
namespace {

using xml::Element;
using xml::Times;

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

void check_pattern(const Element& element, std::string_view attribute, std::string_view extra,
                   std::string_view allowed) {
  const std::string name = element.attribute(attribute);
  if (element.has(attribute) && !name_like(name, extra)) {
    element.problem_at(attribute, fmt::format("'{}' is no name; allowed: {}", name, allowed));
  }
}

std::vector<ReferenceColumn> read_columns(const Element& element) {
  std::vector<ReferenceColumn> out;
  std::set<std::string> seen;
  for (const Element& child : element.children("column")) {
    child.check({.required = {"name", "type"}, .optional = {}, .children = {}});
    check_pattern(child, "name", "_", "lower-case letters, digits and _");
    ReferenceColumn column{.name = child.attribute("name"),
                           .integer = child.word("type", {"text", "integer"}) == "integer"};
    if (!seen.insert(column.name).second) {
      child.problem(fmt::format("column '{}' stands twice", column.name));
    }
    out.push_back(std::move(column));
  }
  return out;
}

void read_rows(const Element& element, Reference& out) {
  xml::Shape shape;
  for (const ReferenceColumn& column : out.columns) shape.required.push_back(column.name);
  std::set<std::vector<Value>> seen;
  for (const Element& child : element.children("row")) {
    child.check(shape);
    std::vector<Value> row;
    for (const ReferenceColumn& column : out.columns) {
      if (column.integer) {
        row.emplace_back(child.integer(column.name, -kLargest, kLargest));
      } else {
        row.emplace_back(child.attribute(column.name));
      }
    }
    if (!seen.insert(row).second) child.problem("this row stands twice");
    out.rows.push_back(std::move(row));
  }
}

void read_reference(const Element& element, Catalogue& out) {
  element.check(
      {.required = {"name", "source", "date"},
       .optional = {},
       .children = {{"title", Times::one}, {"columns", Times::one}, {"row", Times::some}}});
  check_pattern(element, "name", "_", "lower-case letters, digits and _");
  Reference reference{.name = element.attribute("name"),
                      .source = element.filled("source"),
                      .date = element.filled("date"),
                      .title = text_of(element, "title"),
                      .columns = {},
                      .rows = {}};
  if (out.reference(reference.name) != nullptr) {
    element.problem_at("name", fmt::format("reference '{}' stands twice", reference.name));
  }
  if (const auto columns = element.child("columns")) {
    columns->check({.required = {}, .optional = {}, .children = {{"column", Times::some}}});
    reference.columns = read_columns(*columns);
  }
  read_rows(element, reference);
  out.references.push_back(std::move(reference));
}

}  // namespace

void read_set(const Element& element, Catalogue& out, std::set<std::string>& seen) {
  element.check({.required = {"parameter", "value", "source"}, .optional = {}, .children = {}});
  const std::string name = element.attribute("parameter");
  const auto found = std::ranges::find(out.parameters, name, &Parameter::name);
  if (found == out.parameters.end()) {
    std::vector<std::string_view> names;
    for (const Parameter& parameter : out.parameters) names.push_back(parameter.name);
    element.problem_at("parameter",
                       fmt::format("no parameter '{}'; allowed: {}", name, xml::list(names)));
    return;
  }
  if (!seen.insert(name).second) {
    element.problem_at("parameter", fmt::format("parameter '{}' is set twice", name));
  }
  found->value = value_of(element, type_of(found->value));
  found->source = element.filled("source");
}

bool name_like(std::string_view text, std::string_view extra) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && plain(text[0]) && std::ranges::all_of(text, [&](char c) {
    return plain(c) || extra.find(c) != std::string_view::npos;
  });
}

std::string_view type_of(const Value& value) {
  constexpr std::string_view kTypes[] = {"integer", "real", "text"};
  return kTypes[value.index()];
}

Value value_of(const Element& element, std::string_view type) {
  if (type == "integer") return element.integer("value", -kLargest, kLargest);
  const std::string text = element.attribute("value");
  if (type != "real") return text;
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    element.problem_at("value", fmt::format("'{}' is no number; allowed: 1.5", text));
  }
  return value;
}

Text read_text(const Element& element) {
  Text out;
  for (const auto& [name, text] : {std::pair{"ko", &out.ko}, std::pair{"en", &out.en}}) {
    const auto child = element.child(name);
    if (!child) continue;
    child->check({.required = {}, .optional = {}, .children = {}, .text = true});
    *text = child->text();
    if (text->empty()) child->problem(fmt::format("<{}> in <{}> is empty", name, element.name()));
  }
  return out;
}

Text text_of(const Element& element, std::string_view name) {
  const auto child = element.child(name);
  if (!child) return {};
  child->check(
      {.required = {}, .optional = {}, .children = {{"ko", Times::one}, {"en", Times::one}}});
  return read_text(*child);
}

void read_domains(const Element& element, Catalogue& out) {
  element.check({.required = {}, .optional = {}, .children = {{"domain", Times::some}}});
  for (const Element& child : element.children("domain")) {
    child.check(
        {.required = {"id"}, .optional = {}, .children = {{"ko", Times::one}, {"en", Times::one}}});
    Domain domain{.id = child.filled("id"), .title = read_text(child)};
    if (std::ranges::find(out.domains, domain.id, &Domain::id) != out.domains.end()) {
      child.problem_at("id", fmt::format("domain '{}' stands twice", domain.id));
    }
    out.domains.push_back(std::move(domain));
  }
}

void read_parameter(const Element& element, Catalogue& out) {
  element.check({.required = {"name", "type", "value", "source"},
                 .optional = {"unit"},
                 .children = {{"ko", Times::one}, {"en", Times::one}}});
  check_pattern(element, "name", ".-_", "lower-case letters, digits, '.', '-' and '_'");
  const std::string type = element.word("type", {"integer", "real", "text"});
  Parameter parameter{.name = element.attribute("name"),
                      .value = value_of(element, type),
                      .unit = element.attribute("unit"),
                      .source = element.filled("source"),
                      .title = read_text(element)};
  const std::string binding = parameter_binding(parameter.name);
  for (const Parameter& other : out.parameters) {
    if (other.name == parameter.name) {
      element.problem_at("name", fmt::format("parameter '{}' stands twice", other.name));
    } else if (parameter_binding(other.name) == binding) {
      element.problem_at("name", fmt::format("parameters '{}' and '{}' are both bound as :{}",
                                             other.name, parameter.name, binding));
    }
  }
  if (binding == "tested_at") element.problem_at("name", "':tested_at' is the time of the test");
  out.parameters.push_back(std::move(parameter));
}

void read_parameters(const Element& element, Catalogue& out) {
  element.check({.required = {}, .optional = {}, .children = {{"parameter", Times::many}}});
  for (const Element& child : element.children("parameter")) read_parameter(child, out);
}

void read_reason(const Element& element, Catalogue& out) {
  element.check({.required = {"id", "cause"},
                 .optional = {},
                 .children = {{"ko", Times::one}, {"en", Times::one}}});
  check_pattern(element, "id", "-", "lower-case letters, digits and '-'");
  const std::string cause =
      element.word("cause", {"device", "lab", "tool", "declaration", "operator"});
  Reason reason{.id = element.attribute("id"),
                .cause = cause_from(cause).value_or(Cause::tool),
                .text = read_text(element)};
  if (out.reason(reason.id) != nullptr) {
    element.problem_at("id", fmt::format("reason '{}' stands twice", reason.id));
  }
  out.reasons.push_back(std::move(reason));
}

void read_reasons(const Element& element, Catalogue& out) {
  element.check({.required = {}, .optional = {}, .children = {{"reason", Times::many}}});
  for (const Element& child : element.children("reason")) read_reason(child, out);
}

void read_references(const Element& element, Catalogue& out) {
  element.check({.required = {}, .optional = {}, .children = {{"reference", Times::some}}});
  for (const Element& child : element.children("reference")) read_reference(child, out);
}

void read_profile(const Element& element, std::string_view file, Catalogue& out) {
  element.check({.required = {"id", "base"},
                 .optional = {},
                 .children = {{"title", Times::one},
                              {"set", Times::many},
                              {"parameter", Times::many},
                              {"reason", Times::many},
                              {"criteria", Times::many}}});
  check_pattern(element, "id", "-.", "lower-case letters, digits, '.' and '-'");
  if (element.has("base") && element.attribute("base") != out.id) {
    element.problem_at("base", fmt::format("the profile is for catalogue '{}'; allowed: {}",
                                           element.attribute("base"), out.id));
  }
  out.profile = Profile{.id = element.attribute("id"), .title = text_of(element, "title")};
  std::set<std::string> seen;
  for (const Element& child : element.children("set")) read_set(child, out, seen);
  for (const Element& child : element.children("parameter")) read_parameter(child, out);
  for (const Element& child : element.children("reason")) read_reason(child, out);
  for (const Element& child : element.children("criteria")) {
    child.check({.required = {"item"}, .optional = {}, .children = {{"criterion", Times::some}}});
    const std::string id = child.attribute("item");
    const auto item = std::ranges::find(out.items, id, &Item::id);
    if (item == out.items.end()) {
      child.problem_at("item", fmt::format("no item '{}'; allowed: the items of {}", id, out.id));
      continue;
    }
    for (const Element& criterion : child.children("criterion")) {
      read_criterion(criterion, file, out, *item);
    }
  }
}

}  // namespace haetae::catalogue
