#include <cstddef>
#include <cstdint>

#include "harness/protocols/http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  using namespace haetae::protocols;
  const std::string_view text = as_text(ByteView(data, size));
  for (const Challenge& one : parse_challenges(text)) {
    const auto answer = digest_authorization(
        one,
        {.user = "u", .password = "p", .method = "GET", .uri = "/", .cnonce = "c", .count = 1});
    if (answer && answer->find('\n') != std::string::npos) __builtin_trap();
  }
  (void)parse_set_cookie(text);
  return 0;
}
