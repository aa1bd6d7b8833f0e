#include "testcases/authentication/http_call.hpp"

#include <algorithm>
#include <map>

#include "harness/protocols/login.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/software/shown_text.hpp"

namespace haetae::testcases {

using protocols::HttpClient;
using protocols::HttpRequest;
using protocols::HttpResponse;

namespace {

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

// RFC 7578. The boundary is random, so that no file can hold it but by chance.
void multipart(HttpRequest& request, const declaration::HttpCall& call, ByteView file,
               const std::string& name) {
  const std::string boundary = "haetae-" + to_hex(random_bytes(16));
  request.content_type = "multipart/form-data; boundary=" + boundary;
  std::string& body = request.body;
  body.reserve(file.size() + 1024);
  for (const auto& [field, value] : call.fields)
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + in_quotes(field) +
            "\"\r\n\r\n" + value + "\r\n";
  body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + in_quotes(call.field) +
          "\"; filename=\"" + in_quotes(name) +
          "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
  body += as_text(file);
  body += "\r\n--" + boundary + "--\r\n";
}

}  // namespace

bool finds(const HttpResponse& response, const std::string& text) {
  return !text.empty() && response.body.find(text) != std::string::npos;
}

HttpRequest request_of(const declaration::HttpCall& call, ByteView file, const std::string& name) {
  HttpRequest request;
  request.method = call.method;
  request.target = call.path;
  for (const auto& [field, value] : call.headers) request.fields.push_back({field, value});
  request.token = token_of(call.token);
  if (call.body == "multipart") {
    multipart(request, call, file, name);
  } else if (call.body == "raw") {
    request.content_type = "application/octet-stream";
    request.body = std::string(as_text(file));
  } else if (call.body == "form") {
    request.content_type = "application/x-www-form-urlencoded";
    request.body = protocols::form_body(call.fields);
  } else if (call.body == "json") {
    request.content_type = "application/json";
    request.body = protocols::json_body(call.fields);
  }
  return request;
}

std::optional<protocols::HttpToken> token_of(const std::optional<declaration::PageToken>& token) {
  using Token = protocols::HttpToken;
  if (!token) return std::nullopt;
  static const std::map<std::string_view, Token::From> sources{{"field", Token::From::field},
                                                               {"meta", Token::From::meta},
                                                               {"json", Token::From::json},
                                                               {"header", Token::From::header},
                                                               {"cookie", Token::From::cookie}};
  static const std::map<std::string_view, Token::To> places{
      {"field", Token::To::field}, {"header", Token::To::header}, {"query", Token::To::query}};
  return Token{.page = token->page,
               .from = sources.at(token->from),
               .name = token->name,
               .to = places.at(token->to),
               .as = token->as.empty() ? token->name : token->as};
}

bool refused_untold(const declaration::HttpCall& call, const HttpResponse& response) {
  return call.token && response.without_token && !call.login.empty() &&
         told_by(call, response) != Told::done;
}

declaration::HttpCall change_of(const declaration::PasswordChange& change,
                                const std::string& account, const std::optional<std::string>& old,
                                const std::string& wanted) {
  declaration::HttpCall call;
  call.method = change.http_method;
  call.path = change.path;
  call.login = change.login;
  call.body = change.body;
  call.fields = change.fields;
  call.token = change.token;
  const auto add = [&](const std::string& field, const std::string& value) {
    if (!field.empty()) call.fields.emplace_back(field, value);
  };
  add(change.account_field, account);
  if (old) add(change.old_field, *old);
  add(change.new_field, wanted);
  add(change.confirm_field, wanted);
  return call;
}

declaration::HttpCall with_proof(const declaration::Call& call,
                                 const declaration::Account* account) {
  declaration::HttpCall http = call.http;
  if (call.proof_field.empty() || account == nullptr) return http;
  const auto proof = std::find_if(http.fields.begin(), http.fields.end(),
                                  [&](const auto& one) { return one.first == call.proof_field; });
  if (proof != http.fields.end())
    proof->second = account->password;
  else
    http.fields.emplace_back(call.proof_field, account->password);
  return http;
}

std::size_t file_offset(const declaration::HttpCall& call, const HttpRequest& request,
                        ByteView file) {
  // "\r\n--", the boundary of 39 letters and "--\r\n" stand behind it.
  constexpr std::size_t kMultipartEnd = 4 + 39 + 4;
  return call.body == "multipart" ? request.body.size() - file.size() - kMultipartEnd : 0;
}

Told told_by(const declaration::HttpCall& call, const HttpResponse& response) {
  if (finds(response, call.failure_text)) return Told::refused;
  if (finds(response, call.success_text)) return Told::done;
  if (call.success_status != 0)
    return response.status == call.success_status && call.success_text.empty() ? Told::done
                                                                               : Told::refused;
  if (response.status >= 400 || denies(response)) return Told::refused;
  // A declared text that did not come is no success, and no refusal either.
  if (!call.success_text.empty() || response.status < 200 || response.status >= 300)
    return Told::nothing;
  return Told::done;
}

std::string words_of(const HttpResponse& response) {
  std::string text(protocols::trim(shown_text(response)));
  if (response.without_token)
    text = "(sent without the token, which the page did not give) " + text;
  return printable("status " + std::to_string(response.status) + (text.empty() ? "" : ": ") + text);
}

bool denies(const HttpResponse& response) {
  return response.status == 401 || response.status == 403 ||
         (response.status >= 300 && response.status < 400);
}

Result<void> inside(runner::Context& context, const declaration::HttpCall& call, const Actor& actor,
                    const std::string& label, const WebWork& work) {
  if (call.login.empty() || actor.kind == Actor::Kind::nobody) {
    HttpClient client = web_client(context, {.port = call.port, .tls = call.tls}, label);
    work(client);
    return {};
  }
  const auto* login = context.device().login(call.login);
  if (login == nullptr || login->port != call.port)
    return fail(ErrorKind::invalid_input, "the login " + call.login + " of " + call.path +
                                              " is not one of " + call.port.text());
  const auto* account =
      actor.kind == Actor::Kind::account ? actor.account : account_for(context.device(), login->id);
  if (account == nullptr)
    return fail(ErrorKind::invalid_input,
                "no password was handed over for the login " + call.login + " of " + call.path);
  declaration::Login entrance = *login;
  if (actor.shipped) entrance.check_path.clear();  // it may be one of those not given yet
  LoginClient client(context, entrance);
  bool called = false;
  const auto attempt =
      booked_session(context, client, *account, budget_of(context, login->port, account->name),
                     [&](HttpClient& session) {
                       called = true;
                       work(session);
                     });
  if (called) return {};
  if (!attempt) return fail("the login before " + call.path, attempt.error());
  return fail(ErrorKind::refused, "the login " + call.login + " as " + account->name + " before " +
                                      call.path + " was not accepted: " + attempt->why);
}

}  // namespace haetae::testcases
