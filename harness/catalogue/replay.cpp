#include <fmt/format.h>

#include <algorithm>

#include "harness/catalogue/parts.hpp"
#include "harness/model/hazard.hpp"

namespace haetae::catalogue {
namespace {

using xml::Element;
using xml::Times;

const xml::Words kHazards{"passive",      "safe",       "state-changing",
                          "lockout-risk", "disruptive", "may-brick"};

/// unindented() takes the margin away that the XML gives a script.
std::string unindented(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  // raw_text() has stripped the margin of the first line.
  std::size_t margin = std::string::npos;
  for (std::size_t at = 1; at < lines.size(); ++at) {
    margin = std::min(margin, lines[at].find_first_not_of(' '));
  }
  std::string out = lines.front();
  for (std::size_t at = 1; at < lines.size(); ++at) {
    out += '\n' + (margin < lines[at].size() ? lines[at].substr(margin) : std::string());
  }
  return out;
}

Replay::Variant variant_of(const Element& element, const Replay& replay) {
  element.check({.required = {}, .optional = {"is", "hazard"}, .children = {}, .text = true});
  Replay::Variant out{.is = xml::split(element.attribute("is")),
                      .hazard = element.word("hazard", kHazards, "safe"),
                      .script = unindented(element.raw_text())};
  if (out.is.size() != replay.by.size()) {
    element.problem_at("is", fmt::format("{} words; needed: {}, one for each column of by",
                                         out.is.size(), replay.by.size()));
  }
  if (out.script.empty()) element.problem("the script is empty");
  return out;
}

void read_replay(const Element& element, std::string_view file, Catalogue& out) {
  element.check({.required = {"id"}, .optional = {"by", "at"}, .children = {{"on", Times::some}}});
  Replay replay{.id = element.filled("id"),
                .by = xml::split(element.attribute("by")),
                .at = element.attribute("at"),
                .variants = {},
                .file = std::string(file),
                .line = element.line()};
  if (!name_like(replay.id, "-")) {
    element.problem_at(
        "id", fmt::format("'{}' is no name; allowed: names such as tls-version", replay.id));
  }
  if (out.replay(replay.id) != nullptr) {
    element.problem_at("id", fmt::format("replay '{}' stands twice", replay.id));
  }
  for (const Element& child : element.children("on")) {
    replay.variants.push_back(variant_of(child, replay));
  }
  out.replays.push_back(std::move(replay));
}

}  // namespace

void read_replays(const Element& element, std::string_view file, Catalogue& out) {
  element.check({.required = {},
                 .optional = {},
                 .children = {{"places", Times::maybe}, {"replay", Times::some}}});
  if (const auto places = element.child("places")) {
    places->check({.required = {}, .optional = {}, .children = {}, .text = true});
    if (!out.replay_places.empty()) places->problem("<places> stands twice");
    out.replay_places = places->raw_text();
  }
  for (const Element& child : element.children("replay")) read_replay(child, file, out);
}

}  // namespace haetae::catalogue
