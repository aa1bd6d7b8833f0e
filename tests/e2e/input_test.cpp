#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <set>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/input_catalogue.hpp"

using namespace haetae;
using namespace haetae::test;

/// A small web application of ours under busybox httpd, with a real shell, a real SQLite and real
/// files behind it: once built from joined text, once careful. Programs of other people decide what
/// is executed.
namespace {

constexpr const char* kHead =
    "#!/bin/sh\nvalue=$(busybox httpd -d \"${QUERY_STRING#*=}\")\n"
    "printf 'Content-Type: text/plain\\r\\n\\r\\n'\n";

class Application {
 public:
  explicit Application(bool careful) {
    const std::string root = folder_.path().string(), db = folder_.file("users.db");
    const auto made = run_tool({"sqlite3", db,
                                "CREATE TABLE u(name TEXT, note TEXT); INSERT INTO u VALUES"
                                "('guest','may look'),('admin','may do all')"});
    REQUIRE(made.exit_code == 0);
    folder_.write(
        "index.html",
        "<a href=\"/cgi-bin/greet?name=guest\">a</a><a href=\"/cgi-bin/quiet?name=guest\">b"
        "</a><a href=\"/cgi-bin/user?name=guest\">c</a><a href='/cgi-bin/show?file="
        "welcome.txt'>d</a>");
    folder_.write("welcome.txt", "welcome\n");
    const std::string query =
        "sqlite3 -readonly '" + db + "' \"SELECT note FROM u WHERE name='$value'\"";
    if (careful) {
      script("greet", "printf 'hello %s\\n' \"$value\"\n");
      script("quiet", "true \"$value\"; echo done\n");
      script("user", "case \"$value\" in *[!a-z]*|'') echo 'no such user';; *) " + query +
                         ";; esac 2>/dev/null\n");
      script("show", "case \"$value\" in *[!a-z.]*|.*|*..*) echo none;; *) cat \"" + root +
                         "/$value\" 2>/dev/null || echo none;; esac\n");
    } else {
      script("greet", "eval \"echo hello $value\" 2>/dev/null\n");
      script("quiet", "eval \"true $value\" >/dev/null 2>&1; echo done\n");
      script("user", query + " 2>/dev/null\n");
      script("show", "cat \"" + root + "/$value\" 2>/dev/null || echo none\n");
    }
    address_ = free_address(86);
    port_ = free_port(address_);
    daemon_ = std::make_unique<Daemon>(
        std::vector<std::string>{"busybox", "httpd", "-f", "-p",
                                 address_ + ":" + std::to_string(port_), "-h", root},
        folder_);
    daemon_->wait_for_port(address_, port_);
    context_ = std::make_unique<FakeContext>(lab_declaration(address_), input_catalogue());
    facts::Service service;
    service.subject = subject();
    service.protocol = "http";
    service.tls = "no";
    context_->given(service);
  }
  [[nodiscard]] std::string subject() const { return "lan:tcp/" + std::to_string(port_); }
  FakeContext& context() { return *context_; }
  /// executed() is "target family" of every effect that was seen.
  [[nodiscard]] std::set<std::string> executed() const {
    std::set<std::string> out;
    for (const auto& one : runner::facts<facts::InputTrial>(*context_))
      if (one.outcome == "executed") out.insert(one.target + " " + one.family);
    return out;
  }

 private:
  void script(const std::string& name, const std::string& body) const {
    folder_.write("cgi-bin/" + name, kHead + body, 0755);
  }
  TempDir folder_;
  std::string address_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Daemon> daemon_;
  std::unique_ptr<FakeContext> context_;
};

}  // namespace

TEST_CASE("what a careless application executes is found, by its effect alone") {
  Application weak(false);
  REQUIRE(testcases::injection_procedure().run(weak.context()));
  CHECK(weak.executed() ==
        std::set<std::string>{"GET /cgi-bin/greet command", "GET /cgi-bin/quiet command",
                              "GET /cgi-bin/user sql", "GET /cgi-bin/show path"});
  std::map<std::string, std::string> basis;
  for (const auto& one : runner::facts<facts::InputTrial>(weak.context()))
    if (one.outcome == "executed") basis[one.target] = one.basis;
  CHECK(basis["GET /cgi-bin/greet"] == "computed");
  CHECK(basis["GET /cgi-bin/quiet"] == "delay");
  CHECK(basis["GET /cgi-bin/user"] == "condition");
  CHECK(basis["GET /cgi-bin/show"] == "content");
}

TEST_CASE("a careful application executes nothing, and says so with complete coverage") {
  Application sound(true);
  REQUIRE(testcases::injection_procedure().run(sound.context()));
  CHECK(sound.executed().empty());
  CHECK(sound.context().coverage("input.injection", sound.subject()).why.empty());
  for (const auto& one : runner::facts<facts::InputTrial>(sound.context()))
    CHECK(one.outcome == "handled");
  std::set<std::string> targets;
  for (const auto& one : runner::facts<facts::InputControl>(sound.context())) {
    CHECK(one.ordinary == "answered");
    targets.insert(one.target);
  }
  CHECK(targets.size() == 5);
}
