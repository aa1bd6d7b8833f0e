#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/net/door.hpp"
#include "harness/protocols/http.hpp"
#include "harness/protocols/login.hpp"
#include "harness/protocols/reader.hpp"

/// RTSP 1.0 (RFC 2326), read so that SIP answers (RFC 3261), which have the same form, can be read
/// too.
namespace haetae::protocols::rtsp {

/// Response is one answer; at most 64 headers and 64 KiB of body.
struct Response {
  std::string protocol{};  ///< RTSP/1.0
  int status = 0;
  std::string reason{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names in lower case
  Bytes body{};

  /// header() is the first value of `name` (lower case), empty if absent.
  [[nodiscard]] std::string header(std::string_view name) const;
  /// challenges() are the WWW-Authenticate values that could be read.
  [[nodiscard]] std::vector<Challenge> challenges() const;
};

/// Session counts CSeq on one stream; at most 256 KiB are taken from the peer.
class Session {
 public:
  explicit Session(net::Conn& conn) : conn_(conn), reader_(conn, 256 * 1024) {}

  /// request() sends one request without body and reads the answer to its CSeq. `extra` holds
  /// whole header lines without line end.
  [[nodiscard]] Result<Response> request(std::string_view method, std::string_view uri,
                                         const std::vector<std::string>& extra,
                                         SteadyTime deadline);

 private:
  net::Conn& conn_;
  Reader reader_;
  int sequence_ = 0;
};

/// read_response() reads one answer; interleaved data (RFC 2326, 10.12) in front of it is skipped.
[[nodiscard]] Result<Response> read_response(Reader& reader, SteadyTime deadline);

/// uri() is rtsp://address:port/path.
[[nodiscard]] std::string uri(const Endpoint& endpoint, std::string_view path);

/// login() sends DESCRIBE without, then with the credential. accepted: 2xx with the credential
/// after 401 without; refused: 401 again; a stream that needs no login sets needs_login to false
/// and is accepted. 403 and 404 tell nothing about the credential: unknown. 429 and words of
/// blocking: blocked. No challenge that we can answer is ErrorKind::unsupported.
[[nodiscard]] Result<LoginAnswer> login(net::Conn& conn, std::string_view uri,
                                        std::string_view user, std::string_view password,
                                        Clock& clock, SteadyTime deadline);

}  // namespace haetae::protocols::rtsp
