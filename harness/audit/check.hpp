#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/model/error.hpp"

/// Everything that can be checked of a run file, in words, for every program that checks.
namespace haetae::audit {

struct Wish {
  std::filesystem::path run;
  std::filesystem::path key{};  ///< public key (PEM) that the caller trusts; empty: none
  std::vector<std::filesystem::path> reports{};  ///< whether these were issued from the run
  std::filesystem::path authorities{};  ///< certificates (PEM) trusted for time stamps; empty: none
  bool judge = true;                    ///< judge again
  bool korean = false;
  std::string tool;  ///< edition of the program that checks
};

struct Checked {
  std::string text;  ///< lines for a person; nothing in it can steer a terminal
  /// 0: whole, sealed, and all follows · 1: changed, or a verdict does not follow · 2: not sealed
  /// by the key that the caller trusts, or something could not be checked
  int exit_code = 0;
};

[[nodiscard]] Result<Checked> check(const Wish& wish);

/// exit_code_of() is 64 for what a person can put right on the command line, 3 for the rest.
[[nodiscard]] int exit_code_of(const Error& error);

}  // namespace haetae::audit
