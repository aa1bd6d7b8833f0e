#include "testcases/authentication/session_bench.hpp"

#include <algorithm>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/http_login.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

using protocols::HttpClient;
using protocols::HttpResponse;

namespace {

bool good(const HttpResponse& response) { return response.status >= 200 && response.status < 300; }
bool moved(const HttpResponse& response) { return response.status >= 300 && response.status < 400; }

// The logout is ours to send, and when.
declaration::Login without_logout(declaration::Login login) {
  login.logout_path.clear();
  return login;
}

bool by_header(const declaration::Login& login) {
  return login.method == "http-basic" || login.method == "http-digest";
}

}  // namespace

bool keeps_sessions(runner::Context& context, const declaration::Login& login) {
  const auto by_body = [](const declaration::Login& one) {
    return one.method == "http-form" || one.method == "http-json";
  };
  if (by_body(login)) return true;
  if (!by_header(login)) return false;
  // The cookies of a port are those of its login by form or JSON where there is one, else of the
  // first by a header.
  const declaration::Login* first = nullptr;
  for (const declaration::Login& one : context.device().logins) {
    if (one.port != login.port) continue;
    if (by_body(one)) return false;
    if (first == nullptr && by_header(one)) first = &one;
  }
  if (first != nullptr && first->id != login.id) return false;
  const auto cookies = runner::facts<facts::HttpCookie>(context);
  return std::any_of(cookies.begin(), cookies.end(), [&](const facts::HttpCookie& one) {
    return one.subject == login.port.subject() && one.session != "no";
  });
}

std::string_view word(SessionBench::Access access) {
  switch (access) {
    case SessionBench::Access::open: return "open";
    case SessionBench::Access::shut: return "shut";
    case SessionBench::Access::unknown: return "unknown";
  }
  return "unknown";
}

SessionBench::SessionBench(runner::Context& context, declaration::Login login,
                           const declaration::Account& account)
    : context_(context),
      login_(std::move(login)),
      account_(account),
      pace_(std::chrono::milliseconds(number(context.catalogue(), "session.pace").value_or(0))),
      logins_(std::make_unique<LoginClient>(context, without_logout(login_))) {}

std::string SessionBench::check_path() const {
  if (!login_.check_path.empty()) return login_.check_path;
  return login_.path.empty() ? "/" : login_.path;
}

HttpClient SessionBench::client(const char* label) {
  return web_client(context_, {.port = login_.port, .tls = login_.tls}, label);
}

Result<void> SessionBench::ready() {
  HttpClient nobody = client("check page as nobody");
  const auto answer = nobody.get(check_path());
  evidence_ = nobody.evidence();
  if (!answer) return fail("the check page as nobody", answer.error());
  if (answer->status >= 500 || (good(*answer) && !asks_login(*answer, login_)))
    return fail(ErrorKind::protocol, "the check page " + check_path() +
                                         " answers nobody with status " +
                                         std::to_string(answer->status) +
                                         " and no login form, so it cannot tell a session");
  nobody_ = sameness(*answer, check_path());
  nobody_moved_ = moved(*answer);
  return {};
}

Result<HeldSession> SessionBench::log_in(std::map<std::string, std::string> planted) {
  if (pace_ > Duration::zero()) (void)context_.clock().sleep(pace_, context_.stop());
  if (context_.stop().stop_requested())
    return fail(ErrorKind::stopped, "the run was asked to stop");
  logins_->plant(std::move(planted));
  HeldSession out;
  const auto attempt = booked_session(
      context_, *logins_, account_, budget_of(context_, login_.port, account_.name),
      [&](HttpClient& session) { out.client = std::make_unique<HttpClient>(std::move(session)); });
  if (!attempt) return fail("a login as " + account_.name, attempt.error());
  if (!out.client)
    return fail(ErrorKind::refused,
                "a login as " + account_.name + " was not accepted: " + attempt->why);
  if (by_header(login_)) out.client->without_login();
  out.values = session_values(*out.client);
  out.evidence = out.client->evidence();
  return out;
}

bool SessionBench::log_out(HeldSession& session) {
  if (login_.logout_path.empty() || !session.client) return false;
  HttpClient& client = *session.client;
  if (way_ == Way::page) return log_out_by_page(client);
  protocols::HttpRequest request;
  request.method = "POST";
  request.target = login_.logout_path;
  request.token = token_of(login_.token);
  auto response = client.exchange(request);
  if (response && (response->status == 404 || response->status == 405)) {
    request.method = "GET";
    if (request.token && request.token->to == protocols::HttpToken::To::field)
      request.token->to = protocols::HttpToken::To::query;
    response = client.exchange(request);
  }
  evidence_ = client.evidence();
  if (!response || response->status >= 400) return false;
  // Only a cookie can be taken away by the device; a token in the hands of a page stays with it.
  if (way_ == Way::not_known && !client.cookies().empty() && client.bearer().empty() &&
      look(client) == Access::open)
    return log_out_by_page(client);
  way_ = Way::plain;
  return true;
}

bool SessionBench::log_out_by_page(HttpClient& client) {
  const auto page = client.get(check_path());
  evidence_ = client.evidence();
  if (!page) return false;
  std::string body = page->body;
  for (std::size_t at = 0; (at = body.find("&amp;", at)) != std::string::npos; ++at)
    body.erase(at + 1, 4);
  const std::string& path = login_.logout_path;
  bool named = false;
  for (std::size_t at = 0; (at = body.find(path, at)) != std::string::npos; ++at) {
    named = true;
    const std::size_t end = body.find_first_of("\"'<> \t\r\n", at);
    const std::string link = body.substr(at, std::min(end, body.size()) - at);
    if (link.size() <= path.size() || link.size() > 2000) continue;
    const auto gone = client.get(link);
    evidence_ = client.evidence();
    if (!gone || gone->status >= 400 || look(client) == Access::open) continue;
    way_ = Way::page;
    return true;
  }
  // Without any word of it on the page the declared path is the whole way out, and it ends nothing.
  return !named && way_ != Way::page;
}

SessionBench::Access SessionBench::look(HttpClient& client) {
  const auto answer = client.get(check_path());
  evidence_ = client.evidence();
  if (!answer) return Access::unknown;
  if (answer->status == 401 || answer->status == 403 || asks_login(*answer, login_) ||
      nobody_.holds(*answer, check_path()))
    return Access::shut;
  if (answer->broken_off()) return Access::unknown;
  if (good(*answer)) return Access::open;
  if (!moved(*answer)) return Access::unknown;
  // A login page sends away who is logged in already; a check page sends away who is not.
  return login_.check_path.empty() && !nobody_moved_ ? Access::open : Access::shut;
}

SessionBench::Access SessionBench::look(const std::vector<SessionValue>& values) {
  HttpClient fresh = client("check page with given session values");
  carry(fresh, values);
  return look(fresh);
}

std::vector<SessionValue> SessionBench::carriers(const HeldSession& session) {
  for (const SessionValue& one : session.values)
    if (look(std::vector{one}) == Access::open) return {one};
  std::vector<SessionValue> needed;
  for (const SessionValue& one : session.values) {
    std::vector<SessionValue> rest = session.values;
    rest.erase(std::find(rest.begin(), rest.end(), one));
    if (look(rest) == Access::shut) needed.push_back(one);
  }
  return needed.size() > 1 && look(needed) == Access::open ? needed : std::vector<SessionValue>{};
}

}  // namespace haetae::testcases
