#include <catch2/catch.hpp>

#include "harness/runner/patience.hpp"

using namespace haetae;
using runner::Patience;
using std::chrono::seconds;

namespace {

const SteadyTime kStart = SteadyTime{} + std::chrono::hours(1);

}  // namespace

TEST_CASE(
    "a service that does not answer is waited for ever shorter, and one answer sets it back") {
  Patience patience;
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart) == seconds(10));
  patience.silent("lan:tcp/80");
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart) == Patience::kSome);
  CHECK(patience.wait("lan:tcp/80", seconds(1), kStart) == seconds(1));
  for (int more = 0; more < 2; ++more) patience.silent("lan:tcp/80");
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart) == Patience::kLittle);
  CHECK(patience.wait("lan:tcp/443", seconds(10), kStart) == seconds(10));
  patience.answered("lan:tcp/80");
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart) == seconds(10));
}

TEST_CASE("a service that stays silent gets more time again every ten seconds") {
  Patience patience;
  for (int more = 0; more < 8; ++more) patience.silent("lan:tcp/80");
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart) == Patience::kSome);
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart) == Patience::kLeast);
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart + seconds(9)) == Patience::kLeast);
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart + Patience::kAgain) == Patience::kSome);
  patience.limit(std::chrono::milliseconds(20));
  CHECK(patience.wait("lan:tcp/80", seconds(10), kStart) == std::chrono::milliseconds(20));
}
