#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace haetae {

/// ErrorKind says what kept us from seeing; callers branch on it, people read Error::text.
enum class ErrorKind {
  invalid_input,  ///< what a person wrote is wrong (declaration, catalogue, command line)
  not_found,      ///< a file, row or name that must exist does not
  out_of_scope,   ///< an address outside the declared scope; nothing was sent
  budget,         ///< a connection, login or time budget is used up; nothing was sent
  refused,        ///< the peer answered with RST or ICMP port unreachable
  timed_out,      ///< the deadline passed
  unreachable,    ///< no route, host or network unreachable
  closed,         ///< the peer ended or reset the connection before the answer was whole
  protocol,       ///< the peer's bytes are not what the protocol allows
  unsupported,    ///< our own side cannot speak what was asked
  storage,        ///< the run file or another file of ours could not be read or written
  stopped,        ///< the run was asked to stop
  internal,       ///< our bug
};

/// Error is a failure with its reason: a kind, one sentence, and optionally what caused it.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string text;
  std::shared_ptr<const Error> cause = nullptr;

  /// message() is the whole chain, outermost first, joined by ": ".
  [[nodiscard]] std::string message() const {
    return cause ? text + ": " + cause->message() : text;
  }
};

/// Result<T> is a T or the Error that kept us from it.
template <class T>
using Result = tl::expected<T, Error>;

/// fail() builds the error side of a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string text) {
  return tl::unexpected<Error>(Error{kind, std::move(text), nullptr});
}

/// fail() with a cause wraps a lower error in a sentence that says what it prevented.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string text, Error cause) {
  const ErrorKind kind = cause.kind;
  return tl::unexpected<Error>(
      Error{kind, std::move(text), std::make_shared<const Error>(std::move(cause))});
}

}  // namespace haetae
