#pragma once

#include <set>
#include <string>
#include <string_view>

#include "harness/catalogue/catalogue.hpp"
#include "harness/xml/xml.hpp"

namespace haetae::catalogue {

/// The parts of the loader; each reads one element and reports what is wrong in it.
[[nodiscard]] Text read_text(const xml::Element& element);
/// text_of() reads the bilingual child element `name`, empty if it is missing (reported elsewhere).
[[nodiscard]] Text text_of(const xml::Element& element, std::string_view name);
void read_domains(const xml::Element& element, Catalogue& out);
void read_parameter(const xml::Element& element, Catalogue& out);
void read_parameters(const xml::Element& element, Catalogue& out);
void read_reason(const xml::Element& element, Catalogue& out);
void read_reasons(const xml::Element& element, Catalogue& out);
void read_references(const xml::Element& element, Catalogue& out);
void read_replays(const xml::Element& element, std::string_view file, Catalogue& out);
void read_items(const xml::Element& element, std::string_view file, Catalogue& out);
/// read_criterion() adds to `item`; `out` is asked for doubled ids.
void read_criterion(const xml::Element& element, std::string_view file, const Catalogue& out,
                    Item& item);
/// read_set() changes the value of a parameter that exists.
void read_set(const xml::Element& element, Catalogue& out, std::set<std::string>& seen);
void read_limits(const xml::Element& element, Catalogue& out);
void read_profile(const xml::Element& element, std::string_view file, Catalogue& out);

/// value_of() reads the attribute 'value' as integer, real or text.
[[nodiscard]] Value value_of(const xml::Element& element, std::string_view type);
[[nodiscard]] std::string_view type_of(const Value& value);

/// name_like() is whether `text` begins with a letter or digit and goes on with those and `extra`.
[[nodiscard]] bool name_like(std::string_view text, std::string_view extra);

}  // namespace haetae::catalogue
