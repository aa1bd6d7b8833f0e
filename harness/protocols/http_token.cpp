#include "harness/protocols/html_tags.hpp"
#include "harness/protocols/http.hpp"

namespace haetae::protocols {
namespace {

constexpr std::size_t kTokenLimit = 8192;

std::optional<std::string> in_markup(std::string_view html, const HttpToken& token) {
  const bool field = token.from == HttpToken::From::field;
  html::Tags tags(html);
  for (html::Tag tag; tags.next(tag);) {
    if (tag.name != (field ? "input" : "meta") || html::decode(tag.get("name")) != token.name)
      continue;
    std::string value = html::decode(tag.get(field ? "value" : "content"));
    if (!value.empty()) return value;
  }
  return std::nullopt;
}

std::optional<std::string> in_cookies(const HttpResponse& page, const std::string& name) {
  for (const SetCookie& one : cookies_of(page))
    if (one.name == name && !one.expired && !one.value.empty()) return one.value;
  return std::nullopt;
}

std::optional<std::string> found(const HttpResponse& page, const HttpToken& token) {
  switch (token.from) {
    case HttpToken::From::field:
    case HttpToken::From::meta: return in_markup(page.body, token);
    case HttpToken::From::json: return json_token(page.body, token.name);
    case HttpToken::From::header:
      return page.field(token.name).empty() ? std::nullopt
                                            : std::optional(std::string(page.field(token.name)));
    case HttpToken::From::cookie: return in_cookies(page, token.name);
  }
  return std::nullopt;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"') {
      out += "%22";
    } else if (c != '\r' && c != '\n' && c != '\0') {
      out += c;
    }
  }
  return out;
}

bool add_part(HttpRequest& request, const std::string& name, const std::string& value) {
  constexpr std::string_view kBoundary = "boundary=";
  const auto at = request.content_type.find(kBoundary);
  if (at == std::string::npos) return false;
  request.body.insert(0, "--" + request.content_type.substr(at + kBoundary.size()) +
                             "\r\nContent-Disposition: form-data; name=\"" + in_quotes(name) +
                             "\"\r\n\r\n" + value + "\r\n");
  return true;
}

// The body is our own, made by json_body() or longer by what a test put in: only its end is looked
// at, so that nothing is parsed anew.
bool add_member(HttpRequest& request, const std::string& name, const std::string& value) {
  const auto end = request.body.find_last_not_of(" \r\n");
  if (end == std::string::npos || request.body[end] != '}') return false;
  const std::string object = json_body({{name, value}});
  const auto before = end == 0 ? end : request.body.find_last_not_of(" \r\n", end - 1);
  const bool first = request.body[before] == '{';
  request.body.replace(end, std::string::npos, (first ? "" : ",") + object.substr(1));
  return true;
}

bool add_field(HttpRequest& request, const std::string& name, const std::string& value) {
  if (request.content_type.starts_with("multipart/form-data"))
    return add_part(request, name, value);
  if (request.content_type == "application/json") return add_member(request, name, value);
  if (request.content_type != "application/x-www-form-urlencoded" && !request.body.empty())
    return false;
  request.content_type = "application/x-www-form-urlencoded";
  request.body += (request.body.empty() ? "" : "&") + form_body({{name, value}});
  return true;
}

}  // namespace

std::optional<std::string> page_token(const HttpResponse& page, const HttpToken& token) {
  auto value = found(page, token);
  if (!value || value->empty() || value->size() > kTokenLimit) return std::nullopt;
  return value;
}

bool add_token(HttpRequest& request, const std::string& value) {
  if (!request.token) return false;
  const std::string& name = request.token->as;
  switch (request.token->to) {
    case HttpToken::To::header: request.fields.push_back({name, value}); return true;
    case HttpToken::To::query:
      request.target +=
          (request.target.find('?') == std::string::npos ? "?" : "&") + form_body({{name, value}});
      return true;
    case HttpToken::To::field: return add_field(request, name, value);
  }
  return false;
}

Result<bool> HttpClient::bring_token(HttpRequest& request, Duration wait) {
  const HttpToken& token = *request.token;
  std::optional<std::string> value;
  if (!token.page.empty()) {
    const auto page = get(token.page, wait);
    if (!page) return tl::unexpected(page.error());
    value = page_token(*page, token);
  }
  if (!value && token.from == HttpToken::From::cookie) {
    const auto cookie = cookies_.find(token.name);
    if (cookie != cookies_.end() && cookie->second.size() <= kTokenLimit) value = cookie->second;
  }
  return value && add_token(request, *value);
}

Result<HttpResponse> HttpClient::exchange(const HttpRequest& request, Duration wait) {
  if (!request.token) return tell(request, wait);
  HttpRequest whole = request;
  const auto brought = bring_token(whole, wait);
  if (!brought) return fail("the page that gives the token of " + request.target, brought.error());
  auto response = tell(whole, wait);
  if (response) response->without_token = !*brought;
  return response;
}

}  // namespace haetae::protocols
