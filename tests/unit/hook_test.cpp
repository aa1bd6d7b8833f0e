#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "harness/net/door.hpp"
#include "tests/support/fakes.hpp"

using namespace haetae;
using namespace haetae::net;

namespace {

Door any_door() { return {Scope{}, {}, system_clock()}; }
SteadyTime in(Duration duration) { return system_clock().now() + duration; }

}  // namespace

TEST_CASE("a hook's words are handed over as they are, without a shell") {
  Door door = any_door();
  const auto result = door.run_hook("  printf %s|%s;  $HOME  `id`", in(30s));
  REQUIRE(result.has_value());
  CHECK(result->output == "$HOME|`id`;");
  CHECK(result->exit_code == 0);
}

TEST_CASE("a hook's exit code and signal are told") {
  Door door = any_door();
  CHECK(door.run_hook("false", in(30s)).value().exit_code == 1);
  CHECK(door.run_hook("", in(30s)).error().kind == ErrorKind::invalid_input);
  CHECK(door.run_hook("/nonexistent/hook x", in(30s)).error().kind == ErrorKind::not_found);
}

TEST_CASE("a hook that does not end is killed with its children") {
  Door door = any_door();
  char folder[] = "/tmp/haetae-hook-XXXXXX";
  REQUIRE(mkdtemp(folder) != nullptr);
  const std::filesystem::path script = std::filesystem::path(folder) / "hook";
  const std::filesystem::path pid = std::filesystem::path(folder) / "pid";
  std::ofstream(script) << "sleep 1000 & echo $! > " << pid.string() << ".new\n"
                        << "mv " << pid.string() << ".new " << pid.string() << "\nwait\n";
  const auto result = door.run_hook("sh " + script.string(), in(2s));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == ErrorKind::timed_out);
  std::string child;
  std::ifstream(pid) >> child;
  REQUIRE_FALSE(child.empty());
  // Gone, or dead and waiting for init to notice.
  const auto alive = [&child] {
    std::ifstream stat("/proc/" + child + "/stat");
    std::string number, name, state;
    return stat >> number >> name >> state && state != "Z";
  };
  const SteadyTime until = in(30s);
  while (alive() && system_clock().now() < until) std::this_thread::yield();
  CHECK_FALSE(alive());
  std::filesystem::remove_all(folder);
}

TEST_CASE("a hook that floods its output is bounded in memory and time") {
  Door door = any_door();
  CHECK(door.run_hook("yes", in(300ms)).error().kind == ErrorKind::timed_out);
  const auto much = door.run_hook("head -c 1000000 /dev/zero", in(30s));
  REQUIRE(much.has_value());
  CHECK(much->output.size() == 65536);
}

TEST_CASE("a program reads its input as a file and gets nothing of our environment") {
  Door door = any_door();
  REQUIRE(setenv("HAETAE_PRIVATE", "secret", 1) == 0);
  const std::string text = "two\nlines\n";
  auto result = door.run_program(
      {.arguments = {"tail", "-n", "1", "/dev/stdin"}, .input = as_bytes(text)}, in(30s));
  REQUIRE(result.has_value());
  CHECK(result->exit_code == 0);
  CHECK(result->output == "lines\n");
  CHECK_FALSE(result->cut);
  result = door.run_program({.arguments = {"env"}, .input = {}}, in(30s));
  REQUIRE(result.has_value());
  CHECK(result->output.find("HAETAE_PRIVATE") == std::string::npos);
  CHECK(result->output.find("LC_ALL=C.UTF-8") != std::string::npos);
}

TEST_CASE("a program is held to its bounds") {
  Door door = any_door();
  const std::string text(100'000, 'x');
  auto result = door.run_program(
      {.arguments = {"cat"}, .input = as_bytes(text), .most_output = 1000}, in(30s));
  REQUIRE(result.has_value());
  CHECK(result->output.size() == 1000);
  CHECK(result->cut);
  // The shell here is the program under test: it tries what a broken reader would do.
  result = door.run_program(
      {.arguments = {"sh", "-c", "x=$(head -c 500000000 /dev/zero | tr '\\0' a); echo got"},
       .input = {},
       .most_memory = 64U << 20U},
      in(60s));
  REQUIRE(result.has_value());
  CHECK(result->output.find("got") == std::string::npos);
  result = door.run_program(
      {.arguments = {"sh", "-c", "echo x > /tmp/haetae-program-test"}, .input = {}}, in(30s));
  REQUIRE(result.has_value());
  CHECK(result->exit_code != 0);
  std::error_code gone;
  std::filesystem::remove("/tmp/haetae-program-test", gone);
  result = door.run_program({.arguments = {"sleep", "1000"}, .input = {}}, in(200ms));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == ErrorKind::timed_out);
  result = door.run_program({.arguments = {"haetae-no-such-program"}, .input = {}}, in(30s));
  REQUIRE(result.has_value());
  CHECK(result->exit_code == 127);
  CHECK(door.run_program({}, in(30s)).error().kind == ErrorKind::invalid_input);
}
