#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "devices/simulator.hpp"
#include "harness/catalogue/catalogue.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/whole_run.hpp"

/// What is published, taken out of a device and left in it by a reset: the simulated camera with
/// each defect.
namespace {

using namespace haetae;
namespace fs = std::filesystem;
const fs::path kSource = HAETAE_SOURCE_DIR;

catalogue::Catalogue real_catalogue() {
  auto loaded = catalogue::load(kSource / "testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) FAIL(loaded.error().message());
  return std::move(loaded->value);
}

using Settings = std::map<std::string, std::string>;

/// Camera is the simulated one with its declaration and everything that it is asked through.
struct Camera {
  explicit Camera(const Settings& settings = {}) {
    std::string address = test::free_address(89);
    address = address.substr(0, address.rfind('.')) + ".10";
    devices::Options options;
    options.address = address;
    options.settings = settings;
    options.control = folder.path() / "control";
    options.firmware = folder.path() / "firmware.itb";
    options.keys = folder.path() / "keys";
    auto started =
        devices::Simulator::start(kSource / "devices/personalities/conformant-camera.xml", options);
    if (!started) FAIL(started.error());
    device = std::move(*started);
    const auto loaded = declaration::load_text(
        test::network_only(test::camera_declaration(address, options.control)),
        folder.path() / "device.xml");
    if (!loaded) FAIL(loaded.error().message());
    auto declared = loaded->value;
    for (auto& hook : declared.hooks)
      if (hook.name == "normal-state")
        hook.command = HAETAE_SIMULATOR_TOOL " send " + options.control.string() + " normal";
    context = std::make_unique<test::FakeContext>(std::move(declared), real_catalogue());
  }
  void run(const runner::Procedure& procedure) const {
    const auto done = procedure.run(*context);
    if (!done) FAIL(done.error().message());
  }
  template <class F>
  [[nodiscard]] std::vector<F> facts() const {
    return runner::facts<F>(*context);
  }
  void check_whole(const char* topic) const {
    const Coverage coverage = context->coverage(topic, "lan");
    INFO(topic << ": " << coverage.why);
    CHECK(coverage.state == CoverageState::complete);
  }
  test::TempDir folder;
  std::unique_ptr<devices::Simulator> device;
  std::unique_ptr<test::FakeContext> context;
};

std::string after(const Camera& camera, const std::string& thing, const std::string& name) {
  for (const auto& one : camera.facts<facts::WipeTrial>())
    if (one.thing == thing && one.name == name) {
      CHECK(one.before == "there");
      return one.after;
    }
  return "no such trial";
}

}  // namespace

TEST_CASE("the simulated camera forgets its user, and each defect is seen", "[e2e]") {
  const Camera sound;
  sound.run(testcases::wipe_procedure());
  sound.check_whole("wipe");
  const auto reset = sound.facts<facts::WipeReset>();
  REQUIRE(reset.size() == 1);
  CHECK(reset[0].way == "call");
  CHECK(reset[0].done == "yes");
  CHECK(reset[0].set_up == "yes");
  CHECK(after(sound, "data", "device-name") == "gone");
  CHECK(after(sound, "session", "web") == "gone");
  CHECK(after(sound, "account", "guard") == "gone");
  CHECK(after(sound, "password", "admin") == "gone");

  for (const auto& [setting, thing, name] : {std::tuple{"reset.settings", "data", "device-name"},
                                             std::tuple{"reset.sessions", "session", "web"},
                                             std::tuple{"reset.accounts", "account", "guard"},
                                             std::tuple{"reset.passwords", "password", "admin"}}) {
    INFO(setting);
    const Camera camera(Settings{{setting, "kept"}});
    camera.run(testcases::wipe_procedure());
    CHECK(after(camera, thing, name) == "there");
    CHECK(camera.facts<facts::WipeReset>().at(0).set_up == "yes");
  }
}

TEST_CASE("a camera that lets everybody in is not reset: its logins would tell nothing", "[e2e]") {
  const Camera open(Settings{{"login.accepts-everything", "yes"}});
  open.run(testcases::wipe_procedure());
  CHECK(open.facts<facts::WipeReset>().empty());
  const Coverage coverage = open.context->coverage("wipe", "lan");
  CHECK(coverage.state == CoverageState::partial);
  CHECK(coverage.why == "a random wrong password was accepted");
}

TEST_CASE("the camera's backup, notice and published pages are read", "[e2e]") {
  const Camera sound;
  for (const auto& procedure :
       {testcases::exports_procedure(), testcases::update_notice_procedure(),
        testcases::support_pages_procedure()})
    sound.run(procedure);
  for (const char* topic : {"exports", "update.notice", "support"}) sound.check_whole(topic);
  const auto files = sound.facts<facts::ExportFile>();
  REQUIRE(files.size() == 1);
  CHECK(files[0].outcome == "given");
  CHECK(files[0].opened == "encrypted");
  CHECK(sound.facts<facts::ExportSecret>().empty());
  const auto notices = sound.facts<facts::UpdateNotice>();
  REQUIRE(notices.size() == 2);
  CHECK(notices[0].shown == "no");
  CHECK(notices[0].asked == "yes");
  CHECK(notices[1].version == "1.5.2");
  CHECK(notices[1].shown == "yes");
  CHECK(notices[1].fetched == "no");
  CHECK(sound.facts<facts::SecurityTxt>().at(0).contacts == 1);
  CHECK(sound.facts<facts::SupportPeriod>().at(0).shown == "yes");

  // What stands 3 MiB into a file is found as well.
  for (const char* content : {"clear", "clear-large"}) {
    INFO(content);
    const Camera open(Settings{{"export.content", content}});
    open.run(testcases::exports_procedure());
    open.check_whole("exports");
    std::set<std::string> owners;
    for (const auto& one : open.facts<facts::ExportSecret>())
      if (one.datum == "account-password") owners.insert(one.label);
    CHECK(owners == std::set<std::string>{"admin", "guard", "service"});
  }
  const Camera silent(Settings{{"update.notice", "no"}});
  silent.run(testcases::update_notice_procedure());
  CHECK(silent.facts<facts::UpdateNotice>().at(1).shown == "no");
}

TEST_CASE("a camera that floods, dies, babbles or redirects without end publishes nothing",
          "[e2e][hostile]") {
  for (const char* kind : {"redirect-circle", "flood", "garbage", "dies", "endless-headers"}) {
    INFO(kind);
    const Camera camera(Settings{{"hostile.answer", kind}});
    camera.run(testcases::support_pages_procedure());
    camera.run(testcases::exports_procedure());
    for (const auto& page : camera.facts<facts::PublicPage>()) CHECK(page.outcome != "given");
    CHECK(camera.facts<facts::SecurityTxt>().empty());
    CHECK(camera.facts<facts::ExportFile>().empty());
    CHECK(camera.context->coverage("exports", "lan").state == CoverageState::partial);
  }
}
