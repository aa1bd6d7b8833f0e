#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/net/door.hpp"

/// SNMP v1 (RFC 1157), v2c (RFC 1901, 3416) and the engine discovery of v3 (RFC 3412, 3414).
namespace haetae::protocols::snmp {

enum class Version { v1, v2c, v3 };

/// Message is an answer, as far as it could be read.
struct Message {
  Version version = Version::v1;
  std::string community{};  ///< v1 and v2c
  std::int64_t request_id = 0;
  std::int64_t error_status = 0;
  std::string description{};  ///< sysDescr.0, printable, empty if absent
  std::string name{};         ///< sysName.0, printable, empty if absent
  bool report = false;        ///< v3: the engine answered with a Report
  Bytes engine_id{};          ///< v3
  std::int64_t engine_boots = 0, engine_time = 0;
};

/// get_request() asks for sysDescr.0 and sysName.0.
[[nodiscard]] Bytes get_request(Version version, std::string_view community,
                                std::int32_t request_id);
/// engine_request() is the unauthenticated v3 request that every engine answers with a Report.
[[nodiscard]] Bytes engine_request(std::int32_t message_id);
/// decode() reads a Response or Report; anything else is a protocol error.
[[nodiscard]] Result<Message> decode(ByteView datagram);

/// CommunityAnswer is what one community string brought. An agent does not answer a wrong one at
/// all, so silence is a refusal only beside a community (or v3 engine) that does answer.
struct CommunityAnswer {
  std::string community{};
  Version version = Version::v2c;
  bool answered = false;  ///< a Response with our request id and this community came
  bool port_unreachable = false;
  Message message{};  ///< if answered
  EvidenceId evidence = 0;
};

/// try_communities() asks each community in v1 and in v2c, all at once; it waits `wait` for
/// answers. The order is that of `communities`, v2c before v1.
[[nodiscard]] Result<std::vector<CommunityAnswer>> try_communities(
    net::Door& door, const Endpoint& to, std::string_view subject,
    std::span<const std::string> communities, Duration wait, Recorder& recorder,
    std::stop_token stop);

/// EngineAnswer is what the v3 engine discovery brought.
struct EngineAnswer {
  bool answered = false;
  bool port_unreachable = false;
  Message message{};
  EvidenceId evidence = 0;
};
[[nodiscard]] Result<EngineAnswer> discover_engine(net::Door& door, const Endpoint& to,
                                                   std::string_view subject, Duration wait,
                                                   Recorder& recorder, std::stop_token stop);

}  // namespace haetae::protocols::snmp
