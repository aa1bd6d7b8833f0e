#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "devices/console.hpp"
#include "harness/runner/procedure.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/pty.hpp"

/// What the tests of the serial console share: boards behind a pty, and the procedures run at them.
namespace haetae::test {

/// PtyBoard puts a simulated board behind a pty. Its power is cut by the file that power_hook()
/// makes. What the board says comes in pieces of `piece` bytes.
class PtyBoard {
 public:
  PtyBoard(const devices::Settings& settings, const TempDir& folder, std::size_t piece = 4096);
  ~PtyBoard();
  PtyBoard(const PtyBoard&) = delete;
  PtyBoard& operator=(const PtyBoard&) = delete;
  [[nodiscard]] const std::string& tty() const { return pty_.name(); }
  [[nodiscard]] std::string power_hook() const { return "/usr/bin/touch " + power_.string(); }

 private:
  void run();

  Pty pty_;
  devices::ConsoleBoard board_;
  std::filesystem::path power_;
  std::size_t piece_;
  std::atomic<bool> over_{false};
  std::jthread thread_;
};

/// console_declaration() is a device with a console on a tty or at a server.
[[nodiscard]] declaration::Declaration at_tty(const std::string& tty,
                                              const std::string& power_hook = {});
[[nodiscard]] declaration::Declaration at_server(const Endpoint& server);

/// console_catalogue() is the product's, with so many logins to be tried.
[[nodiscard]] catalogue::Catalogue console_catalogue(std::int64_t tries);

/// run_console() and run_boot() run one procedure; throw when it fails.
void run_console(FakeContext& context);
void run_boot(FakeContext& context);

}  // namespace haetae::test
