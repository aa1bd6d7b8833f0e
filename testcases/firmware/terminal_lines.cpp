#include "testcases/firmware/terminal_lines.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "testcases/firmware/reference_rows.hpp"

namespace haetae::testcases::firmware {
namespace {

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text.substr(0, 4096))};
  return {std::istream_iterator<std::string>(in), {}};
}

bool shell(std::string_view name) {
  static constexpr std::string_view kShells[] = {"sh", "ash", "bash", "dash", "hush", "ksh", "zsh"};
  return std::find(std::begin(kShells), std::end(kShells), base_name(name)) != std::end(kShells);
}

}  // namespace

std::string login_of_command(std::string_view command) {
  // A dash in front makes a login shell (inittab) or ignores a failure (systemd).
  while (!command.empty() && std::string_view("-@+!: ").find(command.front()) != command.npos)
    command.remove_prefix(1);
  const std::vector<std::string> word = words(command);
  if (word.empty()) return "unknown";
  const std::string_view program = base_name(word[0]);
  if (shell(program)) return word.size() > 1 && word[1] == "-c" ? "unknown" : "none";
  const auto has = [&](std::string_view option) {
    return std::find(word.begin(), word.end(), option) != word.end();
  };
  if (program == "login") return has("-f") ? "automatic" : "asked";
  if (program == "sulogin") return has("-e") || has("--force") ? "unknown" : "asked";
  if (program != "getty" && program != "agetty" && program != "mingetty") return "unknown";
  for (std::size_t at = 1; at < word.size(); ++at) {
    if (word[at] == "-a" || word[at].starts_with("--autologin")) return "automatic";
    if ((word[at] == "-l" || word[at] == "--login-program") && at + 1 < word.size()) {
      if (shell(word[at + 1])) return "none";
      if (base_name(word[at + 1]) != "login") return "unknown";
    }
  }
  return "asked";
}

std::string inittab_command(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  if (line.empty() || line.front() == '#') return {};
  std::string_view field[3];
  for (auto& one : field) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    one = line.substr(0, colon);
    line.remove_prefix(colon + 1);
  }
  static constexpr std::string_view kTerminals[] = {"respawn", "askfirst", "respawnlate",
                                                    "askconsole", "askconsolelate"};
  if (std::find(std::begin(kTerminals), std::end(kTerminals), field[2]) == std::end(kTerminals))
    return {};
  return std::string(line);
}

std::string shell_in_arguments(std::string_view arguments) {
  for (std::string word : words(arguments)) {
    word.erase(std::remove(word.begin(), word.end(), '"'), word.end());
    for (const std::string_view name : {"init=", "rdinit="})
      if (word.starts_with(name) && shell(word.substr(name.size()))) return word;
    if (word == "rd.break" || word == "rd.shell" || word == "systemd.debug-shell" ||
        word == "systemd.debug-shell=1" || word == "systemd.debug_shell")
      return word;
  }
  return {};
}

}  // namespace haetae::testcases::firmware
