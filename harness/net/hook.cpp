#include <unistd.h>

#include <algorithm>

#include "harness/net/child.hpp"
#include "harness/net/door.hpp"
#include "harness/net/state.hpp"

namespace haetae::net {
namespace {

constexpr std::size_t kMostOutput = 65536;

std::vector<std::string> words_of(std::string_view command) {
  std::vector<std::string> out;
  constexpr std::string_view kBlanks = " \t\r\n";
  for (std::size_t at = command.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(command.find_first_of(kBlanks, at), command.size());
    out.emplace_back(command.substr(at, end - at));
    at = command.find_first_not_of(kBlanks, end);
  }
  return out;
}

}  // namespace

Result<HookResult> Door::run_hook(std::string_view command, SteadyTime deadline) {
  std::vector<std::string> words = words_of(command);
  if (words.empty()) return fail(ErrorKind::invalid_input, "the hook's command is empty");
  auto ended = run_child({.words = std::move(words),
                          .name = "the hook",
                          .input = -1,
                          .errors = true,
                          .environment = environ,
                          .most_output = kMostOutput},
                         deadline, state_->clock);
  if (!ended) return tl::unexpected<Error>(std::move(ended.error()));
  return HookResult{.exit_code = ended->exit_code, .output = std::move(ended->output)};
}

}  // namespace haetae::net
