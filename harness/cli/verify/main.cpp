#include <CLI/CLI.hpp>

#include <cstdlib>

#include <fmt/format.h>

#include "harness/audit/check.hpp"
#include "version.hpp"

// haetae-verify: the check of a run file for somebody who has nothing else of Haetae.

namespace {

bool korean(const std::string& language) {
  if (!language.empty()) return language == "ko";
  for (const char* const name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return std::string_view(value).starts_with("ko");
  }
  return false;
}

int run(const haetae::audit::Wish& wish) {
  const auto checked = haetae::audit::check(wish);
  if (!checked) {
    fmt::print(stderr, "haetae-verify: {}\n", checked.error().message());
    return haetae::audit::exit_code_of(checked.error());
  }
  fmt::print("{}", checked->text);
  return checked->exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  haetae::audit::Wish wish;
  wish.tool = fmt::format("haetae {} (commit {})", haetae::cli::kVersion, haetae::cli::kCommit);
  std::string language;
  bool chain_only = false;
  CLI::App app{
      "Check a run file of Haetae: links, commitments, seals, that the verdicts follow from "
      "the facts, and that reports belong to it"};
  app.set_version_flag("--version", wish.tool);
  app.footer(
      "\nExit codes: 0 whole · 1 changed · 2 not sealed by the key that you trust, or not checked "
      "in "
      "full ·\n            3 fault of the tool · 64 usage or invalid input");
  app.add_option("RUN", wish.run, "A run file")->required();
  app.add_option("--key", wish.key,
                 "The public key (PEM) that you trust; without it the signer is unknown");
  app.add_option("--report", wish.reports,
                 "A report file: was it issued from this run, unchanged?");
  app.add_option("--tsa-ca", wish.authorities, "Certificates (PEM) that you trust for time stamps");
  app.add_flag("--chain-only", chain_only, "Do not judge again");
  app.add_option("--lang", language, "ko or en (default: the locale's)")
      ->check(CLI::IsMember({"ko", "en"}));
  try {
    app.parse(argc, argv);
    wish.judge = !chain_only;
    wish.korean = korean(language);
    return run(wish);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  } catch (const std::exception& error) {
    fmt::print(stderr, "haetae-verify: fault of the tool: {}\n", error.what());
    return 3;
  }
}
