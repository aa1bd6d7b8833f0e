#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <pugixml.hpp>

#include "reports/pictures/canvas.hpp"
#include "reports/pictures/drawing.hpp"
#include "tests/support/sample_report.hpp"

using namespace haetae;
using namespace haetae::reports;
using namespace haetae::reports::pictures;

namespace {

using Draw = Drawing (*)(const Report&, Language, double);
const std::map<std::string, Draw> kPictures{{"wheel", &result_wheel},   {"bars", &domain_bars},
                                            {"tls", &tls_map},          {"ports", &port_map},
                                            {"latency", &latency_line}, {"time", &time_line},
                                            {"entropy", &entropy_map}};

std::map<std::string, Report> reports_by_name() {
  return {{"sparse", test::sparse_report()},
          {"typical", test::typical_report()},
          {"full", test::full_report()},
          {"crowded", test::crowded_report()}};
}

struct Box {
  double left, top, right, bottom;
  std::string text;
};

Box box_of(const Word& word) {
  const double width = text_width(word.text, word.size, word.bold);
  const double left = word.anchor == Anchor::start    ? word.x
                      : word.anchor == Anchor::middle ? word.x - width / 2
                                                      : word.x - width;
  return {.left = left,
          .top = word.y - word.size * 0.75,
          .right = left + width,
          .bottom = word.y + word.size * 0.1,
          .text = word.text};
}

std::vector<Box> boxes_of(const Drawing& drawing) {
  std::vector<Box> out;
  for (const Shape& shape : drawing.shapes) {
    if (const auto* const word = std::get_if<Word>(&shape)) out.push_back(box_of(*word));
  }
  return out;
}

/// overlaps() names words that lie on each other.
std::string overlaps(const Drawing& drawing) {
  const std::vector<Box> boxes = boxes_of(drawing);
  std::string out;
  for (std::size_t a = 0; a < boxes.size(); ++a) {
    for (std::size_t b = a + 1; b < boxes.size(); ++b) {
      const double wide =
          std::min(boxes[a].right, boxes[b].right) - std::max(boxes[a].left, boxes[b].left);
      const double tall =
          std::min(boxes[a].bottom, boxes[b].bottom) - std::max(boxes[a].top, boxes[b].top);
      if (wide > 0.5 && tall > 0.5) out += fmt::format("'{}' '{}'; ", boxes[a].text, boxes[b].text);
    }
  }
  return out;
}

std::string strays(const Drawing& drawing) {
  std::string out;
  for (const Box& box : boxes_of(drawing)) {
    if (box.left < -0.5 || box.top < -0.5 || box.right > drawing.width + 0.5 ||
        box.bottom > drawing.height + 0.5) {
      out += fmt::format("'{}' at {:.0f},{:.0f} to {:.0f},{:.0f} of {:.0f},{:.0f}; ", box.text,
                         box.left, box.top, box.right, box.bottom, drawing.width, drawing.height);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("words of every picture lie inside and not on each other, at phone and page width") {
  for (const auto& [kind, report] : reports_by_name()) {
    for (const auto& [name, draw] : kPictures) {
      for (const Language language : {Language::ko, Language::en}) {
        for (const double width : {230.0, 290.0, 300.0, 340.0, 480.0, 520.0, 700.0}) {
          const Drawing drawing = draw(report, language, width);
          INFO(kind << " " << name << " " << width << (language == Language::ko ? " ko" : " en"));
          REQUIRE_FALSE(drawing.empty());
          CHECK(drawing.width == width);
          CHECK(drawing.height > 20);
          CHECK(strays(drawing) == "");
          CHECK(overlaps(drawing) == "");
        }
      }
    }
  }
}

TEST_CASE("a run that holds nothing to draw gives no picture") {
  for (const auto& [name, draw] : kPictures) {
    INFO(name);
    const Drawing drawing = draw(test::empty_report(), Language::ko, 400);
    CHECK(drawing.empty());
    CHECK(svg(drawing).empty());
  }
}

TEST_CASE("pictures speak in words too, in both languages") {
  const Report report = test::typical_report();
  const auto says = [&](const std::string& name, Language language) {
    return kPictures.at(name)(report, language, 400).alternative;
  };
  CHECK(says("wheel", Language::en).find("non-conformant: fail ") == 0);
  CHECK(says("wheel", Language::ko).find("부적합 항목: ") != std::string::npos);
  CHECK(says("tls", Language::en).find("named by findings: TLS_RSA_WITH_RC4_128_SHA") !=
        std::string::npos);
  CHECK(says("tls", Language::ko).find("TLS 1.0") != std::string::npos);
  CHECK(says("ports", Language::en).find("23 telnet (open, not declared)") != std::string::npos);
  CHECK(says("ports", Language::ko).find("8883 mqtt (선언됨 · 열려 있지 않음)") !=
        std::string::npos);
  CHECK(says("latency", Language::en).find(" without an answer") != std::string::npos);
  CHECK(says("time", Language::en).find("interrupted") != std::string::npos);
  CHECK(says("time", Language::ko).find("시작하지 않은 절차: tampered-image") != std::string::npos);
  CHECK(says("entropy", Language::en).find("camera-1.4.2.bin") != std::string::npos);
}

TEST_CASE("no verdict is told by colour alone: each has a texture or sign of its own") {
  std::set<std::string> looks;
  for (const Verdict verdict : kWorstFirst) {
    looks.insert(fmt::format("{}{}", static_cast<int>(texture_of(verdict)), sign(verdict)));
  }
  CHECK(looks.size() == std::size(kWorstFirst));
  // Every cell of the wheel that is in the plan carries its sign.
  const Report report = test::typical_report();
  const Drawing wheel = result_wheel(report, Language::ko, 340);
  for (const Verdict verdict : kWorstFirst) {
    const auto count = std::ranges::count_if(wheel.shapes, [&](const Shape& shape) {
      const auto* const word = std::get_if<Word>(&shape);
      return word != nullptr && word->text == sign(verdict);
    });
    INFO(word(verdict));
    CHECK(static_cast<std::size_t>(count) == report.counts[static_cast<std::size_t>(verdict)]);
  }
}

TEST_CASE("the TLS map marks what a finding names, and only there") {
  Report report = test::typical_report();
  const auto marks = [&] {
    const Drawing map = tls_map(report, Language::en, 480);
    return std::ranges::count_if(map.shapes, [](const Shape& shape) {
      const auto* const word = std::get_if<Word>(&shape);
      return word != nullptr && word->text == "✗";
    });
  };
  CHECK(marks() == 1);  // RC4 at tcp/443
  for (Item& item : report.items) {
    for (Criterion& criterion : item.criteria) criterion.findings.clear();
  }
  CHECK(marks() == 0);
}

TEST_CASE("SVG is sound XML with a title, a description and ids of its own") {
  std::map<std::string, std::string> ids;  // with the picture that has it
  for (const auto& [kind, report] : reports_by_name()) {
    for (const auto& [name, draw] : kPictures) {
      for (const Language language : {Language::ko, Language::en}) {
        const std::string text = svg(draw(report, language, 400));
        INFO(kind << " " << name);
        pugi::xml_document document;
        REQUIRE(document.load_string(text.c_str(), pugi::parse_full));
        const pugi::xml_node root = document.child("svg");
        CHECK(std::string(root.attribute("role").value()) == "img");
        CHECK_FALSE(std::string(root.child("title").text().get()).empty());
        CHECK_FALSE(std::string(root.child("desc").text().get()).empty());
        CHECK(text.find("style=") == std::string::npos);  // a page may forbid it
        CHECK_FALSE(std::regex_search(text, std::regex("#[0-9a-fA-F]{3}")));  // no colour
        const std::regex id_form(" id=\"([^\"]+)\"");
        std::set<std::string> own;
        for (std::sregex_iterator at(text.begin(), text.end(), id_form), end; at != end; ++at) {
          CHECK(own.insert((*at)[1]).second);
          CHECK(ids.try_emplace((*at)[1], text).first->second == text);
        }
        const std::regex uses("url\\(#([^)]+)\\)");
        for (std::sregex_iterator at(text.begin(), text.end(), uses), end; at != end; ++at)
          CHECK(own.contains((*at)[1]));
        const std::regex labels("aria-labelledby=\"([^ ]+) ([^\"]+)\"");
        std::smatch found;
        REQUIRE(std::regex_search(text, found, labels));
        CHECK((own.contains(found[1]) && own.contains(found[2])));
        CHECK(std::ranges::none_of(
            text, [](char byte) { return static_cast<unsigned char>(byte) < 0x20; }));
      }
    }
  }
}

TEST_CASE("a picture as a file of its own is an SVG image with its colours") {
  const std::string text = svg_file(result_wheel(test::full_report(), Language::ko, 400));
  pugi::xml_document document;
  REQUIRE(document.load_string(text.c_str()));
  CHECK(std::string(document.child("svg").attribute("xmlns").value()) ==
        "http://www.w3.org/2000/svg");
  for (const char* const paint : {"p-ink", "p-paper", "p-pass", "p-fail", "p-not-applicable"})
    CHECK(text.find(fmt::format(".drawing .{}{{color:#", paint)) != std::string::npos);
}

TEST_CASE("times that are none are left out, and do not stop a picture") {
  Report report = test::sparse_report();
  report.latency = {
      {.at = "later", .milliseconds = 1, .answered = true, .moment = ""},
      {.at = "2026-13-45T99:99:99Z", .milliseconds = 1, .answered = true, .moment = ""}};
  report.procedures[0].started = test::kHostileText;
  CHECK(latency_line(report, Language::ko, 400).empty());
  CHECK(time_line(report, Language::ko, 400).empty());
  report.latency.push_back({.at = "2026-11-22T13:00:00Z",
                            .milliseconds = std::numeric_limits<double>::infinity(),
                            .answered = true,
                            .moment = ""});
  CHECK(latency_line(report, Language::ko, 400).empty());
  report.latency.push_back(
      {.at = "2026-11-22T13:00:00Z", .milliseconds = -5, .answered = false, .moment = ""});
  const Drawing silent = latency_line(report, Language::en, 400);
  CHECK(silent.alternative == "Asked 1 times over 0.1 s; 1 without an answer.");
}

TEST_CASE("what fits is measured on the safe side") {
  CHECK(text_width("부적합", 10) == Approx(30));
  CHECK(text_width("", 10) == 0);
  CHECK(text_width("iiii", 10) < text_width("mmmm", 10));
  CHECK(fit("부적합", 10, 30) == "부적합");
  CHECK(fit("부적합입니다", 10, 30) == "부적…");
  CHECK(fit("부적합", 10, 5).empty());
  CHECK(text_width(fit(test::kHostileText, 8, 40), 8) <= 40);
}

TEST_CASE("pictures of a folder to look at", "[.look]") {
  const char* const folder = std::getenv("HAETAE_LOOK");
  REQUIRE(folder != nullptr);
  for (const auto& [kind, report] : reports_by_name()) {
    for (const auto& [name, draw] : kPictures) {
      for (const Language language : {Language::ko, Language::en}) {
        for (const double width : {230.0, 340.0, 480.0}) {
          std::ofstream(fmt::format("{}/{}-{}-{}-{}.svg", folder, name, kind,
                                    language == Language::ko ? "ko" : "en", width))
              << svg_file(draw(report, language, width));
        }
      }
    }
    for (const Language language : {Language::ko, Language::en}) {
      std::ofstream(
          fmt::format("{}/label-{}-{}.svg", folder, kind, language == Language::ko ? "ko" : "en"))
          << svg_file(label(report, language));
    }
  }
}
