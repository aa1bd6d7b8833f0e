#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
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

/// upload() gives a file as a browser does. SWUpdate takes none while it is busy (500), and closes
/// now and then without an answer when it refuses.
void upload(const std::string& file) {
  test::ToolResult result;
  for (int tries = 0; tries < 40; ++tries) {
    result = test::run_tool({"/usr/bin/curl", "-s", "-m", "60", "-w", "code %{http_code}", "-F",
                             "file=@" + file, fmt::format("http://{}:8080/upload", kAddress)});
    if (result.output.find("code 500") == std::string::npos) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  INFO(result.output);
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

namespace {

/// Tried is what the procedures of the update learned of one device.
struct Tried {
  explicit Tried(const UpdateDevice& device) : context(declared(device)) {
    for (const auto& procedure :
         {testcases::update_offer_procedure(), testcases::update_older_procedure(),
          testcases::update_altered_procedure(), testcases::update_drop_procedure()}) {
      INFO(procedure.info.id);
      const auto done = procedure.run(context);
      CHECK(done);
    }
    for (const auto& coverage : context.coverages()) {
      INFO(coverage.topic << ": " << coverage.why);
      CHECK(coverage.state == CoverageState::complete);
    }
    INFO(fmt::format("{}", fmt::join(context.logged(), "\n")));
    CHECK(device.installed() == "SimCam version 1.4.2");
  }
  static declaration::Declaration declared(const UpdateDevice& device) {
    auto loaded = declaration::load_text(device.declaration(), "device.xml");
    if (!loaded) throw std::runtime_error(loaded.error().message());
    return std::move(loaded->value);
  }
  /// outcome() is what became of a file, with what told it.
  [[nodiscard]] std::string outcome(const std::string& image, const std::string& mutation) const {
    for (const auto& trial : runner::facts<facts::UpdateTrial>(context))
      if (trial.image == image && trial.mutation == mutation)
        return trial.outcome + " by " + trial.basis;
    return "not tried";
  }
  test::FakeContext context;
};

}  // namespace

TEST_CASE("SWUpdate refuses whatever its signature covers, and installs what is genuine", "[e2e]") {
  test::enter_own_network();
  const UpdateDevice device(Kind::swupdate, kAddress);
  const Tried tried(device);
  CHECK(tried.outcome("newer", "genuine") == "accepted by version");
  for (const char* mutation : {"flip-manifest", "flip-payload", "flip-signature", "truncated",
                               "empty", "wrong-model", "unsigned", "foreign-key",
                               "expired-certificate", "unknown-certificate", "version-mismatch"}) {
    INFO(mutation);
    CHECK(tried.outcome("newer", mutation) == "refused by version");
  }
  CHECK(tried.outcome("other-model", "genuine") == "refused by version");
  CHECK(tried.outcome("expired-signer", "genuine") == "refused by version");
  CHECK(tried.outcome("older", "genuine") == "refused by version");
  // What stands outside of the signature does no harm: no file lands where its name leads.
  CHECK(tried.outcome("newer", "trailing-data") == "accepted by version");
  for (const auto& trial : runner::facts<facts::UpdateTrial>(tried.context)) {
    const auto at = trial.what.find("/tmp/haetae-");
    if (trial.mutation != "path-traversal" || at == std::string::npos) continue;
    CHECK_FALSE(std::filesystem::exists(trial.what.substr(at, 24)));
  }
}

TEST_CASE("RAUC refuses every altered bundle, but not an older one", "[e2e]") {
  if (missing(Kind::rauc)) return;
  test::enter_own_network();
  const UpdateDevice device(Kind::rauc, kAddress);
  const Tried tried(device);
  CHECK(tried.outcome("newer", "genuine") == "accepted by version");
  for (const char* mutation :
       {"flip-header", "flip-manifest", "flip-payload", "flip-signature", "truncated",
        "trailing-data", "empty", "wrong-model", "unsigned", "foreign-key", "expired-certificate",
        "unknown-certificate", "version-mismatch"}) {
    INFO(mutation);
    CHECK(tried.outcome("newer", mutation) == "refused by version");
  }
  CHECK(tried.outcome("other-model", "genuine") == "refused by version");
  CHECK(tried.outcome("expired-signer", "genuine") == "refused by version");
  // RAUC 1.8 has no protection against older versions.
  CHECK(tried.outcome("older", "genuine") == "accepted by version");
}

TEST_CASE("the trials see that the twins install altered files", "[e2e]") {
  test::enter_own_network();
  for (const Kind kind : {Kind::trusting_swu, Kind::trusting_rauc}) {
    const UpdateDevice device(kind, kAddress);
    const Tried tried(device);
    for (const char* mutation : {"flip-payload", "flip-signature", "wrong-model", "unsigned",
                                 "foreign-key", "expired-certificate", "unknown-certificate"}) {
      INFO(mutation);
      CHECK_THAT(tried.outcome("newer", mutation), Catch::StartsWith("accepted by "));
    }
    CHECK(tried.outcome("newer", "empty") == "refused by version");
    CHECK(tried.outcome("other-model", "genuine") == "accepted by version");
    CHECK(tried.outcome("expired-signer", "genuine") == "accepted by version");
    CHECK(tried.outcome("older", "genuine") == "accepted by version");
  }
}
