#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "tests/support/own_network.hpp"
#include "tests/support/update_devices.hpp"

/// Updates of SWUpdate and RAUC as Debian ships them, and of twins that install whatever they get.
namespace {

using namespace haetae;
using test::UpdateDevice;
using Kind = UpdateDevice::Kind;

constexpr const char* kAddress = "127.46.7.1";

bool missing(Kind kind) {
  if (kind != Kind::rauc || test::can_mount_loop()) return false;
  WARN("no root or no loop devices: RAUC cannot mount a bundle here");
  return true;
}

/// upload() gives a file as a browser does.
void upload(const std::string& file) {
  const auto result = test::run_tool({"/usr/bin/curl", "-s", "-m", "60", "-F", "file=@" + file,
                                      fmt::format("http://{}:8080/upload", kAddress)});
  INFO(result.output);
  // SWUpdate closes now and then without an answer when it refuses.
  const bool sent = result.exit_code == 0 || result.exit_code == 52 || result.exit_code == 56;
  CHECK(sent);
}

/// eventually() waits until it is so, at most 20 s: the real ones answer before they are done.
bool eventually(const std::function<bool()>& so) {
  for (int tries = 0; tries < 200; ++tries) {
    if (so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return so();
}

void is_installed(const UpdateDevice& device, const std::string& role, const std::string& version) {
  INFO(role);
  upload(device.file(role));
  CHECK(eventually([&] { return device.installed() == "SimCam version " + version; }));
}

void is_refused(const UpdateDevice& device, const std::string& role, const std::string& reason) {
  INFO(role);
  upload(device.file(role));
  CHECK(eventually([&] { return device.log().find(reason) != std::string::npos; }));
  CHECK(device.installed() == "SimCam version 1.4.2");
}

}  // namespace

TEST_CASE("SWUpdate and RAUC install what is genuine and say why they refuse the rest", "[e2e]") {
  test::enter_own_network();
  for (const Kind kind : {Kind::swupdate, Kind::rauc}) {
    if (missing(kind)) continue;
    const UpdateDevice device(kind, kAddress);
    const bool swupdate = kind == Kind::swupdate;
    CHECK(device.installed() == "SimCam version 1.4.2");
    is_installed(device, "newer", "1.5.0");
    is_installed(device, "current", "1.4.2");
    is_refused(device, "other-model",
               swupdate ? "SW not compatible with hardware" : "Compatible mismatch");
    is_refused(device, "expired-signer",
               swupdate ? "Authentication of all signatures failed" : "certificate has expired");
    INFO(device.log());
    CHECK(device.installed() == "SimCam version 1.4.2");
  }
}

TEST_CASE("the twins install whatever they get", "[e2e]") {
  test::enter_own_network();
  for (const Kind kind : {Kind::trusting_swu, Kind::trusting_rauc}) {
    const UpdateDevice device(kind, kAddress);
    for (const char* role : {"newer", "other-model", "expired-signer"}) {
      is_installed(device, role, "1.5.0");
      is_installed(device, "current", "1.4.2");
    }
    is_installed(device, "older", "1.3.0");
  }
}
