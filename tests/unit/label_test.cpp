#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "reports/pdf/single.hpp"
#include "reports/pictures/drawing.hpp"
#include "tests/support/sample_report.hpp"

using namespace haetae;
using namespace haetae::reports;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "haetae-label-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
};

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 4096> block{};
  for (std::size_t got = 0; (got = fread(block.data(), 1, block.size(), pipe.get())) > 0;)
    out.append(block.data(), got);
  return out;
}

void write(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// read_by_phone() is what zbar reads in a picture, without the line end that it adds.
std::string read_by_phone(const fs::path& picture) {
  std::string text = output_of("zbarimg -q --raw -Sdisable -Sqrcode.enable '" + picture.string() +
                               "' 2>/dev/null");
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// drawn() renders an SVG as librsvg does, `wide` dots wide.
fs::path drawn(const Folder& folder, const std::string& svg, int wide) {
  const fs::path from = folder.path / "label.svg", to = folder.path / "label.png";
  write(from, svg);
  REQUIRE(
      std::system(fmt::format("rsvg-convert -w {} -o '{}' '{}'", wide, to.string(), from.string())
                      .c_str()) == 0);
  return to;
}

/// in_grey() is a print without colour.
std::string in_grey(std::string svg) {
  for (const auto& [colour, grey] :
       {std::pair("#b3261e", "#595959"), {"#1a6b3c", "#595959"}, {"#8a5a00", "#5e5e5e"}}) {
    for (std::size_t at = 0; (at = svg.find(colour, at)) != std::string::npos;)
      svg.replace(at, 7, grey);
  }
  return svg;
}

std::map<std::string, Report> labelled() {
  Report issued = test::full_report();
  issued.device.model = "C200";
  Report korean = test::typical_report();
  korean.issue = Issue{.number = "제2026-1호", .at = "", .replaces = "", .reason = ""};
  korean.revision.headline = Headline::conformant;
  return {{"draft", test::sparse_report()}, {"issued", issued}, {"korean", korean}};
}

}  // namespace

TEST_CASE("the text of a label says number, result, root and where to verify, one a line") {
  const std::string root = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  CHECK(pictures::label_text(test::sparse_report()) ==
        "HAETAE 1\nReport: draft\nResult: INCOMPLETE\nRun: " + root + "\nVerify: haetae verify");
  CHECK(pictures::label_text(test::full_report()) ==
        "HAETAE 1\nReport: HT-2026-0002\nResult: NON-CONFORMANT\nRun: " + root +
            "\nVerify: https://lab.example/verify?n=HT-2026-0002");
  Report hostile = test::full_report();
  hostile.issue->number = "1\nResult: CONFORMANT";
  hostile.particulars->verify_at = std::string(100'000, 'x');
  const std::string text = pictures::label_text(hostile);
  CHECK(std::ranges::count(text, '\n') == 4);
  CHECK(text.size() < 500);
  CHECK_FALSE(pictures::label(hostile, Language::ko).empty());
}

TEST_CASE("a phone reads the label: large, 25 mm wide at 300 dots an inch, and in grey") {
  const Folder folder;
  for (const auto& [name, report] : labelled()) {
    const std::string expected = pictures::label_text(report);
    for (const Language language : {Language::ko, Language::en}) {
      const std::string svg = pictures::svg_file(pictures::label(report, language));
      INFO(name);
      CHECK(read_by_phone(drawn(folder, svg, 1181)) == expected);  // 100 mm
      CHECK(read_by_phone(drawn(folder, svg, 591)) == expected);   // 50 mm, its size
      CHECK(read_by_phone(drawn(folder, svg, 295)) == expected);   // 25 mm
      CHECK(read_by_phone(drawn(folder, in_grey(svg), 295)) == expected);
    }
  }
}

TEST_CASE("the label as PNG and PDF says the same and does not change from making to making") {
  const Folder folder;
  for (const auto& [name, report] : labelled()) {
    INFO(name);
    const pictures::Drawing label = pictures::label(report, Language::ko);
    const auto png = single_png(label);
    REQUIRE(png);
    write(folder.path / "a.png", as_text(*png));
    CHECK(read_by_phone(folder.path / "a.png") == pictures::label_text(report));
    const auto pdf = single_pdf(label);
    REQUIRE(pdf);
    CHECK(as_text(*pdf).starts_with("%PDF-"));
    CHECK(single_pdf(label).value() == *pdf);
    write(folder.path / "a.pdf", as_text(*pdf));
    REQUIRE(std::system(fmt::format("pdftoppm -r 300 -png -singlefile '{0}/a.pdf' '{0}/b'",
                                    folder.path.string())
                            .c_str()) == 0);
    CHECK(read_by_phone(folder.path / "b.png") == pictures::label_text(report));
  }
}

TEST_CASE("a line begins where it begins, whatever was drawn before") {
  const auto line_after = [](bool with_word) {
    pictures::Drawing drawing;
    drawing.width = drawing.height = 40;
    if (with_word) {
      drawing.shapes.emplace_back(
          pictures::Word{.x = 2, .y = 38, .text = " ", .size = 4});  // nothing to see
    }
    drawing.shapes.emplace_back(pictures::Path{.points = {30, 2, 38, 2}, .width = 1});
    return single_png(drawing).value();
  };
  CHECK(line_after(true) == line_after(false));
}

TEST_CASE("a picture that is too large is refused") {
  pictures::Drawing vast;
  vast.width = 1e9;
  vast.height = 10;
  const auto made = single_png(vast);
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == ErrorKind::invalid_input);
}
