#include "harness/protocols/rtsp.hpp"

#include <charconv>

namespace haetae::protocols::rtsp {
namespace {

constexpr std::size_t kMostHeaders = 64;
constexpr std::size_t kMostBody = 64 * 1024;

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<Response> status_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos || first > 16)
    return fail(ErrorKind::protocol, "the status line is not whole");
  const std::string_view rest = line.substr(first + 1);
  const auto status = number(rest.substr(0, 3));
  if (!status || *status < 100 || *status > 699 || (rest.size() > 3 && rest[3] != ' '))
    return fail(ErrorKind::protocol, "the status is no number of three digits");
  const std::string protocol(line.substr(0, first));
  if (!protocol.starts_with("RTSP/") && !protocol.starts_with("SIP/"))
    return fail(ErrorKind::protocol, "the answer is neither RTSP nor SIP");
  return Response{.protocol = protocol,
                  .status = static_cast<int>(*status),
                  .reason = std::string(rest.size() > 4 ? rest.substr(4) : std::string_view())};
}

/// skip_interleaved() drops "$", channel and length with its data in front of an answer.
Result<void> skip_interleaved(Reader& reader, SteadyTime deadline) {
  for (;;) {
    while (reader.held().empty()) {
      const auto got = reader.more(deadline);
      if (!got) return tl::unexpected(got.error());
      if (*got == 0) return fail(ErrorKind::closed, "the peer ended the stream without an answer");
    }
    if (reader.held()[0] != '$') return {};
    const auto head = reader.exactly(4, deadline);
    if (!head) return tl::unexpected(head.error());
    const auto size = static_cast<std::size_t>((*head)[2] << 8 | (*head)[3]);
    if (const auto data = reader.exactly(size, deadline); !data)
      return tl::unexpected(data.error());
  }
}

}  // namespace

std::string Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::vector<Challenge> Response::challenges() const {
  std::vector<Challenge> out;
  for (const auto& [key, value] : headers) {
    if (key != "www-authenticate" || out.size() > 16) continue;
    for (Challenge& challenge : parse_challenges(value)) out.push_back(std::move(challenge));
  }
  return out;
}

Result<Response> read_response(Reader& reader, SteadyTime deadline) {
  if (auto skipped = skip_interleaved(reader, deadline); !skipped)
    return tl::unexpected(skipped.error());
  auto line = reader.line(deadline, 1024);
  if (!line) return tl::unexpected(line.error());
  auto response = status_line(*line);
  if (!response) return response;
  for (;;) {
    line = reader.line(deadline, 4096);
    if (!line) return tl::unexpected(line.error());
    if (line->empty()) break;
    const std::size_t colon = line->find(':');
    if (colon == std::string::npos) return fail(ErrorKind::protocol, "a header has no colon");
    if (response->headers.size() == kMostHeaders)
      return fail(ErrorKind::protocol, "there are too many headers");
    response->headers.emplace_back(lower(trim(line->substr(0, colon))),
                                   std::string(trim(line->substr(colon + 1))));
  }
  const std::string length = response->header("content-length");
  if (length.empty()) return response;
  const auto size = number(length);
  if (!size || *size > kMostBody) return fail(ErrorKind::protocol, "the body is too long");
  auto body = reader.exactly(*size, deadline);
  if (!body) return tl::unexpected(body.error());
  response->body = std::move(*body);
  return response;
}

Result<Response> Session::request(std::string_view method, std::string_view uri,
                                  const std::vector<std::string>& extra, SteadyTime deadline) {
  ++sequence_;
  std::string text = std::string(method) + ' ' + std::string(uri) +
                     " RTSP/1.0\r\nCSeq: " + std::to_string(sequence_) +
                     "\r\nUser-Agent: haetae\r\n";
  for (const std::string& header : extra) text += header + "\r\n";
  text += "\r\n";
  if (auto sent = conn_.write(as_bytes(text), deadline); !sent) return tl::unexpected(sent.error());
  for (int tries = 0; tries < 8; ++tries) {
    auto response = read_response(reader_, deadline);
    if (!response) return response;
    const std::string sequence = response->header("cseq");
    // Some small servers leave CSeq out; only a different one belongs to another request.
    if (sequence.empty() || sequence == std::to_string(sequence_)) return response;
  }
  return fail(ErrorKind::protocol, "no answer has the CSeq of the request");
}

std::string uri(const Endpoint& endpoint, std::string_view path) {
  std::string out = "rtsp://" + endpoint.text();
  if (path.empty() || path.front() != '/') out += '/';
  return out + std::string(path);
}

namespace {

LoginAnswer answer_of(const Response& response) {
  LoginAnswer answer{.why = printable(std::to_string(response.status) + " " + response.reason),
                     .code = response.status};
  if (response.status >= 200 && response.status < 300)
    answer.outcome = LoginOutcome::accepted;
  else if (response.status == 429 || says_blocked(response.reason))
    answer.outcome = LoginOutcome::blocked;
  else if (response.status == 401)
    answer.outcome = LoginOutcome::refused;
  return answer;
}

/// authorized() answers the strongest challenge that we can speak: digest before basic.
std::optional<std::string> authorized(const Response& response, std::string_view user,
                                      std::string_view password, std::string_view uri) {
  const std::vector<Challenge> challenges = response.challenges();
  if (const Challenge* digest = best_digest(challenges)) {
    const auto value = digest_authorization(*digest, {.user = std::string(user),
                                                      .password = std::string(password),
                                                      .method = "DESCRIBE",
                                                      .uri = std::string(uri),
                                                      .cnonce = to_hex(random_bytes(8))});
    if (value) return *value;
  }
  for (const Challenge& challenge : challenges)
    if (challenge.scheme == "basic") return basic_authorization(user, password);
  return std::nullopt;
}

}  // namespace

Result<LoginAnswer> login(net::Conn& conn, std::string_view uri, std::string_view user,
                          std::string_view password, Clock& clock, SteadyTime deadline) {
  Session session(conn);
  const std::string accept = "Accept: application/sdp";
  const auto open = session.request("DESCRIBE", uri, {accept}, deadline);
  if (!open) return tl::unexpected(open.error());
  if (open->status != 401) {
    LoginAnswer answer = answer_of(*open);
    answer.needs_login = answer.outcome != LoginOutcome::accepted;
    return answer;
  }
  const auto value = authorized(*open, user, password, uri);
  if (!value) return fail(ErrorKind::unsupported, "the RTSP challenge cannot be answered");
  const SteadyTime asked = clock.now();
  const auto closed =
      session.request("DESCRIBE", uri, {accept, "Authorization: " + *value}, deadline);
  const Duration took = clock.now() - asked;
  if (!closed) {
    return LoginAnswer{.why = closed.error().message(),
                       .closed = closed.error().kind == ErrorKind::closed,
                       .took = took};
  }
  LoginAnswer answer = answer_of(*closed);
  answer.took = took;
  return answer;
}

}  // namespace haetae::protocols::rtsp
