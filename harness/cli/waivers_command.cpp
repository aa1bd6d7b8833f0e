#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/setup.hpp"
#include "harness/compare/waivers.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::cli {

int waivers_check(const std::filesystem::path& file, const std::filesystem::path& key) {
  const auto waivers = compare::load_waivers(
      file, key.empty() ? std::nullopt : std::optional<std::filesystem::path>(key));
  if (!waivers) return complain(waivers.error());
  const WallTime now = system_clock().wall();
  for (const auto& waiver : waivers->list) {
    fmt::print(
        "{} {:<14} {}  {} · {} → {}\n", waiver.in_force(now) ? "✓" : "✗", waiver.target,
        waiver.in_force(now) ? "in force until " + waiver.expires : "expired " + waiver.expires,
        printable(waiver.reason), printable(waiver.author), printable(waiver.approver));
  }
  fmt::print("{}: {} waivers, {}\n", file.string(), waivers->list.size(),
             waivers->signer.empty()
                 ? "not signed"
                 : fmt::format("signed by {}{}", waivers->signer.substr(0, 16),
                               key.empty() ? " (unknown: give --key)" : " (known)"));
  return 0;
}

int waivers_sign(const std::filesystem::path& file, const std::filesystem::path& key) {
  const auto written = compare::sign_waivers(file, key);
  if (!written) return complain(written.error());
  fmt::print("{}\n", written->string());
  return 0;
}

}  // namespace haetae::cli
