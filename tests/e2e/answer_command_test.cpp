#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "harness/evidence/run_file.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/sample_catalogue.hpp"

// haetae answer as people and scripts use it, on a small run file without a device.

using haetae::test::Raw;

namespace {

namespace fs = std::filesystem;
using haetae::evidence::Cells;
using haetae::evidence::Transaction;

struct Shell {
  int code = -1;
  std::string out;
};

/// Scene is a run over the sample catalogue, whose criterion 1.1-asked a person answers.
struct Scene {
  haetae::test::TempDir folder;
  fs::path run = folder.path() / "run.haetae";

  explicit Scene(bool second = false) {
    auto facts = haetae::evidence::load_fact_tables(HAETAE_SOURCE_DIR "/testcases/facts");
    REQUIRE(facts);
    auto sources = haetae::test::sample_sources();
    sources.pop_back();
    if (second) {
      const std::size_t at = sources.front().text.find("<step>");
      REQUIRE(at != std::string::npos);
      sources.front().text.replace(at, 6, "<step second=\"yes\">");
    }
    const auto first = [&](Transaction& out) -> haetae::Result<void> {
      const auto row = [&out](std::string_view table, const Cells& cells) {
        const auto done = out.insert(table, cells);
        INFO((done ? "" : done.error().message()));
        REQUIRE(done);
      };
      for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
               {"uuid", "run-1"},
               {"type", "standard"},
               {"only", ""},
               {"profile", ""},
               {"started", "2026-11-22T12:00:00.000Z"}}) {
        row("run", {{"name", std::string(name)}, {"value", std::string(value)}});
      }
      for (const auto& source : sources) {
        row("document", {{"kind", std::string("catalogue")},
                         {"name", source.name},
                         {"sha256", haetae::to_hex(haetae::sha256(haetae::as_bytes(source.text)))},
                         {"text", source.text}});
      }
      row("plan_item", {{"item", std::string("1.1")},
                        {"selected", std::string("planned")},
                        {"reason", std::string()}});
      return {};
    };
    auto made = haetae::evidence::RunFile::create(run, *facts, first, haetae::system_clock());
    INFO((made ? "" : made.error().message()));
    REQUIRE(made);
    REQUIRE(made->finish());
  }

  Shell tool(const std::string& arguments, const std::string& input = {}) {
    std::ofstream(folder.path() / "in.txt", std::ios::binary) << input;
    const fs::path out = folder.path() / "out.txt";
    const int code = std::system(
        fmt::format("cd {0} && HAETAE_STATE_DIR={0}/state LC_ALL=C.UTF-8 {1}/haetae answer {2} {3} "
                    "> {4} 2>&1 < {0}/in.txt",
                    folder.path().string(), HAETAE_BINARY_DIR, run.string(), arguments,
                    out.string())
            .c_str());
    std::ifstream in(out, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return {WEXITSTATUS(code), text.str()};
  }
  std::string one(const std::string& sql) {
    Raw raw(run);
    return raw.one(sql);
  }
  std::string verdict() {
    return one(
        "SELECT verdict FROM verdict_criterion WHERE criterion = '1.1-asked' ORDER BY id DESC");
  }
  fs::path file(const std::string& name, const std::string& content) {
    std::ofstream(folder.path() / name, std::ios::binary) << content;
    return folder.path() / name;
  }
};

bool holds(const Shell& shell, std::string_view text) {
  return shell.out.find(text) != std::string::npos;
}

const std::string kGiven = "1.1-asked --outcome conforms --who Kim --text 'no console on J3 found'";

}  // namespace

TEST_CASE("one answer by options is kept, judged and sealed; a change keeps the old one",
          "[answer]") {
  Scene scene;
  scene.file("board.png", "\x89PNG\r\n\x1a\n....");
  const Shell given = scene.tool(kGiven + " --attach board.png");
  INFO(given.out);
  CHECK(given.code == 0);
  CHECK(holds(given, "1 answers kept, judged again and sealed: INCOMPLETE"));
  CHECK(scene.verdict() == "pass");
  CHECK(scene.one("SELECT media_type || ' ' || size FROM answer_attachment") == "image/png 12");
  CHECK(scene.one("SELECT count(*) FROM seal") == "1");
  CHECK(scene.one("SELECT count(*) FROM evidence WHERE kind = 'document'") == "2");

  CHECK(scene.tool("1.1-asked --outcome does-not-conform --who Kim --text 'a shell opens'").code ==
        0);
  CHECK(scene.verdict() == "fail");
  CHECK(scene.one("SELECT group_concat(revision || ' ' || outcome, ', ') FROM answer") ==
        "1 conforms, 2 does-not-conform");
  CHECK(scene.one("SELECT count(*) FROM revision") == "2");
  const auto verified = haetae::evidence::verify(scene.run, std::nullopt);
  REQUIRE(verified);
  CHECK(verified->intact());
  CHECK(verified->sealed_to == verified->links);
}

TEST_CASE("wrong options change nothing and say what is allowed", "[answer]") {
  Scene scene;
  scene.file("empty.png", "");
  const std::pair<std::string, std::string> wrong[] = {
      {"1.1-asked --who Kim", "needs --outcome"},
      {"1.1-asked --outcome conforms --text x", "needs --who"},
      {"1.1-asked --outcome fine --who Kim", "fine"},
      {"1.1-weak --outcome conforms --who Kim", "answered by a procedure"},
      {"9.9 --outcome conforms --who Kim", "allowed: 1.1-asked"},
      {kGiven + " --second ' k i m'", "another person"},
      {kGiven + " --attach nothing.png", "there is no such file"},
      {kGiven + " --attach empty.png", "is empty"},
      {"1.1-asked --second Lee", "has no answer"},
      {"--file nothing.xml", "there is no such file"},
  };
  for (const auto& [arguments, says] : wrong) {
    CAPTURE(arguments);
    const Shell shell = scene.tool(arguments);
    CAPTURE(shell.out);
    CHECK(shell.code == 64);
    CHECK(holds(shell, says));
    CHECK(scene.one("SELECT count(*) FROM answer") == "0");
  }
}

TEST_CASE("an answer waits for its second person, who may come later", "[answer]") {
  Scene scene(true);
  scene.file("board.png", "\x89PNG\r\n\x1a\n....");
  CHECK(scene.tool(kGiven + " --attach board.png").code == 0);
  CHECK(scene.verdict() == "pending");
  CHECK(holds(scene.tool("--list"), "waits-second"));
  CHECK(scene.tool("1.1-asked --second KIM").code == 64);
  CHECK(scene.tool("1.1-asked --second Lee").code == 0);
  CHECK(scene.verdict() == "pass");
  CHECK(scene.one("SELECT group_concat(revision || second, ' ') FROM answer") == "1 2Lee");
  CHECK(scene.one("SELECT count(*) FROM answer_attachment WHERE revision = 2") == "1");
  CHECK(holds(scene.tool("--list"), "answered"));
}

TEST_CASE("a script answers by a file, and the same file twice changes nothing", "[answer]") {
  Scene scene;
  const auto answers = [](const std::string& run, const std::string& criterion) {
    return fmt::format(
        "<answers run=\"{}\">\n<answer criterion=\"{}\" outcome=\"conforms\" who=\"hook\" "
        "at=\"2026-11-22T10:00:00Z\"><text>board looked at by camera</text>"
        "<attachment file=\"log.txt\"/></answer>\n</answers>",
        run, criterion);
  };
  scene.file("log.txt", "no console\n");
  scene.file("answers.xml", answers("run-2", "1.1-asked"));
  CHECK(holds(scene.tool("--file answers.xml"), "belong to the run run-2"));
  scene.file("answers.xml", answers("run-1", "1.1-weak"));
  const Shell unknown = scene.tool("--file answers.xml");
  CHECK(unknown.code == 64);
  CHECK(holds(unknown, "answers.xml:2:"));
  scene.file("answers.xml", answers("run-1", "1.1-asked"));
  CHECK(scene.tool("--file answers.xml").code == 0);
  CHECK(scene.verdict() == "pass");
  CHECK(scene.one("SELECT method FROM answer") == "file");
  CHECK(scene.one("SELECT count(*) FROM document WHERE kind = 'answers'") == "1");
  CHECK(holds(scene.tool("--file answers.xml"), "Nothing was changed"));
  CHECK(scene.one("SELECT count(*) FROM answer") == "1");
}

TEST_CASE("the dialogue has no default, and ends where the input ends", "[answer]") {
  Scene scene;
  Shell shell = scene.tool("", "Kim\n\n\nyes\n1\n");
  CHECK(shell.code == 0);
  CHECK(scene.one("SELECT count(*) FROM answer") == "0");
  CHECK(holds(shell, "Open it."));
  shell = scene.tool("--lang ko", "김시험\n1\nJ3에 연결했으나 아무 출력이\n없었다\n\nnone.png\n\n");
  INFO(shell.out);
  CHECK(shell.code == 0);
  CHECK(holds(shell, "연다."));
  CHECK(holds(shell, "no such file"));
  CHECK(holds(shell, "다시 판정하여 봉인했습니다"));
  CHECK(scene.one("SELECT who || ': ' || text FROM answer") ==
        "김시험: J3에 연결했으나 아무 출력이\n없었다");
  CHECK(scene.one("SELECT method FROM answer") == "terminal");
  CHECK(scene.verdict() == "pass");
  CHECK(holds(scene.tool("", "Kim\n"), "1 steps for a person, 0 open"));
}
