#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/judge/judge.hpp"
#include "testcases/procedures.hpp"

namespace haetae::cli {
namespace {

const std::string& in(const Style& style, const catalogue::Text& text) {
  return style.korean ? text.ko : text.en;
}

std::string types_of(const catalogue::Item& item) {
  std::string out = item.lite ? "L" : "·";
  out += item.basic ? "B" : "·";
  out += item.optional ? "O" : item.standard ? "S" : "·";
  return out;
}

void show_step(const catalogue::Step& step, const Style& style) {
  fmt::print("    {}  {}\n", style.korean ? "할 일" : "do:", in(style, step.task));
  fmt::print("    {}  {}\n", style.korean ? "볼 것" : "look:", in(style, step.look));
  if (step.second) {
    fmt::print("    {}\n",
               style.korean ? "두 번째 사람의 확인이 필요함" : "a second person confirms it");
  }
  if (!step.finds.empty()) {
    fmt::print("    {}  {}\n", style.korean ? "문서에서 찾는 말" : "looked for in documents:",
               fmt::join(step.finds, " · "));
  }
}

void show_criterion(const catalogue::Criterion& criterion, const Style& style) {
  fmt::print("\n  {}  [{}{}]\n    {}\n", criterion.id, criterion.source,
             criterion.planned ? (style.korean ? ", 절차 없음" : ", no procedure yet") : "",
             in(style, criterion.title));
  if (criterion.step) show_step(*criterion.step, style);
  if (criterion.planned || catalogue::asked(criterion)) return;
  fmt::print("    {}  {}\n",
             style.korean ? "부적합 사유" : "says when broken:", in(style, criterion.says));
  fmt::print("    {}  {}\n", style.korean ? "조치" : "remedy:", in(style, criterion.remedy));
  if (!criterion.coverage.empty()) {
    fmt::print("    {}  {}\n", style.korean ? "필요한 범위" : "must be covered:",
               fmt::join(criterion.coverage, ", "));
  }
}

/// used_parameters() are those whose bound names stand in the queries of an item.
std::vector<const catalogue::Parameter*> used_parameters(const catalogue::Catalogue& catalogue,
                                                         const catalogue::Item& item) {
  std::vector<const catalogue::Parameter*> used;
  for (const auto& parameter : catalogue.parameters) {
    const std::string bound = ":" + catalogue::parameter_binding(parameter.name);
    const bool found =
        std::ranges::any_of(item.criteria, [&](const catalogue::Criterion& criterion) {
          const std::string all =
              criterion.subjects + criterion.lacks + criterion.breach + criterion.cites;
          for (std::size_t at = all.find(bound); at != std::string::npos;
               at = all.find(bound, at + 1)) {
            const char next = at + bound.size() < all.size() ? all[at + bound.size()] : ' ';
            if (std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '_') return true;
          }
          return false;
        });
    if (found) used.push_back(&parameter);
  }
  return used;
}

std::string shown(const Value& value) {
  return std::visit([](const auto& cell) { return fmt::format("{}", cell); }, value);
}

}  // namespace

int catalogue_list(const Common& common) {
  const auto catalogue = load_catalogue(common, "");
  if (!catalogue) return complain(catalogue.error());
  const Style style = style_of(stdout, common.language);
  fmt::print("{} {}  {}\n\n", catalogue->value.id, catalogue->value.edition,
             in(style, catalogue->value.title));
  for (const auto& domain : catalogue->value.domains) {
    fmt::print("{} {}\n", domain.id, in(style, domain.title));
    for (const auto& item : catalogue->value.items) {
      if (item.domain != domain.id) continue;
      const auto open = std::ranges::count_if(item.criteria, &catalogue::Criterion::planned);
      fmt::print("  {:<5} {} {}  {}  ({}/{})\n", item.id, types_of(item), item.official ? "◆" : "◇",
                 in(style, item.title), static_cast<std::ptrdiff_t>(item.criteria.size()) - open,
                 item.criteria.size());
    }
  }
  fmt::print("\n{}\n",
             style.korean
                 ? "L 라이트 · B 베이직 · S 스탠다드 · O 제품에 따라 추가   ◆ 공개 자료로 확인된 "
                   "명칭  ◇ 재구성   (판정 가능한 기준/전체)"
                 : "L lite · B basic · S standard · O depends on the product   ◆ title confirmed "
                   "by a public source  ◇ reconstructed   (criteria with a procedure / all)");
  return 0;
}

int catalogue_show(const Common& common, const std::string& id) {
  const auto catalogue = load_catalogue(common, "");
  if (!catalogue) return complain(catalogue.error());
  const auto* const item = catalogue->value.item(id);
  if (item == nullptr) {
    std::vector<std::string> known;
    for (const auto& other : catalogue->value.items) known.push_back(other.id);
    return complain({ErrorKind::invalid_input,
                     fmt::format("the catalogue {} has no item '{}'; allowed: {}",
                                 catalogue->value.id, id, fmt::join(known, " ")),
                     nullptr});
  }
  const Style style = style_of(stdout, common.language);
  fmt::print("{}  {}\n  {}\n\n{}\n", item->id, item->title.ko, item->title.en,
             in(style, item->requirement));
  for (const auto& criterion : item->criteria) show_criterion(criterion, style);
  const auto parameters = used_parameters(catalogue->value, *item);
  if (!parameters.empty()) fmt::print("\n{}\n", style.korean ? "한계값" : "Limits");
  for (const auto* parameter : parameters) {
    fmt::print("  {} = {} {}  {}\n    {}: {}\n", parameter->name, shown(parameter->value),
               parameter->unit, in(style, parameter->title), style.korean ? "출처" : "source",
               parameter->source);
  }
  return 0;
}

int catalogue_check(const Common& common) {
  const auto catalogue = load_catalogue(common, "");
  if (!catalogue) return complain(catalogue.error());
  const auto facts = load_facts();
  if (!facts) return complain(facts.error());
  const auto faults = judge::check(catalogue->value, *facts, topics_of(testcases::procedures()));
  for (const auto& fault : faults) fmt::print(stderr, "{}\n", fault);
  if (!faults.empty()) {
    fmt::print(stderr, "haetae: {} faults in the catalogue {}\n", faults.size(),
               catalogue->value.id);
    return exit_code::kUsage;
  }
  std::size_t criteria = 0;
  std::size_t planned = 0;
  for (const auto& item : catalogue->value.items) {
    criteria += item.criteria.size();
    planned += static_cast<std::size_t>(
        std::ranges::count_if(item.criteria, &catalogue::Criterion::planned));
  }
  fmt::print(
      "{} {}: {} items, {} criteria ({} without a procedure yet), {} limits, {} reference tables: "
      "sound\n",
      catalogue->value.id, catalogue->value.edition, catalogue->value.items.size(), criteria,
      planned, catalogue->value.parameters.size(), catalogue->value.references.size());
  return 0;
}

}  // namespace haetae::cli
