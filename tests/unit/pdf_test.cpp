#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "reports/pdf/pdf.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/issued_report.hpp"
#include "tests/support/sample_report.hpp"

using namespace haetae;
using namespace haetae::reports;

namespace {

/// Printed is a report as a file, with what poppler and qpdf say of it.
struct Printed {
  test::TempDir folder;
  std::string file;
  Bytes bytes;

  Printed(const Report& report, Language language) : file(folder.file("report.pdf")) {
    auto made = pdf(report, language);
    INFO((made ? "" : made.error().message()));
    REQUIRE(made);
    bytes = *made;
    std::ofstream(file, std::ios::binary) << as_text(bytes);
  }
  [[nodiscard]] std::string ask(std::vector<std::string> argv) const {
    argv.front() = test::find_tool(argv.front());
    REQUIRE(!argv.front().empty());
    const auto result = test::run_tool(argv);
    INFO(result.output);
    REQUIRE(result.exit_code == 0);
    return result.output;
  }
  /// text() is what a reader copies out, in one line: breaks of lines do not matter.
  [[nodiscard]] std::string text() const { return ask({"pdftotext", file, "-"}); }
  [[nodiscard]] std::string page(int number) const {
    const std::string one = std::to_string(number);
    return ask({"pdftotext", "-layout", "-f", one, "-l", one, file, "-"});
  }
  [[nodiscard]] int pages() const {
    const std::string info = ask({"pdfinfo", file});
    return std::stoi(info.substr(info.find("Pages:") + 6));
  }
};

/// squeezed() leaves out white space, so that a broken line is found too.
std::string squeezed(std::string text) {
  std::erase_if(text, [](unsigned char letter) { return letter <= ' '; });
  return text;
}

bool holds(const std::string& text, const std::string& part) {
  return squeezed(text).find(squeezed(part)) != std::string::npos;
}

}  // namespace

TEST_CASE("every item, criterion and finding stands in the PDF, in both languages", "[pdf]") {
  const Report report = test::issued_report();
  for (const Language language : {Language::ko, Language::en}) {
    const Printed printed(report, language);
    const std::string text = printed.text();
    for (const Item& item : report.items) {
      INFO(item.id);
      CHECK(holds(text, item.id));
      CHECK(holds(text, in(item.title, language)));
      if (item.selected != "planned") continue;
      for (const Criterion& criterion : item.criteria) CHECK(holds(text, criterion.id));
      for (const Criterion& criterion : item.criteria) {
        for (const Finding& finding : criterion.findings) {
          CHECK(holds(text, finding.code));
          CHECK(holds(text, in(finding.says, language)));
          CHECK(holds(text, in(finding.remedy, language)));
          CHECK(holds(text, finding.replay));
        }
      }
    }
  }
}

TEST_CASE("what ISO/IEC 17025 asks for has its place, or is said not to be given", "[pdf]") {
  const Report issued = test::issued_report();
  const std::string text = Printed(issued, Language::ko).text();
  for (const std::string part : {"KTL-2026-0042",
                                 "KTL-2026-0040",
                                 "한국가상시험연구원",
                                 "주식회사 한빛전자",
                                 "KOLAS KT-000",
                                 "가산 제2시험실",
                                 "2026-11-20",
                                 "23 °C",
                                 "김시험",
                                 "이책임",
                                 "PC-07",
                                 "신청인 주소 정정",
                                 "텔넷 서비스를 끄고",
                                 "7.2 항목은 시료 1대로",
                                 "다음 판에서 고침",
                                 "2027-03-31T23:59:59+09:00",
                                 "결과는 시험한 시료에만 유효합니다",
                                 "일부만을 복제할 수 없습니다",
                                 "성적서 끝",
                                 "핀 네 개가 있으나",
                                 "manual.pdf",
                                 "81 of 81",
                                 "busybox",
                                 "203.0.113.9:443"}) {
    INFO(part);
    CHECK(holds(text, part));
  }
  const std::string draft = Printed(test::typical_report(), Language::en).text();
  for (const std::string part : {"Draft", "not issued", "not given", "Tester", "Technical manager",
                                 "only", "end of report"}) {
    INFO(part);
    CHECK(holds(draft, part));
  }
}

TEST_CASE("pages are counted, contents and outline lead to the true pages", "[pdf]") {
  const Report report = test::issued_report();
  const Printed printed(report, Language::en);
  const int pages = printed.pages();
  REQUIRE(pages > 10);
  std::map<std::string, int> found;
  for (int number = 1; number <= pages; ++number) {
    const std::string text = printed.page(number);
    INFO(number);
    CHECK(holds(text, "page " + std::to_string(number) + " of " + std::to_string(pages)));
    CHECK(holds(text, "KTL-2026-0042"));
    if (holds(text, "Contents")) continue;
    for (const std::string heading : {"5. Method", "7. Items and results", "8. What fails",
                                      "9. Details of each item", "14. Evidence"}) {
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);) {
        if (squeezed(line) == squeezed(heading)) found[heading] = number;
      }
    }
  }
  REQUIRE(found.size() == 5);
  std::string contents;
  for (int number = 1; number <= 8; ++number) contents += printed.page(number);
  for (const auto& [heading, number] : found) {
    INFO(heading);
    CHECK(holds(contents, heading + std::to_string(number)));
  }
  const std::string places = printed.ask({"pdfinfo", "-dests", printed.file});
  CHECK(places.find("\"item-1.1\"") != std::string::npos);
  CHECK(places.find("\"fails\"") != std::string::npos);
}

TEST_CASE("fonts are embedded, and the structure is tagged", "[pdf]") {
  const Printed printed(test::issued_report(), Language::ko);
  std::istringstream fonts(printed.ask({"pdffonts", printed.file}));
  std::string line;
  int faces = 0;
  while (std::getline(fonts, line)) {
    if (line.find("Noto") == std::string::npos) continue;
    ++faces;
    CHECK(line.find("yes yes yes") != std::string::npos);
  }
  CHECK(faces >= 2);
  const std::string structure = printed.ask({"pdfinfo", "-struct", printed.file});
  for (const std::string tag : {"H1", "H2", "P ", "Table", "TR", "TH", "TD", "Figure", "LI"}) {
    INFO(tag);
    CHECK(structure.find(tag) != std::string::npos);
  }
  CHECK(printed.ask({"qpdf", "--check", printed.file}).find("No syntax") != std::string::npos);
  const std::string info = printed.ask({"pdfinfo", printed.file});
  CHECK(squeezed(info).find("Tagged:yes") != std::string::npos);
  CHECK(info.find("ACME C200") != std::string::npos);
  const std::string text(as_text(printed.bytes));
  CHECK(text.find("/Lang (ko-KR)") != std::string::npos);
  CHECK(text.find("/DisplayDocTitle true") != std::string::npos);
  const auto count = [&](const std::string& part) {
    std::size_t times = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++times;
    return times;
  };
  CHECK(count("/Alt <FEFF") >= 5);
  // Each figure stands in the file twice: as cairo wrote it and with its text.
  CHECK(count("/S /Figure") == 2 * count("/Alt <FEFF"));
}

TEST_CASE("the same report gives the same bytes", "[pdf]") {
  const Report report = test::issued_report();
  for (const Language language : {Language::ko, Language::en}) {
    CHECK(*pdf(report, language) == *pdf(report, language));
  }
  CHECK(*pdf(report, Language::ko) != *pdf(report, Language::en));
}

namespace {

/// Made is a report that a program of its own wrote, in its own surroundings.
struct Made {
  test::TempDir folder;
  int exit_code = 0;
  std::string output, bytes;

  Made(const std::vector<std::string>& surroundings, const std::string& kind) {
    const std::string file = folder.file("made.pdf");
    std::vector<std::string> argv{test::find_tool("env")};
    argv.insert(argv.end(), surroundings.begin(), surroundings.end());
    argv.insert(argv.end(), {HAETAE_BINARY_DIR "/print_report", kind, "ko", file});
    const auto result = test::run_tool(argv);
    exit_code = result.exit_code;
    output = result.output;
    std::ifstream stream(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(stream), {});
  }
};

}  // namespace

TEST_CASE("another process, time zone, locale and folder give the same bytes", "[pdf]") {
  const std::string here(as_text(*pdf(test::issued_report(), Language::ko)));
  for (const std::vector<std::string>& surroundings :
       {std::vector<std::string>{"TZ=Asia/Seoul", "LC_ALL=C.UTF-8", "LANG=ko_KR.UTF-8"},
        std::vector<std::string>{"TZ=America/New_York", "LC_ALL=POSIX", "PANGO_LANGUAGE=ja:zh"}}) {
    const Made made(surroundings, "issued");
    INFO(made.output);
    CHECK(made.exit_code == 0);
    CHECK(made.bytes == here);
  }
}

TEST_CASE("without a Korean face there is no PDF, but a sentence that names the package", "[pdf]") {
  const test::TempDir fonts;
  const std::string config = fonts.write(
      "fonts.conf", "<?xml version='1.0'?><fontconfig><dir>" + fonts.path().string() +
                        "</dir><cachedir>" + fonts.path().string() + "</cachedir></fontconfig>");
  const Made made({"FONTCONFIG_FILE=" + config}, "issued");
  CHECK(made.exit_code == 3);
  CHECK(made.output.find("fonts-noto-cjk") != std::string::npos);
  CHECK(made.bytes.empty());
}

TEST_CASE("an empty report is a PDF too", "[pdf]") {
  const Printed printed(test::empty_report(), Language::ko);
  CHECK(printed.pages() > 3);
}

TEST_CASE("what a device says stands in the PDF as text that does no harm", "[pdf]") {
  Report report = test::crowded_report();
  report.services.front().product = std::string(10'000'000, 'x');
  report.services.front().banner = std::string(10'000'000, 'y');
  report.device.serial = "abc\u202Edef \u05E9\u05DC\u05D5\u05DD \xff\xfe \U000F1234";
  report.device.model = "C200\u202E\x07";
  const Printed printed(report, Language::en);
  const std::string text = printed.text();

  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\u202E") == std::string::npos);
  CHECK(holds(text, "xff\\xfe"));
  CHECK(holds(text, "U+F1234"));
  CHECK(printed.bytes.size() < 8'000'000);
}

TEST_CASE("a device that breaks a rule on every port makes a report that can be opened", "[pdf]") {
  Report report = test::issued_report();
  auto& findings = report.items[2].criteria[0].findings;
  const Finding first = findings.front();
  for (int port = 1; port <= 6000; ++port) {
    Finding one = first;
    one.subject = "lan:tcp/" + std::to_string(port);
    one.code = "F-" + std::to_string(100'000'000'000 + port);
    findings.push_back(one);
  }
  const Printed printed(report, Language::en);
  const std::string text = printed.text();
  CHECK(holds(text, "F-100000000001"));
  CHECK(holds(text, "F-100000004000"));
  CHECK(text.find("more stand in the run file") != std::string::npos);
  CHECK(printed.pages() < 500);
}
