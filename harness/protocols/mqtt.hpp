#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/net/door.hpp"
#include "harness/protocols/login.hpp"
#include "harness/protocols/reader.hpp"

/// MQTT 3.1.1 and 5 (OASIS standards): the packets that a probe needs.
namespace haetae::protocols::mqtt {

enum class Version : std::uint8_t { v3_1_1 = 4, v5 = 5 };

/// Packet is one control packet, its fixed header taken apart.
struct Packet {
  std::uint8_t type = 0;  ///< 2 CONNACK, 3 PUBLISH, 9 SUBACK, …
  std::uint8_t flags = 0;
  Bytes body{};
  bool operator==(const Packet&) const = default;
};

/// Credential is absent for an anonymous CONNECT.
struct Credential {
  std::string user{}, password{};
};

struct Connack {
  int code = -1;  ///< return code (3.1.1) or reason code (5)
  bool session_present = false;
  std::string reason{};  ///< reason string of version 5, printable
};

struct Message {
  std::string topic{};
  Bytes payload{};
};

[[nodiscard]] Bytes connect_packet(Version version, std::string_view client_id,
                                   const std::optional<Credential>& credential);
[[nodiscard]] Bytes subscribe_packet(Version version, std::uint16_t id, std::string_view filter);
[[nodiscard]] Bytes publish_packet(Version version, std::string_view topic, ByteView payload);
[[nodiscard]] Bytes disconnect_packet(Version version);

/// read_packet() reads one packet with a body of at most 64 KiB (section 2.2.3, 2.1.4).
[[nodiscard]] Result<Packet> read_packet(Reader& reader, SteadyTime deadline);
[[nodiscard]] Result<Connack> connack(const Packet& packet, Version version);
/// suback() is the code of the first filter: 0 to 2 granted, 0x80 and above refused.
[[nodiscard]] Result<int> suback(const Packet& packet, Version version);
[[nodiscard]] Result<Message> publish(const Packet& packet, Version version);

/// outcome() of a CONNACK code: 0 accepted; bad credentials and not authorised refused; banned and
/// rate exceeded blocked; everything else (wrong version, busy) unknown.
[[nodiscard]] LoginOutcome outcome(int code, Version version);

/// login() sends CONNECT and reads CONNACK. A broker that closes without CONNACK is unknown.
[[nodiscard]] Result<LoginAnswer> login(net::Conn& conn, Version version,
                                        const std::optional<Credential>& credential, Clock& clock,
                                        SteadyTime deadline);

/// Heard is what a subscription brought.
struct Heard {
  int granted = -1;                 ///< SUBACK code, -1 if none came
  std::vector<Message> messages{};  ///< at most 256
};

/// subscribe() listens on `filter` over a stream on which login() was accepted, until `deadline`
/// or until `enough` messages came. What a broker grants says little: judge by what it delivers.
[[nodiscard]] Result<Heard> subscribe(net::Conn& conn, Version version, std::string_view filter,
                                      std::size_t enough, SteadyTime deadline);

}  // namespace haetae::protocols::mqtt
