#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "harness/protocols/console.hpp"
#include "harness/runner/procedure.hpp"

/// What the procedures of the serial console share.
namespace haetae::testcases {

/// kConsole is the subject of everything that is learned at the console.
inline constexpr std::string_view kConsole = "console";

/// Terminal types at a console and waits for what it says. Every wait has an end, and a console
/// that never falls silent shows no prompt.
class Terminal {
 public:
  using Ask = protocols::console::Ask;

  Terminal(runner::Context& context, std::unique_ptr<net::Conn> line,
           protocols::console::Known known);

  /// settle() reads until a prompt has stood for a while, `quiet` passed without a byte, or `most`
  /// is over. A prompt like the one before type() counts only in a new line: a console that echoes
  /// nothing still shows the old one.
  [[nodiscard]] Ask settle(Duration quiet, Duration most);
  /// listen() reads what comes within `wait`, and is true if anything did.
  bool listen(Duration wait);
  /// standing() is how long nothing has come.
  [[nodiscard]] Duration standing() const;
  /// type() sends keys as they are; false if the line is gone or takes none.
  bool type(std::string_view keys);

  [[nodiscard]] protocols::console::Screen& screen() { return screen_; }
  [[nodiscard]] EvidenceId evidence() const { return line_->evidence(); }
  [[nodiscard]] bool gone() const { return !gone_.empty(); }
  [[nodiscard]] const std::string& why_gone() const { return gone_; }
  /// said() is what came after the last type().
  [[nodiscard]] std::string_view said() const { return screen_.since(typed_); }
  /// answer() is said() without its first line, the echo, and without its last one, the prompt.
  [[nodiscard]] std::string_view answer() const;

 private:
  [[nodiscard]] Ask asked() const;

  runner::Context& context_;
  std::unique_ptr<net::Conn> line_;
  protocols::console::Screen screen_;
  std::uint64_t typed_ = 0;
  bool has_typed_ = false;
  Ask before_ = Ask::nothing;
  SteadyTime last_{};
  std::string gone_;
};

/// open_console() opens the declared console. It must be declared.
[[nodiscard]] Result<std::unique_ptr<Terminal>> open_console(runner::Context& context,
                                                             std::string_view label);

/// ShellSeen is what a command line gave.
struct ShellSeen {
  bool answered = false;       ///< it put a random word together, as a shell does and no echo
  bool first_process = false;  ///< leaving it would end the system
  std::string account;         ///< whose it is, printable, empty if it did not say
};
/// prove_shell() asks a shell prompt two harmless questions: echo and id.
[[nodiscard]] ShellSeen prove_shell(Terminal& terminal);

/// state_of() is the word of console_seen.state for what came.
[[nodiscard]] std::string state_of(const protocols::console::Screen& screen);

}  // namespace haetae::testcases
