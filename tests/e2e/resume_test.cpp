#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "devices/simulator.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// A run that is killed with SIGKILL at any commit goes on to the same verdicts.
namespace {

using namespace haetae;

const std::filesystem::path kPersonality =
    std::filesystem::path(HAETAE_SOURCE_DIR) / "devices/personalities/conformant-camera.xml";
const std::string kHaetae = HAETAE_BINARY_DIR "/haetae";
constexpr int kKilled = 128 + 9;
constexpr int kMostLinks = 200;
constexpr int kSideBySide = 6;

/// Bench is one simulated camera with a declaration, a state folder and a run file of its own.
struct Bench {
  explicit Bench(int number) {
    devices::Options options;
    options.address = fmt::format("127.44.{}.{}", number / 200, 10 + number % 200);
    options.control = folder.path() / "control";
    // A short block: how long it lasts is not what is tried here, and so 1.4-block-length fails.
    options.settings["lockout.seconds"] = "2";
    auto started = devices::Simulator::start(kPersonality, options);
    if (!started) throw std::runtime_error(started.error());
    simulator = std::move(*started);
    device = folder.write("device.xml",
                          test::replaced(test::camera_declaration(options.address, options.control),
                                         "block-seconds=\"30\"", "block-seconds=\"2\""));
  }

  [[nodiscard]] test::ToolResult run(const std::string& fault, bool resume) const {
    std::vector<std::string> argv{"/usr/bin/env",
                                  "HAETAE_STATE_DIR=" + folder.file("state"),
                                  "HAETAE_FAULT=" + fault,
                                  kHaetae,
                                  "run",
                                  device,
                                  "-o",
                                  folder.file("run.haetae"),
                                  "--lang",
                                  "en"};
    if (resume) argv.emplace_back("--resume");
    return test::run_tool(argv, std::chrono::seconds(180));
  }

  [[nodiscard]] std::string verdicts() const {
    const auto result = test::run_tool({kHaetae, "facts", folder.file("run.haetae"),
                                        "SELECT criterion, subject, verdict FROM verdict_subject "
                                        "WHERE revision = (SELECT max(id) FROM revision) "
                                        "ORDER BY criterion, subject"});
    return result.output;
  }

  test::TempDir folder;
  std::unique_ptr<devices::Simulator> simulator;
  std::string device;
};

struct Trial {
  std::string fault, complaint;
};

/// kill_and_resume() is empty if the resumed run came to `expected`, else what went wrong.
std::string kill_and_resume(int number, const std::string& fault, const std::string& expected,
                            bool& past_the_end) {
  const Bench bench(number);
  const auto killed = bench.run(fault, false);
  if (killed.exit_code != kKilled) {
    past_the_end = true;
    return bench.verdicts() == expected
               ? ""
               : "an undisturbed run came to other verdicts:\n" + killed.output;
  }
  // Killed before the first link there is no run yet, and it is simply started.
  const bool begun =
      test::run_tool({kHaetae, "verify", bench.folder.file("run.haetae")}).exit_code == 2;
  if (!begun) std::filesystem::remove(bench.folder.path() / "run.haetae");
  const auto resumed = bench.run("", begun);
  if (resumed.exit_code != 1) {
    return fmt::format("resume ended with {}:\n{}", resumed.exit_code, resumed.output);
  }
  const auto verified = test::run_tool({kHaetae, "verify", bench.folder.file("run.haetae")});
  if (verified.output.find("intact") == std::string::npos) return "not intact:\n" + verified.output;
  const std::string verdicts = bench.verdicts();
  return verdicts == expected
             ? ""
             : "other verdicts:\n" + verdicts + "\nexpected:\n" + expected + resumed.output;
}

}  // namespace

TEST_CASE("a run killed at every commit resumes to the same verdicts", "[e2e]") {
  test::enter_own_network();
  const Bench whole(0);
  const auto undisturbed = whole.run("", false);
  INFO(undisturbed.output);
  REQUIRE(undisturbed.exit_code == 1);
  const std::string expected = whole.verdicts();
  REQUIRE(expected.find("pass") != std::string::npos);

  std::atomic<int> next{1};
  std::atomic<bool> past_the_end{false};
  std::mutex mutex;
  std::vector<Trial> complaints;
  int trials = 0;
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < kSideBySide; ++worker) {
      workers.emplace_back([&] {
        for (int link = next++; link < kMostLinks && !past_the_end; link = next++) {
          bool past = false;
          const std::string fault = fmt::format("kill-after-link:{}", link);
          std::string complaint;
          try {
            complaint = kill_and_resume(link, fault, expected, past);
          } catch (const std::exception& exception) {
            complaint = exception.what();
          }
          if (past) past_the_end = true;
          const std::scoped_lock lock(mutex);
          ++trials;
          if (!complaint.empty()) complaints.push_back({fault, complaint});
        }
      });
    }
  }
  for (const Trial& trial : complaints) {
    INFO(trial.fault);
    FAIL_CHECK(trial.complaint);
  }
  CHECK(past_the_end);
  fmt::print("killed and resumed at {} commits\n", trials);
}
