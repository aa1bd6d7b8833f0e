#pragma once

#include "harness/model/bytes.hpp"

/// Syslog over UDP (RFC 5426) never answers: an open port cannot be told from a filtered one, and
/// only an ICMP message tells that it is closed.
namespace haetae::protocols::syslog {

/// probe() is an empty datagram: it writes nothing into the device's log.
[[nodiscard]] inline Bytes probe() { return {}; }

}  // namespace haetae::protocols::syslog
