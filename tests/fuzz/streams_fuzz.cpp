#include <cstddef>
#include <cstdint>

#include "harness/protocols/ftp.hpp"
#include "harness/protocols/mqtt.hpp"
#include "harness/protocols/rtsp.hpp"
#include "harness/protocols/telnet.hpp"
#include "tests/support/scripted_conn.hpp"

// The first byte chooses the protocol, the size of the pieces and how the stream ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  using namespace haetae::protocols;
  if (size == 0) return 0;
  test::FakeClock clock;
  const auto end =
      (data[0] & 0x80) != 0 ? test::ScriptedConn::End::silent : test::ScriptedConn::End::closes;
  test::ScriptedConn conn(as_text(ByteView(data + 1, size - 1)), clock, end,
                          (data[0] & 0x40) != 0 ? 7 : 4096);
  const SteadyTime deadline = clock.now() + 10s;
  switch (data[0] % 5) {
    case 0: (void)telnet::login(conn, "admin", "secret", clock, deadline); break;
    case 1: (void)ftp::login(conn, "admin", "secret", clock, deadline); break;
    case 2: {
      const auto answer = mqtt::login(conn, mqtt::Version::v5, std::nullopt, clock, deadline);
      if (!answer) return 0;
      const auto heard = mqtt::subscribe(conn, mqtt::Version::v5, "#", 8, deadline);
      if (heard && heard->messages.size() > 8) __builtin_trap();
      break;
    }
    case 3: (void)mqtt::subscribe(conn, mqtt::Version::v3_1_1, "#", 8, deadline); break;
    default:
      (void)rtsp::login(conn, "rtsp://192.0.2.1/live", "admin", "secret", clock, deadline);
      break;
  }
  return 0;
}
