#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "harness/declaration/answers.hpp"

using namespace haetae;
using namespace haetae::declaration;

namespace {

namespace fs = std::filesystem;
const fs::path kSource = HAETAE_SOURCE_DIR;

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "haetae-answers-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
};

constexpr std::string_view kGood = R"(<?xml version="1.0" encoding="UTF-8"?>
<answers run="run-1">
  <answer criterion="7.2-board" outcome="conforms" who="김시험" second="Lee" at="2026-11-22T15:04:05+09:00">
    <text>J3에 연결했으나 출력이 없다.</text>
    <attachment name="board.png" media-type="image/png">iVBO Rw0K
      Ggo=</attachment>
  </answer>
  <answer criterion="7.1-table" outcome="unknown" who="Kim" at="2026-11-22T06:04:05Z"><text/></answer>
</answers>
)";

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// schema_accepts() asks xmllint, an independent reader, about the published XSD.
bool schema_accepts(const std::string& text) {
  const Folder folder;
  std::ofstream(folder.path / "answers.xml", std::ios::binary) << text;
  const int code = std::system(fmt::format("xmllint --noout --nonet --schema {} {} >/dev/null 2>&1",
                                           (kSource / "harness/declaration/answers.xsd").string(),
                                           (folder.path / "answers.xml").string())
                                   .c_str());
  REQUIRE((code == 0 || WEXITSTATUS(code) == 1 || WEXITSTATUS(code) == 3));
  return code == 0;
}

}  // namespace

TEST_CASE("a file of answers is read with its attachments") {
  const auto loaded = load_answers_text(kGood, "answers.xml");
  INFO((loaded ? "" : loaded.error().message()));
  REQUIRE(loaded);
  CHECK(schema_accepts(std::string(kGood)));
  CHECK(loaded->run == "run-1");
  CHECK(loaded->method == "file");
  REQUIRE(loaded->answers.size() == 2);
  const PersonAnswer& first = loaded->answers[0];
  CHECK(first.criterion == "7.2-board");
  CHECK(first.outcome == "conforms");
  CHECK(first.who == "김시험");
  CHECK(first.second == "Lee");
  CHECK(first.at == "2026-11-22T15:04:05+09:00");
  CHECK(first.text == "J3에 연결했으나 출력이 없다.");
  REQUIRE(first.attachments.size() == 1);
  CHECK(first.attachments[0].name == "board.png");
  CHECK(first.attachments[0].media_type == "image/png");
  CHECK(to_hex(first.attachments[0].content) == "89504e470d0a1a0a");
  CHECK(loaded->answers[1].text.empty());
  CHECK(loaded->sha256 == to_hex(sha256(as_bytes(kGood))));
  CHECK(loaded->text.find("iVBO") == std::string::npos);
  CHECK(loaded->text.find("</attachment>") != std::string::npos);
  CHECK(loaded->text.find("7.1-table") != std::string::npos);
}

TEST_CASE("what is wrong in a file of answers is told with its line") {
  struct Bad {
    std::string_view from, to, says;
    int line;
    bool schema_knows = true;
  };
  const Bad bad[] = {
      {"who=\"김시험\"", "who=\"\"", "'who'", 3},
      {"who=\"김시험\"", "who=\"김시험\" sure=\"yes\"", "sure", 3},
      {"outcome=\"conforms\"", "outcome=\"pass\"", "pass", 3},
      {" outcome=\"conforms\"", "", "outcome", 3},
      {"second=\"Lee\"", "second=\" 김 시험\"", "another person", 3, false},
      {"15:04:05+09:00", "15:04:05", "is no time", 3},
      {"15:04:05+09:00", "25:04:05+09:00", "is no time", 3},
      {"run-1", "", "'run'", 2},
      {"answers run", "answers method=\"guess\" run", "guess", 2},
      {"<text/>", "", "text", 8},
      {"<text/>", "<text/><note/>", "note", 8},
      {"7.1-table", "7.2-board", "answered twice", 8},
      {"iVBO Rw0K", "iVBO Rw0K!", "is not base64", 5, false},
      {"iVBO Rw0K", "iVBO RK", "is not base64", 5},
      {"image/png", "image/jpeg", "is said to be image/jpeg and is image/png", 5, false},
      {"name=\"board.png\"", "", "neither name nor file", 5, false},
      {"<text/>", "<text/><attachment file=\"../a.png\"/>", "leads out of the folder", 8, false},
      {"<text/>", "<text/><attachment file=\"/etc/hostname\"/>", "leads out of the folder", 8,
       false},
      {"<text/>", "<text/><attachment file=\"none.png\"/>", "there is no such file", 8, false},
  };
  for (const Bad& one : bad) {
    CAPTURE(one.from, one.to);
    const std::string text = replaced(one.from, one.to);
    const auto loaded = load_answers_text(text, "answers.xml");
    REQUIRE_FALSE(loaded);
    CAPTURE(loaded.error().text);
    CHECK(loaded.error().kind == ErrorKind::invalid_input);
    CHECK(loaded.error().text.find(fmt::format("answers.xml:{}:", one.line)) != std::string::npos);
    CHECK(loaded.error().text.find(one.says) != std::string::npos);
    CHECK(schema_accepts(text) != one.schema_knows);
  }
}

TEST_CASE("attached files are taken from beside the file and bounded") {
  const Folder folder;
  const std::string text = replaced("<text/>", "<text/><attachment file=\"note.txt\"/>");
  std::ofstream(folder.path / "answers.xml", std::ios::binary) << text;
  std::ofstream(folder.path / "note.txt", std::ios::binary) << "seal intact\n";
  const auto loaded = load_answers(folder.path / "answers.xml");
  INFO((loaded ? "" : loaded.error().message()));
  REQUIRE(loaded);
  CHECK(schema_accepts(text));
  REQUIRE(loaded->answers[1].attachments.size() == 1);
  CHECK(loaded->answers[1].attachments[0].name == "note.txt");
  CHECK(loaded->answers[1].attachments[0].media_type == "text/plain");
  fs::resize_file(folder.path / "note.txt", kMaximumAttachment + 1);
  const auto large = load_answers(folder.path / "answers.xml");
  REQUIRE_FALSE(large);
  CHECK(large.error().text.find("too large") != std::string::npos);
  fs::resize_file(folder.path / "note.txt", 0);
  REQUIRE_FALSE(load_answers(folder.path / "answers.xml"));
}

TEST_CASE("the type of an attachment is what its bytes say") {
  CHECK(media_type_of(as_bytes("\xff\xd8\xff\xe0")) == "image/jpeg");
  CHECK(media_type_of(as_bytes("%PDF-1.7\n")) == "application/pdf");
  CHECK(media_type_of(as_bytes("<svg onload='alert(1)'/>")) == "text/plain");
  CHECK(media_type_of(as_bytes("한글\n")) == "text/plain");
  CHECK(media_type_of(as_bytes("\xff\xfe\x41")) == "application/octet-stream");
  CHECK(media_type_of(as_bytes("\x1b[31m")) == "application/octet-stream");
  CHECK(media_type_of({}) == "application/octet-stream");
}

TEST_CASE("a time needs its zone") {
  for (const char* good : {"2026-11-22T15:04:05Z", "2026-11-22T15:04:05.123456+09:00"}) {
    CHECK(is_zoned_time(good));
  }
  for (const char* wrong :
       {"", "2026-11-22", "2026-11-22T15:04:05", "2026-11-22T15:04Z", "2026-13-22T15:04:05Z",
        "2026-11-22T15:04:05.Z", "2026-11-22T15:04:05+0900", "2026-11-22T15:04:05Zx",
        "-026-11-22T15:04:05Z", "2026-11-22T15:04:+5Z"}) {
    CAPTURE(wrong);
    CHECK_FALSE(is_zoned_time(wrong));
  }
}

TEST_CASE("base64 is read strictly") {
  Bytes out;
  CHECK(from_base64("", out));
  CHECK(from_base64("QQ==", out));
  CHECK(as_text(out) == "A");
  CHECK(from_base64("QU\nI=", out));
  CHECK(as_text(out) == "AB");
  CHECK(from_base64("QUJD", out));
  CHECK(as_text(out) == "ABC");
  for (const char* wrong : {"Q", "QQ", "QQ=", "Q===", "QQ==QQ==", "QQ=A", "QQ-_", "===="}) {
    CAPTURE(wrong);
    CHECK_FALSE(from_base64(wrong, out));
  }
}
