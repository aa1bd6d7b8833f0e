#include "devices/console.hpp"

#include <fmt/format.h>

namespace haetae::devices {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostLine = 256;
constexpr milliseconds kKernel{300};   // from its start to the login prompt
constexpr milliseconds kRefusal{150};  // a wrong password waits

// hush takes quotes away, so that two parts become one word.
std::string unquoted(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != '\'' && c != '"') out.push_back(c);
  return out;
}

}  // namespace

ConsoleBoard::ConsoleBoard(const Settings& settings, std::string model)
    : settings_(settings), model_(std::move(model)) {}

void ConsoleBoard::power_on(Time now) {
  const std::lock_guard lock(mutex_);
  said_ = fmt::format("\r\nU-Boot 2023.01 ({})\r\n\r\nDRAM:  64 MiB\r\n", model_);
  line_.clear();
  enter(State::countdown, now);
  if (settings_.number("console.boot-delay") > 0)
    say(fmt::format("Hit any key to stop autoboot:  {} ", settings_.text("console.boot-delay")));
}

void ConsoleBoard::power_off() {
  const std::lock_guard lock(mutex_);
  state_ = State::off;
  said_.clear();
}

void ConsoleBoard::enter(State state, Time now) {
  state_ = state;
  since_ = now;
  line_.clear();
}

void ConsoleBoard::login_prompt(Time now) {
  if (settings_.text("console.system") == "shell") {
    say("\r\n# ");
    enter(State::shell, now);
  } else {
    say("\r\nsimcam login: ");
    enter(State::user, now);
  }
}

std::string ConsoleBoard::step(std::string_view typed, Time now) {
  const std::lock_guard lock(mutex_);
  for (const char key : typed) take(key, now);
  const auto passed = now - since_;
  if (state_ == State::countdown &&
      passed >= std::chrono::seconds(settings_.number("console.boot-delay"))) {
    say("\b\b\b 0 \r\nStarting kernel ...\r\n\r\n[    0.000000] Linux version 6.1.0 (simcam)\r\n");
    enter(State::kernel, now);
  } else if (state_ == State::kernel && passed >= kKernel) {
    login_prompt(now);
  } else if (state_ == State::refusing && passed >= kRefusal) {
    say("\r\nLogin incorrect");
    login_prompt(now);
  }
  return std::exchange(said_, {});
}

void ConsoleBoard::take(char key, Time now) {
  switch (state_) {
    case State::countdown:
      if (settings_.number("console.boot-delay") == 0) return;
      enter(State::loader, now);
      say("\r\n=> ");
      return;
    case State::off:
    case State::kernel:
    case State::refusing: return;
    default: break;
  }
  if (key == '\x03' || key == '\x15') {
    line_.clear();
    if (state_ == State::loader) say("<INTERRUPT>\r\n=> ");
    if (state_ == State::shell) say("^C\r\n# ");
    if (state_ == State::user || state_ == State::password) login_prompt(now);
  } else if (key == '\r') {
    say("\r\n");
    line(now);
  } else if (key >= ' ' && line_.size() < kMostLine) {
    line_.push_back(key);
    if (state_ != State::password) said_.push_back(key);
  }
}

void ConsoleBoard::line(Time now) {
  const std::string text = std::exchange(line_, {});
  switch (state_) {
    case State::loader:
      line_ = text;
      loader_line(now);
      break;
    case State::shell:
      line_ = text;
      shell_line(now);
      break;
    case State::user:
      if (text.empty()) return login_prompt(now);
      user_ = text;
      say("Password: ");
      enter(State::password, now);
      break;
    case State::password:
      if (user_ == "root" && text == settings_.text("console.root-password")) {
        say("\r\n# ");
        enter(State::shell, now);
      } else {
        enter(State::refusing, now);
      }
      break;
    default: break;
  }
}

void ConsoleBoard::loader_line(Time now) {
  const std::string text = std::exchange(line_, {});
  if (text == "boot" || text == "reset") {
    say("Starting kernel ...\r\n\r\n[    0.000000] Linux version 6.1.0 (simcam)\r\n");
    enter(State::kernel, now);
    return;
  }
  if (text == "version") say("U-Boot 2023.01 (simcam)\r\ngcc (Debian 12.2.0)\r\n");
  if (!text.empty() && text != "version")
    say(fmt::format("Unknown command '{}' - try 'help'\r\n", text));
  say("=> ");
}

void ConsoleBoard::shell_line(Time now) {
  const std::string text = std::exchange(line_, {});
  if (text == "exit") return login_prompt(now);
  if (text == "id") {
    say("uid=0(root) gid=0(root)\r\n");
  } else if (text.starts_with("echo ")) {
    std::string words = unquoted(std::string_view(text).substr(5));
    if (const auto at = words.find("$$"); at != std::string::npos) words.replace(at, 2, "217");
    say(words + "\r\n");
  } else if (!text.empty()) {
    say(fmt::format("sh: {}: not found\r\n", text));
  }
  say("# ");
}

std::string console_address(const std::string& device) {
  if (!device.starts_with("127.")) return {};
  const auto dot = device.rfind('.');
  const int last = std::stoi(device.substr(dot + 1));
  return device.substr(0, dot + 1) + std::to_string(last <= 154 ? last + 100 : last - 100);
}

}  // namespace haetae::devices
