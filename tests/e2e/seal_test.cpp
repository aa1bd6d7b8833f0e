#include <fstream>

#include <catch2/catch.hpp>

#include "tests/support/daemon.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/judged_run.hpp"
#include "tests/support/time_authority.hpp"

// haetae seal with a time stamp authority (openssl ts), and what haetae verify and haetae-verify
// say of it.

using namespace haetae;
using namespace haetae::test;

namespace {

ToolResult program(const std::string& name, std::vector<std::string> words) {
  words.insert(words.begin(), HAETAE_BINARY_DIR "/" + name);
  return run_tool(words);
}

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

/// Bench is a judged run that is not sealed yet, with a key and an authority.
struct Bench {
  TempDir folder;
  TimeAuthority authority;
  std::string run = folder.file("run.haetae"), key = folder.file("key.pem"),
              query = folder.file("query.tsq"), reply = folder.file("reply.tsr");

  Bench() {
    REQUIRE(evidence::SigningKey::load(key, true));
    JudgedRun judged(run);
    judged.judge();
    judged.finish();
  }
  ToolResult seal(std::vector<std::string> words, int exit_code = 0) const {
    words.insert(words.begin(), {"seal", run});
    const ToolResult result = program("haetae", words);
    INFO(result.output);
    CHECK(result.exit_code == exit_code);
    return result;
  }
  void answer() const {
    const ToolResult made = run_tool(authority.command(query, reply));
    INFO(made.output);
    REQUIRE(made.exit_code == 0);
  }
  /// verify() is what both programs say, which must be the same.
  std::string verify(std::vector<std::string> words, int exit_code) const {
    words.insert(words.begin(), run);
    words.insert(words.end(), {"--lang", "en"});
    const ToolResult own = program("haetae-verify", words);
    words.insert(words.begin(), "verify");
    const ToolResult full = program("haetae", words);
    INFO(own.output);
    CHECK(own.exit_code == exit_code);
    CHECK(full.exit_code == exit_code);
    std::string text = own.output;
    if (text.starts_with("haetae-verify: ")) text.replace(0, 15, "haetae: ");
    CHECK(text == full.output);
    return own.output;
  }
};

}  // namespace

TEST_CASE("a seal is stamped by way of files, and verify says when and by whom") {
  const Bench bench;
  CHECK(holds(bench.seal({"--tsa-query", bench.query}, 64).output, "not sealed"));
  bench.seal({"--key", bench.key, "--tsa-query", bench.query});
  CHECK(holds(bench.seal({"--tsa-query", bench.query}, 64).output, "exists already"));
  bench.answer();
  bench.seal({"--tsa-reply", bench.reply});
  const std::string unknown = bench.verify({}, 0);
  CHECK(holds(unknown, "seal 1 existed at 20"));
  CHECK(holds(unknown, "says CN=Stamps,O=Laboratory of clocks (authority unknown: give --tsa-ca)"));
  CHECK(holds(bench.verify({"--tsa-ca", bench.authority.root()}, 0), "(authority known)"));
  const TimeAuthority stranger;
  CHECK(holds(bench.verify({"--tsa-ca", stranger.root()}, 2), "(NOT an authority that you trust)"));
  // A file without certificates is a mistake of the caller, not an authority that is unknown.
  CHECK(holds(bench.verify({"--tsa-ca", bench.reply}, 64), "holds no certificate"));
  CHECK(holds(bench.verify({"--tsa-ca", bench.reply + ".none"}, 64), "holds no certificate"));

  // Sealed once more: the reply is over the seal before it.
  bench.seal({"--key", bench.key});
  CHECK(holds(bench.seal({"--tsa-reply", bench.reply}, 64).output,
              "is over something else than the seal's signature"));
  CHECK(holds(bench.seal({"--tsa-reply", bench.key}, 64).output, "no time stamp reply"));
  CHECK(holds(bench.seal({"--tsa-reply", bench.reply + ".none"}, 64).output, "cannot read"));
  CHECK(holds(bench.verify({}, 0), "seal 1 existed at 20"));
  {
    Raw raw(bench.run);
    raw.edit("stamp",
             "UPDATE stamp SET token = CAST(substr(token, 1, length(token) - 1) || CASE "
             "substr(token, -1) WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB)");
  }
  CHECK(holds(bench.verify({}, 1), "stamp 1: has a signature that does not hold"));
}

TEST_CASE("an authority is asked over HTTP, and what is no stamp is refused") {
  const Bench bench;
  bench.seal({"--key", bench.key});
  // It answers /stamp by openssl ts, /wrong with something else, and says on which port.
  const std::string script = bench.folder.write("authority.py", R"(
import http.server, subprocess, sys
class Authority(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        query, reply = sys.argv[1], sys.argv[2]
        open(query, "wb").write(self.rfile.read(int(self.headers["Content-Length"])))
        good = self.path == "/stamp" and self.headers["Content-Type"] == "application/timestamp-query"
        if good:
            subprocess.run(sys.argv[3:], check=True, capture_output=True)
        body = open(reply, "rb").read() if good else b"no stamp"
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Authority)
print("port", server.server_port, "open", flush=True)
server.serve_forever()
)");
  std::vector<std::string> command{"/usr/bin/python3", script, bench.query, bench.reply};
  const auto answering = bench.authority.command(bench.query, bench.reply);
  command.insert(command.end(), answering.begin(), answering.end());
  Daemon daemon(command, bench.folder);
  daemon.wait_for_output(" open");
  const std::string said = daemon.output();
  const std::string port = said.substr(5, said.find(" open") - 5);
  const std::string place = "http://127.0.0.1:" + port;
  CHECK(holds(bench.seal({"--tsa", place + "/none"}, 3).output, "status 404"));
  CHECK(holds(bench.seal({"--tsa", place + "/wrong"}, 64).output, "no time stamp reply"));
  CHECK(holds(bench.seal({"--tsa", "https://127.0.0.1/"}, 64).output, "--tsa-query"));
  CHECK(holds(bench.seal({"--tsa", "http://localhost:" + port}, 64).output, "IP address"));
  CHECK(holds(bench.verify({}, 0), "sealed to link"));
  bench.seal({"--tsa", place + "/stamp"});
  CHECK(holds(bench.verify({"--tsa-ca", bench.authority.root()}, 0), "(authority known)"));
}
