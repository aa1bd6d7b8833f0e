#pragma once

#include <optional>
#include <string>
#include <vector>

#include "testcases/hardware/terminal.hpp"

namespace haetae::testcases {

/// BootWatch drives one boot at the console: the power is cut, keys are pressed until the boot
/// loader stops or the system starts, what stands there is asked harmless questions, and the boot
/// goes on. Nothing is written to environment or flash.
class BootWatch {
 public:
  BootWatch(runner::Context& context, Terminal& terminal);

  enum class Power { hook, person, failed, none };
  /// interrupt() cuts the power by the hook, or waits for a person to do it, and watches.
  void interrupt();
  /// look_behind() finds out what stands at the place where the boot stopped, if it did.
  void look_behind();
  /// finish() lets the boot go on and presses Enter until the system asks for something.
  void finish();

  [[nodiscard]] Power power() const { return power_; }
  /// booted() is whether boot loader or kernel were seen.
  [[nodiscard]] bool booted() const { return booted_; }
  [[nodiscard]] const std::string& loader() const { return loader_; }  ///< empty if none spoke
  [[nodiscard]] const std::string& banner() const { return banner_; }
  [[nodiscard]] bool kernel() const { return kernel_; }
  /// stopped() is whether a key stopped the boot, as far as it is known.
  [[nodiscard]] std::optional<bool> stopped() const { return stopped_; }
  [[nodiscard]] const std::string& shell() const { return shell_; }      ///< console_boot.shell
  [[nodiscard]] const std::string& command() const { return command_; }  ///< that was answered
  [[nodiscard]] Terminal::Ask system() const { return system_; }
  [[nodiscard]] const ShellSeen& system_shell() const { return system_shell_; }

 private:
  /// Key is pressed once `after` was seen; without it, always.
  struct Key {
    std::string bytes, after;
  };
  struct Command {
    std::string text, answer;
  };
  [[nodiscard]] std::vector<Command> commands(std::string_view use) const;
  [[nodiscard]] bool answered(const Command& command);
  [[nodiscard]] bool watch(SteadyTime end, bool keys, const std::function<bool()>& waiting);
  void press();
  void note();
  [[nodiscard]] bool goes_on(SteadyTime end);

  runner::Context& context_;
  Terminal& terminal_;
  std::vector<Key> keys_;
  std::size_t next_ = 0;
  std::uint64_t begun_ = 0;  // where the text of this boot starts
  Power power_ = Power::none;
  bool booted_ = false, kernel_ = false;
  std::string loader_, banner_;
  std::optional<bool> stopped_;
  std::string shell_ = "unknown";
  std::string command_;
  Terminal::Ask system_ = Terminal::Ask::nothing;
  ShellSeen system_shell_;
};

}  // namespace haetae::testcases
