#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "harness/catalogue/catalogue.hpp"
#include "testcases/firmware/inspector.hpp"
#include "tests/support/fake_context.hpp"

/// Runs the whole analysis of a firmware image, every inspector with the tables of the catalogue,
/// and prints the paths that its evidence names, then how long it took and how much memory beyond
/// the page cache it needed at most.
namespace {

using namespace haetae;

long memory_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stol(line.substr(8));
  }
  return 0;
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
  std::set<std::string> paths;
  for (std::size_t id = 1; id <= context.evidence().count(); ++id) {
    std::istringstream text(
        context.evidence().text(static_cast<EvidenceId>(id), Direction::received));
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("path: ")) paths.insert(line.substr(6));
    }
  }
  for (const std::string& path : paths) std::cout << "path: " << path << "\n";
  std::cerr << fmt::format("{:.2f} s, {} KiB ({} before)\n", took.count(), most, before);
  return 0;
}
