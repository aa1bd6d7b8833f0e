#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"

/// Syslog (RFC 3164, RFC 5424) as a device sends it over UDP (RFC 5426) or TCP (RFC 6587). The
/// server never answers: over UDP an open port cannot be told from a filtered one, and only an ICMP
/// message tells that it is closed.
namespace haetae::protocols::syslog {

/// probe() is an empty datagram: it writes nothing into the device's log.
[[nodiscard]] inline Bytes probe() { return {}; }

struct Message {
  int facility = -1, severity = -1;  ///< -1: no priority stands in front
  std::string form = "other";        ///< rfc5424, rfc3164, other
  std::string time, host;            ///< as written, may be empty
  std::string content;               ///< what is left: who says it, and what
};

/// parse() reads one message; anything is one, if only its content.
[[nodiscard]] Message parse(std::string_view message);

/// Stream takes the messages out of a TCP stream: counted octets (RFC 6587, 3.4.1), or lines that
/// end with LF or NUL (3.4.2).
class Stream {
 public:
  /// feed() gives the messages that are complete now; one longer than 64 KiB is cut, its rest is
  /// dropped.
  [[nodiscard]] std::vector<std::string> feed(std::string_view bytes);
  /// rest() is what came last without an end.
  [[nodiscard]] std::string rest();

 private:
  [[nodiscard]] std::optional<std::string> next();
  std::string waiting_;
  bool dropping_ = false;  // the rest of a line that was too long
};

}  // namespace haetae::protocols::syslog
