#include <catch2/catch.hpp>
#include <string>

#include "harness/protocols/console.hpp"

using namespace haetae;
using namespace haetae::protocols::console;

namespace {

Known known() {
  return {.signs = {{"u-boot", "banner", "U-Boot 20"},
                    {"u-boot", "countdown", "Hit any key to stop autoboot"},
                    {"u-boot", "prompt", "=>"},
                    {"cfe", "banner", "CFE version"},
                    {"cfe", "prompt", "CFE>"},
                    {"other", "kernel", "Starting kernel ..."}},
          .login_prompt = "hello who:"};
}

/// said() is a screen after `text`, which came in pieces of `step` bytes.
Screen said(std::string_view text, std::size_t step) {
  Screen screen(known());
  for (std::size_t at = 0; at < text.size(); at += step)
    screen.feed(as_bytes(text.substr(at, step)));
  return screen;
}

const std::string kBoot =
    "\r\n\x1b[2J\x1b[0mU-Boot 2019.07 (Board)\r\nDRAM: 64 MiB\r\nHit any key to stop autoboot:  2 ";

}  // namespace

TEST_CASE("a boot loader is known by its texts, however they are cut", "[console]") {
  for (const std::size_t step : {1, 2, 7, 4096}) {
    CAPTURE(step);
    Screen screen = said(kBoot, step);
    CHECK(screen.loader() == "u-boot");
    CHECK(screen.banner() == "U-Boot 2019.07 (Board)");
    CHECK(screen.counting());
    CHECK_FALSE(screen.kernel());
    CHECK(screen.ask() == Ask::nothing);
    screen.feed(as_bytes("\b\b\b 0 \r\n=> "));
    CHECK(screen.ask() == Ask::loader);
    screen.feed(as_bytes("\r\nStarting kernel ...\r\n# "));
    CHECK(screen.kernel());
    CHECK(screen.ask() == Ask::shell);
    // The board starts again.
    screen.feed(as_bytes("\r\nU-Boot 2019.07\r\nMT7628 # "));
    CHECK_FALSE(screen.kernel());
    CHECK(screen.ask() == Ask::loader);
    screen.restart();
    CHECK(screen.loader().empty());
    CHECK(screen.ask() == Ask::shell);
  }
}

TEST_CASE("what comes last in the text decides, also within one piece", "[console]") {
  Screen up = said("U-Boot 2019.07\r\nStarting kernel ...\r\n", 4096);
  CHECK(up.kernel());
  Screen again = said("Starting kernel ...\r\nrebooting\r\nU-Boot 2019.07\r\n", 4096);
  CHECK_FALSE(again.kernel());
  Screen both = said("U-Boot 2019.07\r\nCFE version 1.0\r\n", 4096);
  CHECK(both.loader() == "cfe");
}

TEST_CASE("prompts are known in the unfinished last line only", "[console]") {
  const auto ask = [](std::string_view text) { return said(text, 3).ask(); };
  CHECK(ask("\r\ncamera login: ") == Ask::user);
  CHECK(ask("\r\nHello WHO: ") == Ask::user);
  CHECK(ask("\r\nPassword: ") == Ask::password);
  CHECK(ask("\r\n/ # ") == Ask::shell);
  CHECK(ask("\r\nroot@camera:~$ ") == Ask::shell);
  CHECK(ask("\r\nCFE> ") == Ask::loader);
  CHECK(ask("\r\n\x1b[32m=>\x1b[0m ") == Ask::loader);
  CHECK(ask("camera login: \r\n") == Ask::nothing);
  CHECK(ask("Last login: today\r\nWelcome") == Ask::nothing);
  CHECK(ask("") == Ask::nothing);
  CHECK(ask(std::string(300, 'x') + "# ") == Ask::nothing);
  CHECK(ask("\x1b[") == Ask::nothing);
  CHECK(ask("\x1b]0;login: \x07") == Ask::nothing);
}

TEST_CASE("bytes at the wrong speed are garbage, text in any language is not", "[console]") {
  CHECK(said(std::string("\xff\xfe\x80\x81\x00\x9f\xe0\xf8\x1c\xe3\x00\x98\x1f\x02", 14), 1)
            .garbage());
  CHECK_FALSE(said("\xed\x95\xb4\xed\x83\x9c \xec\x8b\x9c\xec\x9e\x91\r\n", 1).garbage());
  CHECK_FALSE(said("\xff\xff\xff", 1).garbage());  // a few bytes when the power came
  CHECK_FALSE(said(kBoot + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 5).garbage());
  CHECK_FALSE(said("", 1).garbage());
}

TEST_CASE("a console that never stops is kept within bounds", "[console]") {
  Screen screen(known());
  const std::string block(60000, 'a');
  for (int i = 0; i < 20; ++i) screen.feed(as_bytes(block));
  CHECK(screen.bytes() == 1'200'000);
  CHECK(screen.since(0).size() <= 65536);
  const auto mark = screen.mark();
  screen.feed(as_bytes("\r\nhere\r\n# "));
  CHECK(screen.since(mark) == "\r\nhere\r\n# ");
  for (int i = 0; i < 3; ++i) screen.feed(as_bytes(block));
  CHECK(screen.since(mark).size() <= 65536);
  // An escape sequence without an end takes no more than its bound.
  screen.feed(as_bytes("\x1b]" + std::string(100, 'z') + "\r\nlogin: "));
  CHECK(screen.ask() == Ask::user);
}
