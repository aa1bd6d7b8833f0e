#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "devices/simulator.hpp"
#include "harness/catalogue/catalogue.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// Settings files and removable media against the simulated camera, sound and with each defect.
namespace {

using namespace haetae;

const std::filesystem::path kPersonality =
    std::filesystem::path(HAETAE_SOURCE_DIR) / "devices/personalities/conformant-camera.xml";

using Settings = std::map<std::string, std::string>;

struct Bench {
  explicit Bench(const Settings& settings,
                 const std::function<void(declaration::Declaration&)>& change = {}) {
    static int number = 0;
    options.address = "127.82.1." + std::to_string(10 + number++);
    options.settings = settings;
    options.keys = folder.path() / "keys";
    options.control = folder.path() / "control";
    auto started = devices::Simulator::start(kPersonality, options);
    if (!started) throw std::runtime_error(started.error());
    simulator = std::move(*started);
    const auto asked =
        test::options_for(test::camera_declaration(options.address, options.control), folder);
    declaration::Declaration device = asked.device.value;
    if (change) change(device);
    context = std::make_unique<test::FakeContext>(device, asked.catalogue.value);
  }
  /// run() is mutation → "outcome by basis, restored".
  std::map<std::string, std::string> run(const runner::Procedure& procedure) {
    const auto done = procedure.run(*context);
    if (!done) throw std::runtime_error(done.error().message());
    std::map<std::string, std::string> out;
    for (const auto& one : runner::facts<facts::SettingsTrial>(*context))
      out[one.mutation] = one.outcome + " by " + one.basis + ", " + one.restored;
    for (const auto& one : runner::facts<facts::MediaTrial>(*context))
      out[one.mutation] = one.outcome + " by " + one.basis + ", " + one.restored;
    return out;
  }
  [[nodiscard]] std::string coverage(const std::string& topic, const std::string& subject) const {
    const Coverage found = context->coverage(topic, subject);
    return found.why.empty() ? "complete" : std::string(word(found.cause)) + ": " + found.why;
  }
  test::TempDir folder;
  devices::Options options;
  std::unique_ptr<devices::Simulator> simulator;
  std::unique_ptr<test::FakeContext> context;
};

constexpr const char* kWeb = "lan:tcp/443";

}  // namespace

TEST_CASE("the sound camera restores its own settings file and no other", "[e2e]") {
  test::enter_own_network();
  Bench bench(Settings{});
  const auto seen = bench.run(testcases::settings_restore_procedure());
  CHECK(bench.coverage("settings.restore", kWeb) == "complete");
  CHECK(seen ==
        std::map<std::string, std::string>{{"genuine", "accepted by told, not-needed"},
                                           {"flip", "refused by read-back, not-needed"},
                                           {"value", "refused by read-back, not-needed"},
                                           {"truncated", "refused by read-back, not-needed"}});
}

TEST_CASE("altered settings that were taken are read back, and put right again", "[e2e]") {
  test::enter_own_network();
  Bench unchecked(Settings{{"backup.tag", "ignored"}});
  auto seen = unchecked.run(testcases::settings_restore_procedure());
  CHECK(unchecked.coverage("settings.restore", kWeb) == "complete");
  for (const char* mutation : {"flip", "value", "truncated"}) {
    INFO(mutation);
    CHECK(seen[mutation] == "accepted by read-back, yes");
  }
  // A checksum stops accidents, and nobody who means it.
  Bench checksum(Settings{{"backup.tag", "checksum"}});
  seen = checksum.run(testcases::settings_restore_procedure());
  CHECK(seen["flip"] == "refused by read-back, not-needed");
  CHECK(seen["value"] == "refused by read-back, not-needed");
  CHECK(seen["checksum-fixed"] == "accepted by read-back, yes");
}

TEST_CASE("a camera that restores nothing, or is not asked, proves nothing", "[e2e]") {
  test::enter_own_network();
  Bench refusing(Settings{{"backup.restore", "refused"}});
  CHECK(refusing.run(testcases::settings_restore_procedure()).size() == 1);
  CHECK_THAT(refusing.coverage("settings.restore", kWeb),
             Catch::StartsWith("device: the untouched settings file was not seen to be restored"));
  Bench undeclared(Settings{}, [](declaration::Declaration& device) { device.settings = {}; });
  CHECK(undeclared.run(testcases::settings_restore_procedure()).empty());
  CHECK_THAT(undeclared.coverage("settings.restore", "lan"), Catch::StartsWith("declaration: "));
  Bench none(Settings{}, [](declaration::Declaration& device) {
    device.settings = {};
    device.settings.backup = "none";
  });
  CHECK(none.run(testcases::settings_restore_procedure()).empty());
  CHECK(none.coverage("settings.restore", "lan") == "complete");
  // Where the login is refused nothing was tried.
  Bench locked(Settings{{"login.refuses-everything", "yes"}});
  CHECK(locked.run(testcases::settings_restore_procedure()).empty());
  CHECK_THAT(locked.coverage("settings.restore", kWeb),
             Catch::Contains("the settings could not be saved"));
}

TEST_CASE("an update on a memory card is installed only with the maker's signature", "[e2e]") {
  test::enter_own_network();
  Bench sound(Settings{});
  auto seen = sound.run(testcases::update_media_procedure());
  CHECK(sound.coverage("update.media", "media") == "complete");
  CHECK(seen.size() == 4);
  CHECK(seen["genuine"] == "accepted by version, yes");
  for (const char* mutation : {"unsigned", "foreign-key", "flip-signature"})
    CHECK(seen[mutation] == "refused by version, not-needed");
  Bench trusting(Settings{{"media.signature", "ignored"}});
  seen = trusting.run(testcases::update_media_procedure());
  CHECK(trusting.coverage("update.media", "media") == "complete");
  // What else is wrong with the other two is refused without a look at the signature.
  CHECK(seen["flip-signature"] == "accepted by version, yes");
  CHECK(trusting.simulator->command("version").value_or("") == "1.4.2");
}

TEST_CASE("without hook, version, way back or genuine update no medium is judged", "[e2e]") {
  test::enter_own_network();
  const auto why = [](const Settings& settings,
                      const std::function<void(declaration::Declaration&)>& change) {
    Bench bench(settings, change);
    bench.run(testcases::update_media_procedure());
    return bench.coverage("update.media", "media");
  };
  CHECK_THAT(why({},
                 [](auto& device) {
                   std::erase_if(device.hooks, [](const auto& one) { return one.name == "media"; });
                 }),
             Catch::StartsWith("declaration: an update from a removable medium needs the hook"));
  CHECK_THAT(why({}, [](auto& device) { device.product_information.clear(); }),
             Catch::StartsWith("declaration: it is not declared where the running version"));
  CHECK_THAT(why({}, [](auto& device) { device.update.images.clear(); }),
             Catch::StartsWith("declaration: no genuine update file"));
  CHECK_THAT(why({{"update.genuine", "refused"}},
                 [](auto& device) { device.update.settle = std::chrono::seconds(1); }),
             Catch::StartsWith("device: no genuine update was seen to be installed from a medium"));
}
