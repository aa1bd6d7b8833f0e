#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"

/// Child processes, the only place where one is started: without a shell, in a process group of its
/// own that is killed at the deadline, descriptors other than the three standard ones closed.
namespace haetae::net {

struct Child {
  std::vector<std::string> words;  ///< the program first, then its arguments
  std::string_view name;           ///< what error texts call it
  int input = -1;                  ///< descriptor of its standard input; -1: empty
  bool errors = false;             ///< standard error belongs to the output; else it is thrown away
  char** environment = nullptr;
  std::size_t most_output = 0;
};

struct Ended {
  int exit_code = 0;  ///< 128 and more: ended by that signal
  std::string output;
  bool cut = false;
};

/// run_child() starts a process and waits until it ends or `deadline` has passed.
[[nodiscard]] Result<Ended> run_child(const Child& child, SteadyTime deadline, const Clock& clock);

}  // namespace haetae::net
