#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "devices/connection.hpp"

namespace haetae::devices {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Request is an HTTP/1.x or RTSP/1.0 request, its header names in lower case.
struct Request {
  std::string method, target, version, body;
  Headers headers;
  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] std::string path() const { return target.substr(0, target.find('?')); }
};

struct Reply {
  int status = 200;
  std::string type = "text/html; charset=utf-8", body;
  Headers headers;
};

/// read_request() takes one request; nothing when the peer ends or sends none. A request beyond the
/// limits (16 KiB of header, 64 KiB of body, 1 MiB of an update) ends the connection too. `broken`
/// gets the head of a request whose body did not come whole.
[[nodiscard]] std::optional<Request> read_request(Connection& connection,
                                                  Request* broken = nullptr);

/// reason() is the phrase of a status code.
[[nodiscard]] std::string_view reason(int status);

/// cookie() is the value of a cookie of the request, empty if there is none.
[[nodiscard]] std::string cookie(const Request& request, std::string_view name);

/// DigestProof is what an Authorization: Digest header claims (RFC 7616).
struct DigestProof {
  std::string user, realm, nonce, uri, response, algorithm, qop, nc, cnonce;
  std::string method;
  /// made_from() says whether the response belongs to that password.
  [[nodiscard]] bool made_from(const std::string& password) const;
};
[[nodiscard]] std::optional<DigestProof> digest_proof(const Request& request);

/// Nonces carry their time and a keyed hash, so that the device keeps no list of them.
[[nodiscard]] std::string make_nonce(std::string_view secret);
[[nodiscard]] bool good_nonce(std::string_view secret, std::string_view nonce);
/// digest_challenges() are the two WWW-Authenticate values, the stronger first.
[[nodiscard]] std::vector<std::string> digest_challenges(std::string_view secret, bool stale);

[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] std::string from_base64(std::string_view text);

}  // namespace haetae::devices
