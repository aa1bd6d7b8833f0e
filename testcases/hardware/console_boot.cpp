#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/hardware/boot_watch.hpp"
#include "testcases/procedures.hpp"

/// Whether the boot of the device can be interrupted at its serial console, and whether a command
/// line of the boot loader stands behind it.
namespace haetae::testcases {
namespace {

using protocols::console::Ask;

std::string_view word(BootWatch::Power power) {
  switch (power) {
    case BootWatch::Power::hook: return "hook";
    case BootWatch::Power::person: return "person";
    case BootWatch::Power::failed: return "failed";
    case BootWatch::Power::none: return "none";
  }
  return "unknown";
}

std::string loader_word(const BootWatch& boot) {
  if (!boot.loader().empty()) return boot.loader();
  return boot.booted() ? "none" : "unknown";
}

void record_boot(runner::Context& context, Terminal& terminal, const BootWatch& boot) {
  facts::ConsoleSeen seen;
  seen.evidence = terminal.evidence();
  seen.subject = kConsole;
  seen.moment = "boot";
  seen.state = state_of(terminal.screen());
  seen.loader = loader_word(boot);
  seen.kernel = yes_no(boot.kernel());
  seen.bytes = static_cast<std::int64_t>(terminal.screen().bytes());
  seen.banner = boot.banner();
  runner::record(context, seen);
  facts::ConsoleBoot fact;
  fact.evidence = terminal.evidence();
  fact.subject = kConsole;
  fact.power = word(boot.power());
  fact.loader = loader_word(boot);
  if (boot.stopped()) fact.interrupted = yes_no(*boot.stopped());
  fact.shell = boot.shell();
  fact.system = boot.system() == Ask::user    ? "login"
                : boot.system() == Ask::shell ? "shell"
                : terminal.gone()             ? "unknown"
                                              : "silent";
  fact.banner = boot.banner();
  fact.command = boot.command();
  runner::record(context, fact);
}

void record_prompt(runner::Context& context, Terminal& terminal, const BootWatch& boot) {
  facts::ConsolePrompt prompt;
  prompt.evidence = terminal.evidence();
  prompt.subject = kConsole;
  prompt.moment = "boot";
  if (boot.system() == Ask::user) {
    prompt.prompt = "login";
    prompt.shell = "no";
  } else if (boot.system() == Ask::shell) {
    prompt.prompt = "shell";
    // After a boot that was seen nobody can have left it open.
    if (boot.system_shell().answered && boot.booted()) prompt.shell = "yes";
    prompt.account = boot.system_shell().account;
  } else if (!terminal.gone()) {
    prompt.prompt = "none";
  }
  runner::record(context, prompt);
}

// The other procedures need the device on the network again.
bool back_on_network(runner::Context& context) {
  Clock& clock = context.clock();
  const SteadyTime end = clock.now() + context.device().console->boot;
  std::vector<declaration::PortName> ports;
  for (const auto& port : runner::facts<facts::Port>(context)) {
    const auto name = port_of(port.subject);
    if (name && name->transport == "tcp" && port.state == "open") ports.push_back(*name);
  }
  if (ports.empty()) return true;
  while (clock.now() < end && !context.stop().stop_requested()) {
    for (const auto& port : ports)
      if (context.connect(port, "after the boot", 2s)) return true;
    clock.sleep(500ms, context.stop());
  }
  return false;
}

void cover(runner::Context& context, Terminal& terminal, const BootWatch& boot) {
  const std::string subject(kConsole);
  const auto lost = [&](Cause cause, const std::string& why) {
    context.cover(gap("console.boot", subject, cause, why));
  };
  const std::string state = state_of(terminal.screen());
  if (terminal.gone()) return lost(Cause::lab, "the console went away: " + terminal.why_gone());
  if (context.stop().stop_requested()) return lost(Cause::lab, "the run was asked to stop");
  if (state == "silent") return lost(Cause::lab, "nothing came out of the console");
  if (state == "garbage")
    return lost(Cause::lab, "what comes out of the console is no text: its speed may be another");
  if (boot.power() == BootWatch::Power::failed)
    return lost(Cause::lab, "the hook power-cycle ended with an error");
  if (boot.power() == BootWatch::Power::none)
    return lost(Cause::declaration,
                "no hook power-cycle is declared, and nobody switched the device off and on while "
                "the console was watched");
  if (!boot.booted())
    return lost(Cause::lab, "the power was cut, but no boot was seen at the console");
  if (!boot.stopped() || boot.shell() == "unknown")
    return lost(Cause::device, "what the boot loader made of the keys is not clear");
  context.cover(whole("console.boot", subject, "one boot, keys of ref_boot_key all the time"));
}

Result<void> watch_boot(runner::Context& context) {
  if (!context.device().console) return {};
  auto terminal = open_console(context, "boot at the console");
  if (!terminal) {
    context.cover(gap("console.boot", std::string(kConsole), Cause::lab,
                      printable(terminal.error().message(), 400)));
    return {};
  }
  BootWatch boot(context, **terminal);
  boot.interrupt();
  boot.look_behind();
  boot.finish();
  record_boot(context, **terminal, boot);
  record_prompt(context, **terminal, boot);
  if (!back_on_network(context))
    context.log("warning", "the device did not answer on the network after its boot");
  cover(context, **terminal, boot);
  return {};
}

// A run that died may have left the device standing in its boot loader.
Result<void> start_again(runner::Context& context) {
  const auto* hook = context.device().hook("power-cycle");
  if (!context.device().console || hook == nullptr) return {};
  const auto done = context.door().run_hook(hook->command, context.clock().now() + hook->timeout);
  if (!done) return tl::unexpected(done.error());
  if (done->exit_code != 0)
    return fail(ErrorKind::refused, "the hook power-cycle ended with exit code " +
                                        std::to_string(done->exit_code) +
                                        ": switch the device off and on by hand");
  (void)back_on_network(context);
  return {};
}

}  // namespace

runner::Procedure console_boot_procedure() {
  runner::Info info;
  info.id = "console-boot";
  info.title = {"직렬 콘솔에서 부팅 중단", "interruption of the boot at the serial console"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"declared_console"};
  info.provides_facts = {"console_boot"};
  info.topics = {"console.boot"};
  info.exclusive = {"console", "device-state"};
  info.connections = 2;
  info.expected = std::chrono::seconds(5);
  info.deadline = std::chrono::seconds(1800);
  info.recovery = {
      "부트로더를 계속 진행시키고, 되지 않으면 전원 재투입 훅을 다시 실행한다.",
      "Lets the boot loader go on; where that fails the power-cycle hook is run again."};
  return {.info = std::move(info), .run = watch_boot, .recover = start_again};
}

}  // namespace haetae::testcases
