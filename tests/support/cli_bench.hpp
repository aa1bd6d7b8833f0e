#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "devices/simulator.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

namespace haetae::test {

namespace fs = std::filesystem;

inline const fs::path kSource = HAETAE_SOURCE_DIR;
inline const std::string kHaetae = HAETAE_BINARY_DIR "/haetae";

/// Bench is the program as a user has it: a folder with a declaration, and a camera at its address
/// if wanted.
struct CliBench {
  explicit CliBench(int number, bool with_camera = false)
      : address(fmt::format("127.45.0.{}", number)),
        declaration(camera_declaration(address, folder.path() / "control")) {
    enter_own_network();
    if (!with_camera) return;
    devices::Options options;
    options.address = address;
    options.control = folder.path() / "control";
    auto started =
        devices::Simulator::start(kSource / "devices/personalities/conformant-camera.xml", options);
    if (!started) throw std::runtime_error(started.error());
    camera = std::move(*started);
  }

  ToolResult haetae(std::vector<std::string> arguments,
                    const std::vector<std::string>& environment = {}) const {
    std::vector<std::string> argv{"/usr/bin/env", "HAETAE_STATE_DIR=" + folder.file("state")};
    argv.insert(argv.end(), environment.begin(), environment.end());
    argv.push_back(kHaetae);
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run_tool(argv, std::chrono::seconds(120));
  }

  /// run() tests only item 6.1, which needs discovery and service identification.
  ToolResult run(const std::string& device, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"run",    device, "-o",     folder.file("run.haetae"),
                                       "--only", "6.1",  "--lang", "en"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return haetae(arguments);
  }

  std::string address;
  TempDir folder;
  std::string declaration;
  std::unique_ptr<devices::Simulator> camera;
};

inline bool holds(const ToolResult& result, std::string_view text) {
  return result.output.find(text) != std::string::npos;
}

}  // namespace haetae::test
