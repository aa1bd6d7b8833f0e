#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/model/record.hpp"
#include "harness/net/door.hpp"

/// HTTP/1.1 as a client speaks it (RFC 9110, RFC 9112), with cookies (RFC 6265), Basic (RFC 7617)
/// and Digest (RFC 7616). Bodies are kept as they came: no decompression. Redirects are classified
/// and never followed.
namespace haetae::protocols {

inline constexpr std::size_t kHttpHeaderLimit = 64 * 1024;
inline constexpr std::size_t kHttpBodyLimit = 1024 * 1024;

struct HttpField {
  std::string name, value;
  bool operator==(const HttpField&) const = default;
};

/// HttpToken is a value that the server gives beforehand and wants back with a request, against
/// request forgery.
struct HttpToken {
  enum class From { field, meta, json, header, cookie };
  enum class To { field, header, query };
  std::string page;  ///< asked before the request; empty: the cookies that are there already
  From from = From::field;
  std::string name;  ///< of the form field, HTML meta, JSON member, header field or cookie
  To to = To::field;
  std::string as;  ///< the name that it is sent under
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  ///< path with query; control characters and blanks are percent-encoded
  std::vector<HttpField> fields;
  std::string body;
  std::string content_type;          ///< sent when not empty
  std::optional<HttpToken> token{};  ///< read anew before the request; sent without if not given
};

struct HttpResponse {
  int status = 0;
  std::string reason;
  std::vector<HttpField> fields;  ///< in the order that they came, at most 256
  std::string body;
  bool truncated = false;      ///< the body went beyond the limit, or ended early
  bool full = false;           ///< the body went beyond the limit
  bool keep_alive = false;     ///< the connection may carry another request
  bool without_token = false;  ///< the request lacked its token: the server had not given one
  EvidenceId evidence = 0;
  Duration took{};

  /// field() is the first field of that name, any case; empty if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  /// broken_off() is whether the answer ended before its own end, short of our limit: what is
  /// missing may be anything.
  [[nodiscard]] bool broken_off() const { return truncated && !full; }
};

/// HttpReader parses one response from bytes as they come. Interim 1xx answers are skipped (at most
/// eight). It keeps at most the header limit and the body limit in memory.
class HttpReader {
 public:
  /// `method` decides whether a body may follow (HEAD has none).
  HttpReader(std::string_view method, std::size_t body_limit = kHttpBodyLimit);
  ~HttpReader();
  HttpReader(HttpReader&&) noexcept;
  HttpReader& operator=(HttpReader&&) noexcept;

  /// put() takes bytes; ErrorKind::protocol if they are no HTTP response or beyond the header
  /// limit.
  [[nodiscard]] Result<void> put(ByteView bytes);
  /// end() says that the peer ended the stream; ErrorKind::closed if the header was not whole.
  [[nodiscard]] Result<void> end();
  [[nodiscard]] bool done() const;
  /// started() is whether any byte was put.
  [[nodiscard]] bool started() const;
  /// take() is the response; call it once, when done.
  [[nodiscard]] HttpResponse take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// percent_encode() encodes all but the unreserved characters of RFC 3986.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// form_body() is application/x-www-form-urlencoded.
[[nodiscard]] std::string form_body(
    const std::vector<std::pair<std::string, std::string>>& members);
/// json_body() is one JSON object of strings.
[[nodiscard]] std::string json_body(
    const std::vector<std::pair<std::string, std::string>>& members);
/// json_token() is a bearer token in a JSON answer to a login (token, access_token, accessToken,
/// jwt, id_token; one level of nesting), if there is one of at most 8 KiB.
[[nodiscard]] std::optional<std::string> json_token(std::string_view body);
/// json_token() with a name looks for that member alone.
[[nodiscard]] std::optional<std::string> json_token(std::string_view body, std::string_view name);

/// SetCookie is one Set-Cookie field (RFC 6265 section 5.2).
struct SetCookie {
  std::string name, value, path, domain;
  bool secure = false;
  bool http_only = false;
  std::string same_site;  ///< strict, lax, none, or empty
  bool expired = false;   ///< Max-Age of 0 or less: the cookie is taken away
  bool operator==(const SetCookie&) const = default;
};
[[nodiscard]] std::optional<SetCookie> parse_set_cookie(std::string_view value);
/// cookies_of() are all valid Set-Cookie fields of a response, at most 64.
[[nodiscard]] std::vector<SetCookie> cookies_of(const HttpResponse& response);

/// Challenge is one scheme of a WWW-Authenticate field (RFC 9110 section 11.6.1).
struct Challenge {
  std::string scheme;                         ///< lower case
  std::map<std::string, std::string> params;  ///< names in lower case
  bool operator==(const Challenge&) const = default;
};
/// parse_challenges() reads one field value; what is malformed is left out. At most 16 challenges.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view value);
[[nodiscard]] std::vector<Challenge> challenges_of(const HttpResponse& response);

[[nodiscard]] std::string basic_authorization(std::string_view user, std::string_view password);

struct DigestInput {
  std::string user, password, method, uri;
  std::string cnonce;
  std::uint32_t count = 1;  ///< how often this nonce was used
};
/// digest_authorization() answers a Digest challenge: MD5, SHA-256, SHA-512-256 and their -sess
/// forms, qop auth or none (RFC 2069). ErrorKind::unsupported for anything else.
[[nodiscard]] Result<std::string> digest_authorization(const Challenge& challenge,
                                                       const DigestInput& input);
/// best_digest() is the strongest Digest challenge that our side can answer.
[[nodiscard]] const Challenge* best_digest(const std::vector<Challenge>& challenges);

/// Redirect is where a Location leads, as seen from the request.
enum class Redirect { none, https_same_host, http_same_host, relative, other_host, unknown };
[[nodiscard]] std::string_view word(Redirect redirect);  ///< a word of http_answer.redirect
[[nodiscard]] Redirect classify_redirect(const HttpResponse& response, std::string_view host);
/// local_target() is the path of a Location on the same host and scheme; nothing if it leads
/// elsewhere.
[[nodiscard]] std::optional<std::string> local_target(std::string_view location,
                                                      std::string_view host,
                                                      std::string_view base = "/");

/// Form is an HTML form that holds a password field.
struct Form {
  std::string action;  ///< as written; empty: the page itself
  std::string method;  ///< get, post
  std::string user_field, password_field;
  std::vector<std::pair<std::string, std::string>> hidden;
  int passwords = 0;  ///< number of password fields
};
/// login_forms() finds forms with a password field, also password fields outside any form (method
/// and action empty), by a bounded scan of the markup. At most 8.
[[nodiscard]] std::vector<Form> login_forms(std::string_view html);
/// directory_listing() is whether the body is a listing made by a server (Apache, nginx, lighttpd,
/// busybox, Python, Boa, thttpd styles).
[[nodiscard]] bool directory_listing(std::string_view html);
/// html_text() is the text without tags, scripts and styles; blanks are joined.
[[nodiscard]] std::string html_text(std::string_view html, std::size_t limit = 64 * 1024);

/// page_token() is the token in an answer (a cookie: one that it sets), if it is there, not empty
/// and at most 8 KiB.
[[nodiscard]] std::optional<std::string> page_token(const HttpResponse& page,
                                                    const HttpToken& token);
/// add_token() puts the value where the token goes: behind the fields of a form, before the parts
/// of a multipart body, into a JSON object. False if the body has no place for it.
bool add_token(HttpRequest& request, const std::string& value);

/// Connector opens a new stream to the server (already inside TLS where needed).
using Connector = std::function<Result<std::unique_ptr<net::Conn>>()>;

/// HttpClient sends requests over one kept-alive connection at a time, reconnecting when the
/// server ended it between two requests. Cookies are kept and sent. Not for several threads.
class HttpClient {
 public:
  /// `host` is the value of the Host field.
  HttpClient(Connector connector, std::string host, Clock& clock);

  /// exchange() sends one request and reads its response within `wait`; a token that it carries is
  /// asked for first, within `wait` of its own.
  [[nodiscard]] Result<HttpResponse> exchange(const HttpRequest& request, Duration wait = 10s);
  [[nodiscard]] Result<HttpResponse> get(std::string_view target, Duration wait = 10s);

  /// send_part() sends the head of a request and the first `count` bytes of its body, then ends the
  /// connection without waiting for an answer: a transfer that was cut.
  [[nodiscard]] Result<void> send_part(const HttpRequest& request, std::size_t count,
                                       Duration wait = 10s);

  /// with_basic() and with_digest() add a credential to every further request. A Digest answer to
  /// a stale nonce is sent anew by itself, once.
  void with_basic(std::string user, std::string password);
  void with_digest(Challenge challenge, std::string user, std::string password);
  void with_bearer(std::string token);
  void without_login();
  /// read_bodies_up_to() replaces kHttpBodyLimit, for answers that are files.
  void read_bodies_up_to(std::size_t limit) { body_limit_ = limit; }
  /// with_cookie() puts a cookie into the jar, as if the device had set it.
  void with_cookie(const std::string& name, std::string value);
  /// with_header() and with_parameter() send a session value in a header field, or in the query of
  /// every target.
  void with_header(std::string name, std::string value);
  void with_parameter(std::string name, std::string value);

  [[nodiscard]] const std::map<std::string, std::string>& cookies() const { return cookies_; }
  /// set_cookies() are the cookies of the jar that the device itself set, with their attributes.
  [[nodiscard]] const std::map<std::string, SetCookie>& set_cookies() const { return set_; }
  /// bearer() is the bearer token in use, empty if there is none.
  [[nodiscard]] std::string bearer() const;
  [[nodiscard]] const std::pair<std::string, std::string>& header() const { return header_; }
  [[nodiscard]] const std::pair<std::string, std::string>& parameter() const { return parameter_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  /// evidence() is the transcript of the last connection, also after a failed exchange.
  [[nodiscard]] EvidenceId evidence() const { return evidence_; }
  void close();

 private:
  /// bring_token() is false where the request has to go without the token that it should carry.
  [[nodiscard]] Result<bool> bring_token(HttpRequest& request, Duration wait);
  [[nodiscard]] Result<HttpResponse> tell(const HttpRequest& request, Duration wait);
  [[nodiscard]] Result<HttpResponse> once(const HttpRequest& request, SteadyTime deadline);
  [[nodiscard]] Result<HttpResponse> over(net::Conn& conn, std::string_view method,
                                          std::string_view wire, SteadyTime deadline,
                                          bool& answered);
  [[nodiscard]] std::string render(const HttpRequest& request);
  void keep_cookies(const HttpResponse& response);

  Connector connector_;
  std::string host_;
  Clock& clock_;
  std::size_t body_limit_ = kHttpBodyLimit;
  std::unique_ptr<net::Conn> conn_;
  EvidenceId evidence_ = 0;
  std::map<std::string, std::string> cookies_;
  std::map<std::string, SetCookie> set_;
  std::pair<std::string, std::string> header_, parameter_;
  std::string authorization_;
  std::optional<Challenge> digest_;
  std::string user_, password_;
  std::uint32_t count_ = 0;
};

}  // namespace haetae::protocols
