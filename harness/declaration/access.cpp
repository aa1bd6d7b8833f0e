#include <fmt/format.h>

#include <algorithm>

#include "harness/declaration/parts.hpp"

namespace haetae::declaration {
namespace {

using xml::Element;

const xml::Words kMethods{"http-basic", "http-digest", "http-form", "http-json", "ssh",
                          "telnet",     "ftp",         "mqtt",      "snmp",      "rtsp"};

const xml::Words kHttpOnly{"path",           "user-field",   "password-field", "check-path",
                           "success-status", "success-text", "failure-text",   "logout-path"};

/// check_method() reports attributes that the method needs or cannot have.
void check_method(const Element& element, const Login& login) {
  const bool http = login.method.starts_with("http-");
  const bool fields = login.method == "http-form" || login.method == "http-json";
  if (std::ranges::find(kMethods, login.method) == kMethods.end()) return;
  for (const std::string_view name : kHttpOnly) {
    const bool stream_path = login.method == "rtsp" && name == "path";
    if (!http && !stream_path && element.has(name)) {
      element.problem_at(name, fmt::format("'{}' has no meaning for method {}; allowed: id, port, "
                                           "tls, method",
                                           name, login.method));
    }
  }
  const auto need = [&](std::string_view name) {
    if (!element.has(name) || element.attribute(name).empty()) {
      element.problem(fmt::format("method {} needs the attribute '{}'", login.method, name));
    }
  };
  if (http || login.method == "rtsp") need("path");
  if (fields) {
    need("user-field");
    need("password-field");
  }
  const std::string_view transport = login.method == "snmp" ? "udp" : "tcp";
  if (!login.port.transport.empty() && login.port.transport != transport) {
    element.problem_at("port", fmt::format("method {} goes over {}; '{}' does not", login.method,
                                           transport, login.port.text()));
  }
}

}  // namespace

void read_login(const Element& element, Declaration& out) {
  element.check({.required = {"id", "port", "method"},
                 .optional = {"tls", "path", "user-field", "password-field", "check-path",
                              "success-status", "success-text", "failure-text", "logout-path"},
                 .children = {{"token", xml::Times::maybe}}});
  Login login{.id = element.filled("id"),
              .port = port_of(element),
              .tls = element.flag("tls"),
              .method = element.word("method", kMethods),
              .path = element.attribute("path"),
              .user_field = element.attribute("user-field"),
              .password_field = element.attribute("password-field"),
              .check_path = element.attribute("check-path"),
              .success_status = static_cast<int>(element.integer("success-status", 100, 599)),
              .success_text = element.attribute("success-text"),
              .failure_text = element.attribute("failure-text"),
              .logout_path = element.attribute("logout-path")};
  login.token = token_in(element, "form");
  if (login.token && !login.method.starts_with("http-"))
    element.problem(fmt::format("a token has no meaning for method {}", login.method));
  check_method(element, login);
  if (login.id.find_first_of(" \t\r\n") != std::string::npos) {
    element.problem_at("id", fmt::format("'{}' holds a blank; allowed: one word", login.id));
  }
  out.logins.push_back(std::move(login));
}

void read_account(const Element& element, Declaration& out) {
  element.check(
      {.required = {"name"},
       .optional = {"password", "factory-password", "factory", "role", "logins", "sacrificial"},
       .children = {}});
  out.accounts.push_back(
      {.name = element.attribute("name"),
       .password = element.attribute("password"),
       .has_password = element.has("password"),
       .factory_password = element.attribute("factory-password"),
       .factory = element.flag("factory"),
       .role = element.word("role", {"administrator", "user", "viewer", "service"}, "user"),
       .logins = element.words("logins", {}),
       .sacrificial = element.flag("sacrificial")});
}

void read_password_change(const Element& element, Declaration& out) {
  element.check({.required = {"login", "path", "new-field"},
                 .optional = {"method", "body", "account-field", "old-field", "confirm-field",
                              "success-status", "success-text", "failure-text"},
                 .children = {{"field", xml::Times::many}, {"token", xml::Times::maybe}}});
  out.password_changes.push_back(
      {.login = element.filled("login"),
       .http_method = element.word("method", {"POST", "PUT", "PATCH"}, "POST"),
       .path = element.filled("path"),
       .body = element.word("body", {"form", "json"}, "form"),
       .account_field = element.attribute("account-field"),
       .old_field = element.attribute("old-field"),
       .new_field = element.filled("new-field"),
       .confirm_field = element.attribute("confirm-field"),
       .success_status = static_cast<int>(element.integer("success-status", 100, 599)),
       .success_text = element.attribute("success-text"),
       .failure_text = element.attribute("failure-text"),
       .fields = pairs_of(element, "field"),
       .token = token_in(element, element.attribute("body", "form"))});
}

}  // namespace haetae::declaration
