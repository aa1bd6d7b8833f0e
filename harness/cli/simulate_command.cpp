#include <csignal>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "devices/simulator.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/setup.hpp"

namespace haetae::cli {
namespace {

int complain_of(const std::string& text) {
  return complain({ErrorKind::invalid_input, text, nullptr});
}

int list(const std::filesystem::path& personality) {
  const auto defects = devices::list_defects(personality);
  if (!defects) return complain_of(defects.error());
  for (const auto& defect : *defects) {
    fmt::print("{:<32} {}\n{:<32} breaks {}\n", defect.name, defect.says, "",
               fmt::join(defect.breaks, " "));
  }
  return 0;
}

int send(const std::filesystem::path& control, const std::string& command) {
  const auto answer = devices::send_control(control, command);
  if (!answer) return complain({ErrorKind::closed, answer.error(), nullptr});
  fmt::print("{}\n", *answer);
  return 0;
}

}  // namespace

int simulate(const SimulateArguments& arguments) {
  if (!arguments.send.empty()) {
    // A command may have a file: --send media FILE.
    const std::string file = arguments.personality.string();
    return send(arguments.control, arguments.send + (file.empty() ? "" : " " + file));
  }
  if (arguments.personality.empty())
    return complain_of("simulate needs a personality file, or --control with --send");
  if (arguments.list) return list(arguments.personality);

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  devices::Options options;
  options.address = arguments.address;
  options.defects = arguments.defects;
  options.control = arguments.control;
  options.keys = arguments.keys;
  options.firmware = arguments.firmware;
  options.second_unit = arguments.second_unit;
  const auto simulator = devices::Simulator::start(arguments.personality, options);
  if (!simulator) return complain_of(simulator.error());
  fmt::print("{} at {}\n", arguments.personality.filename().string(),
             fmt::join((*simulator)->addresses(), " "));
  for (const auto& port : (*simulator)->ports()) {
    fmt::print("  {}/{:<6} {}{}\n", port.transport, port.number, port.kind,
               port.tls ? " (TLS)" : "");
  }
  fmt::print("Ctrl-C ends it.\n");
  std::fflush(stdout);
  if (!arguments.ready_file.empty()) std::ofstream(arguments.ready_file) << "ready\n";
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

}  // namespace haetae::cli
