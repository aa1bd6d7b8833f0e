#include <catch2/catch.hpp>
#include <random>

#include "harness/judge/replay.hpp"
#include "tests/support/daemon.hpp"

/// Commands that show a breach again: what a device says stays one harmless word of the shell.
namespace {

using namespace haetae;
using namespace haetae::judge;

catalogue::Replay replay_of(std::string script, std::vector<std::string> by = {},
                            std::vector<std::string> is = {}, std::string hazard = "safe") {
  catalogue::Replay replay;
  replay.id = "x";
  replay.by = std::move(by);
  replay.variants.push_back(
      {.is = std::move(is), .hazard = std::move(hazard), .script = std::move(script)});
  return replay;
}

const ReplayPlaces kPlaces{.address = "192.0.2.1", .more = {{"lan:tcp/443", {{"tls", "yes"}}}}};

std::string filled(const catalogue::Replay& replay, std::vector<std::string> columns,
                   std::vector<Cell> row, const std::string& subject = "lan:tcp/443",
                   const ReplayPlaces& places = kPlaces) {
  return fill_replay(replay, places, columns, row, subject);
}

}  // namespace

TEST_CASE("whatever a device says is one word that the shell does not expand", "[unit]") {
  std::vector<std::string> hostile{"$(touch /tmp/owned)",
                                   "`id`",
                                   "a;b",
                                   "a|b",
                                   "a&b",
                                   "'",
                                   "''",
                                   "\"",
                                   "\\",
                                   "\\'",
                                   "'; id; '",
                                   "$HOME",
                                   "${HOME}",
                                   "~",
                                   "*",
                                   "?",
                                   "[a-z]",
                                   "{a,b}",
                                   "a b",
                                   " ",
                                   "",
                                   "#x",
                                   "!x",
                                   "-rf",
                                   "--",
                                   "=x",
                                   "(x)",
                                   "<x",
                                   ">x",
                                   "$'x'",
                                   "한글",
                                   "%s%n",
                                   "a'b\"c\\d$e`f",
                                   "'\\''",
                                   "\\\\'",
                                   "{path}"};
  std::mt19937 random(11);
  constexpr std::string_view kSigns = "'\"\\$`;|&<>(){}[]*?~#!= -ab";
  for (int count = 0; count < 400; ++count) {
    std::string text;
    for (std::size_t at = random() % 12; at > 0; --at) text += kSigns[random() % kSigns.size()];
    hostile.push_back(text);
  }
  // One shell for all of them: each line of its output is one argument, with its length before.
  std::string script, expected;
  for (const std::string& text : hostile) {
    const std::string line = filled(replay_of("one {path}"), {"path"}, {text});
    REQUIRE_FALSE(line.empty());
    script += line + "\n";
    expected += "1:" + text + "\n";
  }
  const test::TempDir folder;
  const std::string file =
      folder.write("all.sh", "one() { printf '%s:%s\\n' $# \"$1\"; }\n" + script);
  for (const char* const shell : {"/bin/dash", "/bin/bash"}) {
    const auto result = test::run_tool({shell, file});
    CHECK(result.exit_code == 0);
    CHECK(result.output == expected);
  }
}

TEST_CASE("what cannot be typed gives no command", "[unit]") {
  for (const std::string& text :
       {std::string("a\nid"), std::string("\x1b[31m"), std::string("a\0b", 3), std::string("\xff"),
        std::string("\xe2\x80\xae"
                    "abc"),
        std::string(501, 'a')}) {
    CHECK_FALSE(shell_word(text));
    CHECK(filled(replay_of("curl {path}"), {"path"}, {text}).empty());
  }
  CHECK(shell_word(std::string(500, 'a')));
  CHECK(filled(replay_of("curl {path}"), {"path"}, {std::monostate{}}).empty());
  CHECK(filled(replay_of("curl {port}"), {}, {}, "lan").empty());
  CHECK(filled(replay_of("curl {port}"), {}, {}, "lan:tcp/4;id").empty());
  CHECK(filled(replay_of("curl"), {}, {}, "lan:tcp/1", {}).empty());
}

TEST_CASE("places are filled from the subject, the row and the catalogue", "[unit]") {
  CHECK(filled(replay_of("nc {address} {port} {host} {tls} {n}"), {"n"}, {std::int64_t{7}}) ==
        "nc 192.0.2.1 443 192.0.2.1 yes 7");
  CHECK(filled(replay_of("nc {host} {address}"), {}, {}, "lan:udp/1",
               {.address = "fd00::1", .more = {}}) == "nc '[fd00::1]' fd00::1");
  auto other = replay_of("nc {port}");
  other.at = "place";
  CHECK(filled(other, {"place"}, {std::string("lan:tcp/81")}, "lan") == "nc 81");
  CHECK(filled(replay_of("a", {"tls"}, {"yes"}), {}, {}) == "a");
  CHECK(filled(replay_of("a", {"tls"}, {"no"}), {}, {}).empty());
  CHECK(filled(replay_of("a", {"tls", "n"}, {"*", "3"}), {"n"}, {std::int64_t{3}}) == "a");
}

TEST_CASE("a secret is a variable, and says how it is revealed", "[unit]") {
  CHECK(
      filled(replay_of("login {secret}", {}, {}, "lockout-risk"), {"secret"}, {std::int64_t{12}}) ==
      "# hazard: lockout-risk\n# SECRET: haetae evidence RUN --reveal secret:12\nlogin "
      "\"$SECRET\"");
}

TEST_CASE("a script in which a value would not stay a word is refused", "[unit]") {
  for (const char* const bad : {"echo \"{path}\"", "echo '{path}'", "echo `a {path}`",
                                "echo \"$(a {path})\"", "cat <<END\n{path}\nEND", "echo \\{path}",
                                "echo ${path}", "a # {path}", "echo 'x\n{path}'", "echo {other}"}) {
    INFO(bad);
    CHECK_FALSE(check_script(bad, {"path"}).empty());
  }
  for (const char* const good :
       {"echo {path}", "a={path}; echo \"$a\"", "grep -F -e 'x'{path}' y'",
        "echo \"a\" {path} \"b\"", "login {secret}", "grep -E '^.{4,4}'"}) {
    INFO(good);
    CHECK(check_script(good, {"path"}).empty());
  }
}
