#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "devices/simulator.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// A run that is killed with SIGKILL at any commit goes on to the same verdicts, but for those of a
/// procedure that was in flight and may not be done twice.
namespace {

using namespace haetae;

const std::filesystem::path kPersonality =
    std::filesystem::path(HAETAE_SOURCE_DIR) / "devices/personalities/conformant-camera.xml";
const std::string kHaetae = HAETAE_BINARY_DIR "/haetae";
/// Items whose procedures are of every hazard up to disruptive, and that wait little.
const std::string kItems = "1.2,1.4,2.1,3.1,5.1,5.5,6.1";
const std::string kShipped = "1.4.2";
constexpr int kKilled = 128 + 9;
constexpr int kMostLinks = 200;
constexpr int kSideBySide = 12;

/// Bench is one simulated camera with a declaration, a state folder and a run file of its own.
struct Bench {
  explicit Bench(int number) {
    devices::Options options;
    // A network of its own, whose .1 is the update server of the run.
    options.address = fmt::format("127.44.{}.10", number);
    options.control = folder.path() / "control";
    options.keys = folder.path() / "keys";
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
                                  "en",
                                  "--only",
                                  kItems};
    if (resume) argv.emplace_back("--resume");
    return test::run_tool(argv, std::chrono::seconds(180));
  }

  [[nodiscard]] std::string ask(const std::string& query) const {
    return test::run_tool({kHaetae, "facts", folder.file("run.haetae"), query}).output;
  }
  [[nodiscard]] std::set<std::string> verdicts() const {
    std::istringstream lines(
        ask("SELECT criterion, subject, verdict FROM verdict_subject "
            "WHERE revision = (SELECT max(id) FROM revision) ORDER BY criterion, subject"));
    std::set<std::string> out;
    for (std::string line; std::getline(lines, line);) out.insert(line);
    return out;
  }
  /// left_undone() is true if a procedure was in flight whose hazard forbids to do it twice.
  [[nodiscard]] bool left_undone() const {
    return ask("SELECT reason FROM procedure_state WHERE state = 'interrupted'")
               .find("does not allow a repetition") != std::string::npos;
  }
  [[nodiscard]] std::string version() const {
    return simulator->command("version").value_or("none");
  }

  test::TempDir folder;
  std::unique_ptr<devices::Simulator> simulator;
  std::string device;
};

struct Trial {
  std::string fault, complaint;
  bool undone = false, past_the_end = false;
};

/// learned_nothing() is true where the device of one of the runs was back only after its short
/// block was over, as on a busy machine. A pass in one and a fail in the other are still a
/// difference.
bool learned_nothing(const std::string& line, const std::set<std::string>& expected) {
  if (!line.starts_with("1.4-restart |")) return false;
  const std::string unclear = line.substr(0, line.rfind('|')) + "| inconclusive";
  return line == unclear || expected.contains(unclear);
}

/// differences() are the verdicts of one run that another has not; a verdict that is not-run is
/// none where `undone` allows it.
std::string differences(const std::set<std::string>& got, const std::set<std::string>& expected,
                        bool undone) {
  std::string out;
  for (const std::string& line : got) {
    if (expected.contains(line) || learned_nothing(line, expected)) continue;
    if (!(undone && line.ends_with("| not-run"))) out += line + "\n";
  }
  if (got.size() != expected.size()) out += fmt::format("{} of {}\n", got.size(), expected.size());
  return out;
}

/// kill_and_resume() is empty if the resumed run came to `expected`, else what went wrong.
std::string kill_and_resume(int number, const std::string& fault,
                            const std::set<std::string>& expected, Trial& trial) {
  const Bench bench(number);
  const auto killed = bench.run(fault, false);
  if (killed.exit_code != kKilled) {
    trial.past_the_end = true;
    const std::string differs = differences(bench.verdicts(), expected, false);
    return differs.empty()
               ? ""
               : "an undisturbed run came to other verdicts:\n" + differs + killed.output;
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
  if (bench.version() != kShipped) return "the device was left with version " + bench.version();
  trial.undone = bench.left_undone();
  const std::string differs = differences(bench.verdicts(), expected, trial.undone);
  return differs.empty() ? "" : "other verdicts:\n" + differs + resumed.output;
}

}  // namespace

TEST_CASE("a run killed at every commit resumes to the same verdicts", "[e2e]") {
  test::enter_own_network();
  const Bench whole(0);
  const auto undisturbed = whole.run("", false);
  INFO(undisturbed.output);
  REQUIRE(undisturbed.exit_code == 1);
  const auto expected = whole.verdicts();
  REQUIRE(expected.contains("5.1-works | lan:tcp/443 | pass"));
  REQUIRE_FALSE(whole.left_undone());

  std::atomic<int> next{1};
  std::atomic<bool> past_the_end{false};
  std::mutex mutex;
  std::vector<Trial> trials;
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < kSideBySide; ++worker) {
      workers.emplace_back([&] {
        for (int link = next++; link < kMostLinks && !past_the_end; link = next++) {
          Trial trial;
          trial.fault = fmt::format("kill-after-link:{}", link);
          try {
            trial.complaint = kill_and_resume(link, trial.fault, expected, trial);
          } catch (const std::exception& exception) {
            trial.complaint = exception.what();
          }
          if (trial.past_the_end) past_the_end = true;
          const std::scoped_lock lock(mutex);
          trials.push_back(std::move(trial));
        }
      });
    }
  }
  int undone = 0;
  for (const Trial& trial : trials) {
    if (trial.undone) ++undone;
    if (trial.complaint.empty()) continue;
    INFO(trial.fault);
    FAIL_CHECK(trial.complaint);
  }
  CHECK(past_the_end);
  // Those that disturb the device or may brick it are few; all others are made again.
  CHECK(undone > 0);
  CHECK(undone <= static_cast<int>(trials.size()) / 4);
  fmt::print("killed and resumed at {} commits, {} times with a procedure that is not repeated\n",
             trials.size(), undone);
}
