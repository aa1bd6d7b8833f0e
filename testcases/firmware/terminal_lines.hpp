#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Lines of first processes that start something on a terminal.
namespace haetae::testcases::firmware {

/// login_of_command() is what a command asks of who sits at the terminal: asked (a login program),
/// none (a shell), automatic (a login without password), unknown.
[[nodiscard]] std::string login_of_command(std::string_view command);

/// inittab_command() is the process of a line of /etc/inittab that serves a terminal (respawn,
/// askfirst, respawnlate …), empty for others.
[[nodiscard]] std::string inittab_command(std::string_view line);

/// shell_in_arguments() is the word of a kernel command line that starts a shell in place of the
/// first process (init=/bin/sh, rdinit=, systemd.debug-shell, rd.break), or empty.
[[nodiscard]] std::string shell_in_arguments(std::string_view arguments);

}  // namespace haetae::testcases::firmware
