#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What SWUpdate's web server tells on its WebSocket (doc/source/swupdate-ipc and web-app of
/// SWUpdate 2022.12): one JSON object a message.
namespace haetae::protocols {

struct SwupdateEvent {
  std::string type;  ///< status, step, message, info, source
  std::string
      status;  ///< of a status: IDLE, START, RUN, SUCCESS, FAILURE, DOWNLOAD, DONE, SUBPROCESS
  std::string text;  ///< of a message, printable, at most 300 bytes
};

/// swupdate_event() reads one message of at most 64 KiB; absent if it is something else.
[[nodiscard]] std::optional<SwupdateEvent> swupdate_event(std::string_view message);

}  // namespace haetae::protocols
