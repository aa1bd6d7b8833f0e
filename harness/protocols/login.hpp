#pragma once

#include <string>
#include <string_view>

#include "harness/model/clock.hpp"

namespace haetae::protocols {

/// LoginOutcome is what a peer did with one credential.
enum class LoginOutcome {
  accepted,  ///< the peer gave access, and that was confirmed where the protocol allows it
  refused,   ///< the peer looked at the credential and said no
  blocked,   ///< the peer refuses to look: too many tries, locked, banned
  unknown,   ///< anything else; never to be read as a refusal
};

[[nodiscard]] std::string_view word(LoginOutcome outcome);

/// LoginAnswer is the outcome of one try with what told it.
struct LoginAnswer {
  LoginOutcome outcome = LoginOutcome::unknown;
  std::string why{};        ///< the words or the code that decided, printable; never the password
  int code = 0;             ///< reply code of the protocol (FTP, RTSP, MQTT), 0 if it has none
  bool needs_login = true;  ///< false: access was given before any credential was sent
  bool needs_password = true;  ///< false: the name alone gave access
  bool needs_tls = false;      ///< the peer takes credentials only inside TLS
  bool closed = false;         ///< the peer ended the stream before its answer was clear
  Duration took{};             ///< from the sent secret to the answer
};

/// says_blocked() finds the words with which services tell that an account or address is locked.
[[nodiscard]] bool says_blocked(std::string_view text);
/// says_refused() finds the words with which services tell that a credential is wrong.
[[nodiscard]] bool says_refused(std::string_view text);
/// contains_word() is a search that ignores the case of ASCII letters.
[[nodiscard]] bool contains_word(std::string_view text, std::string_view word);
/// lower() is ASCII lower case.
[[nodiscard]] std::string lower(std::string_view text);
/// trim() drops blanks and line ends at both sides.
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace haetae::protocols
