#pragma once

#include <memory>
#include <string_view>

#include "harness/net/door.hpp"
#include "harness/net/gate.hpp"
#include "harness/net/socket.hpp"

namespace haetae::net {

/// open_stream() connects and hands the place in `gate` (already taken) to the stream, which gives
/// it back when it is closed.
[[nodiscard]] Result<std::unique_ptr<Conn>> open_stream(const Endpoint& to, Recorder& recorder,
                                                        std::string_view subject,
                                                        std::string_view label, SteadyTime deadline,
                                                        std::shared_ptr<Gate> gate, Clock& clock);

/// adopt_stream() makes a stream of a connection that the device opened; its place in `gate` is
/// taken already. `event` is the first line of its transcript.
[[nodiscard]] std::unique_ptr<Conn> adopt_stream(Fd socket, std::string_view event,
                                                 Recorder& recorder, std::string_view subject,
                                                 std::string_view label, std::shared_ptr<Gate> gate,
                                                 Clock& clock);

/// wait_for() polls one descriptor until `deadline`; ErrorKind::timed_out when it passed.
[[nodiscard]] Result<void> wait_for(int descriptor, short events, SteadyTime deadline,
                                    const Clock& clock);

}  // namespace haetae::net
