#include <fmt/format.h>

#include <algorithm>

#include "harness/catalogue/parts.hpp"

namespace haetae::catalogue {
namespace {

using xml::Element;
using xml::Times;

const xml::Words kSources{"probe", "capture", "firmware", "document", "operator"};

/// topics_of() reads blank-separated topics from the text of the child `name`.
std::vector<std::string> topics_of(const Element& element, std::string_view name) {
  const auto child = element.child(name);
  if (!child) return {};
  child->check({.required = {}, .optional = {}, .children = {}, .text = true});
  std::vector<std::string> topics = xml::split(child->text());
  for (const std::string& topic : topics) {
    if (!name_like(topic, ".-")) {
      child->problem(fmt::format("'{}' is no topic; allowed: names such as ports.tcp", topic));
    }
    if (std::ranges::count(topics, topic) > 1) {
      child->problem(fmt::format("topic '{}' stands twice", topic));
      break;
    }
  }
  return topics;
}

std::string query_of(const Element& element, std::string_view name) {
  const auto child = element.child(name);
  if (!child) return {};
  child->check({.required = {}, .optional = {}, .children = {}, .text = true});
  std::string query = child->raw_text();
  if (query.empty())
    child->problem(fmt::format("<{}> is empty; leave it out or write a SELECT", name));
  return query;
}

/// replay_of() is the id of the replay that <replay use="…"/> names.
std::string replay_of(const Element& element, const Catalogue& catalogue) {
  const auto child = element.child("replay");
  if (!child) return {};
  child->check({.required = {"use"}, .optional = {}, .children = {}});
  std::string id = child->attribute("use");
  if (catalogue.replay(id) == nullptr) {
    child->problem_at("use", fmt::format("there is no replay '{}'; it must stand in an included "
                                         "file with the root replays",
                                         id));
  }
  return id;
}

/// step_of() reads what a person does. A phrase in either language counts, so both lists are one.
std::optional<Step> step_of(const Element& element) {
  const auto child = element.child("step");
  if (!child) return std::nullopt;
  child->check({.required = {},
                .optional = {"second"},
                .children = {{"task", Times::one}, {"look", Times::one}, {"finds", Times::maybe}}});
  Step step{.task = text_of(*child, "task"),
            .look = text_of(*child, "look"),
            .second = child->flag("second"),
            .finds = {}};
  const auto finds = child->child("finds");
  if (!finds) return step;
  finds->check({.required = {}, .optional = {}, .children = {{"phrase", Times::some}}});
  for (const Element& phrase : finds->children("phrase")) {
    phrase.check({.required = {}, .optional = {}, .children = {}, .text = true});
    std::string text = phrase.text();
    if (text.empty()) phrase.problem("<phrase> is empty; needed: words that the document holds");
    if (std::ranges::count(step.finds, text) > 0) {
      phrase.problem(fmt::format("the phrase '{}' stands twice", text));
    }
    step.finds.push_back(std::move(text));
  }
  return step;
}

/// check_step() holds a step to the criteria that a person answers.
void check_step(const Element& element, const Criterion& criterion) {
  if (!criterion.step) return;
  if (!asked(criterion)) {
    element.problem(
        fmt::format("criterion '{}' is answered by queries and holds step; a step "
                    "belongs to the sources document and operator",
                    criterion.id));
  } else if (criterion.source != "document" && !criterion.step->finds.empty()) {
    element.problem(
        fmt::format("criterion '{}' looks for phrases; only the source document has "
                    "documents to search",
                    criterion.id));
  }
}

/// check_parts() holds a criterion to what its kind needs: queries, or none.
void check_parts(const Element& element, const Criterion& criterion) {
  const bool queried = !criterion.planned && !asked(criterion);
  for (const std::string_view name : {"subjects", "breach", "cites", "says", "remedy"}) {
    if (queried && !element.child(name)) {
      element.problem(
          fmt::format("criterion '{}' lacks <{}>; needed: subjects, breach, cites, says, "
                      "remedy, or planned=\"yes\"",
                      criterion.id, name));
    }
  }
  if (queried && criterion.universe.empty() && criterion.coverage.empty()) {
    element.problem(fmt::format("criterion '{}' names no topic; needed: <universe> or <coverage>",
                                criterion.id));
  }
  if (queried) return;
  std::vector<std::string_view> held;
  for (const std::string_view name : {"universe", "coverage", "subjects", "lacks", "breach",
                                      "cites", "says", "remedy", "replay"}) {
    // What a person judges may rest on what a procedure read, such as the documents.
    const bool may = name == "coverage" && !criterion.planned;
    if (!may && element.child(name)) held.push_back(name);
  }
  if (!held.empty()) {
    element.problem(
        fmt::format("criterion '{}' is {} and holds {}; allowed: title, step", criterion.id,
                    criterion.planned ? "planned" : "answered by a person", xml::list(held)));
  }
}

void read_item(const Element& element, std::string_view file, Catalogue& out) {
  element.check({.required = {"id", "official", "domain", "types", "methods"},
                 .optional = {"code", "optional", "retest"},
                 .children = {{"title", Times::one},
                              {"requirement", Times::one},
                              {"remedy", Times::one},
                              {"applies", Times::maybe},
                              {"criterion", Times::some}}});
  const std::vector<std::string> types = element.words("types", {"lite", "basic", "standard"});
  const auto marked = [&](std::string_view type) {
    return std::ranges::find(types, type) != types.end();
  };
  if (types.empty() && element.has("types")) {
    element.problem_at("types", "no type; allowed: lite, basic, standard");
  }
  Item item{.id = element.filled("id"),
            .code = element.attribute("code"),
            .official = element.word("official", {"confirmed", "reconstructed"}) == "confirmed",
            .domain = element.attribute("domain"),
            .title = text_of(element, "title"),
            .requirement = text_of(element, "requirement"),
            .remedy = text_of(element, "remedy"),
            .lite = marked("lite"),
            .basic = marked("basic"),
            .standard = marked("standard"),
            .optional = element.flag("optional"),
            .methods = element.words("methods", kSources),
            .retest = element.words(
                "retest", {"maker", "model", "category", "serial", "hardware", "firmware"}),
            .applies = query_of(element, "applies"),
            .criteria = {},
            .file = std::string(file),
            .line = element.line()};
  if (out.item(item.id) != nullptr) {
    element.problem_at("id", fmt::format("item '{}' stands twice", item.id));
  }
  if (!name_like(item.id, ".-")) {
    element.problem_at("id",
                       fmt::format("'{}' is no item id; allowed: names such as 6.1", item.id));
  }
  for (const Element& child : element.children("criterion")) {
    read_criterion(child, file, out, item);
  }
  out.items.push_back(std::move(item));
}

}  // namespace

bool asked(const Criterion& criterion) {
  return criterion.source == "document" || criterion.source == "operator";
}

void read_criterion(const Element& element, std::string_view file, const Catalogue& out,
                    Item& item) {
  element.check({.required = {"id", "source"},
                 .optional = {"kind", "planned"},
                 .children = {{"title", Times::one},
                              {"universe", Times::maybe},
                              {"coverage", Times::maybe},
                              {"subjects", Times::maybe},
                              {"lacks", Times::maybe},
                              {"breach", Times::maybe},
                              {"cites", Times::maybe},
                              {"says", Times::maybe},
                              {"remedy", Times::maybe},
                              {"replay", Times::maybe},
                              {"step", Times::maybe}}});
  Criterion criterion{.id = element.filled("id"),
                      .source = element.word("source", kSources),
                      .kind = element.word("kind", {"seen", "absent"}, "seen") == "absent"
                                  ? Kind::absent
                                  : Kind::seen,
                      .planned = element.flag("planned"),
                      .title = text_of(element, "title"),
                      .universe = topics_of(element, "universe"),
                      .coverage = topics_of(element, "coverage"),
                      .subjects = query_of(element, "subjects"),
                      .lacks = query_of(element, "lacks"),
                      .breach = query_of(element, "breach"),
                      .cites = query_of(element, "cites"),
                      .says = text_of(element, "says"),
                      .remedy = text_of(element, "remedy"),
                      .replay = replay_of(element, out),
                      .step = step_of(element),
                      .file = std::string(file),
                      .line = element.line()};
  if (!name_like(criterion.id, ".-")) {
    element.problem_at("id", fmt::format("'{}' is no criterion id; allowed: names such as "
                                         "6.1-undeclared",
                                         criterion.id));
  }
  const auto known = [&](const Item& other) {
    return std::ranges::find(other.criteria, criterion.id, &Criterion::id) != other.criteria.end();
  };
  if (known(item) || std::ranges::any_of(out.items, known)) {
    element.problem_at("id", fmt::format("criterion '{}' stands twice", criterion.id));
  }
  check_parts(element, criterion);
  check_step(element, criterion);
  item.criteria.push_back(std::move(criterion));
}

void read_items(const Element& element, std::string_view file, Catalogue& out) {
  element.check({.required = {}, .optional = {}, .children = {{"item", Times::some}}});
  for (const Element& child : element.children("item")) {
    read_item(child, file, out);
    const Item& item = out.items.back();
    if (std::ranges::find(out.domains, item.domain, &Domain::id) == out.domains.end()) {
      std::vector<std::string_view> ids;
      for (const Domain& domain : out.domains) ids.push_back(domain.id);
      child.problem_at("domain",
                       fmt::format("no domain '{}'; allowed: {}", item.domain, xml::list(ids)));
    }
  }
}

}  // namespace haetae::catalogue
