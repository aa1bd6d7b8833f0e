#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/net/door.hpp"
#include "harness/protocols/login.hpp"

/// Telnet (RFC 854, 855, 857, 858): negotiation and the login dialogue.
namespace haetae::protocols::telnet {

/// Decoder takes the IAC commands out of a telnet stream. Each option is answered at most once per
/// verb, so that no peer can keep us in a loop; everything but ECHO and SUPPRESS-GO-AHEAD is
/// declined. Subnegotiations are skipped.
class Decoder {
 public:
  /// feed() returns the text in `bytes`; what must be answered is added to `reply`.
  [[nodiscard]] std::string feed(ByteView bytes, Bytes& reply);
  /// negotiated() is true once a whole IAC command was seen: the peer really speaks telnet.
  [[nodiscard]] bool negotiated() const { return negotiated_; }
  /// peer_echoes() is true while the peer's last word was WILL ECHO.
  [[nodiscard]] bool peer_echoes() const { return peer_echoes_; }

 private:
  enum class State { text, iac, option, sub, sub_iac };
  void answer(std::uint8_t verb, std::uint8_t option, Bytes& reply);

  State state_ = State::text;
  std::uint8_t verb_ = 0;
  bool negotiated_ = false;
  bool peer_echoes_ = false;
  std::set<std::pair<std::uint8_t, std::uint8_t>> answered_;
};

/// Prompt is what the last line of a text asks for.
enum class Prompt { none, user, password, shell };

/// prompt_of() looks at the unfinished last line of `text`, escape sequences left out.
[[nodiscard]] Prompt prompt_of(std::string_view text);

/// without_escapes() drops ANSI escape sequences and control characters other than line ends.
[[nodiscard]] std::string without_escapes(std::string_view text);

/// Session is a telnet stream with its negotiation done on the way. At most 64 KiB are taken from
/// the peer in its whole life.
class Session {
 public:
  Session(net::Conn& conn, Clock& clock) : conn_(conn), clock_(clock) {}

  /// Heard is what came in one wait.
  struct Heard {
    std::string text;  ///< without negotiation
    Prompt prompt = Prompt::none;
    bool closed = false;
    bool too_much = false;
  };
  /// listen() reads until a prompt has stood for 150 ms, the peer closed, or the deadline.
  [[nodiscard]] Heard listen(SteadyTime deadline);
  /// send_line() sends `line` and CR LF; IAC bytes are doubled.
  [[nodiscard]] Result<void> send_line(std::string_view line, SteadyTime deadline);
  [[nodiscard]] const Decoder& decoder() const { return decoder_; }

 private:
  net::Conn& conn_;
  Clock& clock_;
  Decoder decoder_;
  std::size_t taken_ = 0;
};

/// Greeting is what a telnet service shows before anything was typed.
struct Greeting {
  std::string text{};
  Prompt prompt = Prompt::none;
  bool negotiated = false;
  bool closed = false;
};

/// greet() waits for the first prompt; a service that stays silent gets one empty line.
[[nodiscard]] Greeting greet(net::Conn& conn, Clock& clock, SteadyTime deadline);

/// login() goes through the login dialogue on a fresh stream. A shell prompt counts as access only
/// after an empty line brought the same prompt again. A password prompt answered by a new login
/// prompt or by words of refusal is a refusal, however long it took (PAM waits 2 to 3 s; give it
/// 10 s). Errors: writing failed. Silence, a closed stream without a word, and prompts that are not
/// known are LoginOutcome::unknown.
[[nodiscard]] Result<LoginAnswer> login(net::Conn& conn, std::string_view user,
                                        std::string_view password, Clock& clock,
                                        SteadyTime deadline);

}  // namespace haetae::protocols::telnet
