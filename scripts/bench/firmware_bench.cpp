#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <type_traits>

#include "harness/catalogue/catalogue.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/inspector.hpp"
#include "tests/support/fake_context.hpp"

/// Runs the whole analysis of a firmware image, every inspector with the tables of the catalogue,
/// and prints the files in which it found keys, certificates, secrets and accounts, then how long
/// it took and how much memory beyond the page cache it needed at most.
namespace {

using namespace haetae;

long memory_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stol(line.substr(8));
  }
  return 0;
}

// One line for each file that a table of findings names.
template <class Fact>
void print(const test::FakeContext& context, const char* table) {
  std::set<std::string> paths;
  for (const Fact& fact : runner::facts<Fact>(context)) {
    // Keys that libraries test themselves with are known and judged as such.
    if constexpr (std::is_same_v<Fact, facts::FirmwareKey>) {
      if (!fact.test_key.empty()) continue;
    }
    paths.insert(fact.path);
  }
  for (const std::string& path : paths) std::cout << table << ": " << path << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: firmware_bench CATALOGUE IMAGE\n";
    return 64;
  }
  const auto catalogue = catalogue::load(argv[1], std::nullopt);
  if (!catalogue) {
    std::cerr << catalogue.error().message() << "\n";
    return 1;
  }
  auto device = test::lab_declaration("127.41.0.1");
  device.firmware.push_back({.id = "main", .file = argv[2], .kind = "image", .version = "1"});
  test::FakeContext context(device, catalogue->value);
  std::atomic<bool> done = false;
  long most = 0;
  std::thread watch([&] {
    while (!done) {
      most = std::max(most, memory_kib());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  const long before = memory_kib();
  const auto start = std::chrono::steady_clock::now();
  const auto made =
      testcases::firmware::inspect(context, &formats::walk, testcases::firmware::inspectors());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  done = true;
  watch.join();
  if (!made) {
    std::cerr << made.error().message() << "\n";
    return 1;
  }
  for (const Coverage& coverage : context.coverages()) {
    std::cout << "coverage: " << coverage.topic << " "
              << (coverage.state == CoverageState::complete ? "complete" : coverage.why) << "\n";
  }
  print<facts::FirmwareKey>(context, "key");
  print<facts::FirmwareCertificate>(context, "certificate");
  print<facts::FirmwareSecret>(context, "secret");
  print<facts::FirmwareAccount>(context, "account");
  std::cerr << fmt::format("{:.2f} s, {} KiB ({} before)\n", took.count(), most, before);
  return 0;
}
