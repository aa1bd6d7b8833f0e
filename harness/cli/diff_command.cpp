#include <fstream>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/comparing.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/compare/render.hpp"

namespace haetae::cli {
namespace {

Result<void> put(const std::filesystem::path& output, const std::string& content) {
  if (output.empty()) {
    fmt::print("{}", content);
    return {};
  }
  std::ofstream file(output, std::ios::binary);
  file << content;
  file.close();
  if (file) return {};
  return fail(ErrorKind::storage, fmt::format("{} cannot be written", output.string()));
}

std::string format_for(const DiffArguments& arguments) {
  if (!arguments.format.empty()) return arguments.format;
  const std::string ending = arguments.output.extension().string();
  return ending == ".html" ? "html" : ending == ".json" ? "json" : "text";
}

}  // namespace

int diff(const DiffArguments& arguments) {
  const auto before = open_judged(arguments.before);
  if (!before) return complain(before.error());
  const auto after = open_judged(arguments.after);
  if (!after) return complain(after.error());
  const auto compared = compare_runs(*before, *after);
  if (!compared) return complain(compared.error());
  const auto& [difference, retest] = *compared;
  const auto language =
      style_of(stdout, arguments.language).korean ? compare::Language::ko : compare::Language::en;
  const std::string format = format_for(arguments);
  const std::string content = format == "json"   ? compare::json(difference, retest)
                              : format == "html" ? compare::html(difference, retest, language)
                                                 : compare::text(difference, retest, language);
  if (auto done = put(arguments.output, content); !done) return complain(done.error());
  if (arguments.gate) return compare::gate_holds(difference) ? 0 : 1;
  return compare::exit_status(difference);
}

}  // namespace haetae::cli
