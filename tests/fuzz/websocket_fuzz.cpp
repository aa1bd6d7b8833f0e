#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "harness/protocols/swupdate.hpp"
#include "harness/protocols/websocket.hpp"

// Frames of a server, in one piece and byte by byte: both give the same messages, each is bounded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  if (size > 100'000) return 0;
  protocols::WebSocketReader whole;
  protocols::WebSocketReader single;
  const bool good = whole.put(ByteView(data, size)).has_value();
  bool alike = true;
  for (std::size_t i = 0; i < size && alike; ++i)
    alike = single.put(ByteView(data + i, 1)).has_value();
  if (good != alike) std::abort();
  while (true) {
    const auto one = whole.next();
    const auto other = single.next();
    if (one != other) std::abort();
    if (!one) break;
    if (one->size() > protocols::kWebSocketMessageLimit) std::abort();
    static_cast<void>(protocols::swupdate_event(*one));
  }
  return 0;
}
