#include <catch2/catch.hpp>
#include <string>

#include "testcases/facts/facts.hpp"
#include "tests/support/console_lab.hpp"
#include "tests/support/peer.hpp"

/// Consoles that mean ill: none of them may hold the procedure up, or end as a finding or a pass.
using namespace haetae;

namespace {

constexpr const char* kAddress = "127.47.8.1";

struct Judged {
  facts::ConsoleSeen seen;
  facts::ConsolePrompt prompt;
  std::vector<facts::ConsoleLogin> logins;
  Coverage coverage;
};

Judged judged(const test::Peer::Serve& serve) {
  const test::Peer peer(kAddress, serve);
  test::FakeContext context(test::at_server(peer.endpoint()), test::console_catalogue(2));
  test::run_console(context);
  const auto seen = runner::facts<facts::ConsoleSeen>(context);
  const auto prompt = runner::facts<facts::ConsolePrompt>(context);
  REQUIRE(seen.size() == 1);
  REQUIRE(prompt.size() == 1);
  Judged out{.seen = seen.front(),
             .prompt = prompt.front(),
             .logins = runner::facts<facts::ConsoleLogin>(context),
             .coverage = context.coverage("console", "console")};
  CHECK(out.prompt.shell != "yes");
  CHECK(out.coverage.state == CoverageState::partial);
  for (const auto& one : out.logins) CHECK(one.outcome != "accepted");
  return out;
}

/// each_key() hands every byte that comes to `answer`, until the other side ends.
test::Peer::Serve each_key(std::function<void(int, char)> answer) {
  return [answer = std::move(answer)](int fd, const test::Peer&) {
    char key = 0;
    while (::recv(fd, &key, 1, 0) == 1) answer(fd, key);
  };
}

}  // namespace

TEST_CASE("a silent console", "[console]") {
  const Judged out = judged([](int fd, const test::Peer& peer) { peer.hold(fd); });
  CHECK(out.seen.state == "silent");
  CHECK(out.prompt.prompt == "none");
  CHECK(out.coverage.cause == Cause::lab);
}

TEST_CASE("a console that echoes everything", "[console]") {
  const Judged out = judged(each_key([](int fd, char key) { test::Peer::say(fd, {&key, 1}); }));
  CHECK(out.prompt.prompt == "none");
}

TEST_CASE("a console that shows a prompt and only echoes", "[console]") {
  const Judged out = judged(each_key([](int fd, char key) {
    test::Peer::say(fd, key == '\r' ? std::string_view("\r\n# ") : std::string_view(&key, 1));
  }));
  CHECK(out.prompt.prompt == "shell");
  CHECK(out.prompt.shell == "unknown");
}

TEST_CASE("a flood without an end", "[console]") {
  const Judged out = judged([](int fd, const test::Peer& peer) {
    const std::string block(65536, '#');
    while (!peer.gone() && ::send(fd, block.data(), block.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  CHECK(out.prompt.prompt == "none");
  CHECK(out.coverage.why.find("never falls silent") != std::string::npos);
}

TEST_CASE("login: forever, without waiting for anybody", "[console]") {
  const Judged out = judged([](int fd, const test::Peer& peer) {
    const std::string_view line = "\r\ncamera login: ";
    while (!peer.gone() && ::send(fd, line.data(), line.size(), MSG_NOSIGNAL) > 0) {
      pollfd none{-1, 0, 0};
      ::poll(&none, 1, 2);
    }
  });
  CHECK(out.prompt.prompt == "none");
}

TEST_CASE("login: as the answer to everything", "[console]") {
  const Judged out = judged(each_key([](int fd, char key) {
    if (key == '\r') test::Peer::say(fd, "\r\ncamera login: ");
  }));
  CHECK(out.prompt.prompt == "login");
  REQUIRE_FALSE(out.logins.empty());
  CHECK(out.logins.front().outcome == "unknown");
  for (const auto& one : out.logins) CHECK(one.outcome != "refused");
}

TEST_CASE("a console that lets everybody in", "[console]") {
  const test::Peer peer(kAddress, [](int fd, const test::Peer&) {
    std::string line;
    int asked = 0;
    char key = 0;
    while (::recv(fd, &key, 1, 0) == 1) {
      if (key != '\r') {
        line.push_back(key);
        continue;
      }
      if (line.starts_with("echo ")) {
        std::erase(line, '\'');
        line.replace(line.find("$$"), 2, "77");
        test::Peer::say(fd, "\r\n" + line.substr(5) + "\r\n# ");
      } else if (line == "exit" || line.empty()) {
        asked = 0;
        test::Peer::say(fd, "\r\nlogin: ");
      } else {
        test::Peer::say(fd, asked++ == 0 ? "\r\nPassword: " : "\r\n# ");
      }
      line.clear();
    }
  });
  test::FakeContext context(test::at_server(peer.endpoint()), test::console_catalogue(2));
  test::run_console(context);
  const auto logins = runner::facts<facts::ConsoleLogin>(context);
  REQUIRE(logins.size() == 3);
  CHECK(logins.front().outcome == "accepted");  // the control: so nothing else was tried
  CHECK(logins.back().outcome == "not-tried");
  CHECK(context.coverage("console", "console").state == CoverageState::partial);
}

TEST_CASE("escape sequences and half lines", "[console]") {
  const Judged out = judged([](int fd, const test::Peer& peer) {
    test::Peer::say(fd,
                    "\x1b[2J\x1b]0;login: \x07\x1b[6n\x1bP\x1b[999999999999999999999Hhalf a li");
    peer.hold(fd);
  });
  CHECK(out.prompt.prompt == "none");
  CHECK(out.seen.state == "text");
}

TEST_CASE("bytes at another speed", "[console]") {
  const Judged out = judged(each_key([](int fd, char) {
    test::Peer::say(fd, {"\xff\xfe\x80\x81\x00\x9f\xe0\xf8\x1c\xe3\x00\x98\x1f\x02# ", 16});
  }));
  CHECK(out.seen.state == "garbage");
  CHECK(out.coverage.cause == Cause::lab);
  CHECK(out.prompt.prompt == "none");
}

TEST_CASE("a console server that hangs up", "[console]") {
  const Judged out = judged([](int fd, const test::Peer&) { test::Peer::say(fd, "busy\r\n"); });
  CHECK(out.prompt.prompt == "unknown");
  CHECK(out.coverage.why.find("went away") != std::string::npos);
}

TEST_CASE("a console server that negotiates telnet for ever", "[console]") {
  const Judged out = judged([](int fd, const test::Peer& peer) {
    const std::string_view ask("\xff\xfd\x18\xff\xfb\x03", 6);
    while (!peer.gone() && ::send(fd, ask.data(), ask.size(), MSG_NOSIGNAL) > 0) {
      pollfd none{-1, 0, 0};
      ::poll(&none, 1, 1);
    }
  });
  CHECK(out.seen.state == "silent");
}
