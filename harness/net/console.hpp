#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "harness/net/door.hpp"

/// What the files of the console share; not for other folders.
namespace haetae::net {

/// OptionFilter takes telnet commands (RFC 854) out of what a console server sends. Until a whole
/// negotiation was seen the server may as well be a raw one: then only the verbs WILL, WONT, DO and
/// DONT are taken for telnet, every other byte passes.
class OptionFilter {
 public:
  /// feed() writes the bytes of the console to `text`, and what must be answered to `reply`. Every
  /// (verb, option) is answered once, so that no server keeps us in a loop; ECHO and
  /// SUPPRESS-GO-AHEAD of the server are allowed, everything else is declined.
  void feed(ByteView bytes, Bytes& text, Bytes& reply);
  /// negotiated() is true once the server spoke telnet: IAC must be doubled from then on.
  [[nodiscard]] bool negotiated() const { return negotiated_; }

 private:
  enum class State { text, command, option, sub, sub_command };
  void answer(std::uint8_t option, Bytes& reply);

  State state_ = State::text;
  std::uint8_t verb_ = 0;
  bool negotiated_ = false;
  std::set<std::pair<std::uint8_t, std::uint8_t>> answered_;
};

/// open_tty() opens a tty of this machine.
[[nodiscard]] Result<std::unique_ptr<Conn>> open_tty(const std::string& device, int baud,
                                                     Recorder& recorder, std::string_view subject,
                                                     std::string_view label, Clock& clock);

}  // namespace haetae::net
