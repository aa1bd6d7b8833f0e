#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "harness/protocols/console.hpp"

// What a board says on its serial console: the first byte says in how large pieces it comes.
// However it is cut, the same is seen.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  using namespace haetae::protocols::console;
  if (size == 0) return 0;
  const Known known{.signs = {{"u-boot", "banner", "U-Boot 20"},
                              {"u-boot", "countdown", "Hit any key to stop autoboot"},
                              {"u-boot", "prompt", "=>"},
                              {"cfe", "banner", "CFE version"},
                              {"other", "kernel", "Starting kernel ..."}},
                    .login_prompt = "login:"};
  Screen whole(known);
  Screen pieces(known);
  const ByteView text(data + 1, size - 1);
  whole.feed(text);
  const std::size_t step = data[0] % 64U + 1;
  for (std::size_t at = 0; at < text.size(); at += step) {
    pieces.feed(text.subspan(at, std::min(step, text.size() - at)));
    if (pieces.since(0).size() > 65536 || pieces.since(pieces.mark()) != "") __builtin_trap();
    if (pieces.last_line().find('\n') != std::string_view::npos) __builtin_trap();
  }
  if (whole.bytes() != text.size() || pieces.bytes() != text.size()) __builtin_trap();
  if (whole.garbage() != pieces.garbage() || whole.last_line() != pieces.last_line() ||
      whole.ask() != pieces.ask() || whole.kernel() != pieces.kernel() ||
      whole.loader().empty() != pieces.loader().empty())
    __builtin_trap();
  for (const char c : whole.banner())
    if (static_cast<unsigned char>(c) < 0x20) __builtin_trap();
  return 0;
}
