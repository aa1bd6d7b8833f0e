#include "harness/net/child.hpp"

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

#include "harness/net/socket.hpp"

namespace haetae::net {
namespace {

constexpr int kLookMilliseconds = 10;

// SpawnSettings: standard input empty or given, output into the pipe, a process group of its own.
class SpawnSettings {
 public:
  SpawnSettings(const Child& child, int output) {
    posix_spawn_file_actions_init(&actions_);
    if (child.input < 0) {
      posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    } else {
      posix_spawn_file_actions_adddup2(&actions_, child.input, 0);
    }
    posix_spawn_file_actions_adddup2(&actions_, output, 1);
    if (child.errors) {
      posix_spawn_file_actions_adddup2(&actions_, output, 2);
    } else {
      posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);
    }
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
bool drain(int pipe, std::size_t most, Ended& result) {
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = read(pipe, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0;
    const std::size_t room = most - result.output.size();
    result.output.append(block.data(), std::min(room, static_cast<std::size_t>(got)));
    result.cut = result.cut || static_cast<std::size_t>(got) > room;
    // One block at a time, so that a command that never stops writing meets its deadline.
    return true;
  }
}

Result<Ended> follow(pid_t child, int pipe, const Child& what, SteadyTime deadline,
                     const Clock& clock) {
  Ended result;
  bool writers = true;
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) {
      // What it left running (a device that it started) may keep the pipe: do not wait for that.
      pollfd entry{.fd = pipe, .events = POLLIN, .revents = 0};
      while (result.output.size() < what.most_output && writers && poll(&entry, 1, 0) > 0) {
        writers = drain(pipe, what.most_output, result);
      }
      if (ended < 0) {
        return fail(ErrorKind::internal,
                    fmt::format("{}'s process cannot be waited for", what.name));
      }
      result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      return result;
    }
    if (clock.now() >= deadline) {
      kill(-child, SIGKILL);
      while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
      }
      return fail(ErrorKind::timed_out,
                  fmt::format("{} did not end in time and was killed", what.name));
    }
    pollfd entry{.fd = writers ? pipe : -1, .events = POLLIN, .revents = 0};
    if (poll(&entry, 1, kLookMilliseconds) > 0) writers = drain(pipe, what.most_output, result);
  }
}

}  // namespace

Result<Ended> run_child(const Child& child, SteadyTime deadline, const Clock& clock) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return error_of(errno, fmt::format("{}'s pipe", child.name));
  const Fd output(ends[0]);
  Fd input(ends[1]);
  fcntl(output.get(), F_SETFL, O_NONBLOCK);

  std::vector<std::string> words = child.words;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const SpawnSettings settings(child, input.get());
  pid_t process = 0;
  const int code = posix_spawnp(&process, words.front().c_str(), settings.actions(),
                                settings.attributes(), arguments.data(), child.environment);
  if (code != 0) {
    return fail(ErrorKind::not_found,
                fmt::format("{} '{}' cannot be run: {}", child.name, words.front(),
                            std::generic_category().message(code)));
  }
  input.reset();
  return follow(process, output.get(), child, deadline, clock);
}

}  // namespace haetae::net
