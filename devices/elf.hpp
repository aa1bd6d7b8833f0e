#pragma once

#include <string>
#include <vector>

namespace haetae::devices {

/// ElfSpec says how a small 64 bit program or library for ARM is built. It has the headers, tables
/// and names of a real one, and code that ends at once.
struct ElfSpec {
  bool library = false;
  std::string soname;                ///< of a library
  std::vector<std::string> needs;    ///< DT_NEEDED, in order
  std::vector<std::string> imports;  ///< names that it takes from others
  std::vector<std::string> exports;  ///< names that it gives
  std::vector<std::string> strings;  ///< read-only text
  std::string run_path;              ///< DT_RUNPATH
  bool pie = true;                   ///< a program at any address; libraries always are
  bool stack_executable = false;
  std::string relro = "full";  ///< full, partial, none
  bool stripped = true;        ///< false: with .symtab and .debug_info
};

/// make_elf() is the whole file.
[[nodiscard]] std::string make_elf(const ElfSpec& spec);

}  // namespace haetae::devices
