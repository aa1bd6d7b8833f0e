#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/model/record.hpp"
#include "harness/net/door.hpp"

/// Liveness and identity of the device, cheap enough to be asked before and after each procedure:
/// a few round trips on a healthy device, at most 3 s on a dead one.
namespace haetae::protocols {

/// ReferencePort is a port that was seen open, with a hint of what speaks there.
struct ReferencePort {
  std::uint16_t port = 0;
  std::string
      protocol;  ///< word of the fact table `service`; empty or "unknown": wait for a banner
  bool tls = false;
};

/// Print is what one reference port showed of itself.
struct Print {
  std::uint16_t port = 0;
  bool connected = false;
  std::string
      kind{};  ///< tls-certificate, ssh-host-key, ssh-banner, http, rtsp, banner, silent, empty
  std::string value{};  ///< hash or text without its volatile parts; empty if nothing was told
  bool operator==(const Print&) const = default;
};

/// Fingerprint is the face of the device at one moment.
struct Fingerprint {
  bool alive = false;  ///< at least one port accepted a connection, or refused it with RST
  std::chrono::microseconds connect{};  ///< median TCP connect time of the ports that accepted
  std::vector<Print> prints{};          ///< in the order of the reference ports
  EvidenceId evidence = 0;              ///< an artefact that lists the prints
};

enum class Likeness {
  same,     ///< at least one port told the same as before, and none told something else
  changed,  ///< a port told something else (another key, certificate or banner)
  silent,   ///< nothing answered
  unclear,  ///< it answers, but no port tells anything by which to know it
};
[[nodiscard]] std::string_view word(Likeness likeness);

/// fingerprint() asks up to three of `ports` (those that tell most: TLS, SSH, HTTP, RTSP, then
/// banners), one after the other, and never needs longer than 3 s or `deadline`, whichever comes
/// first. With no ports it tries to connect to 80, 443 and 22: a RST also proves life. Errors: only
/// ErrorKind::out_of_scope and ErrorKind::stopped; a dead device is a Fingerprint with alive=false.
[[nodiscard]] Result<Fingerprint> fingerprint(net::Door& door, const Address& address,
                                              std::span<const ReferencePort> ports,
                                              Recorder& recorder, Clock& clock,
                                              SteadyTime deadline);

/// compare() tells whether `now` can be the device of `before`. A port that told something before
/// and does not answer now is no change as long as another port tells the same.
[[nodiscard]] Likeness compare(const Fingerprint& before, const Fingerprint& now);

}  // namespace haetae::protocols
