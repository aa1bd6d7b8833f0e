#pragma once

#include <optional>
#include <string>

#include "harness/net/listener.hpp"
#include "harness/protocols/tls_server.hpp"
#include "testcases/update/adapter.hpp"

/// The update server that stands in for the maker's while the device asks.
namespace haetae::testcases::update {

/// Wares is what the server gives out.
struct Wares {
  std::string version;             ///< told to who asks for the newest version
  std::optional<ByteView> image;   ///< absent: the path of the image is a 404
  std::optional<std::size_t> cut;  ///< the transfer of the image ends after so many bytes
};

/// Visit is what a device did at the server.
struct Visit {
  bool connected = false;
  bool asked = false;    ///< it sent a request: to whom it speaks was good enough for it
  bool fetched = false;  ///< it asked for the image
  bool served = false;   ///< all of the image that was meant to be sent was taken
  std::string message;   ///< what it asked, or how its connection ended; printable
  std::string why;       ///< why there was no server, or no request to come
  Cause cause = Cause::none;
  EvidenceId evidence = 0;
};

/// identity_of() is the declared certificate with its key, or a made-up one where none is declared.
[[nodiscard]] Result<protocols::ServerIdentity> identity_of(const declaration::UpdatePull& pull);

/// host() opens the declared port, makes the device ask where that is declared, and serves until
/// the image was fetched, the declared wait is over, or, where no image is given out, the device
/// has come and gone. `ask` is sent in place of the declared request. Without `identity` the server
/// speaks without TLS.
[[nodiscard]] Visit host(runner::Context& context,
                         const std::optional<protocols::ServerIdentity>& identity,
                         const Wares& wares, std::string_view label,
                         const declaration::HttpCall* ask = nullptr);

}  // namespace haetae::testcases::update
