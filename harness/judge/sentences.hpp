#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/judge/sandbox.hpp"

namespace haetae::judge {

/// Sentence is a text of the judge itself; the table stands in sentences.cpp.
enum class Sentence {
  no_procedure,
  waits_operator,
  waits_document,
  answered_conforms,
  answered_fails,
  answered_not_applicable,
  answered_unknown,
  answer_shows_nothing,
  answer_gives_no_reason,
  waits_second,
  declared_not_applicable,
  declared_but_seen,
  not_declared,
  outside_type,
  excluded,
  tainted,
  partial,
  nobody_looks,
  not_permitted,
  not_reached,
  interrupted,
  skipped,
  failed,
  finished_silent,
  query_failed,
  unknown_reason,
  nothing_cited,
  nothing_found,
  no_universe,
  subject_holds,
  holds,
  criteria_hold,
  all_not_applicable,
  and_more,
  of_subjects,
};

using Places = std::map<std::string, std::string, std::less<>>;

/// sentence() fills the {places} of one of the judge's own texts; values are taken as they are.
[[nodiscard]] catalogue::Text sentence(Sentence id, const Places& places = {});

/// fill() replaces each {column} once by its value of `row`; text that is more than a plain word is
/// quoted and made printable, and what it holds is never expanded again.
[[nodiscard]] catalogue::Text fill(const catalogue::Text& text,
                                   const std::vector<std::string>& columns,
                                   const std::vector<Cell>& row);

/// expand() replaces each {name} once by what `value` gives for it.
[[nodiscard]] std::string expand(std::string_view text,
                                 const std::function<std::string(std::string_view)>& value);

/// shown() is one value for a sentence.
[[nodiscard]] std::string shown(const Cell& cell);

/// places_of() lists the {places} of a text, both languages.
[[nodiscard]] std::vector<std::string> places_of(const catalogue::Text& text);

}  // namespace haetae::judge
