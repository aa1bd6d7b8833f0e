#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "harness/declaration/particulars.hpp"
#include "tests/support/cli_bench.hpp"

/// Issued reports: a number once, never rewritten, the next one names the one before.
namespace {

using namespace haetae;
using test::holds;

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& file, std::string text, const std::string& from = {},
           const std::string& to = {}) {
  if (const auto at = text.find(from); !from.empty() && at != std::string::npos)
    text.replace(at, from.size(), to);
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

/// certificate() makes a key and a certificate of a laboratory.
void certificate(const test::CliBench& bench) {
  const auto made = test::run_tool(
      {"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
       "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=시험기관/O=Lab",
       "-utf8", "-keyout", bench.folder.file("sign.pem"), "-out", bench.folder.file("cert.pem")},
      std::chrono::seconds(20));
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
}

TEST_CASE("an issued PDF carries the laboratory's signature, and a changed byte breaks it",
          "[e2e]") {
  const test::CliBench bench(41, true);
  REQUIRE(bench.run(bench.folder.write("device.xml", bench.declaration)).exit_code == 2);
  const std::string run = bench.folder.file("run.haetae");
  const std::string pdf = bench.folder.file("report.pdf");
  certificate(bench);
  write(bench.folder.file("p.xml"), declaration::particulars_template());
  const auto issue = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"issue",  run, bench.folder.file("p.xml"), "-o", pdf,
                                       "--lang", "ko"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return bench.haetae(arguments);
  };
  const auto alone = issue({"--sign-key", bench.folder.file("sign.pem")});
  CHECK(alone.exit_code == 64);
  CHECK(holds(alone, "belong together"));
  const auto foreign = issue({"--sign-key", bench.folder.file("state/signing-key.pem"),
                              "--sign-certificate", bench.folder.file("cert.pem")});
  CHECK(foreign.exit_code == 64);
  CHECK(holds(bench.haetae({"facts", run, "SELECT count(*) AS n FROM report"}), "0"));

  const auto issued = issue({"--sign-key", bench.folder.file("sign.pem"), "--sign-certificate",
                             bench.folder.file("cert.pem")});
  INFO(issued.output);
  REQUIRE(issued.exit_code == 0);
  const auto witness = [&] {
    return test::run_tool({"/usr/bin/pdfsig", "-nocert", pdf}, std::chrono::seconds(30));
  };
  const auto valid = witness();
  INFO(valid.output);
  CHECK(holds(valid, "ETSI.CAdES.detached"));
  CHECK(holds(valid, "Signature is Valid"));
  CHECK(holds(valid, "Total document signed"));
  const auto known = bench.haetae({"verify", run, "--report", pdf, "--lang", "en"});
  INFO(known.output);
  CHECK(known.exit_code == 0);
  CHECK(holds(known, "2026-0001"));

  std::string bytes = read(pdf);
  const auto at = bytes.find("/Title");
  REQUIRE(at != std::string::npos);
  bytes[at + 20] = static_cast<char>(bytes[at + 20] ^ 1);
  write(pdf, bytes);
  CHECK(holds(witness(), "Digest Mismatch"));
  const auto changed = bench.haetae({"verify", run, "--report", pdf, "--lang", "en"});
  INFO(changed.output);
  CHECK(changed.exit_code == 1);
}

TEST_CASE("a report is issued once under its number and replaced only by name", "[e2e]") {
  const test::CliBench bench(40, true);
  const auto tested = bench.run(bench.folder.write("device.xml", bench.declaration));
  INFO(tested.output);
  REQUIRE(tested.exit_code == 2);
  const std::string run = bench.folder.file("run.haetae");
  const std::string form = declaration::particulars_template();
  const auto issue = [&](const std::string& particulars, const std::vector<std::string>& outputs) {
    std::vector<std::string> arguments{"issue", run, bench.folder.file(particulars), "--lang",
                                       "en"};
    for (const std::string& output : outputs) {
      arguments.push_back("-o");
      arguments.push_back(bench.folder.file(output));
    }
    return bench.haetae(arguments);
  };
  write(bench.folder.file("first.xml"), form);
  const auto first = issue("first.xml", {"first.html", "first.json"});
  INFO(first.output);
  REQUIRE(first.exit_code == 0);
  const std::string page = read(bench.folder.file("first.html"));
  CHECK(page.find("2026-0001") != std::string::npos);
  CHECK(page.find("Example Laboratory") != std::string::npos);

  SECTION("the same number, the same file and an unnamed predecessor are refused") {
    const auto again = issue("first.xml", {"again.html"});
    CHECK(again.exit_code == 64);
    CHECK(holds(again, "was issued from this run"));
    write(bench.folder.file("second.xml"), form, "2026-0001", "2026-0002");
    const auto unnamed = issue("second.xml", {"second.html"});
    CHECK(unnamed.exit_code == 64);
    CHECK(holds(unnamed, "<replaces number=\"2026-0001\">"));
    CHECK(issue("second.xml", {"first.html"}).exit_code == 64);
    CHECK(read(bench.folder.file("first.html")) == page);
    CHECK_FALSE(std::filesystem::exists(bench.folder.file("second.html")));
  }
  SECTION("the next one names it, and the file says which reports there were") {
    std::string second = form;
    second.replace(second.find("2026-0001"), 9, "2026-0002");
    write(bench.folder.file("second.xml"), second, "</report>",
          "<replaces number=\"2026-0001\">wrong serial</replaces></report>");
    const auto replaced = issue("second.xml", {"second.html"});
    INFO(replaced.output);
    REQUIRE(replaced.exit_code == 0);
    CHECK(read(bench.folder.file("second.html")).find("wrong serial") != std::string::npos);
    const auto rows = bench.haetae({"facts", run, "SELECT number, replaces, reason FROM report"});
    CHECK(holds(rows, "2026-0001 |  | "));
    CHECK(holds(rows, "2026-0002 | 2026-0001 | wrong serial"));
    CHECK(bench.haetae({"facts", run, "SELECT count(*) AS n FROM report_file"}).output.find("3") !=
          std::string::npos);
    CHECK(read(bench.folder.file("first.html")) == page);
  }
  SECTION("a run that was changed after it was written gives no report") {
    CHECK(test::run_tool({"/usr/bin/sqlite3", run,
                          "DROP TRIGGER run_no_update; UPDATE run SET value = 'x' WHERE id = 1;"},
                         std::chrono::seconds(20))
              .exit_code != 127);
    write(bench.folder.file("second.xml"), form, "2026-0001", "2026-0002");
    const auto refused = issue("second.xml", {"second.html"});
    CHECK(refused.exit_code == 64);
    CHECK(holds(refused, "damaged run"));
    const auto draft =
        bench.haetae({"report", run, "-o", bench.folder.file("draft.json"), "--lang", "en"});
    CHECK(draft.exit_code == 1);
    CHECK(holds(draft, "marked so"));
  }
}
