#include <cstdint>
#include <cstdlib>

#include "harness/protocols/tls_flight.hpp"

using namespace haetae;
using namespace haetae::protocols;

// The same bytes in one piece and one by one must tell the same; nothing may grow without bound.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  FlightParser whole;
  FlightParser pieces;
  whole.feed(bytes);
  for (std::size_t i = 0; i < size; ++i) pieces.feed(bytes.subspan(i, 1));
  if (!(whole.flight() == pieces.flight()) || whole.state() != pieces.state()) std::abort();
  if (whole.flight().certificates.size() > 64 || whole.flight().alerts.size() > 16) std::abort();
  static_cast<void>(parse_ssl2_hello(bytes));
  static_cast<void>(is_ssl2_error(bytes));
  if (size > 4) {
    const auto version = static_cast<std::uint16_t>(0x0300 | (data[0] & 3));
    const auto suite = static_cast<std::uint16_t>(data[1] << 8 | data[2]);
    static_cast<void>(parse_key_exchange(bytes.subspan(3), version, suite));
    static_cast<void>(parse_certificates(bytes));
  }
  return 0;
}
