#pragma once

#include <string>
#include <string_view>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// SSDP (UPnP Device Architecture 2.0, section 1.3) and WS-Discovery as ONVIF uses it.
namespace haetae::protocols::ssdp {

/// search() is M-SEARCH for ssdp:all; `host` is the HOST field, 239.255.255.250:1900 for multicast
/// and the device's own endpoint for a unicast search.
[[nodiscard]] Bytes search(std::string_view host);

struct Answer {
  int status = 0;
  std::string server{}, location{}, target{}, name{};  ///< SERVER, LOCATION, ST, USN; printable
};
[[nodiscard]] Result<Answer> decode(ByteView datagram);

/// discovery_probe() is a WS-Discovery Probe for any device; `id` is a UUID in text form.
[[nodiscard]] Bytes discovery_probe(std::string_view id);
/// is_probe_match() is whether the datagram is a WS-Discovery ProbeMatches.
[[nodiscard]] bool is_probe_match(ByteView datagram);

}  // namespace haetae::protocols::ssdp
