#include <csignal>
#include <cstdio>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#include "devices/simulator.hpp"

/// simulator-tool: what the hook scripts and the maker of a personality use.
///   simulator-tool serve PERSONALITY.xml [--address A] [--second-unit A] [--defect NAME]… [--set
///   NAME=VALUE]…
///   [--control SOCKET] [--firmware FILE] [--ca FILE] simulator-tool defects PERSONALITY.xml
///   simulator-tool send SOCKET COMMAND
namespace {

namespace dev = haetae::devices;

int fail(std::string_view why) {
  fmt::print(stderr, "simulator-tool: {}\n", why);
  return 64;
}

int serve(int count, char** words) {
  dev::Options options;
  std::string authority;
  for (int i = 3; i + 1 < count; i += 2) {
    const std::string_view name = words[i], value = words[i + 1];
    if (name == "--address") {
      options.address = value;
    } else if (name == "--second-unit") {
      options.second_unit = value;
    } else if (name == "--defect") {
      options.defects.emplace_back(value);
    } else if (name == "--control") {
      options.control = value;
    } else if (name == "--firmware") {
      options.firmware = value;
    } else if (name == "--ca") {
      authority = value;
    } else if (name == "--set" && value.find('=') != std::string_view::npos) {
      options.settings.emplace(value.substr(0, value.find('=')), value.substr(value.find('=') + 1));
    } else {
      return fail(fmt::format("unknown option {}", name));
    }
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  const auto simulator = dev::Simulator::start(words[2], options);
  if (!simulator) return fail(simulator.error());
  if (!authority.empty()) std::ofstream(authority) << (*simulator)->ca_pem();
  for (const auto& port : (*simulator)->ports())
    fmt::print("{} {}/{} {}{}\n", (*simulator)->addresses().front(), port.transport, port.number,
               port.kind, port.tls ? " in TLS" : "");
  fmt::print("ready\n");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  return 0;
}

int defects(const char* file) {
  const auto list = dev::list_defects(file);
  if (!list) return fail(list.error());
  for (const auto& one : *list) {
    fmt::print("{}\t", one.name);
    for (const auto& id : one.breaks) fmt::print("{} ", id);
    fmt::print("\t{}\n", one.says);
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string_view verb = count > 2 ? words[1] : "";
  if (verb == "serve") return serve(count, words);
  if (verb == "defects") return defects(words[2]);
  if (verb == "send" && count == 4) {
    const auto answer = dev::send_control(words[2], words[3]);
    if (!answer) return fail(answer.error());
    fmt::print("{}\n", *answer);
    return 0;
  }
  return fail("usage: serve PERSONALITY.xml … | defects PERSONALITY.xml | send SOCKET COMMAND");
}
