#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "harness/net/child.hpp"
#include "harness/net/door.hpp"
#include "harness/net/socket.hpp"
#include "harness/net/state.hpp"

namespace haetae::net {
namespace {

/// file_of() is a file without a name that holds `bytes`.
Result<Fd> file_of(ByteView bytes) {
  Fd file(memfd_create("haetae-input", MFD_CLOEXEC));
  if (file.get() < 0) return error_of(errno, "the program's input");
  while (!bytes.empty()) {
    const ssize_t sent = write(file.get(), bytes.data(), bytes.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return error_of(errno, "the program's input");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  if (lseek(file.get(), 0, SEEK_SET) != 0) return error_of(errno, "the program's input");
  return file;
}

}  // namespace

Result<ProgramResult> Door::run_program(const Program& program, SteadyTime deadline) {
  if (program.arguments.empty())
    return fail(ErrorKind::invalid_input, "there is no program to run");
  auto input = file_of(program.input);
  if (!input) return tl::unexpected<Error>(std::move(input.error()));
  // prlimit sets the bounds and becomes the program: nothing of it runs without them.
  std::vector<std::string> words{"prlimit",
                                 fmt::format("--as={}", program.most_memory),
                                 fmt::format("--cpu={}", program.most_time.count()),
                                 "--core=0",
                                 "--fsize=0",
                                 "--nofile=64",
                                 "--"};
  words.insert(words.end(), program.arguments.begin(), program.arguments.end());
  const char* const path = std::getenv("PATH");
  std::string where = fmt::format("PATH={}", path == nullptr ? "/usr/bin:/bin" : path);
  std::string language = "LC_ALL=C.UTF-8";
  std::array<char*, 3> environment{where.data(), language.data(), nullptr};
  auto ended = run_child({.words = std::move(words),
                          .name = program.arguments.front(),
                          .input = input->get(),
                          .errors = false,
                          .environment = environment.data(),
                          .most_output = program.most_output},
                         deadline, state_->clock);
  if (!ended) return tl::unexpected<Error>(std::move(ended.error()));
  return ProgramResult{
      .exit_code = ended->exit_code, .output = std::move(ended->output), .cut = ended->cut};
}

}  // namespace haetae::net
