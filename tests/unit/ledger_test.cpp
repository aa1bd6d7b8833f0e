#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "harness/net/ledger.hpp"
#include "tests/support/fakes.hpp"

using namespace haetae;
using namespace haetae::net;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/haetae-ledger-XXXXXX";
    path_ = mkdtemp(name);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] fs::path file() const { return path_ / "logins"; }

 private:
  fs::path path_;
};

const LoginPolicy kThree{.failures = 3, .window = 30min, .success_resets = false};
constexpr auto kWeb = "lan:tcp/80";

std::unique_ptr<Ledger> open(const Folder& folder, Clock& clock) {
  auto ledger = Ledger::open(folder.file(), clock);
  REQUIRE(ledger.has_value());
  return std::move(*ledger);
}

void fail_once(Ledger& ledger, const char* account = "admin") {
  const auto id = ledger.draw("p", kWeb, account, kThree);
  REQUIRE(id.has_value());
  REQUIRE(ledger.settle(*id, TryOutcome::refused));
}

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("tries run out, and come back when the window has passed without one") {
  const Folder folder;
  test::FakeClock clock;
  auto ledger = open(folder, clock);
  CHECK(ledger->left(kWeb, "admin", kThree) == 3);
  fail_once(*ledger);
  clock.move(10min);
  fail_once(*ledger);
  clock.move(10min);
  fail_once(*ledger);
  CHECK(ledger->left(kWeb, "admin", kThree) == 0);
  const auto none = ledger->draw("p", kWeb, "admin", kThree);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().kind == ErrorKind::budget);
  CHECK(none.error().text.find("1800 s") != std::string::npos);
  CHECK(ledger->free_at(kWeb, "admin", kThree) == clock.wall() + 30min);
  clock.move(30min - 1ms);
  CHECK(ledger->left(kWeb, "admin", kThree) == 0);
  clock.move(1ms);
  CHECK(ledger->left(kWeb, "admin", kThree) == 3);
  CHECK(ledger->free_at(kWeb, "admin", kThree) == clock.wall());
  fail_once(*ledger);
  CHECK(ledger->left(kWeb, "admin", kThree) == 2);
}

TEST_CASE("accounts and surfaces are counted apart") {
  const Folder folder;
  test::FakeClock clock;
  auto ledger = open(folder, clock);
  fail_once(*ledger);
  CHECK(ledger->left(kWeb, "admin", kThree) == 2);
  CHECK(ledger->left(kWeb, "root", kThree) == 3);
  CHECK(ledger->left("lan:tcp/22", "admin", kThree) == 3);
}

TEST_CASE("a success resets the count only where the policy says so") {
  const Folder folder;
  test::FakeClock clock;
  auto ledger = open(folder, clock);
  fail_once(*ledger);
  fail_once(*ledger);
  const auto id = ledger->draw("p", kWeb, "admin", kThree);
  REQUIRE(id.has_value());
  CHECK(ledger->left(kWeb, "admin", kThree) == 0);
  REQUIRE(ledger->settle(*id, TryOutcome::accepted));
  CHECK(ledger->left(kWeb, "admin", kThree) == 1);
  LoginPolicy resets = kThree;
  resets.success_resets = true;
  CHECK(ledger->left(kWeb, "admin", resets) == 3);
}

TEST_CASE("an unknown outcome and none at all count as failures") {
  const Folder folder;
  test::FakeClock clock;
  auto ledger = open(folder, clock);
  const auto first = ledger->draw("p", kWeb, "admin", kThree);
  REQUIRE(ledger->settle(first.value(), TryOutcome::unknown));
  CHECK(ledger->draw("p", kWeb, "admin", kThree).has_value());
  CHECK(ledger->left(kWeb, "admin", kThree) == 1);
  CHECK(ledger->settle(99, TryOutcome::accepted).error().kind == ErrorKind::internal);
}

TEST_CASE("every byte of names survives, and the file is text for its owner only") {
  const Folder folder;
  test::FakeClock clock;
  const std::string account = "a\tb\nc %d\x7f \xea\xb0\x80";
  {
    auto ledger = open(folder, clock);
    REQUIRE(ledger->draw("p q", kWeb, account, kThree).has_value());
    REQUIRE(ledger->draw("", "", "", kThree).has_value());
  }
  auto again = open(folder, clock);
  const auto tries = again->tries();
  REQUIRE(tries.size() == 2);
  CHECK(tries[0].account == account);
  CHECK(tries[0].procedure == "p q");
  CHECK(tries[0].at == clock.wall());
  CHECK(tries[1].account.empty());
  CHECK(again->left(kWeb, account, kThree) == 2);
  CHECK((fs::status(folder.file()).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("two ledgers on one file see each other's tries") {
  const Folder folder;
  test::FakeClock clock;
  auto one = open(folder, clock);
  auto two = open(folder, clock);
  fail_once(*one);
  CHECK(two->left(kWeb, "admin", kThree) == 2);
  const auto first = one->draw("p", kWeb, "admin", kThree);
  const auto second = two->draw("p", kWeb, "admin", kThree);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(*first != *second);
  CHECK(one->draw("p", kWeb, "admin", kThree).error().kind == ErrorKind::budget);
}

TEST_CASE("threads and processes together never draw more than there is") {
  const Folder folder;
  test::FakeClock clock;
  const LoginPolicy fifty{.failures = 50, .window = 30min, .success_resets = false};
  const auto draw_all = [&] {
    auto ledger = Ledger::open(folder.file(), clock);
    int drawn = 0;
    while (ledger && (*ledger)->draw("p", kWeb, "admin", fifty)) ++drawn;
    return drawn;
  };
  std::vector<pid_t> children;
  for (int at = 0; at < 3; ++at) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) _exit(draw_all());
    children.push_back(child);
  }
  int total = draw_all();
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    total += WEXITSTATUS(status);
  }
  CHECK(total == 50);
  CHECK(open(folder, clock)->tries().size() == 50);
}

TEST_CASE("a try survives SIGKILL between draw and settle") {
  const Folder folder;
  test::FakeClock clock;
  int pipes[2];
  REQUIRE(pipe(pipes) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto ledger = Ledger::open(folder.file(), clock);
    const char done = ledger && (*ledger)->draw("p", kWeb, "admin", kThree) ? 'y' : 'n';
    if (write(pipes[1], &done, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char done = 0;
  REQUIRE(read(pipes[0], &done, 1) == 1);
  CHECK(done == 'y');
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  close(pipes[0]);
  close(pipes[1]);
  auto ledger = open(folder, clock);
  CHECK(ledger->left(kWeb, "admin", kThree) == 2);
  REQUIRE(ledger->tries().size() == 1);
  CHECK_FALSE(ledger->tries()[0].outcome.has_value());
}

TEST_CASE("a file torn at any byte never forgets a try") {
  const Folder folder;
  test::FakeClock clock;
  {
    auto ledger = open(folder, clock);
    fail_once(*ledger);
    fail_once(*ledger);
  }
  const std::string whole = content(folder.file());
  const std::size_t first_line = whole.find('\n') + 1;
  const std::size_t second_try = whole.find("\ntry") + 1;
  const std::size_t second_line = whole.find('\n', second_try) + 1;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    std::ofstream(folder.file(), std::ios::trunc) << whole.substr(0, cut);
    INFO("cut at " << cut);
    const int begun = (cut > 0 ? 1 : 0) + (cut > second_try ? 1 : 0);
    {
      auto ledger = open(folder, clock);
      CHECK(ledger->left(kWeb, "admin", kThree) <= 3 - begun);
      // What is torn could have been anybody's.
      if (cut > 0 && cut < first_line) CHECK(ledger->left("lan:tcp/22", "root", kThree) == 2);
      if (cut == second_line) CHECK(ledger->left("lan:tcp/22", "root", kThree) == 3);
    }
    // Opened again it says the same, and the torn try does not stay for ever.
    auto again = open(folder, clock);
    CHECK(again->left(kWeb, "admin", kThree) <= 3 - begun);
    test::FakeClock later;
    later.move(30min);
    CHECK(open(folder, later)->left(kWeb, "admin", kThree) == 3);
  }
}

TEST_CASE("garbage in the middle counts, and what follows is still read") {
  const Folder folder;
  test::FakeClock clock;
  { fail_once(*open(folder, clock)); }
  std::ofstream(folder.file(), std::ios::app) << "try\t7\tx\ty\n"
                                              << "\x01\x02\n";
  auto ledger = open(folder, clock);
  CHECK(ledger->left(kWeb, "admin", kThree) == 0);
  CHECK(ledger->left(kWeb, "root", kThree) == 1);
  fail_once(*ledger, "root");
  CHECK(ledger->tries().size() == 4);
}

TEST_CASE("a clock that was set back sets no account free") {
  const Folder folder;
  test::FakeClock clock;
  clock.move(24h);
  {
    auto ledger = open(folder, clock);
    for (int at = 0; at < 3; ++at) fail_once(*ledger);
  }
  test::FakeClock back;
  CHECK(open(folder, back)->left(kWeb, "admin", kThree) == 0);
}

TEST_CASE("where the ledger cannot be written no try is given") {
  test::FakeClock clock;
  CHECK(Ledger::open("/nonexistent/folder/logins", clock).error().kind == ErrorKind::storage);
  CHECK(Ledger::open("/dev/zero", clock).error().kind == ErrorKind::storage);
  const Folder folder;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // A file size limit stands for a full disk: the second line does not fit any more.
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{60, 60};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
    auto ledger = Ledger::open(folder.file(), clock);
    if (!ledger || !(*ledger)->draw("p", kWeb, "admin", kThree)) _exit(3);
    const auto second = (*ledger)->draw("p", kWeb, "admin", kThree);
    _exit(!second && second.error().kind == ErrorKind::storage ? 0 : 4);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(open(folder, clock)->tries().size() == 1);
}

TEST_CASE("one device is locked by one run, which is named, and freed by its death") {
  const Folder folder;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto lock = DeviceLock::acquire(folder.file());
    const char done = lock ? 'y' : 'n';
    if (write(ready[1], &done, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char done = 0;
  REQUIRE(read(ready[0], &done, 1) == 1);
  CHECK(done == 'y');
  const auto second = DeviceLock::acquire(folder.file());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == ErrorKind::budget);
  CHECK(second.error().text.find(std::to_string(child)) != std::string::npos);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  close(ready[0]);
  close(ready[1]);
  auto third = DeviceLock::acquire(folder.file());
  REQUIRE(third.has_value());
  CHECK(DeviceLock::acquire(folder.file()).error().kind == ErrorKind::budget);
  { const DeviceLock moved = std::move(*third); }
  CHECK(DeviceLock::acquire(folder.file()).has_value());
}
