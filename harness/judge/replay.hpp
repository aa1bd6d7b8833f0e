#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/sandbox.hpp"

namespace haetae::judge {

/// shell_word() is `text` as one word of a POSIX shell, whatever it holds: nothing in it is
/// expanded. Nothing for text that cannot be typed: control characters, bidirectional marks,
/// invalid UTF-8, more than 500 bytes.
[[nodiscard]] std::optional<std::string> shell_word(std::string_view text);

/// ReplayPlaces are the values that every replay of a run may use.
struct ReplayPlaces {
  std::string address;  ///< of the device; empty if unknown
  std::map<std::string, std::map<std::string, std::string>> more;  ///< by subject, then name
};

/// device_address() is the first address of the run, empty if there is none. A sandbox must not be
/// open on the database: it lets nobody read that table.
[[nodiscard]] std::string device_address(sqlite3* database);

/// replay_places() adds the answer of the catalogue's <places>.
[[nodiscard]] ReplayPlaces replay_places(std::string address, const catalogue::Catalogue& catalogue,
                                         Sandbox& sandbox);

/// fill_replay() is the script of a breach, with a comment for its hazard and its secret; empty if
/// no variant fits, a place is NULL or a value cannot be typed.
[[nodiscard]] std::string fill_replay(const catalogue::Replay& replay, const ReplayPlaces& places,
                                      const std::vector<std::string>& columns,
                                      const std::vector<Cell>& row, const std::string& subject);

/// check_script() is what is wrong with a script: places that are not in `names`, places where a
/// quoted value would not stay one word (inside quotes, a here-document or a comment).
[[nodiscard]] std::vector<std::string> check_script(std::string_view script,
                                                    const std::vector<std::string>& names);

}  // namespace haetae::judge
