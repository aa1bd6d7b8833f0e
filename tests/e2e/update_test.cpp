#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "devices/simulator.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// The procedures of the update against the simulated camera, sound and with each defect.
namespace {

using namespace haetae;

const std::filesystem::path kPersonality =
    std::filesystem::path(HAETAE_SOURCE_DIR) / "devices/personalities/conformant-camera.xml";

const std::map<std::string, std::string> kSound;

struct Bench {
  explicit Bench(const std::map<std::string, std::string>& settings,
                 const std::function<void(declaration::Declaration&)>& change = {}) {
    static int number = 0;
    options.address = "127.45.1." + std::to_string(10 + number++);
    options.settings = settings;
    options.keys = folder.path() / "keys";
    options.control = folder.path() / "control";
    auto started = devices::Simulator::start(kPersonality, options);
    if (!started) throw std::runtime_error(started.error());
    simulator = std::move(*started);
    auto loaded = declaration::load_text(test::camera_declaration(options.address, options.control),
                                         folder.path() / "device.xml");
    if (!loaded) throw std::runtime_error(loaded.error().message());
    declaration::Declaration device = loaded->value;
    if (change) change(device);
    context = std::make_unique<test::FakeContext>(device);
  }
  void run(const runner::Procedure& procedure) {
    const auto done = procedure.run(*context);
    if (!done) throw std::runtime_error(done.error().message());
  }
  [[nodiscard]] std::map<std::string, std::string> trials() const {
    std::map<std::string, std::string> out;
    for (const auto& one : runner::facts<facts::UpdateTrial>(*context))
      out[one.image + " " + one.mutation] = one.outcome;
    return out;
  }
  [[nodiscard]] std::map<std::string, std::string> controls() const {
    std::map<std::string, std::string> out;
    for (const auto& one : runner::facts<facts::UpdateControl>(*context))
      out[one.control] = one.outcome + " by " + one.basis;
    return out;
  }
  [[nodiscard]] std::string coverage(const std::string& topic,
                                     const std::string& subject = "lan:tcp/443") const {
    const Coverage found = context->coverage(topic, subject);
    return found.why.empty() ? "complete" : std::string(word(found.cause)) + ": " + found.why;
  }
  [[nodiscard]] std::string version() const {
    return simulator->command("version").value_or("none");
  }

  test::TempDir folder;
  devices::Options options;
  std::unique_ptr<devices::Simulator> simulator;
  std::unique_ptr<test::FakeContext> context;
};

}  // namespace

TEST_CASE("the sound camera installs what is genuine and newer, and nothing else", "[e2e]") {
  test::enter_own_network();
  Bench bench(kSound);
  bench.run(testcases::update_offer_procedure());
  CHECK(bench.coverage("update.offer") == "complete");
  CHECK(bench.controls() ==
        std::map<std::string, std::string>{{"genuine", "installed by version"},
                                           {"put-back", "installed by version"}});
  bench.run(testcases::update_rights_procedure());
  CHECK(bench.coverage("update.rights") == "complete");
  std::map<std::string, std::string> rights;
  for (const auto& one : runner::facts<facts::UpdateRights>(*bench.context))
    rights[one.actor + " " + one.account] = one.outcome + ", " + one.restored;
  CHECK(rights == std::map<std::string, std::string>{{"nobody ", "refused, not-needed"},
                                                     {"lesser-role guard", "refused, not-needed"}});
  bench.run(testcases::update_older_procedure());
  CHECK(bench.coverage("update.older") == "complete");
  bench.run(testcases::update_altered_procedure());
  CHECK(bench.coverage("update.altered") == "complete");
  auto trials = bench.trials();
  CHECK(trials["newer genuine"] == "accepted");
  trials.erase("newer genuine");
  for (const char* wanted :
       {"older genuine", "other-model genuine", "newer flip-payload", "newer flip-signature",
        "newer truncated", "newer unsigned", "newer foreign-key", "newer empty"})
    CHECK(trials.contains(wanted));
  for (const auto& [name, outcome] : trials) {
    INFO(name);
    CHECK(outcome == "refused");
  }
  bench.run(testcases::update_drop_procedure());
  CHECK(bench.coverage("update.drop") == "complete");
  const auto drops = runner::facts<facts::UpdateDrop>(*bench.context);
  CHECK(drops.size() == 5);
  for (const auto& one : drops) {
    INFO(one.point);
    CHECK(one.runs == "before");
    CHECK(one.alive_after == "yes");
  }
  CHECK(bench.version() == "1.4.2");
}

TEST_CASE("an update server is believed only with the certificate that the camera knows", "[e2e]") {
  test::enter_own_network();
  const auto asked = [](Bench& bench) {
    bench.run(testcases::update_server_procedure());
    CHECK(bench.coverage("update.server", "lan") == "complete");
    std::map<std::string, std::string> out;
    for (const auto& one : runner::facts<facts::UpdateServer>(*bench.context))
      out[one.server] = one.connected + " " + one.asked + " " + one.fetched;
    return out;
  };
  Bench sound(kSound);
  CHECK(asked(sound) ==
        std::map<std::string, std::string>{{"untrusted", "yes no no"}, {"trusted", "yes yes no"}});
  Bench trusting(std::map<std::string, std::string>{{"update.server-certificate", "ignored"}});
  CHECK(asked(trusting) ==
        std::map<std::string, std::string>{{"untrusted", "yes yes no"}, {"trusted", "yes yes no"}});
}

TEST_CASE("a camera that fetches its update gets it from our server", "[e2e]") {
  test::enter_own_network();
  Bench bench(kSound, [](declaration::Declaration& device) { device.update.mechanism = "pull"; });
  bench.run(testcases::update_offer_procedure());
  CHECK(bench.coverage("update.offer", "lan") == "complete");
  CHECK(bench.controls() ==
        std::map<std::string, std::string>{{"genuine", "installed by version"},
                                           {"put-back", "installed by version"}});
  CHECK(bench.version() == "1.4.2");
}

TEST_CASE("each defect of the update breaks its criterion and no other of the update", "[e2e]") {
  test::enter_own_network();
  const auto defects = devices::list_defects(kPersonality);
  REQUIRE(defects);
  std::mutex mutex;
  std::map<std::string, std::pair<std::set<std::string>, std::set<std::string>>> seen;
  std::map<std::string, std::string> sound;
  std::string trouble;
  const auto attempt = [&](const devices::Defect* defect, std::size_t number) {
    const test::TempDir folder;
    devices::Options options;
    options.address = "127.45." + std::to_string(100 + number) + ".10";
    if (defect != nullptr) options.defects = {defect->name};
    options.keys = folder.path() / "keys";
    options.control = folder.path() / "control";
    const auto simulator = devices::Simulator::start(kPersonality, options);
    auto asked =
        test::options_for(test::camera_declaration(options.address, options.control), folder);
    asked.selection.permit = Hazard::may_brick;
    asked.selection.only = {"5.1", "5.2", "5.3", "5.4", "5.5"};
    test::Quiet observer;
    const auto result = runner::run(asked, system_clock(), observer, {});
    const std::lock_guard lock(mutex);
    if (!simulator || !result) {
      trouble += result ? simulator.error() : result.error().message();
      return;
    }
    if (defect != nullptr) {
      seen[defect->name] = {{defect->breaks.begin(), defect->breaks.end()},
                            test::failing(result->judgement)};
      return;
    }
    for (const auto& criterion : result->judgement.criteria) {
      sound[criterion.criterion] = word(criterion.verdict);
      for (const auto& subject : criterion.subjects)
        trouble += criterion.criterion + ": " + subject.reason.en + "; ";
    }
  };
  {
    std::vector<std::jthread> runs;
    std::size_t number = 0;
    runs.emplace_back([&] { attempt(nullptr, 0); });
    for (const auto& defect : *defects)
      if (defect.name.starts_with("update-"))
        runs.emplace_back([&attempt, &defect, at = ++number] { attempt(&defect, at); });
  }
  INFO(trouble);
  CHECK(seen.size() >= 10);
  for (const auto& [name, both] : seen) {
    INFO(name);
    CHECK(both.first == both.second);
  }
  for (const char* id : {"5.1-works", "5.1-rights", "5.2-altered", "5.2-unsigned",
                         "5.2-wrong-model", "5.3-false-server", "5.4-dropped", "5.5-older"}) {
    INFO(id);
    CHECK(sound[id] == "pass");
  }
}

TEST_CASE("a camera that says yes to everything is judged by what it runs", "[e2e]") {
  test::enter_own_network();
  Bench bench(std::map<std::string, std::string>{{"update.answer", "always-200"}});
  bench.run(testcases::update_offer_procedure());
  CHECK(bench.coverage("update.offer") == "complete");
  bench.run(testcases::update_older_procedure());
  CHECK(bench.trials()["older genuine"] == "refused");
  CHECK(bench.version() == "1.4.2");
}

TEST_CASE("a camera that takes nothing although it says so proves nothing", "[e2e]") {
  test::enter_own_network();
  Bench bench(std::map<std::string, std::string>{{"update.answer", "always-200"},
                                                 {"update.genuine", "refused"}});
  bench.run(testcases::update_offer_procedure());
  CHECK(bench.controls()["genuine"] == "not-installed by version");
  bench.run(testcases::update_altered_procedure());
  CHECK(bench.coverage("update.altered").starts_with("device: no genuine update was seen"));
  CHECK(bench.trials().size() == 1);
}

TEST_CASE("a camera that does not come back is brought back, and nothing is lost", "[e2e]") {
  test::enter_own_network();
  Bench bench(std::map<std::string, std::string>{{"update.restart", "never"}},
              [](declaration::Declaration& device) {
                device.update.settle = std::chrono::seconds(5);
                device.update.images.erase(device.update.images.begin() + 2,
                                           device.update.images.end());
              });
  bench.run(testcases::update_offer_procedure());
  CHECK(bench.coverage("update.offer").starts_with("device: the device did not come back"));
  CHECK(bench.controls()["genuine"] == "unknown by unknown");
  CHECK(bench.controls()["put-back"] == "installed by version");
  CHECK(bench.version() == "1.4.2");
}

TEST_CASE("where the way of recovery fails nothing more is offered, and it is said why", "[e2e]") {
  test::enter_own_network();
  Bench bench(
      std::map<std::string, std::string>{{"update.restart", "never"}},
      [](declaration::Declaration& device) {
        device.update.settle = std::chrono::seconds(2);
        device.update.images.erase(device.update.images.begin() + 2, device.update.images.end());
        std::erase_if(device.hooks, [](const auto& one) { return one.name == "power-cycle"; });
        for (auto& hook : device.hooks)
          if (hook.name == "recover") hook.command = "/bin/false";
      });
  bench.run(testcases::update_offer_procedure());
  CHECK(bench.coverage("update.offer") == "device: the version under test could not be put back");
  CHECK(bench.controls()["put-back"].starts_with("unknown"));
  CHECK(bench.trials()["newer genuine"] == "unknown");
  for (const auto& procedure :
       {testcases::update_altered_procedure(), testcases::update_older_procedure(),
        testcases::update_rights_procedure(), testcases::update_drop_procedure()})
    bench.run(procedure);
  for (const char* topic : {"update.altered", "update.older", "update.rights", "update.drop"}) {
    INFO(topic);
    CHECK(bench.coverage(topic).starts_with("device: no genuine update was seen"));
  }
  CHECK(bench.trials().size() == 1);
  const auto recovered = testcases::update_altered_procedure().recover(*bench.context);
  REQUIRE_FALSE(recovered);
  CHECK_THAT(recovered.error().message(), Catch::Contains("put it back by the declared way"));
}

TEST_CASE("a camera that comes back with a third version has installed nothing of ours", "[e2e]") {
  test::enter_own_network();
  Bench bench(std::map<std::string, std::string>{{"update.comes-back", "other-version"}},
              [](auto& device) { device.update.settle = std::chrono::seconds(2); });
  bench.run(testcases::update_offer_procedure());
  CHECK(bench.coverage("update.offer") ==
        "device: after the genuine update the device shows the version 9.9.9, which is neither "
        "that of before nor that of the file");
  CHECK(bench.controls()["genuine"] == "unknown by version");
  CHECK(bench.trials()["newer genuine"] == "unknown");
  // Its own image makes it the third version again: the programmer of the laboratory brings it
  // back.
  CHECK(bench.version() == "1.4.2");
}

TEST_CASE("no update is judged of a camera that comes back as another one", "[e2e]") {
  test::enter_own_network();
  int number = 0;
  for (const auto& [how, why] : std::map<std::string, std::string>{
           {"other-version", "came back as another one"}, {"other-device", "identity"}}) {
    const test::TempDir folder;
    devices::Options options;
    options.address = "127.45.2." + std::to_string(10 + number++);
    options.settings = {{"update.comes-back", how}};
    options.keys = folder.path() / "keys";
    options.control = folder.path() / "control";
    const auto simulator = devices::Simulator::start(kPersonality, options);
    REQUIRE(simulator);
    auto asked =
        test::options_for(test::camera_declaration(options.address, options.control), folder);
    asked.selection.permit = Hazard::disruptive;
    asked.selection.only = {"5.1"};
    asked.device.value.update.settle = std::chrono::seconds(3);
    test::Quiet observer;
    const auto result = runner::run(asked, system_clock(), observer, {});
    REQUIRE(result);
    CHECK(test::failing(result->judgement).empty());
    bool found = false;
    for (const auto& criterion : result->judgement.criteria) {
      if (criterion.criterion != "5.1-works") continue;
      found = true;
      INFO(how << ": " << criterion.reason.en);
      CHECK(criterion.verdict == Verdict::inconclusive);
      CHECK(criterion.reason.en.find(why) != std::string::npos);
    }
    CHECK(found);
  }
}
