#include <cstddef>
#include <cstdint>

#include "harness/net/packet.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const ByteView bytes(data, size);
  (void)net::parse_tcp(bytes);
  if (const auto packet = net::parse_ipv4(bytes)) {
    (void)net::parse_tcp(packet->payload);
    (void)net::parse_unreachable(packet->payload, false);
  }
  (void)net::parse_unreachable(bytes, false);
  (void)net::parse_unreachable(bytes, true);
  return 0;
}
