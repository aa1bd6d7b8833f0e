#include <fstream>
#include <random>

#include <catch2/catch.hpp>

#include "harness/audit/check.hpp"
#include "harness/audit/rejudge.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/judged_run.hpp"

// A run file whose bytes somebody changed, anywhere: it is checked to an end, and whatever opens is
// judged again to an end.

using namespace haetae;
using namespace haetae::test;

namespace {

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// judge_what_opens() goes past the check, as a program would that trusts the file.
void judge_what_opens(const std::filesystem::path& file) {
  const auto run = evidence::RunFile::open(file, false, system_clock());
  if (!run) return;
  const auto revisions = audit::rejudge(*run, "tool 1", std::chrono::seconds(20));
  if (!revisions) CHECK_FALSE(revisions.error().message().empty());
}

}  // namespace

TEST_CASE("changed bytes anywhere in a run file never crash or hang the check or the judge") {
  const Folder folder;
  const auto original = folder.path / "run.haetae";
  {
    JudgedRun run(original);
    run.suite("TLS_WEAK");
    run.judge();
    run.suite("TLS_STRONGER");
    run.judge();
    run.report("2026-001", "", "the report");
    const auto key = evidence::SigningKey::load(folder.path / "key.pem", true);
    REQUIRE(key);
    run.seal(*key);
    run.finish();
  }
  const std::string whole = bytes_of(original);
  const auto file = folder.path / "changed.haetae";
  std::mt19937 random(20261122);  // the same places in every run of this test
  std::size_t found = 0, refused = 0;
  constexpr int kRounds = 160;
  for (int round = 0; round < kRounds; ++round) {
    std::string changed = whole;
    // Half of the rounds aim at the head and the first pages, where the structure lies.
    const std::size_t range = round % 2 == 0 ? changed.size() : std::size_t{16384};
    for (int flips = 1 + round % 4; flips > 0; --flips) {
      changed[random() % range] ^= static_cast<char>(1U << (random() % 8U));
    }
    if (round % 16 == 15) changed.resize(random() % changed.size());
    std::ofstream(file, std::ios::binary) << changed;
    INFO("round " << round);
    const auto checked = audit::check({.run = file, .tool = "tool 1"});
    if (!checked) {
      CHECK_FALSE(checked.error().message().empty());
      ++refused;
    } else if (checked->exit_code == 1) {
      CHECK(checked->text.find("✗ ") != std::string::npos);
      ++found;
    }
    judge_what_opens(file);
  }
  CHECK(found > kRounds / 4);
  CHECK(found + refused <= static_cast<std::size_t>(kRounds));
}
