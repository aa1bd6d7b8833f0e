#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"

// The documents procedure with pdftotext, a reader that other people wrote.

using namespace haetae;
using namespace haetae::test;

namespace {

namespace fs = std::filesystem;
const fs::path kDocuments = fs::path(HAETAE_SOURCE_DIR) / "devices/personalities/documents";

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

catalogue::Catalogue asking(std::vector<std::string> phrases) {
  catalogue::Criterion criterion;
  criterion.id = "9.1-paper";
  criterion.source = "document";
  criterion.step = catalogue::Step{.task = {"읽는다", "Read"},
                                   .look = {"본다", "Look"},
                                   .second = false,
                                   .finds = std::move(phrases)};
  catalogue::Item item;
  item.id = "9.1";
  item.criteria.push_back(std::move(criterion));
  catalogue::Catalogue out;
  out.items.push_back(std::move(item));
  return out;
}

/// Reading is one run of the procedure over some files.
struct Reading {
  FakeContext context;
  Reading(const std::vector<fs::path>& files, std::vector<std::string> phrases)
      : context(device(files), asking(std::move(phrases))) {
    const auto done = testcases::documents_procedure().run(context);
    INFO((done ? "" : done.error().message()));
    REQUIRE(done);
  }
  static declaration::Declaration device(const std::vector<fs::path>& files) {
    auto out = lab_declaration("127.65.0.1");
    for (const fs::path& file : files) {
      out.documents.push_back({.kind = "manual", .title = "M", .file = file});
    }
    return out;
  }
  [[nodiscard]] std::vector<facts::DocumentHit> hits() const {
    return runner::facts<facts::DocumentHit>(context);
  }
  [[nodiscard]] Coverage coverage() const { return context.coverage("documents", "lan"); }
};

}  // namespace

TEST_CASE("what a PDF and a text hold is found and cited with its page", "[documents]") {
  const Reading reading({kDocuments / "user-manual.pdf", kDocuments / "compliance-statement.txt"},
                        {"automatic   UPDATE", "디버그 포트", "no such words"});
  CHECK(reading.coverage().state == CoverageState::complete);
  const auto hits = reading.hits();
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].criterion == "9.1-paper");
  CHECK(hits[0].document == "manual: M");
  CHECK(hits[0].phrase == "automatic   UPDATE");
  CHECK(hits[0].page == 3);
  CHECK(hits[0].excerpt.find("automatic update is on") != std::string::npos);
  CHECK(hits[0].evidence > 0);
  CHECK(hits[1].document == "manual: M (2)");
  CHECK(hits[1].page == 0);
  CHECK(hits[1].excerpt.find("디버그 포트: UART와 JTAG") != std::string::npos);
  CHECK(printable(hits[1].excerpt, 4000) == hits[1].excerpt);
}

TEST_CASE("without documents there is nothing to find", "[documents]") {
  const Reading reading({}, {"x"});
  CHECK(reading.coverage().state == CoverageState::complete);
  CHECK(reading.coverage().tried == "0 declared documents");
  CHECK(reading.hits().empty());
}

TEST_CASE("a document that cannot be read is a lack with its cause", "[documents]") {
  const TempDir folder;
  const auto written = [&](const std::string& name, const std::string& content) {
    std::ofstream(folder.path() / name, std::ios::binary) << content;
    return folder.path() / name;
  };
  const std::string manual = slurp(kDocuments / "user-manual.pdf");
  const std::pair<fs::path, std::string> cases[] = {
      {folder.path() / "none.pdf", "none.pdf is not there"},
      {folder.path(), "is not there"},
      {written("empty.txt", ""), "empty.txt is empty"},
      {written("a.docx", std::string("PK\x03\x04\0\xff\xfe", 7)),
       "neither a PDF nor text in UTF-8"},
      {written("cut.pdf", manual.substr(0, 100)), "damaged or asks for a password"},
      {written("garbage.pdf", "%PDF-1.7\n" + std::string(5000, '\xfe')), "damaged"},
  };
  for (const auto& [file, why] : cases) {
    CAPTURE(file.string());
    const Reading reading({file, kDocuments / "user-manual.pdf"}, {"downgrade"});
    CHECK(reading.coverage().state == CoverageState::partial);
    CHECK(reading.coverage().cause == Cause::declaration);
    CAPTURE(reading.coverage().why);
    CHECK(reading.coverage().why.find(why) != std::string::npos);
    CHECK(reading.hits().size() == 1);
  }
}

TEST_CASE("a hostile document hurts nobody", "[documents]") {
  const TempDir folder;
  const auto written = [&](const std::string& name, const std::string& content) {
    std::ofstream(folder.path() / name, std::ios::binary) << content;
    return folder.path() / name;
  };
  SECTION("a page tree that holds itself") {
    std::string pdf = slurp(kDocuments / "user-manual.pdf");
    const std::string kids = "/Kids [5 0 R 7 0 R 9 0 R]";
    const auto at = pdf.find(kids);
    REQUIRE(at != std::string::npos);
    pdf.replace(at, kids.size(), "/Kids [2 0 R 2 0 R 5 0 R]");
    const Reading reading({written("loop.pdf", pdf)}, {"firmware"});
    CHECK(reading.hits().size() <= 8);
  }
  SECTION("a claim of two thousand million pages") {
    std::string pdf = slurp(kDocuments / "user-manual.pdf");
    const auto at = pdf.find("/Count 3");
    REQUIRE(at != std::string::npos);
    pdf.replace(at, 8, "/Count 2000000000");
    const Reading reading({written("many.pdf", pdf)}, {"firmware"});
    CHECK(reading.hits().size() <= 8);
  }
  SECTION("a phrase on every line, control codes and broken letters") {
    std::string text;
    for (int line = 0; line < 100'000; ++line) text += "firmware\x1b[2J\xff\n";
    const Reading broken({written("codes.txt", text)}, {"firmware"});
    CHECK(broken.coverage().state == CoverageState::partial);
    std::string many;
    for (int line = 0; line < 100'000; ++line) many += "firmware 펌웨어\n";
    many += std::string(500, 'x') + " last words";
    const Reading reading({written("many.txt", many)}, {"firmware", "펌웨어", "LAST words"});
    const auto hits = reading.hits();
    // The second stands in the excerpt of the first.
    REQUIRE(hits.size() == 2);
    CHECK(hits[1].phrase == "LAST words");
    for (const auto& hit : hits) CHECK(hit.excerpt.size() < 400);
  }
  SECTION("a name that looks like an option or a command") {
    const Reading reading({written("-opw;id >x.pdf", slurp(kDocuments / "user-manual.pdf"))},
                          {"downgrade"});
    CHECK(reading.hits().size() == 1);
    CHECK_FALSE(fs::exists("x.pdf"));
  }
}

TEST_CASE("the manual of the camera is what its script writes", "[documents]") {
  const TempDir folder;
  fs::create_directories(folder.path() / "fixtures");
  fs::create_directories(folder.path() / "devices/personalities/documents");
  fs::copy_file(fs::path(HAETAE_SOURCE_DIR) / "fixtures/documents.py",
                folder.path() / "fixtures/documents.py");
  REQUIRE(std::system(("python3 " + (folder.path() / "fixtures/documents.py").string()).c_str()) ==
          0);
  CHECK(slurp(folder.path() / "devices/personalities/documents/user-manual.pdf") ==
        slurp(kDocuments / "user-manual.pdf"));
}
