#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// What each web service answers to a client that did not log in: pages, headers, cookies,
/// listings, and whether it asks for a password over a connection without encryption.
namespace haetae::testcases {
namespace {

using protocols::HttpClient;
using protocols::HttpResponse;

struct Question {
  std::string path;
  std::string purpose;
};

// Headers whose text changes with each answer say nothing in a comparison of two runs, and the
// values of cookies and challenges are secrets or nonces.
const std::set<std::string, std::less<>> kVolatileHeaders{
    "date",           "expires",      "age", "etag", "set-cookie", "www-authenticate",
    "content-length", "last-modified"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

std::vector<Question> questions(const runner::Context& context, const Target& target) {
  std::vector<Question> out{{"/", "root"}};
  const auto add = [&](const std::string& path, const char* purpose) {
    const bool there =
        std::any_of(out.begin(), out.end(), [&](const Question& one) { return one.path == path; });
    if (path.starts_with('/') && !there) out.push_back({path, purpose});
  };
  for (const auto& one : context.device().resources)
    if (one.protocol == "http" && one.port == target.port) add(one.target, "declared-resource");
  for (const auto& one : context.device().logins)
    if (one.port == target.port && one.method.starts_with("http-")) {
      add(one.path, "login");
      add(one.check_path, "login");
    }
  if (const auto* list = context.catalogue().reference("http_path"))
    for (const auto& row : list->rows) add(column(*list, row, "path"), "well-known");
  return out;
}

std::string asks_for(const HttpResponse& response) {
  if (response.status == 401) {
    std::string found = "other";
    for (const auto& one : protocols::challenges_of(response)) {
      // Basic is the weaker one: a client that can choose may be made to use it.
      if (one.scheme == "basic") return "basic";
      if (one.scheme == "digest") found = "digest";
    }
    return found;
  }
  return protocols::login_forms(response.body).empty() ? "none" : "form";
}

std::string kind_of(const HttpResponse& response, bool like_nothing) {
  if (!protocols::login_forms(response.body).empty()) return "login-page";
  if (response.status >= 400) return "error";
  // Half a page neither equals another nor shows what it does not hold.
  if (response.broken_off()) return "unknown";
  if (like_nothing) return "error";
  if (response.body.empty()) return "empty";
  if (response.status == 200 && protocols::directory_listing(response.body))
    return "directory-listing";
  const std::string type = lower(response.field("Content-Type"));
  if (type.find("html") != std::string::npos) return "page";
  if (type.empty() && response.body.find('<') < 64) return "page";
  return "data";
}

class Endpoint {
 public:
  Endpoint(runner::Context& context, Target target)
      : context_(context), target_(std::move(target)), subject_(target_.subject()) {}

  void look();
  /// log_in() uses every declared login of the endpoint; then finish() writes cookies and coverage.
  void log_in();
  void finish();

 private:
  bool ask_control();
  void ask(HttpClient& client, const Question& question);
  void note(const HttpResponse& response, const Question& question);
  void note_headers(const HttpResponse& response);
  void note_cookies();
  void log_in(const declaration::Login& login);
  [[nodiscard]] std::string carry_session(const declaration::Login& login,
                                          const std::vector<protocols::SetCookie>& cookies,
                                          const protocols::SetCookie& one);
  void lost(std::string why, Cause cause);

  runner::Context& context_;
  Target target_;
  std::string subject_;
  std::mutex mutex_;
  Sameness control_;
  bool headers_ = false;
  std::size_t asked_ = 0;
  std::string gap_, login_gap_;
  Cause gap_cause_ = Cause::none, login_cause_ = Cause::none;
  struct Seen {
    protocols::SetCookie cookie;
    EvidenceId evidence = 0;
    std::string session;  ///< a word of the fact, empty: not set by the login
  };
  std::map<std::string, Seen> cookies_;
  bool logged_in_ = false;
  bool login_known_ = false;
};

void Endpoint::lost(std::string why, Cause cause) {
  const std::lock_guard lock(mutex_);
  if (!gap_.empty()) return;
  gap_ = std::move(why);
  gap_cause_ = cause;
}

bool Endpoint::ask_control() {
  const std::string path = random_path();
  HttpClient client = web_client(context_, target_, "a path that cannot exist");
  const auto response = client.get(path);
  if (!response) {
    lost("the control request was not answered: " + printable(response.error().message()),
         cause_of(response.error()));
    return false;
  }
  if (response->broken_off())
    lost("the answer to the control request was broken off", Cause::device);
  control_ = sameness(*response, path);
  // The random part of the path is left out of the fact, so that two runs can be compared.
  note(*response, {.path = "/(random)", .purpose = "negative-control"});
  return true;
}

void Endpoint::note(const HttpResponse& response, const Question& question) {
  facts::HttpAnswer fact;
  fact.evidence = response.evidence;
  fact.subject = subject_;
  fact.path = question.path;
  fact.purpose = question.purpose;
  fact.status = response.status;
  fact.clear_text = yes_no(!target_.tls);
  HttpClient probe = web_client(context_, target_, "");
  fact.redirect = protocols::word(protocols::classify_redirect(response, probe.host()));
  const bool nothing = question.path != "/" && question.purpose != "negative-control" &&
                       control_.holds(response, question.path);
  fact.kind = kind_of(response, nothing);
  fact.asks = asks_for(response);
  fact.body_sha256 = to_hex(sha256(as_bytes(response.body)));
  fact.length = static_cast<std::int64_t>(response.body.size());
  runner::record(context_, fact);
  const std::lock_guard lock(mutex_);
  for (auto& cookie : protocols::cookies_of(response))
    if (!cookie.expired) cookies_.try_emplace(cookie.name, Seen{cookie, response.evidence, ""});
}

void Endpoint::note_headers(const HttpResponse& response) {
  std::map<std::string, std::string> joined;
  for (const auto& field : response.fields) {
    std::string& text = joined[printable(lower(field.name), 100)];
    if (!text.empty()) text += ", ";
    text += field.value;
  }
  for (const auto& [name, text] : joined) {
    if (kVolatileHeaders.contains(name)) continue;
    facts::HttpHeader fact;
    fact.evidence = response.evidence;
    fact.subject = subject_;
    fact.path = "/";
    fact.name = name;
    fact.text = printable(text, 500);
    runner::record(context_, fact);
  }
  headers_ = true;
}

void Endpoint::ask(HttpClient& client, const Question& question) {
  auto response = client.get(question.path);
  if (!response) {
    client.close();
    response = client.get(question.path);
  }
  if (!response) {
    lost(question.path + " was not answered: " + printable(response.error().message()),
         cause_of(response.error()));
    return;
  }
  if (response->broken_off())
    lost("the answer to " + question.path + " was broken off", Cause::device);
  note(*response, question);
  if (question.purpose == "root") note_headers(*response);
}

void Endpoint::log_in(const declaration::Login& login) {
  login_known_ = true;
  const declaration::Account* account = account_for(context_.device(), login.id);
  if (account == nullptr) {
    login_gap_ = "no password was handed over for the login " + login.id;
    login_cause_ = Cause::declaration;
    return;
  }
  LoginClient client(context_, login);
  const auto attempt = booked_attempt(context_, client, account->name, account->password,
                                      budget_of(context_, login.port, account->name));
  if (!attempt || attempt->answer != Answer::accepted) {
    login_gap_ = "the declared credential of the login " + login.id + " was not accepted: " +
                 printable(attempt ? attempt->why : attempt.error().message());
    login_cause_ = attempt ? Cause::device : cause_of(attempt.error());
    return;
  }
  logged_in_ = true;
  for (const auto& cookie : attempt->cookies)
    cookies_[cookie.name] =
        Seen{cookie, attempt->evidence,
             cookie.expired ? "" : carry_session(login, attempt->cookies, cookie)};
}

/// carry_session() is the fact's word for a cookie among those that came with a login. A password
/// in a header (basic, digest) goes with every request, so that only cookies that open the page by
/// themselves carry a session, and of several only those without which it stays shut.
std::string Endpoint::carry_session(const declaration::Login& login,
                                    const std::vector<protocols::SetCookie>& cookies,
                                    const protocols::SetCookie& one) {
  if (login.method != "http-basic" && login.method != "http-digest") return "yes";
  const auto opens = [&](const auto& sent) -> std::string {
    HttpClient client = web_client(context_, target_, "cookies of the login without its password");
    for (const auto& cookie : cookies)
      if (sent(cookie)) client.with_cookie(cookie.name, cookie.value);
    const auto answer = client.get(login.check_path.empty() ? login.path : login.check_path);
    if (!answer || answer->broken_off() || answer->status >= 500) return "unknown";
    return denies(*answer) ? "no" : "yes";
  };
  const auto all = opens([](const auto&) { return true; });
  if (all != "yes" || cookies.size() == 1) return all;
  if (opens([&](const auto& cookie) { return cookie.name == one.name; }) == "yes") return "yes";
  const auto rest = opens([&](const auto& cookie) { return cookie.name != one.name; });
  return rest == "yes" ? "no" : rest == "no" ? "yes" : rest;
}

void Endpoint::note_cookies() {
  const auto& declared = context_.device().session.cookies;
  for (const auto& [name, seen] : cookies_) {
    facts::HttpCookie fact;
    fact.evidence = seen.evidence;
    fact.subject = subject_;
    fact.name = printable(name, 100);
    const bool said = std::find(declared.begin(), declared.end(), name) != declared.end();
    fact.session = said                                 ? "yes"
                   : !seen.session.empty()              ? seen.session
                   : (logged_in_ && login_gap_.empty()) ? "no"
                                                        : "unknown";
    fact.secure = yes_no(seen.cookie.secure);
    fact.http_only = yes_no(seen.cookie.http_only);
    fact.same_site = seen.cookie.same_site.empty() ? "absent" : seen.cookie.same_site;
    fact.clear_text = yes_no(!target_.tls);
    runner::record(context_, fact);
  }
}

void Endpoint::look() {
  const auto list = questions(context_, target_);
  if (ask_control()) {
    constexpr std::size_t lanes = 4;
    context_.each(lanes, lanes, [&](std::size_t lane) {
      HttpClient client = web_client(context_, target_, "pages without login");
      for (std::size_t i = lane; i < list.size() && !context_.stop().stop_requested(); i += lanes) {
        ask(client, list[i]);
      }
    });
    asked_ = list.size();
  }
}

// A login that is under way counts like a failure until it is answered: one after the other.
void Endpoint::log_in() {
  for (const auto& login : context_.device().logins)
    if (login.port == target_.port && login.method.starts_with("http-")) log_in(login);
}

void Endpoint::finish() {
  note_cookies();

  if (context_.stop().stop_requested()) lost("the run was asked to stop", Cause::lab);
  const auto* reference = context_.catalogue().reference("http_path");
  if (reference == nullptr) lost("the catalogue has no list of well-known paths", Cause::tool);
  const std::string tried = std::to_string(asked_) + " paths" +
                            (reference ? ", list http_path of " + reference->date : "");
  context_.cover(gap_.empty() ? whole("http.answers", subject_, tried)
                              : gap("http.answers", subject_, gap_cause_, gap_, tried));
  context_.cover(headers_ ? whole("http.headers", subject_)
                          : gap("http.headers", subject_, gap_cause_, "/ was not answered"));
  const bool cookies_seen = gap_.empty() && login_gap_.empty();
  context_.cover(
      cookies_seen
          ? whole("http.cookies", subject_, logged_in_ ? "pages and declared login" : "pages")
          : gap("http.cookies", subject_, gap_.empty() ? login_cause_ : gap_cause_,
                gap_.empty() ? login_gap_ : gap_));
}

Result<void> look_at_http(runner::Context& context) {
  const auto targets = services(context, "http");
  std::size_t done = 0;
  std::mutex mutex;
  std::vector<std::unique_ptr<Endpoint>> endpoints;
  for (const Target& target : targets)
    endpoints.push_back(std::make_unique<Endpoint>(context, target));
  context.each(targets.size(), 8, [&](std::size_t i) {
    endpoints[i]->look();
    const std::lock_guard lock(mutex);
    context.progress(++done, targets.size(), targets[i].subject());
  });
  for (const auto& one : endpoints) {
    one->log_in();
    one->finish();
  }
  return {};
}

}  // namespace

runner::Procedure http_procedure() {
  runner::Info info;
  info.id = "http";
  info.title = {"웹 서비스의 응답, 헤더, 쿠키", "answers, headers and cookies of web services"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"service"};
  info.provides_facts = {"http_answer", "http_header", "http_cookie"};
  info.topics = {"http.answers", "http.headers", "http.cookies"};
  info.exclusive = {"login"};
  info.connections = 24;
  info.logins = 2;
  info.expected = std::chrono::seconds(3);
  info.deadline = std::chrono::seconds(180);
  return {.info = std::move(info), .run = look_at_http, .recover = {}};
}

}  // namespace haetae::testcases
