#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace haetae::testcases::firmware {

/// Start is a program of a list that a line of a start file starts.
struct Start {
  std::size_t at = 0, length = 0;  ///< the line in the file
  std::string program;             ///< base name
  std::string account;             ///< that the line names, empty if none
};

using Programs = std::set<std::string, std::less<>>;

/// read_script() finds the programs that a shell script starts: in command position, as a path, or
/// assigned to a variable as a path; not in comments, tests, messages and commands that end them.
[[nodiscard]] std::vector<Start> read_script(std::string_view content, const Programs& programs);

/// read_inittab() reads inittab of sysvinit and busybox; read_inetd() inetd.conf; read_xinetd() a
/// file of xinetd.d (nothing if it is disabled); read_unit() a service unit of systemd.
[[nodiscard]] std::vector<Start> read_inittab(std::string_view content, const Programs& programs);
[[nodiscard]] std::vector<Start> read_inetd(std::string_view content, const Programs& programs);
[[nodiscard]] std::vector<Start> read_xinetd(std::string_view content, const Programs& programs);
[[nodiscard]] std::vector<Start> read_unit(std::string_view content, const Programs& programs);

/// setting() is the first word that a settings file gives for a name: server.username = "www".
[[nodiscard]] std::optional<std::string> setting(std::string_view content, std::string_view name);

/// called_files() are the paths of files under /etc that a script or inittab names, so that those
/// count as started.
[[nodiscard]] std::vector<std::string> called_files(std::string_view content);

}  // namespace haetae::testcases::firmware
