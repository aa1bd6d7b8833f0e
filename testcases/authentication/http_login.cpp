#include "testcases/authentication/http_login.hpp"

#include "harness/protocols/login.hpp"
#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/session_values.hpp"

namespace haetae::testcases {

using protocols::HttpClient;
using protocols::HttpRequest;
using protocols::HttpResponse;

namespace {

bool good(const HttpResponse& response) { return response.status >= 200 && response.status < 300; }
bool moved(const HttpResponse& response) { return response.status >= 300 && response.status < 400; }

std::string status_text(const HttpResponse& response) {
  return "status " + std::to_string(response.status);
}

}  // namespace

bool asks_login(const HttpResponse& response, const declaration::Login& login) {
  const bool named = login.method == "http-form" && !login.password_field.empty();
  for (const protocols::Form& form : protocols::login_forms(response.body))
    if (!named || form.password_field == login.password_field ||
        (form.passwords == 1 && !form.user_field.empty()))
      return true;
  return false;
}

bool tells_block(const HttpResponse& response) {
  if (response.status == 429 || response.status == 423) return true;
  return protocols::says_blocked(protocols::html_text(response.body, 4096));
}

HttpLogin::HttpLogin(runner::Context& context, declaration::Login login)
    : context_(context), login_(std::move(login)) {}

std::string HttpLogin::check_path() const {
  if (!login_.check_path.empty()) return login_.check_path;
  return login_.path.empty() ? "/" : login_.path;
}

std::shared_ptr<const HttpLogin::Baseline> HttpLogin::baseline() {
  const std::lock_guard lock(mutex_);
  // A check page that could not be asked is asked again by the next try.
  if (baseline_ && baseline_->answer) return baseline_;
  HttpClient client = web_client(context_, target(), "check page without login");
  Baseline out;
  out.answer = client.get(check_path());
  if (out.answer) {
    out.same = sameness(*out.answer, check_path());
    out.form = asks_login(*out.answer, login_);
  }
  baseline_ = std::make_shared<const Baseline>(std::move(out));
  return baseline_;
}

Attempt HttpLogin::attempt(const std::string& user, const std::string& password, const Work& work) {
  if (login_.method == "http-basic" || login_.method == "http-digest")
    return by_header(user, password, work);
  return by_body(user, password, work);
}

Attempt HttpLogin::by_header(const std::string& user, const std::string& password,
                             const Work& work) {
  Attempt out;
  const auto base = baseline();
  const Baseline& before = *base;
  if (!before.answer) {
    out.why = printable(before.answer.error().message());
    return out;
  }
  out.evidence = before.answer->evidence;
  if (before.answer->status != 401) {
    out.answer = before.answer->status == 429 || before.answer->status == 423 ? Answer::blocked
                                                                              : Answer::unknown;
    out.why = "without login the page answers " + status_text(*before.answer) + ", not 401";
    return out;
  }
  HttpClient client = web_client(context_, target(), login_.method + " login");
  for (const auto& [name, value] : planted_) client.with_cookie(name, value);
  if (login_.method == "http-basic") {
    if (measures_) (void)client.get(check_path());
    client.with_basic(user, password);
  } else {
    const auto fresh = client.get(check_path());
    out.evidence = client.evidence();
    if (!fresh) {
      out.why = printable(fresh.error().message());
      return out;
    }
    if (fresh->status != 401) {
      out.answer = tells_block(*fresh) || fresh->status == 403 ? Answer::blocked : Answer::unknown;
      out.why = status_text(*fresh) + " instead of a challenge";
      return out;
    }
    const auto challenges = protocols::challenges_of(*fresh);
    const auto* challenge = protocols::best_digest(challenges);
    if (challenge == nullptr) {
      out.why = "no Digest challenge that our side can answer";
      return out;
    }
    client.with_digest(*challenge, user, password);
  }
  const SteadyTime begin = context_.clock().now();
  const auto response = client.get(check_path(), 15s);
  out.took = context_.clock().now() - begin;
  out.evidence = client.evidence();
  if (!response) {
    out.why = printable(response.error().message());
    return out;
  }
  out.why = status_text(*response);
  out.response = std::make_shared<const HttpResponse>(*response);
  const int status = response->status;
  if (status == 429 || status == 423 || status == 403) {
    // 401 without a credential and 403 with one: it no longer looks, or the account may not see it.
    out.answer = status != 403 || tells_block(*response) ? Answer::blocked : Answer::unknown;
  } else if (status == 401) {
    out.answer = tells_block(*response) ? Answer::blocked : Answer::refused;
  } else if (good(*response) || moved(*response) || status == 404 || status == 405) {
    out.answer = Answer::accepted;
    out.cookies = protocols::cookies_of(*response);
    if (work) work(client);
  }
  return out;
}

std::optional<HttpLogin::Page> HttpLogin::read_page(HttpClient& client) {
  if (login_.method != "http-form") return std::nullopt;
  const std::string path = login_.path.empty() ? "/" : login_.path;
  const auto page = client.get(path);
  if (!page || !good(*page)) return std::nullopt;
  for (const protocols::Form& form : protocols::login_forms(page->body)) {
    if (form.passwords != 1) continue;
    const auto action = protocols::local_target(form.action, client.host(), path);
    if (!action) continue;
    return Page{.form = form, .action = *action};
  }
  return std::nullopt;
}

Result<HttpRequest> HttpLogin::request(HttpClient& client, const std::string& user,
                                       const std::string& password) {
  HttpRequest out;
  out.method = "POST";
  out.target = login_.path;
  std::string user_field = login_.user_field;
  std::string password_field = login_.password_field;
  std::vector<std::pair<std::string, std::string>> members;
  if (login_.method == "http-json") {
    if (password_field.empty())
      return fail(ErrorKind::not_found, "no name of the password member is declared");
    if (!user_field.empty()) members.emplace_back(user_field, user);
    members.emplace_back(password_field, password);
    out.content_type = "application/json";
    out.body = protocols::json_body(members);
    out.token = token_of(login_.token);
    return out;
  }
  // Hidden fields (tokens against request forgery) come anew with each page.
  if (const auto page = read_page(client)) {
    if (password_field.empty()) {
      user_field = page->form.user_field;
      password_field = page->form.password_field;
      out.target = page->action;
      if (page->form.method == "get") out.method = "GET";
    }
    if (password_field == page->form.password_field) members = page->form.hidden;
  }
  if (password_field.empty())
    return fail(ErrorKind::not_found, "no login form with one password field was found");
  if (!user_field.empty()) members.emplace_back(user_field, user);
  members.emplace_back(password_field, password);
  if (out.method == "GET") {
    out.target +=
        (out.target.find('?') == std::string::npos ? "?" : "&") + protocols::form_body(members);
    return out;
  }
  out.content_type = "application/x-www-form-urlencoded";
  out.body = protocols::form_body(members);
  return out;
}

// What the answer to the credential itself tells; nothing if it may be a success.
std::optional<Answer> HttpLogin::clear_answer(const HttpResponse& response) const {
  const int status = response.status;
  if (status == 429 || status == 423) return Answer::blocked;
  if (status >= 500 || status < 200) return Answer::unknown;
  const bool failure =
      !login_.failure_text.empty() && response.body.find(login_.failure_text) != std::string::npos;
  const bool wrong_status = login_.success_status > 0 && status != login_.success_status;
  const bool wrong_text =
      !login_.success_text.empty() && response.body.find(login_.success_text) == std::string::npos;
  if (status < 400 && !failure && !wrong_status && !wrong_text) return std::nullopt;
  if (tells_block(response)) return Answer::blocked;
  if (status == 403 && refused_status_ != 0 && refused_status_ != 403) return Answer::blocked;
  if (status == 404 || status == 405 || status == 415) return Answer::unknown;
  return Answer::refused;
}

Answer HttpLogin::prove_by_check(HttpClient& client, std::string& why) {
  const auto base = baseline();
  const Baseline& before = *base;
  if (!before.answer) {
    why = "the check page could not be asked without login";
    return Answer::unknown;
  }
  if (good(*before.answer) && !before.form) {
    why = "the check page answers without login, so it proves nothing";
    return Answer::unknown;
  }
  const auto check = client.get(check_path());
  if (!check) {
    why = printable(check.error().message());
    return Answer::unknown;
  }
  why += ", then " + status_text(*check) + " from the check page";
  if (good(*check) && !before.same.holds(*check, check_path()) && !asks_login(*check, login_))
    return Answer::accepted;
  if (check->status >= 500) return Answer::unknown;
  return Answer::refused;
}

Answer HttpLogin::prove_by_form(HttpClient& client, const HttpResponse& response,
                                const std::string& user, std::string& why) {
  const std::string path = login_.path.empty() ? "/" : login_.path;
  const bool again = asks_login(response, login_);
  bool form = again;
  if (!again) {
    const auto page = client.get(path);
    if (!page) {
      why = printable(page.error().message());
      return Answer::unknown;
    }
    form = asks_login(*page, login_);
    why += form ? ", the page still asks for a login" : ", the page no longer asks for a login";
    if (!form && page->status < 400) return Answer::accepted;
    if (!form) return Answer::unknown;
  }
  const std::lock_guard lock(mutex_);
  if (!refusal_) refusal_ = sameness(response, user);
  return again || refusal_->holds(response, user) ? Answer::refused : Answer::unknown;
}

Answer HttpLogin::prove(HttpClient& client, const HttpResponse& response, const std::string& user,
                        std::string& why) {
  if (!login_.check_path.empty()) {
    const Answer answer = prove_by_check(client, why);
    return answer == Answer::refused && tells_block(response) ? Answer::blocked : answer;
  }
  if (login_.success_status > 0 || !login_.success_text.empty()) {
    why += ", as declared for success";
    return Answer::accepted;
  }
  return prove_by_form(client, response, user, why);
}

Attempt HttpLogin::by_body(const std::string& user, const std::string& password, const Work& work) {
  Attempt out;
  HttpClient client = web_client(context_, target(), login_.method + " login");
  for (const auto& [name, value] : planted_) client.with_cookie(name, value);
  auto ask = request(client, user, password);
  out.evidence = client.evidence();
  if (!ask) {
    out.why = printable(ask.error().message());
    return out;
  }
  if (measures_ && login_.method == "http-json") (void)client.get(check_path());
  const SteadyTime begin = context_.clock().now();
  const auto response = client.exchange(*ask, 15s);
  out.took = context_.clock().now() - begin;
  out.evidence = client.evidence();
  if (!response) {
    out.why = printable(response.error().message());
    return out;
  }
  out.why = status_text(*response);
  out.response = std::make_shared<const HttpResponse>(*response);
  if (const auto clear = clear_answer(*response)) {
    out.answer = *clear;
    if (int none = 0; out.answer == Answer::refused)
      refused_status_.compare_exchange_strong(none, response->status);
    return out;
  }
  adopt_session(client, context_.device().session, login_.method, *response);
  out.answer = prove(client, *response, user, out.why);
  if (out.answer == Answer::accepted) {
    out.cookies = protocols::cookies_of(*response);
    if (work) work(client);
    log_out(client);
  }
  return out;
}

void HttpLogin::log_out(HttpClient& client) {
  if (login_.logout_path.empty()) return;
  HttpRequest request;
  request.method = "POST";
  request.target = login_.logout_path;
  request.token = token_of(login_.token);
  const auto response = client.exchange(request);
  if (!response || (response->status != 404 && response->status != 405)) return;
  request.method = "GET";
  if (request.token && request.token->to == protocols::HttpToken::To::field)
    request.token->to = protocols::HttpToken::To::query;
  (void)client.exchange(request);
}

}  // namespace haetae::testcases
