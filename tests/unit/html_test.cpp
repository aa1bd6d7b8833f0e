#include <catch2/catch.hpp>

#include "harness/evidence/transcript.hpp"
#include "reports/html/content.hpp"
#include "reports/html/markup.hpp"

using namespace haetae;
using namespace haetae::reports;
using page::Lines;

namespace {

std::string escaped(std::string_view text, std::size_t limit = 1000, Lines lines = Lines::shown) {
  std::string out;
  page::escape(out, text, limit, lines);
  return out;
}

std::string shown(const Bytes& bytes, std::string media_type, page::Budget budget,
                  std::vector<std::string> decisive = {}) {
  page::Page out(Language::en);
  page::content(out, {.bytes = bytes, .whole = true},
                {.media_type = std::move(media_type), .decisive = std::move(decisive)}, budget);
  return out.take();
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr page::Budget kEnough{.left = 1 << 20, .each = 1 << 16, .images_left = 1 << 20};

}  // namespace

TEST_CASE("text of a run cannot become markup, hide or reorder") {
  CHECK(escaped("a<b>&\"'c") == "a&lt;b&gt;&amp;&quot;&#39;c");
  CHECK(escaped("한글 é 😀 שלום") == "한글 é 😀 שלום");
  CHECK(escaped(std::string("\x1b[31m\0\x7f", 7)) == "\\x1b[31m\\x00\\x7f");
  CHECK(escaped("\xff\xc0\xaf\xe2\x82") == "\\xff\\xc0\\xaf\\xe2\\x82");
  CHECK(escaped("\xed\xa0\x80\xf4\x90\x80\x80") == "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
  CHECK(escaped("a\xe2\x80\xae"
                "b\xc2\xad\xef\xbb\xbf") == "a\\xe2\\x80\\xaeb\\xc2\\xad\\xef\\xbb\\xbf");
  CHECK(escaped("a\r\nb\tc") == "a\\x0d\\x0ab\\x09c");
  CHECK(escaped("a\r\nb\tc\rd", 100, Lines::kept) == "a\nb\tc\\x0dd");
  // Three marks over one letter are a language; a tower of them is an attack on the lines above.
  CHECK(escaped("e\xcc\x81\xcc\x82\xcc\x83") == "e\xcc\x81\xcc\x82\xcc\x83");
  CHECK(escaped("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84") == "e\xcc\x81\xcc\x82\xcc\x83\\xcc\\x84");
}

TEST_CASE("what is cut is cut between letters, and says so") {
  CHECK(escaped("abcdef", 6) == "abcdef");
  CHECK(escaped("abcdefg", 6) == "abcdef…");
  CHECK(escaped("ab한글", 3) == "ab한…");
}

TEST_CASE("base64 gives the test vectors of RFC 4648") {
  for (const auto& [plain, coded] : {std::pair("", ""),
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"fooba", "Zm9vYmE="},
                                     {"foobar", "Zm9vYmFy"}}) {
    CHECK(page::base64(as_bytes(plain)) == coded);
  }
  const Bytes high{0xfb, 0xff, 0xfe};
  CHECK(page::base64(high) == "+//+");
}

TEST_CASE("a transcript is a conversation, as far as it is whole") {
  const auto bytes = [](std::string_view text) { return Bytes(text.begin(), text.end()); };
  Bytes talk =
      evidence::encode_transcript({{Direction::sent, 1500, bytes("GET / HTTP/1.1\r\n")},
                                   {Direction::received, 2500, bytes("HTTP/1.1 200 OK\r\n")}});
  const std::string media(evidence::kTranscriptMediaType);
  const std::string whole = shown(talk, media, kEnough, {"200 OK"});
  CHECK(holds(whole, "tester → device"));
  CHECK(holds(whole, "1.500 ms"));
  CHECK(holds(whole, "<mark>200 OK</mark>"));
  talk.pop_back();
  const std::string cut = shown(talk, media, kEnough);
  CHECK(holds(cut, "GET / HTTP/1.1"));
  CHECK_FALSE(holds(cut, "HTTP/1.1 200"));
  // What is no transcript at all is shown as the bytes that it is.
  CHECK(holds(shown(bytes("no transcript"), media, kEnough),
              "<pre tabindex=\"0\">no transcript</pre>"));
}

TEST_CASE("a TLS record marks what the server chose") {
  Bytes hello{0x16, 0x03, 0x01, 0x00, 0x2f, 0x02, 0x00, 0x00, 0x2b, 0x03, 0x02};
  hello.resize(43, 0xaa);
  for (const int byte : {0x00, 0xc0, 0x09, 0x00}) hello.push_back(static_cast<std::uint8_t>(byte));
  page::Page out(Language::en);
  page::Budget budget = kEnough;
  page::content(out, {.bytes = hello, .whole = true},
                {.media_type = "x/y", .decisive = {}, .tls = true}, budget);
  const std::string text = out.take();
  CHECK(holds(text, "<mark>03</mark> <mark>02</mark>"));
  CHECK(holds(text, "<mark>c0</mark> <mark>09</mark>"));
  CHECK(budget.left < kEnough.left);
}

TEST_CASE("the budget holds whatever the content is") {
  const Bytes text(1 << 20, 'a');
  const Bytes noise(1 << 20, 0x80);
  for (const auto& content : {text, noise}) {
    const std::string out =
        shown(content, "text/plain", {.left = 20'000, .each = 10'000, .images_left = 0});
    CHECK(out.size() < 12'000);
    CHECK(holds(out, "more bytes"));
  }
  CHECK(holds(shown(text, "text/plain", {}), "Too much for this page"));
  std::vector<evidence::TranscriptRecord> many(100'000, {Direction::sent, 1, {'x'}});
  const std::string media(evidence::kTranscriptMediaType);
  CHECK(shown(evidence::encode_transcript(many), media, kEnough).size() < (1U << 17U));
}

TEST_CASE("only pictures that begin like one are shown as one") {
  const auto bytes = [](std::string_view text) { return Bytes(text.begin(), text.end()); };
  CHECK(page::image_type(bytes("\x89PNG\r\n\x1a\n....")) == "image/png");
  CHECK(page::image_type(bytes("\xff\xd8\xff\xe0")) == "image/jpeg");
  CHECK(page::image_type(bytes("RIFF....WEBPVP8 ")) == "image/webp");
  CHECK(page::image_type(bytes("<svg onload=alert(1)>")).empty());
  CHECK(page::image_type(bytes("")).empty());
  CHECK(holds(shown(bytes("<svg onload=alert(1)>"), "image/svg+xml", kEnough), "&lt;svg onload"));
}
