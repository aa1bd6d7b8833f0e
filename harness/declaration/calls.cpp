#include "harness/declaration/parts.hpp"

namespace haetae::declaration {
namespace {

using xml::Element;
using xml::Times;

std::string default_place(std::string_view from, std::string_view body) {
  if (from == "header" || from == "cookie") return "header";
  return body == "none" || body == "raw" ? "query" : "field";
}

HttpCall read_http_call(const Element& element, std::string_view body) {
  HttpCall call{.port = port_of(element),
                .tls = element.flag("tls"),
                .method = element.attribute("method", body == "none" ? "GET" : "POST"),
                .path = element.filled("path"),
                .login = element.attribute("login"),
                .body = element.word("body", {"multipart", "raw", "form", "json", "none"}, body),
                .field = element.attribute("field", "file"),
                .fields = pairs_of(element, "field"),
                .headers = pairs_of(element, "header"),
                .success_status = static_cast<int>(element.integer("success-status", 100, 599)),
                .success_text = element.attribute("success-text"),
                .failure_text = element.attribute("failure-text")};
  call.token = token_in(element, call.body);
  if (call.method.empty() || call.method.size() > 20 ||
      call.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos)
    element.problem_at("method", "a method is written in capital letters: POST, PUT");
  if (element.has("path") && !call.path.starts_with('/'))
    element.problem_at("path", "a path starts with '/'");
  return call;
}

Call read_call(const Element& element) {
  element.check(
      {.required = {"id", "port", "path", "roles"},
       .optional = {"tls", "method", "login", "body", "field", "success-status", "success-text",
                    "failure-text", "kind", "changes", "undo", "proof-field", "owner"},
       .children = {{"field", Times::many}, {"header", Times::many}, {"token", Times::maybe}}});
  Call call{.id = element.filled("id"),
            .http = read_http_call(element, "none"),
            .kind = element.word(
                "kind",
                {"view", "data", "management", "credential", "reset", "update", "records", "time"},
                "management"),
            .roles = {},
            .changes = element.flag("changes"),
            .undo = element.attribute("undo"),
            .proof_field = element.attribute("proof-field"),
            .owner = element.attribute("owner")};
  if (element.has("id") && !plain_name(call.id))
    element.problem_at("id", "allowed: up to 40 of a-z, 0-9 and '-'");
  call.roles = roles_of(element);
  if (!call.undo.empty() && !call.changes)
    element.problem_at("undo", "only a call with changes=\"yes\" can be undone");
  return call;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> pairs_of(const Element& element,
                                                          std::string_view name) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Element& child : element.children(name)) {
    child.check({.required = {"name", "value"}, .optional = {}, .children = {}});
    for (const std::string_view attribute : {"name", "value"})
      if (child.attribute(attribute).find_first_of("\r\n") != std::string::npos)
        child.problem_at(attribute, "a line end is not allowed here");
    out.emplace_back(child.filled("name"), child.attribute("value"));
  }
  return out;
}

std::optional<PageToken> token_in(const Element& element, std::string_view body) {
  const auto child = element.child("token");
  if (!child) return std::nullopt;
  child->check({.required = {"name"}, .optional = {"page", "from", "to", "as"}, .children = {}});
  PageToken token{
      .page = child->attribute("page"),
      .from = child->word("from", {"field", "meta", "json", "header", "cookie"}, "field"),
      .name = child->filled("name"),
      .to = {},
      .as = child->attribute("as")};
  token.to = child->word("to", {"field", "header", "query"}, default_place(token.from, body));
  if (token.as.empty()) token.as = token.name;
  if (token.page.empty() ? token.from != "cookie" : !token.page.starts_with('/'))
    child->problem_at("page",
                      "a path that starts with '/' is needed; only a cookie may be there already");
  if (token.to == "field" && (body == "none" || body == "raw"))
    child->problem_at("to", "a request without fields takes it as header or query");
  // RFC 9110 section 5.1: a field name is a token.
  constexpr std::string_view kToken =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";
  if (token.to == "header" && token.as.find_first_not_of(kToken) != std::string::npos)
    child->problem_at(child->has("as") ? "as" : "name",
                      "the name of a header field has letters, digits, '-' and '_' and no blanks");
  return token;
}

std::vector<std::string> roles_of(const Element& element) {
  std::vector<std::string> out;
  for (const std::string& role : xml::split(element.attribute("roles"))) {
    if (role != "administrator" && role != "user" && role != "viewer" && role != "service")
      element.problem_at(
          "roles", "'" + role + "' is no role; allowed: administrator, user, viewer, service");
    out.push_back(role);
  }
  return out;
}

bool plain_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

HttpCall call_of(const Element& element, std::string_view body,
                 const std::vector<std::string_view>& more) {
  std::vector<std::string_view> optional{"tls",   "method",         "login",        "body",
                                         "field", "success-status", "success-text", "failure-text"};
  optional.insert(optional.end(), more.begin(), more.end());
  element.check(
      {.required = {"port", "path"},
       .optional = optional,
       .children = {{"field", Times::many}, {"header", Times::many}, {"token", Times::maybe}}});
  return read_http_call(element, body);
}

HttpCall call_in(const Element& element, std::string_view body) {
  return read_http_call(element, body);
}

void read_calls(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"call", Times::many}}});
  for (const Element& child : element.children("call")) out.calls.push_back(read_call(child));
}

const Call* Declaration::call(std::string_view id) const {
  for (const Call& call : calls)
    if (call.id == id) return &call;
  return nullptr;
}

}  // namespace haetae::declaration
