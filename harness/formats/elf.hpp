#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"

/// Reads programs, libraries and kernel modules in ELF form (System V ABI, chapters 4 and 5; GNU
/// extensions of the Linux Standard Base) of both classes and both byte orders. What comes in is
/// hostile: every offset and count is checked against the bytes that are there.
namespace haetae::formats {

/// LibraryPath is an entry of DT_RPATH or DT_RUNPATH.
struct LibraryPath {
  std::string tag;    ///< rpath, runpath
  std::string entry;  ///< one folder of the list, as written
  std::string shape;  ///< absolute, relative, origin ($ORIGIN in front), empty
  bool operator==(const LibraryPath&) const = default;
};

/// Elf is what the headers and symbol tables of one file say. A word is "unknown" where they do
/// not tell.
struct Elf {
  std::string bits = "unknown";        ///< 32, 64
  std::string byte_order = "unknown";  ///< little, big
  std::string machine;                 ///< "ARM", "MIPS", "x86-64"; "machine N" if not listed
  /// program, static-program, library, module (of the kernel), kernel (or boot loader), object,
  /// core, unknown
  std::string kind = "unknown";
  std::string nx = "unknown";       ///< present, absent: the stack is not executable
  std::string pie = "unknown";      ///< present, absent, not-applicable
  std::string relro = "unknown";    ///< full, partial, absent, not-applicable (nothing to protect)
  std::string canary = "unknown";   ///< present, absent (no function calls the check)
  std::string fortify = "unknown";  ///< present, absent, not-applicable (nothing to check)
  std::string symbols = "unknown";  ///< yes, no: a symbol table beside the one for linking
  std::string debug = "unknown";    ///< yes, no: DWARF sections
  int fortified = 0;                ///< checked variants (__*_chk) that are imported
  int fortifiable = 0;              ///< functions that have a checked variant and are not that
  std::string interpreter;          ///< of PT_INTERP, may be empty
  std::string soname;               ///< of DT_SONAME, may be empty
  std::vector<std::string> needed;  ///< DT_NEEDED, in order
  std::vector<LibraryPath> library_paths;
  std::vector<std::string> imports;  ///< undefined symbols, sorted, each once
  bool imports_known = false;        ///< false: linked statically and stripped, or damaged
  std::vector<std::string> defined;  ///< symbols of a static program that is not stripped, sorted
  std::string module_magic;          ///< vermagic of a kernel module
  bool module_signature = false;     ///< "~Module signature appended~" stands at its end
  std::uint64_t headers = 0;         ///< bytes from the start that hold file and program headers
  std::string damage;                ///< first thing that did not fit, one sentence; empty: sound

  [[nodiscard]] bool imports_any(std::string_view name) const;
};

/// is_elf() looks at the magic only.
[[nodiscard]] bool is_elf(ByteView bytes);

/// linked_statically() is whether neither an interpreter nor a dynamic section is named.
[[nodiscard]] bool linked_statically(ByteView bytes);

/// read_elf() gives nothing where the magic is not there or the header is cut off or impossible.
[[nodiscard]] std::optional<Elf> read_elf(ByteView bytes);

/// fortified_name() is "memcpy" for "__memcpy_chk"; empty for what is no checked variant.
[[nodiscard]] std::string fortified_name(std::string_view import);

}  // namespace haetae::formats
