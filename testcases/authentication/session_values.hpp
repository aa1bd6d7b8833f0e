#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/declaration/declaration.hpp"
#include "harness/protocols/http.hpp"

/// What carries a session, wherever it stands.
namespace haetae::testcases {

struct SessionValue {
  std::string carrier;  ///< cookie, bearer, header, url: a word of session_value.carrier
  std::string name;     ///< of the cookie, field or parameter; "Authorization" for a bearer token
  std::string value;
  bool operator==(const SessionValue&) const = default;
};

/// adopt_session() puts the token of an answer to a login into the client: a bearer token, or where
/// the declaration says that it stands. Cookies are kept by the client itself.
void adopt_session(protocols::HttpClient& client, const declaration::Session& session,
                   std::string_view method, const protocols::HttpResponse& response);

/// session_values() is all that the client sends that may carry its session, at most 16.
[[nodiscard]] std::vector<SessionValue> session_values(const protocols::HttpClient& client);

/// carry() makes a client send these values.
void carry(protocols::HttpClient& client, const std::vector<SessionValue>& values);

/// url_value() is the value of a query parameter in a Location or in the links of a page.
[[nodiscard]] std::optional<std::string> url_value(const protocols::HttpResponse& response,
                                                   std::string_view parameter);

/// made_from_known() tells what a value can be made from by somebody who only knows the account and
/// the time of the login: user, time (Unix seconds, five to each side), counter (up to 10,000), or
/// none. It is looked for as it is and as the beginning of an MD5, SHA-1 or SHA-256 digest in hex.
[[nodiscard]] std::string_view made_from_known(std::string_view value, std::string_view user,
                                               std::int64_t unix_seconds);

}  // namespace haetae::testcases
