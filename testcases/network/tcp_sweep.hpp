#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/verdict.hpp"
#include "harness/net/door.hpp"
#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// TcpFace is what one address showed over all TCP ports.
struct TcpFace {
  Address address{};
  std::set<std::uint16_t> open{}, filtered{};
  bool answered = false;  ///< at least one port was open or refused: the device is there
  bool whole = false;     ///< every port was asked, and the controls held around it
  Cause cause = Cause::none;
  std::string why{};     ///< when not whole
  std::string report{};  ///< attempts, pace, controls, ranges: for the evidence

  /// state() is a word of port.over_ipv4; "unknown" for a port that is neither open nor filtered in
  /// a sweep that was not whole.
  [[nodiscard]] std::string state(std::uint16_t port) const;
};

/// sweep_tcp() asks all 65,535 ports. Ports that are known to answer are asked over and over while
/// it lasts: when they fall silent or change, the device is blocking or overrun, and the sweep is
/// made again more slowly, at most twice.
[[nodiscard]] TcpFace sweep_tcp(runner::Context& context, const Address& address,
                                const std::vector<std::uint16_t>& declared);

/// ranges() writes ascending ports as "1-21 23 80".
[[nodiscard]] std::string ranges(const std::set<std::uint16_t>& ports);

}  // namespace haetae::testcases
