#include <fmt/format.h>

#include "harness/audit/check.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"

namespace haetae::cli {

int verify(const VerifyArguments& arguments) {
  const auto checked = audit::check({.run = arguments.run,
                                     .key = arguments.key,
                                     .reports = arguments.reports,
                                     .authorities = arguments.authorities,
                                     .judge = !arguments.chain_only,
                                     .korean = style_of(stdout, arguments.language).korean,
                                     .tool = version_text()});
  if (!checked) return complain(checked.error());
  fmt::print("{}", checked->text);
  return checked->exit_code;
}

}  // namespace haetae::cli
