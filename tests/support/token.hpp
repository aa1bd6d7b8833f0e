#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/daemon.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/keys.hpp"

namespace haetae::test {

inline constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";

/// Token is a SoftHSM token in a folder of its own. OpenSSL's engine keeps the first one of a
/// process, so a program makes only one.
struct Token {
  Folder folder;
  Setting config{"SOFTHSM2_CONF", (folder.path / "softhsm2.conf").string()};
  Setting module{"PKCS11_MODULE_PATH", kModule};

  Token() {
    std::filesystem::create_directories(folder.path / "tokens");
    std::ofstream(folder.path / "softhsm2.conf")
        << "directories.tokendir = " << (folder.path / "tokens").string()
        << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    tool({find_tool("softhsm2-util"), "--init-token", "--free", "--label", "laboratory", "--so-pin",
          "87654321", "--pin", "13572468"});
  }
  void tool(const std::vector<std::string>& words) {
    const ToolResult result = run_tool(words);
    INFO(result.output);
    REQUIRE(result.exit_code == 0);
  }
  void make(const std::string& kind, const std::string& label, const std::string& id) {
    tool({find_tool("pkcs11-tool"), "--module", kModule, "--token-label", "laboratory", "--login",
          "--pin", "13572468", "--keypairgen", "--key-type", kind, "--label", label, "--id", id});
  }
};

}  // namespace haetae::test
