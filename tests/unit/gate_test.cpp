#include <catch2/catch.hpp>

#include "harness/net/gate.hpp"
#include "tests/support/fakes.hpp"

using namespace haetae;
using namespace haetae::net;

namespace {

void answers(Gate& gate, int count, Duration latency) {
  for (int at = 0; at < count; ++at) gate.answered(latency, ErrorKind::internal);
}

}  // namespace

TEST_CASE("the pace spaces connections by the injected clock") {
  test::FakeClock clock;
  Gate gate({.connections = 1000, .per_second = 100, .connect_wait = 3s}, clock);
  const SteadyTime start = clock.now();
  for (int at = 0; at < 208; ++at) REQUIRE(gate.enter(start + 1h));
  // A burst of eight is free.
  CHECK(clock.now() - start == 1990ms);
  CHECK(gate.enter(clock.now()).error().kind == ErrorKind::budget);
}

TEST_CASE("answers that slow down halve the pace, good ones bring it back slowly") {
  test::FakeClock clock;
  Gate gate({.connections = 4, .per_second = 1000, .connect_wait = 3s}, clock);
  answers(gate, 20, 6ms);
  CHECK(gate.stress().pace == Approx(1000));
  CHECK(gate.stress().factor() == Approx(1));
  answers(gate, 16, 30ms);
  CHECK(gate.stress().factor() == Approx(5));
  CHECK(gate.stress().pace < 1000);
  const double slow = gate.stress().pace;
  answers(gate, 400, 30ms);
  CHECK(gate.stress().pace < slow);
  CHECK(gate.stress().pace >= 1000.0 / 64);
  answers(gate, 10, 6ms);
  CHECK(gate.stress().pace < 200);
  answers(gate, 200, 6ms);
  CHECK(gate.stress().pace == Approx(1000));
}

TEST_CASE("a slower answer below 20 ms, or less than four times as slow, changes nothing") {
  test::FakeClock clock;
  Gate quick({.connections = 4, .per_second = 1000, .connect_wait = 3s}, clock);
  answers(quick, 16, 100us);
  answers(quick, 50, 20ms);
  CHECK(quick.stress().pace == Approx(1000));
  Gate steady({.connections = 4, .per_second = 1000, .connect_wait = 3s}, clock);
  answers(steady, 16, 10ms);
  answers(steady, 50, 40ms);
  CHECK(steady.stress().pace == Approx(1000));
  answers(steady, 50, 41ms);
  CHECK(steady.stress().pace < 1000);
}

TEST_CASE("unanswered connects halve the pace down to a floor and are counted in a row") {
  test::FakeClock clock;
  Gate gate({.connections = 4, .per_second = 1000, .connect_wait = 3s}, clock);
  gate.unanswered();
  CHECK(gate.stress().pace == Approx(500));
  for (int at = 0; at < 20; ++at) gate.unanswered();
  CHECK(gate.stress().pace == Approx(1000.0 / 64));
  CHECK(gate.stress().timeouts == 21);
  CHECK(gate.stress().unanswered_in_a_row == 21);
  answers(gate, 1, 1ms);
  CHECK(gate.stress().unanswered_in_a_row == 0);
  CHECK(gate.stress().factor() == 1);
}
