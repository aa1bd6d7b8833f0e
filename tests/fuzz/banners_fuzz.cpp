#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/protocols/service_probe.hpp"

// What a service is told by: the first byte says which question the bytes answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  using namespace haetae::protocols;
  if (size == 0) return 0;
  constexpr std::array<std::string_view, 8> asked = {"",       "http", "mqtt", "dns",
                                                     "modbus", "smb",  "rtsp", "telnet"};
  constexpr std::array<std::uint8_t, 4> tag = {0x48, 0x54, 1, 2};
  const ServiceSeen seen =
      recognise(ByteView(data + 1, size - 1), asked[data[0] % asked.size()], tag);
  if (seen.banner.size() > 1024 || seen.product.size() > 1024) __builtin_trap();
  for (const char c : seen.banner + seen.product + seen.version)
    if (static_cast<unsigned char>(c) < 0x20) __builtin_trap();
  return 0;
}
