#include <array>
#include <cstdlib>
#include <string>

#include "harness/evidence/transcript.hpp"
#include "reports/html/content.hpp"

/// Whatever bytes are shown in the HTML report, only tags that the report itself writes come out,
/// no control code, and no more than the budget.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  static constexpr std::array<std::string_view, 19> kTags{"p>",
                                                          "p class=\"",
                                                          "/p>",
                                                          "pre tabindex=\"0\">",
                                                          "pre class=\"hex\"",
                                                          "/pre>",
                                                          "ol class=\"talk\">",
                                                          "/ol>",
                                                          "li class=\"",
                                                          "/li>",
                                                          "span lang=\"",
                                                          "span class=\"soft\">",
                                                          "/span>",
                                                          "mark>",
                                                          "/mark>",
                                                          "i>",
                                                          "/i>",
                                                          "img alt=\"",
                                                          "span class=\"mono\">"};
  for (const bool transcript : {true, false}) {
    reports::page::Page page(reports::Language::en);
    reports::page::Budget budget{.left = 1U << 20U, .each = 1U << 15U, .images_left = 1U << 15U};
    reports::page::content(
        page, {.bytes = {data, data + size}, .whole = size % 2 == 0},
        {.media_type = transcript ? std::string(evidence::kTranscriptMediaType) : "text/plain",
         .decisive = {"HTTP", "\x16\x03"},
         .tls = true},
        budget);
    const std::string out = page.take();
    if (out.size() > (1U << 18U)) std::abort();
    for (std::size_t at = 0; at < out.size(); ++at) {
      const auto byte = static_cast<unsigned char>(out[at]);
      if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) std::abort();
      if (byte != '<') continue;
      bool own = false;
      for (const std::string_view tag : kTags)
        own = own || out.compare(at + 1, tag.size(), tag) == 0;
      if (!own) std::abort();
    }
  }
  return 0;
}
