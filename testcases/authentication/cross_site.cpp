#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/session_trials.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// What the page of another site can do with the session of a user: make changing calls (request
/// forgery), and read answers (CORS). The other site is haetae.invalid, which no browser can reach.
namespace haetae::testcases {
namespace {

using protocols::HttpClient;
using protocols::HttpRequest;
using protocols::HttpResponse;

constexpr const char* kTopic = "cross-site";
constexpr const char* kSite = "haetae.invalid";  // RFC 6761 section 6.4
constexpr std::size_t kMostPaths = 12, kMostCalls = 8;

std::string origin_of(const SessionBench& bench, const HttpClient& client) {
  return (bench.login().tls ? "https://" : "http://") + client.host();
}

std::string_view word(Told told) {
  return told == Told::done ? "done" : told == Told::refused ? "refused" : "unknown";
}

// Only what a page may send to another site without asking first: Fetch standard, CORS-safelisted
// request headers and content types.
HttpRequest as_foreign_page(const declaration::HttpCall& call) {
  HttpRequest request = request_of(call);
  request.token.reset();  // it cannot read the pages of the device
  std::erase_if(request.fields, [](const protocols::HttpField& field) {
    std::string name = field.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name != "accept" && name != "accept-language";
  });
  if (call.body == "json" || call.body == "raw") request.content_type = "text/plain";
  request.fields.push_back({"Origin", std::string("https://") + kSite});
  request.fields.push_back({"Referer", std::string("https://") + kSite + "/"});
  request.fields.push_back({"Sec-Fetch-Site", "cross-site"});
  return request;
}

HttpRequest as_own_page(const declaration::HttpCall& call, const std::string& origin) {
  HttpRequest request = request_of(call);
  request.fields.push_back({"Origin", origin});
  request.fields.push_back({"Referer", origin + "/"});
  request.fields.push_back({"Sec-Fetch-Site", "same-origin"});
  return request;
}

// A page may send other methods only after the device allowed it (preflight, Fetch standard).
bool allowed_first(HttpClient& client, const declaration::HttpCall& call) {
  if (call.method == "GET" || call.method == "HEAD" || call.method == "POST") return true;
  HttpRequest ask;
  ask.method = "OPTIONS";
  ask.target = call.path;
  ask.fields = {{"Origin", std::string("https://") + kSite},
                {"Access-Control-Request-Method", call.method}};
  const auto answer = client.exchange(ask);
  if (!answer) return true;  // then the call itself shows it
  const auto allows = answer->field("Access-Control-Allow-Methods");
  return answer->field("Access-Control-Allow-Origin") == std::string("https://") + kSite &&
         allows.find(call.method) != std::string_view::npos;
}

// The weakest SameSite of the cookies without which the session is shut.
std::string same_site_of(const HttpClient& client, const std::vector<SessionValue>& carriers) {
  constexpr std::array<std::string_view, 4> weakest{"none", "absent", "lax", "strict"};
  std::size_t found = weakest.size() - 1;
  for (const SessionValue& one : carriers) {
    if (one.carrier != "cookie") continue;
    const auto set = client.set_cookies().find(one.name);
    if (set == client.set_cookies().end()) return "unknown";
    const std::string& word = set->second.same_site;
    const auto at = std::find(weakest.begin(), weakest.end(), word.empty() ? "absent" : word);
    found = std::min(found, static_cast<std::size_t>(at - weakest.begin()));
  }
  return std::string(weakest[found]);
}

const declaration::Account* account_of(const declaration::Declaration& device,
                                       const declaration::Call& call) {
  for (const auto& account : device.accounts)
    if (account.has_password && uses(account, call.http.login) &&
        std::find(call.roles.begin(), call.roles.end(), account.role) != call.roles.end())
      return &account;
  return nullptr;
}

class CrossSite {
 public:
  CrossSite(runner::Context& context, const declaration::Login& login)
      : context_(context), login_(login) {}

  SessionGap run() {
    SessionGap out;
    std::size_t made = 0;
    for (const auto& call : context_.device().calls) {
      if (!fits(call) || made == kMostCalls) continue;
      if (auto gap = make(call); !gap.empty()) {
        if (out.empty()) out = gap;
      } else {
        ++made;
      }
    }
    if (made == 0 && out.empty())
      out = {"no changing call of the login " + login_.id + " with an undo is declared",
             Cause::declaration};
    if (auto gap = read(); !gap.empty() && out.empty()) out = gap;
    return out;
  }

 private:
  [[nodiscard]] bool fits(const declaration::Call& call) const {
    const auto* undo = context_.device().call(call.undo);
    const bool harmless =
        call.kind != "reset" && call.kind != "update" && call.kind != "credential";
    return call.changes && undo != nullptr && harmless && call.http.login == login_.id &&
           call.http.port == login_.port && call.proof_field.empty();
  }

  [[nodiscard]] const declaration::Call* changed_before(const declaration::Call& call) const {
    for (const auto& one : context_.device().calls) {
      if (&one == &call) return nullptr;
      if (one.undo == call.id) return &one;
    }
    return nullptr;
  }

  Told send(HttpClient& client, const declaration::HttpCall& call, const HttpRequest& request) {
    const auto response = client.exchange(request);
    return response ? told_by(call, *response) : Told::nothing;
  }

  // Without its token a request was answered with neither success nor failure: the same one with it
  // is told as done, so that the token alone decides.
  bool token_decides(HttpClient& client, const declaration::HttpCall& call) {
    if (!call.token || call.success_text.empty()) return false;
    HttpRequest known = as_foreign_page(call);
    known.token = token_of(call.token);
    return send(client, call, known) == Told::done;
  }

  SessionGap make(const declaration::Call& call) {
    const auto* account = account_of(context_.device(), call);
    if (account == nullptr)
      return {"no account with a known password may make the call " + call.id, Cause::declaration};
    SessionBench bench(context_, login_, *account);
    if (auto ready = bench.ready(); !ready) return gap_of(ready.error());
    auto session = bench.log_in();
    if (!session) return gap_of(session.error());
    HttpClient& client = *session->client;
    const auto carriers = bench.carriers(*session);
    const std::string origin = origin_of(bench, client);
    // Of two calls that undo each other the second is made where the first was made before it.
    const auto* changed = changed_before(call);
    const auto& undo = changed != nullptr ? call.http : context_.device().call(call.undo)->http;
    const auto prepare = [&] {
      return changed == nullptr ||
             send(client, changed->http, as_own_page(changed->http, origin)) == Told::done;
    };
    facts::CrossSiteTrial fact;
    fact.subject = login_.port.subject();
    fact.call = call.id;
    fact.method = call.http.method;
    const bool cookie = std::any_of(carriers.begin(), carriers.end(),
                                    [](const auto& one) { return one.carrier == "cookie"; });
    const bool other = std::any_of(carriers.begin(), carriers.end(),
                                   [](const auto& one) { return one.carrier != "cookie"; });
    // A session that also needs what a browser does not send by itself is not carried across.
    fact.carrier = carriers.empty() ? "unknown" : cookie && !other ? "cookie" : "other";
    fact.same_site = same_site_of(client, carriers);
    // What is taken back where nothing was changed looks done without being done.
    const Told own =
        prepare() ? send(client, call.http, as_own_page(call.http, origin)) : Told::nothing;
    fact.own = std::string(word(own));
    if (own == Told::done && changed == nullptr)
      (void)send(client, undo, as_own_page(undo, origin));
    const bool ready = prepare();
    const bool asked = allowed_first(client, call.http);
    const Result<HttpResponse> answer =
        asked ? client.exchange(as_foreign_page(call.http))
              : Result<HttpResponse>(
                    fail(ErrorKind::refused, "the device did not allow it beforehand"));
    Told foreign = asked ? Told::nothing : Told::refused;
    if (answer && ready) foreign = told_by(call.http, *answer);
    bool done = foreign == Told::done;
    // Half an answer may have lacked the text by chance.
    if (answer && ready && !answer->broken_off() && foreign == Told::nothing &&
        token_decides(client, call.http)) {
      foreign = Told::refused;
      done = true;
    }
    fact.foreign_page = std::string(word(foreign));
    fact.evidence = client.evidence();
    bool back = true;
    if (changed != nullptr ? !done : done || foreign != Told::refused)
      back = send(client, undo, as_own_page(undo, origin)) == Told::done;
    (void)bench.log_out(*session);
    runner::record(context_, fact);
    if (!back && own == Told::done)
      return {"the call " + call.id + " was made and could not be taken back", Cause::device};
    return {};
  }

  SessionGap read() {
    const auto* account = account_for(context_.device(), login_.id);
    if (account == nullptr)
      return {"no account with a known password was handed over for the login " + login_.id,
              Cause::declaration};
    SessionBench bench(context_, login_, *account);
    if (auto ready = bench.ready(); !ready) return gap_of(ready.error());
    auto session = bench.log_in();
    if (!session) return gap_of(session.error());
    SessionGap out;
    for (const std::string& path : paths())
      if (!read_path(bench, *session->client, path) && out.empty())
        out = {path + " did not answer with an Origin", Cause::device};
    (void)bench.log_out(*session);
    return out;
  }

  [[nodiscard]] std::set<std::string> paths() const {
    std::set<std::string> out{login_.check_path.empty() ? "/" : login_.check_path};
    for (const auto& call : context_.device().calls)
      if (call.http.method == "GET" && !call.changes && call.http.port == login_.port &&
          out.size() < kMostPaths)
        out.insert(call.http.path);
    return out;
  }

  bool read_path(const SessionBench& bench, HttpClient& client, const std::string& path) {
    const std::string scheme = bench.login().tls ? "https://" : "http://";
    const std::string host = client.host().substr(0, client.host().rfind(':'));
    const std::array<std::pair<const char*, std::string>, 3> origins{
        {{"foreign", std::string("https://") + kSite},
         {"null", "null"},
         {"look-alike", scheme + (client.host().front() == '[' ? "device" : host) + "." + kSite}}};
    for (const auto& [name, origin] : origins) {
      HttpRequest request;
      request.target = path;
      request.fields = {{"Origin", origin}};
      const auto answer = client.exchange(request);
      if (!answer) return false;
      const auto allows = answer->field("Access-Control-Allow-Origin");
      facts::CrossOriginAnswer fact;
      fact.evidence = answer->evidence;
      fact.subject = login_.port.subject();
      fact.path = path;
      fact.origin = name;
      fact.allows = allows.empty()     ? "none"
                    : allows == origin ? "same"
                    : allows == "*"    ? "any"
                                       : "other";
      fact.credentials = yes_no(answer->field("Access-Control-Allow-Credentials") == "true");
      runner::record(context_, fact);
    }
    return true;
  }

  runner::Context& context_;
  const declaration::Login& login_;
};

Result<void> try_cross_site(runner::Context& context) {
  std::map<std::string, SessionGap> subjects;
  for (const Surface& surface : surfaces(context)) {
    const auto& login = surface.login;
    if (!keeps_sessions(context, login)) continue;
    SessionGap& gap = subjects[login.port.subject()];
    const auto* declared = login.id.empty() ? nullptr : context.device().login(login.id);
    if (declared == nullptr) {
      const bool another = std::any_of(
          context.device().logins.begin(), context.device().logins.end(),
          [&](const auto& one) { return one.port == login.port && keeps_sessions(context, one); });
      if (!another && gap.empty())
        gap = {"the login at " + printable(login.path, 100) + " is not declared",
               Cause::declaration};
      continue;
    }
    const SessionGap found = CrossSite(context, *declared).run();
    if (gap.empty()) gap = found;
  }
  for (const auto& [subject, why] : subjects)
    context.cover(why.empty() ? whole(kTopic, subject) : gap(kTopic, subject, why.cause, why.why));
  return {};
}

// A run may have died between a call and its undo.
Result<void> take_back(runner::Context& context) {
  std::string trouble;
  for (const auto& call : context.device().calls) {
    const auto* undo = context.device().call(call.undo);
    if (undo == nullptr || call.kind == "reset" || call.kind == "update" ||
        call.kind == "credential" || !call.proof_field.empty())
      continue;
    const auto* account = account_of(context.device(), call);
    const auto* login = context.device().login(call.http.login);
    if (account == nullptr || login == nullptr || !login->method.starts_with("http-")) continue;
    // Of two calls that undo each other the second of the list is the state before.
    if (undo->undo == call.id && &call > undo) continue;
    bool done = false;
    const auto made =
        inside(context, undo->http, {.kind = Actor::Kind::account, .account = account},
               "undo after an interrupted run", [&](HttpClient& client) {
                 const auto answer = client.exchange(request_of(undo->http));
                 done = answer && told_by(undo->http, *answer) == Told::done;
               });
    if (!made || !done) trouble = call.id;
  }
  if (!trouble.empty())
    return fail(ErrorKind::refused,
                "the call " + trouble + " could not be taken back after the interrupted trial");
  return {};
}

}  // namespace

runner::Procedure cross_site_procedure() {
  runner::Info info;
  info.id = "cross-site";
  info.title = {"다른 사이트의 요청", "requests of other sites"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"login_surface", "http_cookie"};
  info.provides_facts = {"cross_site_trial", "cross_origin_answer"};
  info.topics = {kTopic};
  info.exclusive = {"login"};
  info.connections = 30;
  info.logins = 10;
  info.expected = std::chrono::seconds(3);
  info.deadline = std::chrono::seconds(300);
  info.recovery = {"선언된 되돌리는 요청(undo)을 보낸다.", "Makes the declared undo calls."};
  return {.info = std::move(info), .run = try_cross_site, .recover = take_back};
}

}  // namespace haetae::testcases
