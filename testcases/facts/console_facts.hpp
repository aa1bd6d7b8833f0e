#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// Facts of the serial console; facts.hpp says what holds for all.
namespace haetae::facts {

/// DeclaredConsole is the debug port of the board as declared.
struct DeclaredConsole {
  static constexpr std::string_view table = "declared_console";
  EvidenceId evidence = 0;
  std::string subject;
  std::string kind = "unknown";
  std::int64_t baud = 0;
  std::string power_cycle = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("kind", self.kind);
    visit("baud", self.baud);
    visit("power_cycle", self.power_cycle);
  }
};

/// ConsoleSeen is what came out of the console.
struct ConsoleSeen {
  static constexpr std::string_view table = "console_seen";
  EvidenceId evidence = 0;
  std::string subject;
  std::string moment = "unknown";
  std::string state = "unknown";
  std::string loader = "unknown";
  std::string kernel = "unknown";
  std::int64_t bytes = 0;
  std::string banner;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("moment", self.moment);
    visit("state", self.state);
    visit("loader", self.loader);
    visit("kernel", self.kernel);
    visit("bytes", self.bytes);
    visit("banner", self.banner);
  }
};

/// ConsolePrompt is what the console asks for while nobody is logged in.
struct ConsolePrompt {
  static constexpr std::string_view table = "console_prompt";
  EvidenceId evidence = 0;
  std::string subject;
  std::string moment = "unknown";
  std::string prompt = "unknown";
  std::string shell = "unknown";
  std::string account;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("moment", self.moment);
    visit("prompt", self.prompt);
    visit("shell", self.shell);
    visit("account", self.account);
  }
};

/// ConsoleBoot is whether the boot can be interrupted at the console.
struct ConsoleBoot {
  static constexpr std::string_view table = "console_boot";
  EvidenceId evidence = 0;
  std::string subject;
  std::string power = "unknown";
  std::string loader = "unknown";
  std::string interrupted = "unknown";
  std::string shell = "unknown";
  std::string system = "unknown";
  std::string banner;
  std::string command;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("power", self.power);
    visit("loader", self.loader);
    visit("interrupted", self.interrupted);
    visit("shell", self.shell);
    visit("system", self.system);
    visit("banner", self.banner);
    visit("command", self.command);
  }
};

/// ConsoleLogin is a credential that was tried at the console.
struct ConsoleLogin {
  static constexpr std::string_view table = "console_login";
  EvidenceId evidence = 0;
  std::string subject;
  std::string account;
  std::string credential;
  std::string origin = "unknown";
  std::string list;
  std::int64_t secret = 0;
  std::string outcome = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("account", self.account);
    visit("credential", self.credential);
    visit("origin", self.origin);
    visit("list", self.list);
    visit("secret", self.secret);
    visit("outcome", self.outcome);
  }
};

}  // namespace haetae::facts
