#include <poll.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "testcases/facts/facts.hpp"
#include "tests/support/console_lab.hpp"

/// The console procedure at real gettys: util-linux agetty with Debian's login, and busybox's getty
/// with its own login, each in namespaces of its own with its own accounts. A serial line is two
/// terminals with a wire between them.
using namespace haetae;

namespace {

/// Wire copies between the masters of two terminals: the one of the board and the one of the
/// laboratory.
class Wire {
 public:
  Wire(const test::Pty& board, const test::Pty& laboratory)
      : board_(board), laboratory_(laboratory), thread_([this] { run(); }) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire() { over_ = true; }

 private:
  void run() const {
    while (!over_) {
      std::array<pollfd, 2> ends{{{board_.master(), POLLIN, 0}, {laboratory_.master(), POLLIN, 0}}};
      if (::poll(ends.data(), ends.size(), 20) <= 0) continue;
      if ((ends[0].revents & POLLIN) != 0) copy(board_, laboratory_);
      if ((ends[1].revents & POLLIN) != 0) copy(laboratory_, board_);
    }
  }
  static void copy(const test::Pty& from, const test::Pty& to) {
    std::array<char, 512> block;
    const auto got = ::read(from.master(), block.data(), block.size());
    if (got > 0) to.write({block.data(), static_cast<std::size_t>(got)});
  }

  const test::Pty& board_;
  const test::Pty& laboratory_;
  std::atomic<bool> over_{false};
  std::jthread thread_;
};

/// Board is a getty behind a serial line; `hash` is root's entry in the shadow file.
class Board {
 public:
  Board(const std::string& getty, const std::string& hash)
      : wire_(board_, laboratory_),
        getty_(arguments(folder_, getty, hash, board_.name().substr(5)), folder_) {}
  [[nodiscard]] const std::string& tty() const { return laboratory_.name(); }

 private:
  static std::vector<std::string> arguments(const test::TempDir& folder, const std::string& getty,
                                            const std::string& hash, const std::string& port) {
    folder.write("passwd", "root:x:0:0:root:/:/bin/sh\n", 0644);
    folder.write("group", "root:x:0:\ntty:x:5:\n", 0644);
    folder.write("shadow", "root:" + hash + ":20000:0:99999:7:::\n", 0600);
    std::string script = "set -e\n";
    for (const char* name : {"passwd", "group", "shadow"})
      script += "mount --bind " + folder.file(name) + " /etc/" + name + "\n";
    // What init does: a new session for each getty, again and again.
    script += "while :; do setsid -w " + test::find_tool(getty.substr(0, getty.find(' '))) +
              getty.substr(getty.find(' ')) + " " + port + " vt100 || sleep 0.2; done\n";
    const std::string file = folder.write("board", script);
    std::vector<std::string> out{"/usr/bin/unshare", "--mount",      "--pid",
                                 "--fork",           "--kill-child", "--mount-proc"};
    if (::getuid() != 0) out.emplace_back("--map-root-user");
    out.insert(out.end(), {"/bin/sh", file});
    return out;
  }

  test::TempDir folder_;
  test::Pty board_, laboratory_;
  Wire wire_;
  test::Daemon getty_;
};

std::string hash_of(const std::string& password) {
  const auto made = test::run_tool({"/usr/bin/openssl", "passwd", "-6", password});
  REQUIRE(made.exit_code == 0);
  return made.output.substr(0, made.output.find('\n'));
}

struct Judged {
  facts::ConsolePrompt prompt;
  std::vector<facts::ConsoleLogin> logins;
  Coverage coverage;
  std::string blank = "absent", same = "absent";  ///< outcomes of root
};

Judged judged(const std::string& getty, const std::string& hash) {
  const Board board(getty, hash);
  test::FakeContext context(test::at_tty(board.tty()), test::console_catalogue(3));
  test::run_console(context);
  const auto prompt = runner::facts<facts::ConsolePrompt>(context);
  REQUIRE(prompt.size() == 1);
  Judged out{.prompt = prompt.front(),
             .logins = runner::facts<facts::ConsoleLogin>(context),
             .coverage = context.coverage("console", "console")};
  for (const auto& one : out.logins) {
    if (one.account != "root") continue;
    const std::string password = context.secret_value(one.secret);
    if (password.empty()) out.blank = one.outcome;
    if (password == "root") out.same = one.outcome;
  }
  return out;
}

constexpr const char* kAgetty = "agetty -L 115200";
constexpr const char* kBusybox = "busybox getty -L 115200";

}  // namespace

TEST_CASE("a getty whose root has a good password", "[e2e][console]") {
  for (const std::string getty : {kAgetty, kBusybox}) {
    CAPTURE(getty);
    const Judged out = judged(getty, hash_of("G00d-Console-9"));
    CAPTURE(out.coverage.why);
    CHECK(out.prompt.prompt == "login");
    CHECK(out.prompt.shell == "no");
    CHECK(out.blank == "refused");
    CHECK(out.same == "refused");
    REQUIRE(out.logins.size() == 4);
    for (const auto& one : out.logins) CHECK(one.outcome == "refused");
    CHECK(out.coverage.state == CoverageState::complete);
  }
}

TEST_CASE("a getty whose root has the password root", "[e2e][console]") {
  for (const std::string getty : {kAgetty, kBusybox}) {
    CAPTURE(getty);
    const Judged out = judged(getty, hash_of("root"));
    CHECK(out.prompt.shell == "no");
    CHECK(out.blank == "refused");
    CHECK(out.same == "accepted");
    CHECK(out.logins.front().outcome == "refused");
  }
}

TEST_CASE("a getty whose root has no password", "[e2e][console]") {
  for (const std::string getty : {kAgetty, kBusybox}) {
    CAPTURE(getty);
    const Judged out = judged(getty, "");
    CHECK(out.prompt.shell == "no");
    CHECK(out.blank == "accepted");
    CHECK(out.logins.front().outcome == "refused");
  }
}

TEST_CASE("a getty that logs root in by itself", "[e2e][console]") {
  const Judged out = judged("agetty --autologin root -L 115200", hash_of("G00d-Console-9"));
  CHECK(out.prompt.prompt == "shell");
  CHECK(out.prompt.shell == "yes");
  CHECK(out.prompt.account == "uid=0(root)");
}
