#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/net/door.hpp"

/// Authentication on an SSH server, by libssh over the socket of a net::Conn. Every algorithm that
/// libssh has is offered, the legacy ones too; host keys are accepted as they come.
namespace haetae::protocols {

enum class SshOutcome {
  accepted,  ///< the credential opened the session
  partial,   ///< the credential was right, the server wants a further method
  refused,   ///< the server answered that it is wrong
  blocked,   ///< the server ended the connection instead of answering
};
[[nodiscard]] std::string_view word(SshOutcome outcome);

struct SshAnswer {
  SshOutcome outcome = SshOutcome::blocked;
  std::vector<std::string> methods;  ///< what the server offers (RFC 4252 names)
  std::string detail;                ///< the server's or library's words, printable
};

/// SshRun is how a command on the device ended.
struct SshRun {
  int exit_code = -1;  ///< -1: not told
  std::string output;
};

/// SshSession is one SSH connection on which credentials can be tried. The Conn must outlive it;
/// its descriptor stays open and its stream is unusable for anything else. Neither bytes nor
/// passwords enter the transcript, only events (banner, methods, outcome).
class SshSession {
 public:
  /// open() makes the key exchange. `unsupported` if libssh and the server share no algorithm,
  /// which proves nothing about the device; `closed` if the server hung up before.
  [[nodiscard]] static Result<SshSession> open(net::Conn& conn, SteadyTime deadline);
  SshSession(SshSession&&) noexcept;
  SshSession& operator=(SshSession&&) noexcept;
  ~SshSession();

  /// methods() sends the request `none` (RFC 4252, section 5.2) for `user`: `accepted` means that
  /// the server lets that user in without any credential.
  [[nodiscard]] Result<SshAnswer> methods(std::string_view user, SteadyTime deadline);
  /// try_password() uses the method `password`, or `keyboard-interactive` with one hidden question
  /// where the server offers only that. `unsupported` if it offers neither.
  [[nodiscard]] Result<SshAnswer> try_password(std::string_view user, std::string_view password,
                                               SteadyTime deadline);

  /// run() runs a command and waits for its end; at most 64 KiB of its output are kept.
  [[nodiscard]] Result<SshRun> run(std::string_view command, SteadyTime deadline);
  /// copy() writes a file by the SCP protocol (`scp -t` there), and ends the channel in mid-file
  /// after `most` bytes. ErrorKind::refused with the server's words where it takes none. It returns
  /// when the program that took the file has ended, so that a run() finds all of it.
  [[nodiscard]] Result<void> copy(std::string_view path, ByteView file, SteadyTime deadline,
                                  std::size_t most = static_cast<std::size_t>(-1));

 private:
  struct State;
  explicit SshSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// ssh_login() is open() and one try_password() on a fresh connection.
[[nodiscard]] Result<SshAnswer> ssh_login(net::Conn& conn, std::string_view user,
                                          std::string_view password, SteadyTime deadline);

}  // namespace haetae::protocols
