#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/comparing.hpp"
#include "harness/cli/judging.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"

namespace haetae::cli {
namespace {

/// set_limits() puts the limits of the command line in the place of those of an earlier judgement,
/// which held for that one only.
Result<void> set_limits(const std::vector<std::string>& assignments, catalogue::Loaded& catalogue) {
  const auto before = std::erase_if(catalogue.sources,
                                    [](const auto& source) { return source.name == kLimitsName; });
  if (before == 0 && assignments.empty()) return {};
  for (const bool with_limits : {false, true}) {
    if (with_limits) {
      if (assignments.empty()) break;
      auto limits = catalogue::limits_source(catalogue.value, assignments);
      if (!limits) return tl::unexpected(limits.error());
      catalogue.sources.push_back(std::move(*limits));
    }
    auto value = catalogue::load_sources(catalogue.sources);
    if (!value) return tl::unexpected(value.error());
    catalogue.value = std::move(*value);
  }
  return {};
}

std::string shown(const Value& value) {
  return std::visit([](const auto& one) { return fmt::format("{}", one); }, value);
}

int code_of(Headline headline) {
  return headline == Headline::conformant       ? exit_code::kConformant
         : headline == Headline::non_conformant ? exit_code::kNonConformant
                                                : exit_code::kIncomplete;
}

}  // namespace

int judge(const JudgeArguments& arguments) {
  auto run = evidence::RunFile::open(arguments.run, true, system_clock());
  if (!run) return complain(run.error());
  auto catalogue = arguments.stored ? stored_catalogue(*run)
                                    : load_catalogue(arguments.common, run->value("profile"));
  if (!catalogue) return complain(catalogue.error());
  if (auto set = set_limits(arguments.limits, *catalogue); !set) return complain(set.error());
  const auto waivers = asked_waivers(arguments.waivers, arguments.waiver_key, catalogue->value);
  if (!waivers) return complain(waivers.error());
  const auto add_waivers = [&](evidence::RunFile& file,
                               const judge::Judgement& judgement) -> Result<void> {
    if (!*waivers) return {};
    if (const auto none = compare::unmatched(**waivers, judgement); !none.empty()) {
      return tl::unexpected(compare::unmatched_error(**waivers, none));
    }
    return compare::store_waivers(file, **waivers, judgement, system_clock().wall());
  };
  const auto judgement = judge_again(
      *run, *catalogue, arguments.key,
      arguments.limits.empty() ? "judged again" : "judged again with other limits", add_waivers);
  if (!judgement) return complain(judgement.error());
  const Style style = style_of(stdout, arguments.common.language);
  for (const auto& changed : catalogue->value.changed) {
    const auto* const now = catalogue->value.parameter(changed.name);
    fmt::print("{} {}: {} → {}\n", style.korean ? "한계값" : "limit", changed.name,
               shown(changed.before), now == nullptr ? "" : shown(now->value));
  }
  fmt::print("{}",
             summary(catalogue->value, *judgement,
                     {.file = arguments.run.string(), .seal = "", .public_key = "", .trouble = ""},
                     style));
  return code_of(judgement->headline);
}

}  // namespace haetae::cli
