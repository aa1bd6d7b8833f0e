#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "harness/net/door.hpp"
#include "harness/net/socket.hpp"
#include "harness/net/state.hpp"

namespace haetae::net {
namespace {

constexpr std::size_t kMostOutput = 65536;
constexpr int kLookMilliseconds = 10;

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

// SpawnSettings: standard input empty, output into the pipe, a process group of its own.
class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, 1);
    posix_spawn_file_actions_adddup2(&actions_, output, 2);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// drain() takes what is in the pipe; false when its writers are gone.
bool drain(int pipe, std::string& output) {
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t got = read(pipe, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0;
    const std::size_t room = kMostOutput - output.size();
    output.append(block.data(), std::min(room, static_cast<std::size_t>(got)));
    // One block at a time, so that a command that never stops writing meets its deadline.
    return true;
  }
}

Result<HookResult> follow(pid_t child, int pipe, SteadyTime deadline, const Clock& clock) {
  HookResult result;
  bool writers = true;
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) {
      // What it left running (a device that it started) may keep the pipe: do not wait for that.
      pollfd entry{.fd = pipe, .events = POLLIN, .revents = 0};
      while (result.output.size() < kMostOutput && writers && poll(&entry, 1, 0) > 0) {
        writers = drain(pipe, result.output);
      }
      if (ended < 0) return fail(ErrorKind::internal, "the hook's process cannot be waited for");
      result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      return result;
    }
    if (clock.now() >= deadline) {
      kill(-child, SIGKILL);
      while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
      }
      return fail(ErrorKind::timed_out, "the hook did not end in time and was killed");
    }
    pollfd entry{.fd = writers ? pipe : -1, .events = POLLIN, .revents = 0};
    if (poll(&entry, 1, kLookMilliseconds) > 0) writers = drain(pipe, result.output);
  }
}

}  // namespace

Result<HookResult> Door::run_hook(std::string_view command, SteadyTime deadline) {
  std::vector<std::string> words = words_of(command);
  if (words.empty()) return fail(ErrorKind::invalid_input, "the hook's command is empty");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return error_of(errno, "the hook's pipe");
  const Fd output(ends[0]);
  Fd input(ends[1]);
  fcntl(output.get(), F_SETFL, O_NONBLOCK);

  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const SpawnSettings settings(input.get());
  pid_t child = 0;
  const int code = posix_spawnp(&child, words.front().c_str(), settings.actions(),
                                settings.attributes(), arguments.data(), environ);
  if (code != 0) {
    return fail(ErrorKind::not_found, fmt::format("the hook '{}' cannot be run: {}", words.front(),
                                                  std::generic_category().message(code)));
  }
  input.reset();
  return follow(child, output.get(), deadline, state_->clock);
}

}  // namespace haetae::net
