#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "devices/settings.hpp"
#include "devices/simulator.hpp"

namespace haetae::devices {

/// ConsoleBoard is what stands behind the serial console of a simulated device: a boot loader that
/// counts down, a kernel, a login prompt. It does something only when it is asked; time is handed
/// in. Safe for several threads.
class ConsoleBoard {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ConsoleBoard(const Settings& settings, std::string model);
  /// power_on() starts the boot anew; power_off() makes it silent and deaf.
  void power_on(Time now);
  void power_off();
  /// step() takes what was typed and gives what the board says by now.
  [[nodiscard]] std::string step(std::string_view typed, Time now);

 private:
  enum class State { off, countdown, loader, kernel, user, password, refusing, shell };

  void enter(State state, Time now);
  void take(char key, Time now);
  void line(Time now);
  void loader_line(Time now);
  void shell_line(Time now);
  void login_prompt(Time now);
  void say(std::string_view text) { said_ += text; }

  const Settings& settings_;
  const std::string model_;
  std::mutex mutex_;
  State state_ = State::user;
  Time since_{};
  std::string said_, line_, user_;
};

/// ConsoleServer passes the console on over TCP, as the laboratory's console server does: it has
/// its own address and stays when the device loses its power. It serves one connection at a time.
class ConsoleServer {
 public:
  /// start() opens the port; the board must outlive the server.
  [[nodiscard]] static Outcome<std::unique_ptr<ConsoleServer>> start(const std::string& address,
                                                                     std::uint16_t port,
                                                                     ConsoleBoard& board);
  ~ConsoleServer();
  ConsoleServer(const ConsoleServer&) = delete;
  ConsoleServer& operator=(const ConsoleServer&) = delete;

 private:
  struct Impl;
  explicit ConsoleServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// console_address() is where the console server of a device stands: 100 addresses further on, or
/// back. Empty where the device is not on an IPv4 loopback address, since no other is ours.
[[nodiscard]] std::string console_address(const std::string& device);

}  // namespace haetae::devices
