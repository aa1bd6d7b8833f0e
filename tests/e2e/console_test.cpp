#include <catch2/catch.hpp>
#include <string>

#include "testcases/facts/facts.hpp"
#include "tests/support/console_lab.hpp"

/// The procedures of the serial console at a scripted board behind a pty.
using namespace haetae;

namespace {

devices::Settings board(std::initializer_list<std::pair<const char*, const char*>> settings = {}) {
  devices::Settings out;
  for (const auto& [name, value] : settings) REQUIRE(out.set(name, value));
  return out;
}

template <class F>
F only(const test::FakeContext& context) {
  const auto all = runner::facts<F>(context);
  REQUIRE(all.size() == 1);
  return all.front();
}

facts::ConsoleSeen seen_at(const test::FakeContext& context, const std::string& moment) {
  for (const auto& one : runner::facts<facts::ConsoleSeen>(context))
    if (one.moment == moment) return one;
  FAIL("no console_seen at " + moment);
  return {};
}

std::string outcome_of(const test::FakeContext& context, const std::string& account,
                       const std::string& password) {
  for (const auto& one : runner::facts<facts::ConsoleLogin>(context))
    if (one.account == account && context.secret_value(one.secret) == password) return one.outcome;
  return "absent";
}

}  // namespace

TEST_CASE("a console that asks for a login and takes nothing well known", "[e2e][console]") {
  const test::TempDir folder;
  const auto settings = board();
  // Every byte comes by itself, so that each prompt is split over reads.
  const test::PtyBoard pty(settings, folder, 1);
  test::FakeContext context(test::at_tty(pty.tty()), test::console_catalogue(4));
  test::run_console(context);
  const auto prompt = only<facts::ConsolePrompt>(context);
  CHECK(prompt.prompt == "login");
  CHECK(prompt.shell == "no");
  CHECK(seen_at(context, "running").state == "text");
  const auto logins = runner::facts<facts::ConsoleLogin>(context);
  REQUIRE(logins.size() == 5);
  for (const auto& one : logins) CHECK(one.outcome == "refused");
  CHECK(logins.front().origin == "negative-control");
  CHECK(outcome_of(context, "root", "") == "refused");
  CHECK(outcome_of(context, "root", "root") == "refused");
  CHECK(context.coverage("console", "console").state == CoverageState::complete);
  CHECK(context.ledger().tries().size() == 5);
}

TEST_CASE("a console that takes root with the password root", "[e2e][console]") {
  const test::TempDir folder;
  const auto settings = board({{"console.root-password", "root"}});
  const test::PtyBoard pty(settings, folder);
  test::FakeContext context(test::at_tty(pty.tty()), test::console_catalogue(4));
  test::run_console(context);
  CHECK(outcome_of(context, "root", "root") == "accepted");
  CHECK(outcome_of(context, "root", "") == "refused");
  // It logged out again: the next credentials were refused at a login prompt.
  CHECK(runner::facts<facts::ConsoleLogin>(context).back().outcome == "refused");
}

TEST_CASE("a console that gives a shell to everybody", "[e2e][console]") {
  const test::TempDir folder;
  const auto settings = board({{"console.system", "shell"}});
  const test::PtyBoard pty(settings, folder);
  test::FakeContext context(test::at_tty(pty.tty(), pty.power_hook()), test::console_catalogue(4));
  test::run_boot(context);
  const auto prompt = only<facts::ConsolePrompt>(context);
  CHECK(prompt.prompt == "shell");
  CHECK(prompt.shell == "yes");
  CHECK(prompt.account == "uid=0(root)");
  const auto boot = only<facts::ConsoleBoot>(context);
  CHECK(boot.system == "shell");
  CHECK(boot.interrupted == "no");
}

TEST_CASE("a shell that somebody left open is no shell without login", "[e2e][console]") {
  const test::TempDir folder;
  const auto settings = board({{"console.root-password", "Left-0pen"}});
  const test::PtyBoard pty(settings, folder);
  {
    net::Door door(Scope{}, {}, system_clock());
    NoRecorder recorder;
    auto line = door.console({.device = pty.tty(), .baud = 115200, .server = {}}, recorder,
                             "console", "somebody", system_clock().now() + 5s);
    REQUIRE(line);
    for (const char* text : {"root\r", "Left-0pen\r"})
      REQUIRE((*line)->write(as_bytes(text), system_clock().now() + 5s));
    (void)net::read_all(**line, 4096, 500ms, system_clock().now() + 5s);
  }
  test::FakeContext context(test::at_tty(pty.tty()), test::console_catalogue(2));
  test::run_console(context);
  const auto prompt = only<facts::ConsolePrompt>(context);
  CHECK(prompt.shell == "left-open");
  CHECK(prompt.prompt == "login");
  CHECK(runner::facts<facts::ConsoleLogin>(context).size() == 3);
}

TEST_CASE("a boot loader that any key stops", "[e2e][console]") {
  const test::TempDir folder;
  const auto settings = board({{"console.boot-delay", "2"}});
  const test::PtyBoard pty(settings, folder, 1);
  test::FakeContext context(test::at_tty(pty.tty(), pty.power_hook()), test::console_catalogue(2));
  test::run_boot(context);
  const auto boot = only<facts::ConsoleBoot>(context);
  CHECK(boot.power == "hook");
  CHECK(boot.loader == "u-boot");
  CHECK(boot.interrupted == "yes");
  CHECK(boot.shell == "open");
  CHECK(boot.banner == "U-Boot 2023.01 (SimCam 200)");
  // The boot went on.
  CHECK(boot.system == "login");
  CHECK(seen_at(context, "boot").kernel == "yes");
  CHECK(context.coverage("console.boot", "console").state == CoverageState::complete);
}

TEST_CASE("a boot that no key stops", "[e2e][console]") {
  const test::TempDir folder;
  const auto settings = board();
  const test::PtyBoard pty(settings, folder);
  test::FakeContext context(test::at_tty(pty.tty(), pty.power_hook()), test::console_catalogue(2));
  test::run_boot(context);
  const auto boot = only<facts::ConsoleBoot>(context);
  CHECK(boot.interrupted == "no");
  CHECK(boot.shell == "none");
  CHECK(boot.system == "login");
  CHECK(context.coverage("console.boot", "console").state == CoverageState::complete);
}

TEST_CASE("without a power cycle nothing is said of the boot", "[e2e][console]") {
  const test::TempDir folder;
  const auto settings = board();
  const test::PtyBoard pty(settings, folder);
  for (const std::string hook : {"", "/bin/false", "/bin/true"}) {
    CAPTURE(hook);
    test::FakeContext context(test::at_tty(pty.tty(), hook), test::console_catalogue(2));
    test::run_boot(context);
    const auto boot = only<facts::ConsoleBoot>(context);
    CHECK(boot.power == (hook.empty() ? "none" : hook == "/bin/false" ? "failed" : "hook"));
    CHECK(boot.interrupted == "unknown");
    CHECK(boot.shell == "unknown");
    CHECK(boot.loader == "unknown");
    CHECK(context.coverage("console.boot", "console").state == CoverageState::partial);
  }
}

TEST_CASE("a console that is not there, or belongs to somebody else", "[e2e][console]") {
  test::FakeContext context(test::at_tty("/nowhere/ttyUSB0"), test::console_catalogue(2));
  test::run_console(context);
  test::run_boot(context);
  CHECK(seen_at(context, "running").state == "unopened");
  const Coverage coverage = context.coverage("console", "console");
  CHECK(coverage.state == CoverageState::partial);
  CHECK(coverage.cause == Cause::lab);
  CHECK(coverage.why.find("/nowhere/ttyUSB0") != std::string::npos);
  CHECK(context.coverage("console.boot", "console").state == CoverageState::partial);
}

TEST_CASE("a device without a declared console is left alone", "[e2e][console]") {
  test::FakeContext context(test::lab_declaration("127.47.9.1"), test::console_catalogue(2));
  test::run_console(context);
  test::run_boot(context);
  CHECK(context.coverages().empty());
  CHECK(context.evidence().count() == 0);
}
