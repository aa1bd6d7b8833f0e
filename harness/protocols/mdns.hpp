#pragma once

#include <string>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// Multicast DNS (RFC 6762) and service discovery (RFC 6763), asked over unicast.
namespace haetae::protocols::mdns {

/// services_query() asks for _services._dns-sd._udp.local and wants a unicast answer.
[[nodiscard]] Bytes services_query();

/// Services is what a responder offers.
struct Services {
  std::vector<std::string> types{};  ///< _http._tcp.local, …; printable
};
[[nodiscard]] Result<Services> decode(ByteView datagram);

}  // namespace haetae::protocols::mdns
