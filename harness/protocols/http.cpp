#include "harness/protocols/http.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

namespace haetae::protocols {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";

bool unreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

void encode(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

// A target from a declaration or a page must not be able to end the request line.
std::string clean_target(std::string_view target) {
  std::string out;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f) {
      encode(out, c);
    } else {
      out += c;
    }
  }
  return out.empty() ? "/" : out;
}

std::string clean_value(std::string_view value) {
  std::string out;
  for (const char c : value)
    if (c != '\r' && c != '\n' && c != '\0') out += c;
  return out;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (unreserved(c)) {
      out += c;
    } else {
      encode(out, c);
    }
  }
  return out;
}

std::string form_body(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out;
  for (const auto& [name, value] : members) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + "=" + percent_encode(value);
  }
  return out;
}

std::string json_body(const std::vector<std::pair<std::string, std::string>>& members) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, value] : members) object[name] = value;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

namespace {

// The parser is recursive: size and nesting are bounded before it sees the text.
nlohmann::json bounded_json(std::string_view body) {
  if (body.size() > 64 * 1024) return {};
  int depth = 0;
  for (const char c : body) {
    if (c == '{' || c == '[') ++depth;
    if (depth > 32) return {};
    if (c == '}' || c == ']') --depth;
  }
  return nlohmann::json::parse(body, nullptr, false);
}

template <class Names>
std::optional<std::string> token_among(std::string_view body, const Names& names) {
  const nlohmann::json document = bounded_json(body);
  if (!document.is_object()) return std::nullopt;
  const auto look = [&](const nlohmann::json& object) -> std::optional<std::string> {
    for (const std::string_view name : names) {
      const auto found = object.find(std::string(name));
      if (found == object.end() || !found->is_string()) continue;
      const auto& text = found->template get_ref<const std::string&>();
      if (!text.empty() && text.size() <= 8192) return text;
    }
    return std::nullopt;
  };
  if (auto found = look(document)) return found;
  for (const auto& member : document)
    if (member.is_object())
      if (auto found = look(member)) return found;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> json_token(std::string_view body) {
  constexpr std::array<std::string_view, 5> names{"token", "access_token", "accessToken", "jwt",
                                                  "id_token"};
  return token_among(body, names);
}

std::optional<std::string> json_token(std::string_view body, std::string_view name) {
  return token_among(body, std::array<std::string_view, 1>{name});
}

HttpClient::HttpClient(Connector connector, std::string host, Clock& clock)
    : connector_(std::move(connector)), host_(std::move(host)), clock_(clock) {}

void HttpClient::with_basic(std::string user, std::string password) {
  without_login();
  authorization_ = basic_authorization(user, password);
}

void HttpClient::with_digest(Challenge challenge, std::string user, std::string password) {
  without_login();
  digest_ = std::move(challenge);
  user_ = std::move(user);
  password_ = std::move(password);
}

void HttpClient::with_bearer(std::string token) {
  without_login();
  authorization_ = "Bearer " + clean_value(token);
}

void HttpClient::without_login() {
  authorization_.clear();
  digest_.reset();
  count_ = 0;
}

void HttpClient::with_cookie(const std::string& name, std::string value) {
  cookies_[name] = std::move(value);
}

void HttpClient::with_header(std::string name, std::string value) {
  header_ = {std::move(name), std::move(value)};
}

void HttpClient::with_parameter(std::string name, std::string value) {
  parameter_ = {std::move(name), std::move(value)};
}

std::string HttpClient::bearer() const {
  constexpr std::string_view scheme = "Bearer ";
  return authorization_.starts_with(scheme) ? authorization_.substr(scheme.size()) : "";
}

void HttpClient::close() {
  if (conn_) conn_->close();
  conn_.reset();
}

std::string HttpClient::render(const HttpRequest& request) {
  std::string target = clean_target(request.target);
  if (!parameter_.first.empty())
    target += (target.find('?') == std::string::npos ? "?" : "&") +
              percent_encode(parameter_.first) + "=" + percent_encode(parameter_.second);
  std::string out = request.method + " " + target + " HTTP/1.1\r\nHost: " + clean_value(host_) +
                    "\r\nUser-Agent: haetae\r\nAccept: */*\r\n";
  if (digest_) {
    auto answer = digest_authorization(*digest_, {.user = user_,
                                                  .password = password_,
                                                  .method = request.method,
                                                  .uri = target,
                                                  .cnonce = to_hex(random_bytes(8)),
                                                  .count = ++count_});
    if (answer) authorization_ = *answer;
  }
  if (!authorization_.empty()) out += "Authorization: " + clean_value(authorization_) + "\r\n";
  if (!cookies_.empty()) {
    out += "Cookie: ";
    std::string separator;
    for (const auto& [name, value] : cookies_) {
      out += separator + clean_value(name) + "=" + clean_value(value);
      separator = "; ";
    }
    out += "\r\n";
  }
  if (!header_.first.empty())
    out += clean_value(header_.first) + ": " + clean_value(header_.second) + "\r\n";
  for (const HttpField& field : request.fields)
    out += clean_value(field.name) + ": " + clean_value(field.value) + "\r\n";
  if (!request.content_type.empty()) out += "Content-Type: " + request.content_type + "\r\n";
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return out + "\r\n" + request.body;
}

void HttpClient::keep_cookies(const HttpResponse& response) {
  for (const SetCookie& one : cookies_of(response)) {
    if (one.expired || one.value.empty()) {
      cookies_.erase(one.name);
      set_.erase(one.name);
    } else if (cookies_.size() < 64 || cookies_.contains(one.name)) {
      cookies_[one.name] = one.value;
      set_[one.name] = one;
    }
  }
}

Result<HttpResponse> HttpClient::over(net::Conn& conn, std::string_view method,
                                      std::string_view wire, SteadyTime deadline, bool& answered) {
  answered = false;
  HttpReader reader(method, body_limit_);
  auto written = conn.write(as_bytes(wire), deadline);
  // A server may answer (413, 401) and end while we still write: read before giving up.
  std::array<std::uint8_t, 16384> buffer;
  while (!reader.done()) {
    auto count = conn.read_some(buffer, deadline);
    if (!count || *count == 0) {
      answered = reader.started();
      if (!reader.started() && !written) return tl::unexpected(written.error());
      if (!count && count.error().kind == ErrorKind::timed_out)
        return tl::unexpected(count.error());
      if (auto ended = reader.end(); !ended) {
        if (!count) return tl::unexpected(count.error());
        return tl::unexpected(ended.error());
      }
      HttpResponse out = reader.take();
      if (!count) out.truncated = true;
      return out;
    }
    answered = true;
    if (auto put = reader.put(ByteView(buffer.data(), *count)); !put)
      return tl::unexpected(put.error());
  }
  return reader.take();
}

Result<HttpResponse> HttpClient::once(const HttpRequest& request, SteadyTime deadline) {
  const SteadyTime begin = clock_.now();
  const std::string wire = render(request);
  for (int round = 0;; ++round) {
    const bool reused = conn_ != nullptr;
    if (!conn_) {
      auto opened = connector_();
      if (!opened) return tl::unexpected(opened.error());
      conn_ = std::move(*opened);
    }
    evidence_ = conn_->evidence();
    bool answered = false;
    auto response = over(*conn_, request.method, wire, deadline, answered);
    if (!response) {
      close();
      // The server may have ended an idle connection just as we wrote: nothing was processed.
      const bool stale = reused && !answered && response.error().kind != ErrorKind::timed_out;
      if (stale && round == 0) continue;
      return response;
    }
    response->evidence = evidence_;
    response->took = clock_.now() - begin;
    if (!response->keep_alive) close();
    keep_cookies(*response);
    return response;
  }
}

Result<HttpResponse> HttpClient::tell(const HttpRequest& request, Duration wait) {
  const SteadyTime deadline = clock_.now() + wait;
  auto response = once(request, deadline);
  if (!response || !digest_ || response->status != 401) return response;
  const auto challenges = challenges_of(*response);
  const Challenge* fresh = best_digest(challenges);
  if (fresh == nullptr) return response;
  const auto stale = fresh->params.find("stale");
  if (stale == fresh->params.end() || (stale->second != "true" && stale->second != "TRUE"))
    return response;
  digest_ = *fresh;
  count_ = 0;
  return once(request, deadline);
}

Result<void> HttpClient::send_part(const HttpRequest& request, std::size_t count, Duration wait) {
  HttpRequest whole = request;
  if (request.token) {
    const auto brought = bring_token(whole, wait);
    if (!brought)
      return fail("the page that gives the token of " + request.target, brought.error());
    count += whole.body.size() - request.body.size();
  }
  close();
  const SteadyTime deadline = clock_.now() + wait;
  std::string wire = render(whole);
  wire.resize(wire.size() - whole.body.size() + std::min(count, whole.body.size()));
  auto opened = connector_();
  if (!opened) return tl::unexpected(opened.error());
  evidence_ = (*opened)->evidence();
  auto written = (*opened)->write(as_bytes(wire), deadline);
  (*opened)->close();
  return written;
}

Result<HttpResponse> HttpClient::get(std::string_view target, Duration wait) {
  HttpRequest request;
  request.target = target;
  return exchange(request, wait);
}

}  // namespace haetae::protocols
