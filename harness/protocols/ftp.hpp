#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/net/door.hpp"
#include "harness/protocols/login.hpp"
#include "harness/protocols/reader.hpp"

/// FTP control channel (RFC 959, FEAT of RFC 2389, AUTH TLS of RFC 4217). SMTP replies have the
/// same form (RFC 5321), so its banner and EHLO are read here too.
namespace haetae::protocols::ftp {

/// Reply is one reply, its lines without code, joined by '\n'. At most 64 lines.
struct Reply {
  int code = 0;
  std::string text{};
  bool operator==(const Reply&) const = default;
};

/// read_reply() reads a reply of one or more lines; ErrorKind::protocol if it has no such form.
[[nodiscard]] Result<Reply> read_reply(Reader& reader, SteadyTime deadline);

/// Session is one control channel; at most 64 KiB are taken from the peer.
class Session {
 public:
  explicit Session(net::Conn& conn) : conn_(conn), reader_(conn, 64 * 1024) {}

  /// greeting() reads the banner (220).
  [[nodiscard]] Result<Reply> greeting(SteadyTime deadline) {
    return read_reply(reader_, deadline);
  }
  /// command() sends one line and reads its reply; a CR or LF in `line` is invalid_input.
  [[nodiscard]] Result<Reply> command(std::string_view line, SteadyTime deadline);

 private:
  net::Conn& conn_;
  Reader reader_;
};

/// login() sends USER and PASS on a session whose greeting was read. 230 is accepted, 530 refused;
/// 421 and words of blocking are blocked; a demand for TLS sets needs_tls and is unknown.
[[nodiscard]] Result<LoginAnswer> login(Session& session, std::string_view user,
                                        std::string_view password, Clock& clock,
                                        SteadyTime deadline);

/// login() on a fresh stream: greeting, USER, PASS.
[[nodiscard]] Result<LoginAnswer> login(net::Conn& conn, std::string_view user,
                                        std::string_view password, Clock& clock,
                                        SteadyTime deadline);

/// offers_auth_tls() sends AUTH TLS: true on 234 (the channel must then be wrapped or closed),
/// false on a clear refusal (5xx); an error if the answer tells neither.
[[nodiscard]] Result<bool> offers_auth_tls(Session& session, SteadyTime deadline);

}  // namespace haetae::protocols::ftp
