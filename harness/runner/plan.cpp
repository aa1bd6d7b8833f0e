#include "harness/runner/plan.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/judge/judge.hpp"

namespace haetae::runner {
namespace {

using Names = std::set<std::string, std::less<>>;

/// words_of() are the identifiers in a query; a fact table that it reads is one of them.
Names words_of(std::string_view query) {
  Names words;
  std::string word;
  for (const char letter : query) {
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_') {
      word.push_back(letter);
    } else if (!word.empty()) {
      words.insert(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.insert(word);
  return words;
}

/// needs_of() are the coverage topics and possible table names of an item's criteria.
Names needs_of(const catalogue::Item& item) {
  Names needs = words_of(item.applies);
  for (const catalogue::Criterion& criterion : item.criteria) {
    needs.insert(criterion.universe.begin(), criterion.universe.end());
    needs.insert(criterion.coverage.begin(), criterion.coverage.end());
    for (const auto& query :
         {criterion.subjects, criterion.lacks, criterion.breach, criterion.cites}) {
      needs.merge(words_of(query));
    }
  }
  return needs;
}

bool gives(const Info& info, const Names& needs) {
  const auto needed = [&](const std::string& name) { return needs.contains(name); };
  return std::ranges::any_of(info.provides_facts, needed) ||
         std::ranges::any_of(info.topics, needed);
}

/// needed_procedures() are those that answer the planned items, and those that these rest on.
std::set<const Procedure*> needed_procedures(const std::vector<PlannedItem>& items,
                                             const std::vector<Procedure>& procedures) {
  // What the maker declares is read in every run: it decides what applies.
  Names needs{"statement"};
  for (const PlannedItem& item : items) {
    if (item.selected == "planned") needs.merge(needs_of(*item.item));
  }
  std::set<const Procedure*> needed;
  for (bool grown = true; grown;) {
    grown = false;
    for (const Procedure& procedure : procedures) {
      if (needed.contains(&procedure) || !gives(procedure.info, needs)) continue;
      needed.insert(&procedure);
      needs.insert(procedure.info.requires_facts.begin(), procedure.info.requires_facts.end());
      grown = true;
    }
  }
  return needed;
}

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace

Result<Plan> make_plan(const catalogue::Catalogue& catalogue,
                       const std::vector<Procedure>& procedures, const Selection& selection) {
  for (const std::string& id : selection.only) {
    if (catalogue.item(id) == nullptr) {
      std::vector<std::string> known;
      for (const auto& item : catalogue.items) known.push_back(item.id);
      return fail(ErrorKind::invalid_input,
                  fmt::format("the catalogue {} has no item '{}'; allowed: {}", catalogue.id, id,
                              join(known)));
    }
  }
  Plan plan;
  const judge::Question question{.type = selection.type, .only = selection.only, .tested_at = {}};
  for (const catalogue::Item& item : catalogue.items) {
    PlannedItem planned{&item, judge::selection(item, question), {}};
    if (planned.selected == "outside-type") {
      planned.reason = fmt::format("not part of the {} type", selection.type);
    } else if (planned.selected == "excluded") {
      planned.reason = "not in the selection of --only";
    } else {
      plan.questions += static_cast<int>(
          std::ranges::count_if(item.criteria, [](const catalogue::Criterion& criterion) {
            return criterion.source == "document" || criterion.source == "operator";
          }));
    }
    plan.items.push_back(std::move(planned));
  }
  if (std::ranges::none_of(plan.items,
                           [](const PlannedItem& item) { return item.selected == "planned"; })) {
    return fail(ErrorKind::invalid_input,
                fmt::format("nothing is selected: no item of --only belongs to the {} type",
                            selection.type));
  }
  const auto needed = needed_procedures(plan.items, procedures);
  for (const Procedure& procedure : procedures) {
    PlannedProcedure planned{&procedure, "planned", {}};
    if (!needed.contains(&procedure)) {
      planned.state = "excluded";
      planned.reason = "no selected item needs it";
    } else if (procedure.info.hazard > selection.permit) {
      planned.state = "not-permitted";
      planned.reason = fmt::format("its hazard is {}, permitted is up to {}",
                                   word(procedure.info.hazard), word(selection.permit));
    } else {
      plan.expected += procedure.info.expected;
      plan.connections += procedure.info.connections;
      plan.logins += procedure.info.logins;
    }
    plan.procedures.push_back(std::move(planned));
  }
  return plan;
}

Result<void> store_plan(evidence::Transaction& transaction, const Plan& plan) {
  for (const PlannedItem& planned : plan.items) {
    auto row = transaction.insert(
        "plan_item",
        {{"item", planned.item->id}, {"selected", planned.selected}, {"reason", planned.reason}});
    if (!row) return tl::unexpected(row.error());
    if (planned.selected != "planned") continue;
    for (const catalogue::Criterion& criterion : planned.item->criteria) {
      row = transaction.insert(
          "plan_criterion",
          {{"item", planned.item->id}, {"criterion", criterion.id}, {"source", criterion.source}});
      if (!row) return tl::unexpected(row.error());
    }
  }
  for (const PlannedProcedure& planned : plan.procedures) {
    const Info& info = planned.procedure->info;
    const auto row =
        transaction.insert("plan_procedure", {{"procedure", info.id},
                                              {"version", std::int64_t{info.version}},
                                              {"hazard", std::string(word(info.hazard))},
                                              {"topics", join(info.topics)},
                                              {"state", planned.state},
                                              {"reason", planned.reason}});
    if (!row) return tl::unexpected(row.error());
  }
  return {};
}

}  // namespace haetae::runner
