#include "testcases/hardware/boot_watch.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <thread>

#include "testcases/authentication/web.hpp"

namespace haetae::testcases {
namespace {

using protocols::console::Ask;

constexpr Duration kKeyEvery = 100ms;
constexpr Duration kStopped = 700ms;  // a boot loader that waits for a command says nothing more

std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    unsigned byte = 0;
    if (std::from_chars(text.data() + at, text.data() + at + 2, byte, 16).ec != std::errc{})
      return {};
    out.push_back(static_cast<char>(byte));
  }
  return out;
}

std::string filled(std::string text, const std::string& canary) {
  constexpr std::string_view kPlace = "{canary}";
  for (std::size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos; at += canary.size())
    text.replace(at, kPlace.size(), canary);
  return text;
}

// HookRun runs a hook beside the watch: the board speaks while its power comes back.
class HookRun {
 public:
  HookRun(runner::Context& context, const declaration::Hook& hook)
      : thread_([this, &context, hook] {
          const auto end = context.clock().now() + hook.timeout;
          const auto done = context.door().run_hook(hook.command, end);
          const std::string text = done ? "exit code " + std::to_string(done->exit_code) + "\n" +
                                              printable(done->output, 4000)
                                        : printable(done.error().message());
          context.recorder().attach(kConsole, "hook " + hook.name, "text/plain", as_bytes(text));
          good_ = done && done->exit_code == 0;
          ended_ = true;
        }) {}
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::atomic<bool> ended_{false}, good_{false};
  std::jthread thread_;
};

}  // namespace

BootWatch::BootWatch(runner::Context& context, Terminal& terminal)
    : context_(context), terminal_(terminal) {
  if (const auto* reference = context.catalogue().reference("boot_key")) {
    for (const auto& row : reference->rows)
      keys_.push_back(
          {from_hex(column(*reference, row, "bytes")), column(*reference, row, "after")});
  }
  std::erase_if(keys_, [](const Key& key) { return key.bytes.empty(); });
}

std::vector<BootWatch::Command> BootWatch::commands(std::string_view use) const {
  std::vector<Command> out;
  const auto* reference = context_.catalogue().reference("boot_command");
  if (reference == nullptr) return out;
  // Most boot loaders under another name are a U-Boot.
  for (const std::string& name : {loader_, std::string("u-boot")}) {
    for (const auto& row : reference->rows)
      if (column(*reference, row, "loader") == name && column(*reference, row, "use") == use)
        out.push_back({column(*reference, row, "command"), column(*reference, row, "answer")});
    if (!out.empty()) break;
  }
  return out;
}

// The system that still runs gets the first keys too: those of a boot loader wait for its words.
void BootWatch::press() {
  const std::string_view said = terminal_.screen().since(begun_);
  for (std::size_t turn = 0; turn < keys_.size(); ++turn) {
    const Key& key = keys_[next_++ % keys_.size()];
    if (!key.after.empty() && said.find(key.after) == std::string_view::npos) continue;
    (void)terminal_.type(key.bytes);
    return;
  }
}

void BootWatch::note() {
  const auto& screen = terminal_.screen();
  if (!screen.loader().empty()) loader_ = screen.loader();
  if (!screen.banner().empty()) banner_ = screen.banner();
  kernel_ = kernel_ || screen.kernel();
  booted_ = booted_ || kernel_ || !loader_.empty();
}

// True once something stands that waits for us, or the system has started. While `waiting` the
// system from before the power cut may still speak.
bool BootWatch::watch(SteadyTime end, bool keys, const std::function<bool()>& waiting) {
  SteadyTime next = context_.clock().now();
  while (context_.clock().now() < end && !context_.stop().stop_requested() && !terminal_.gone()) {
    (void)terminal_.listen(50ms);
    note();
    const Ask ask = terminal_.screen().ask();
    const bool loader_waits =
        ask == Ask::loader || (ask == Ask::password && !loader_.empty() && !kernel_);
    if (loader_waits && terminal_.standing() >= kStopped) return true;
    if (kernel_) return true;
    if (booted_ && ask == Ask::user && terminal_.standing() >= kStopped) return true;
    if (waiting && !waiting()) return false;
    if (!keys || loader_waits || context_.clock().now() < next) continue;
    press();
    next = context_.clock().now() + kKeyEvery;
  }
  return false;
}

void BootWatch::interrupt() {
  const auto* hook = context_.device().hook("power-cycle");
  const Duration boot = context_.device().console->boot;
  terminal_.screen().restart();
  begun_ = terminal_.screen().mark();
  bool stands = false;
  if (hook == nullptr) {
    context_.log(
        "info",
        "no hook cuts the power: switch the device off and on now; the console is "
        "watched for " +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(boot).count()) + " s");
    stands = watch(context_.clock().now() + boot, true, {});
    power_ = booted_ ? Power::person : Power::none;
  } else {
    HookRun run(context_, *hook);
    const SteadyTime end = context_.clock().now() + hook->timeout + boot;
    const auto failed = [&run] { return run.ended() && !run.good(); };
    stands = watch(end, true, [&] { return !failed(); });
    while (!run.ended() && terminal_.listen(50ms)) note();
    while (!run.ended()) context_.clock().sleep(20ms, {});
    power_ = run.good() ? Power::hook : Power::failed;
  }
  const Ask ask = terminal_.screen().ask();
  if (stands && !kernel_ && ask != Ask::user) stopped_ = true;
}

bool BootWatch::answered(const Command& command) {
  const std::string canary = "z" + to_hex(random_bytes(4));
  if (!terminal_.type(filled(command.text, canary) + "\r")) return false;
  const Ask ask = terminal_.settle(2s, 8s);
  return ask == Ask::loader &&
         terminal_.answer().find(filled(command.answer, canary)) != std::string_view::npos;
}

void BootWatch::look_behind() {
  if (!stopped_) return;
  if (terminal_.screen().ask() == Ask::password) {
    shell_ = "password";
    return;
  }
  // What the keys left on the line goes first.
  (void)terminal_.type("\x03\r");
  const Ask ask = terminal_.settle(2s, 8s);
  if (ask == Ask::password) {
    shell_ = "password";
    return;
  }
  for (const Command& command : commands("proof")) {
    if (!answered(command)) continue;
    shell_ = "open";
    command_ = command.text == "{canary}" ? "a word that is no command" : command.text;
    return;
  }
  // A system that starts without a word from its kernel shows a prompt like a boot loader's.
  const ShellSeen shell = prove_shell(terminal_);
  if (!shell.answered) return;
  stopped_ = false;
  system_ = Ask::shell;
  system_shell_ = shell;
}

bool BootWatch::goes_on(SteadyTime end) {
  for (const Command& command : commands("continue")) {
    terminal_.screen().restart();
    if (!terminal_.type(command.text + "\r")) return false;
    // It may count down again, or refuse; each gets a part of the time.
    const SteadyTime part = std::min<SteadyTime>(end, context_.clock().now() + 15s);
    while (context_.clock().now() < part && !context_.stop().stop_requested()) {
      (void)terminal_.listen(50ms);
      note();
      const Ask ask = terminal_.screen().ask();
      if (terminal_.screen().kernel() || ask == Ask::user) return true;
      if (ask == Ask::loader && terminal_.standing() >= kStopped) break;
    }
  }
  return false;
}

void BootWatch::finish() {
  const Duration boot = context_.device().console->boot;
  if (stopped_ == true) {
    const bool went_on = shell_ != "password" && goes_on(context_.clock().now() + boot);
    const auto* hook = context_.device().hook("power-cycle");
    if (!went_on && hook != nullptr && !context_.stop().stop_requested()) {
      terminal_.screen().restart();
      HookRun run(context_, *hook);
      (void)watch(context_.clock().now() + hook->timeout + boot, false, {});
      while (!run.ended()) (void)terminal_.listen(50ms);
    }
  }
  const SteadyTime end = context_.clock().now() + boot;
  while (context_.clock().now() < end && !context_.stop().stop_requested() && !terminal_.gone()) {
    if (system_ == Ask::shell) return;
    const Ask ask = terminal_.settle(3s, end - context_.clock().now());
    if (ask == Ask::user) {
      system_ = ask;
      break;
    }
    if (ask == Ask::shell) {
      system_ = ask;
      system_shell_ = prove_shell(terminal_);
      break;
    }
    if (!terminal_.type("\r")) break;
  }
  note();
  // All keys were pressed, and yet the system came: nothing stops the boot.
  const bool heard = system_ == Ask::user || system_shell_.answered;
  if (!stopped_ && booted_ && heard) stopped_ = false;
  if (stopped_ == false) shell_ = "none";
}

}  // namespace haetae::testcases
