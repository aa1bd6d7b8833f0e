#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "devices/device.hpp"
#include "devices/http.hpp"
#include "devices/web_parts.hpp"

namespace haetae::devices {
namespace {

using nlohmann::json;

constexpr std::string_view kLoginPage = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>SimCam - sign in</title>
<link rel="stylesheet" href="/style.css"></head>
<body><main><h1>SimCam</h1>
<label>User <input id="user" autocomplete="username"></label>
<label>Password <input id="password" type="password" autocomplete="current-password"></label>
<button id="enter">Sign in</button><p id="says" role="status"></p></main>
<script src="/app.js"></script></body></html>
)";

constexpr std::string_view kScript = R"(document.getElementById("enter").onclick = async () => {
  const value = (id) => document.getElementById(id).value;
  const answer = await fetch("/api/login", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({user: value("user"), password: value("password")})});
  document.getElementById("says").textContent = answer.ok ? "Signed in" : (await answer.json()).error;
};
)";

/// kPicture is a grey JPEG of 8 by 8 points.
constexpr std::string_view kPicture =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
    "AQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAA"
    "AAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z";

class WebApp {
 public:
  WebApp(Device& device, Connection& connection) : device_(device), connection_(connection) {}

  void serve() {
    Request broken;
    while (auto request = read_request(connection_, &broken)) {
      const bool last =
          lower_case(request->header("connection")) == "close" || request->version == "HTTP/1.0";
      const Visit before = visit(*request);
      const auto reply = answer(*request);
      note_request(before, reply);
      if (request->path() == "/api/update" && device_.settings.text("update.answer") == "none")
        return;
      if (!send(*request, reply, last) || last) return;
    }
    if (broken.method == "POST" && broken.path() == "/api/update" &&
        may_update(broken).status == 200)
      drop();
  }

 private:
  Reply answer(const Request& request) {
    const auto path = request.path();
    const bool reading = request.method == "GET" || request.method == "HEAD";
    if (from_elsewhere(device_, request))
      return say(403, {{"error", "this request comes from another site"}});
    if (path == "/api/login") return request.method == "POST" ? login(request) : wrong_method();
    if (path == "/api/logout") return request.method == "POST" ? logout(request) : wrong_method();
    if (path == "/api/password") return request.method == "POST" ? change(request) : wrong_method();
    if (auto reply = serve_careless(visit(request))) return *reply;
    if (auto reply = serve_users(visit(request))) return *reply;
    if (auto reply = serve_files(visit(request))) return *reply;
    if (auto reply = serve_records(visit(request))) return *reply;
    if (auto reply = serve_support(visit(request))) return *reply;
    if (path == "/api/ptz") return turn(request);
    if (path == "/api/update") return request.method == "POST" ? update(request) : wrong_method();
    if (path == "/api/backup") return settings_file(request);
    if (path == "/api/update/check")
      return request.method == "POST" ? look_for_update(request) : wrong_method();
    if (!reading) return {.status = 405, .body = "", .headers = {{"Allow", "GET, HEAD"}}};
    if (path == "/") return login_page();
    if (path == "/app.js")
      return {.type = "text/javascript", .body = std::string(kScript), .headers = {}};
    if (path == "/style.css")
      return {
          .type = "text/css", .body = "main{max-width:20rem;margin:4rem auto}\n", .headers = {}};
    if (path == "/api/status") return status(request);
    if (path == "/snapshot.jpg") return snapshot(request);
    if (const auto& open = device_.settings.text("web.open-path"); !open.empty() && path == open)
      return say(200, {{"network", {{"dhcp", true}}}, {"recording", {{"days", 14}}}});
    if (device_.settings.yes("web.listing") && path.size() > 1 && path.back() == '/')
      return listing(path);
    if (device_.settings.text("web.unknown-path") == "200")
      return {.body = std::string(kLoginPage), .headers = {}};
    return {.status = 404,
            .body = "<!DOCTYPE html><title>Not found</title><p>Not found.</p>\n",
            .headers = {}};
  }

  Visit visit(const Request& request) {
    return {
        .device = device_, .request = request, .connection = connection_, .user = user_of(request)};
  }
  Reply login_page() const {
    std::string page(kLoginPage);
    constexpr std::string_view kMasked = "type=\"password\"";
    if (device_.settings.text("web.password-field") == "clear")
      page.replace(page.find(kMasked), kMasked.size(), "type=\"text\"");
    return {.body = std::move(page), .headers = {}};
  }
  static Reply wrong_method() {
    return {.status = 405, .body = "", .headers = {{"Allow", "POST"}}};
  }
  static Reply say(int status, const json& body) {
    return {
        .status = status, .type = "application/json", .body = body.dump() + "\n", .headers = {}};
  }
  static Reply blocked() {
    auto reply = say(429, {{"error", "the account is blocked after too many failures"}});
    reply.headers.emplace_back("Retry-After", "30");
    return reply;
  }
  std::optional<std::string> user_of(const Request& request) {
    return device_.accounts.session_user(cookie(request, "SESSION"));
  }
  static std::optional<json> body_of(const Request& request) {
    auto body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) return std::nullopt;
    return body;
  }
  static std::string member(const json& body, const char* name) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : "";
  }

  std::string session_cookie(const std::string& value) const {
    const auto& settings = device_.settings;
    std::string text = "SESSION=" + value + "; Path=/";
    if (settings.yes("cookie.secure")) text += "; Secure";
    if (settings.yes("cookie.http-only")) text += "; HttpOnly";
    if (const auto& same_site = settings.text("cookie.same-site"); same_site != "absent")
      text += "; SameSite=" + same_site;
    return text;
  }

  Reply login(const Request& request) {
    const auto body = body_of(request);
    if (!body) return say(400, {{"error", "send user and password as JSON"}});
    const auto user = member(*body, "user"), password = member(*body, "password");
    if (device_.settings.text("web.injection") == "login" &&
        user.find("' OR '") != std::string::npos) {
      auto reply = say(200, {{"ok", true}});
      reply.headers.emplace_back("Set-Cookie",
                                 session_cookie(device_.accounts.open_session("admin")));
      return reply;
    }
    const auto result = device_.accounts.login("web", user, connection_.peer(), password);
    if (result == LoginResult::blocked && !device_.settings.yes("lockout.silent")) return blocked();
    if (result != LoginResult::accepted) {
      const bool tells = device_.settings.yes("login.tells-user");
      return say(401, {{"error", !tells                         ? "wrong user name or password"
                                 : device_.accounts.knows(user) ? "wrong password"
                                                                : "no such user"}});
    }
    if (const int port = device_.settings.number("web.opens-port"); port != 0)
      device_.open(static_cast<std::uint16_t>(port));
    auto reply = say(200, {{"ok", true}, {"change-password", device_.accounts.factory()}});
    reply.headers.emplace_back("Set-Cookie", session_cookie(device_.accounts.open_session(
                                                 user, cookie(request, "SESSION"))));
    return reply;
  }

  Reply logout(const Request& request) {
    device_.accounts.close_session(cookie(request, "SESSION"));
    auto reply = say(200, {{"ok", true}});
    reply.headers.emplace_back("Set-Cookie", session_cookie("") + "; Max-Age=0");
    return reply;
  }

  Reply change(const Request& request) {
    const auto user = user_of(request);
    if (!user) return say(401, {{"error", "sign in first"}});
    const auto body = body_of(request);
    if (!body) return say(400, {{"error", "send old and new as JSON"}});
    const auto why = device_.accounts.change_password(
        *user, member(*body, "old"), member(*body, "new"), cookie(request, "SESSION"));
    if (!why.empty()) return say(400, {{"error", why}});
    return say(200, {{"ok", true}});
  }

  Reply status(const Request& request) {
    const bool open = device_.settings.text("web.status") == "open";
    if (!open && !user_of(request)) return say(401, {{"error", "sign in first"}});
    if (!open && !device_.may_view()) return replace_first();
    const auto shown = [&](const char* setting, const std::string& real) {
      const auto& text = device_.settings.text(setting);
      return text == "=" ? real : text;
    };
    json body = {{"state", device_.accounts.factory() ? "factory" : "normal"},
                 {"serial", device_.personality.maker.serial}};
    const auto model = shown("shown.model", device_.personality.maker.model);
    const auto firmware = shown("shown.firmware", device_.updater.version());
    if (!model.empty()) body["model"] = model;
    if (!firmware.empty()) body["firmware"] = firmware;
    return say(200, body);
  }

  /// may_update() is 200 or the answer that says why not.
  Reply may_update(const Request& request) {
    const auto& who = device_.settings.text("update.login");
    if (who == "none") return say(200, {});
    const auto user = user_of(request);
    if (!user) return say(401, {{"error", "sign in first"}});
    if (!device_.may_control()) return replace_first();
    if (who == "administrator" && !device_.accounts.administers(*user))
      return say(403, {{"error", "this needs the administrator"}});
    return say(200, {});
  }

  Reply update(const Request& request) {
    auto allowed = may_update(request);
    if (allowed.status != 200) return allowed;
    const auto why = device_.updater.install(request.body);
    if (why.empty()) device_.later(device_.restart);
    if (device_.settings.text("update.answer") == "always-200" || why.empty())
      return say(200, {{"ok", true}, {"restart", true}});
    return say(400, {{"error", why}});
  }

  Reply settings_file(const Request& request) {
    const auto user = user_of(request);
    if (!user) return say(401, {{"error", "sign in first"}});
    if (!device_.may_control()) return replace_first();
    if (!device_.accounts.administers(*user))
      return say(403, {{"error", "this needs the administrator"}});
    if (request.method == "GET")
      return {.type = "application/octet-stream", .body = device_.backup.save(), .headers = {}};
    if (request.method != "POST")
      return {.status = 405, .body = "", .headers = {{"Allow", "GET, POST"}}};
    const auto why = device_.backup.restore(request.body);
    return why.empty() ? say(200, {{"ok", true}}) : say(400, {{"error", why}});
  }

  void drop() {
    const auto before = device_.updater.version();
    device_.updater.dropped();
    if (device_.updater.bricked() || device_.updater.version() != before)
      device_.later(device_.restart);
  }

  Reply look_for_update(const Request& request) {
    auto allowed = may_update(request);
    if (allowed.status != 200) return allowed;
    device_.later([&device = device_, own = connection_.local()] {
      if (device.updater.ask_server(own)) device.restart();
    });
    return say(200, {{"ok", true}});
  }

  static Reply replace_first() {
    return say(403, {{"error", "replace the factory password first"}});
  }

  Reply turn(const Request& request) {
    if (request.method != "GET" && request.method != "POST" && request.method != "HEAD")
      return {.status = 405, .body = "", .headers = {{"Allow", "GET, POST"}}};
    const bool factory = device_.accounts.factory();
    const bool open = factory ? device_.settings.text("factory.control") == "granted"
                              : device_.settings.text("web.ptz") == "open";
    if (!open && !user_of(request)) return say(401, {{"error", "sign in first"}});
    if (!device_.may_control()) return replace_first();
    return say(200, {{"ok", true}, {"pan", 0}, {"tilt", 0}, {"zoom", 1}});
  }

  Reply snapshot(const Request& request) {
    const Reply picture{.type = "image/jpeg", .body = from_base64(kPicture), .headers = {}};
    const bool factory = device_.accounts.factory();
    if (factory ? device_.settings.text("factory.view") == "granted"
                : device_.settings.text("web.snapshot") == "open")
      return picture;
    const auto proof = digest_proof(request);
    const bool fresh = proof && good_nonce(device_.secret, proof->nonce);
    if (fresh && proof->uri == request.target) {
      const auto result =
          device_.accounts.login("stream", proof->user, connection_.peer(),
                                 [&](const std::string& right) { return proof->made_from(right); });
      if (result == LoginResult::blocked && !device_.settings.yes("lockout.silent"))
        return blocked();
      if (result == LoginResult::accepted) return device_.may_view() ? picture : replace_first();
    }
    Reply reply{.status = 401, .type = "text/plain", .body = "Login required.\n", .headers = {}};
    for (auto& challenge : digest_challenges(device_.secret, proof && !fresh))
      reply.headers.emplace_back("WWW-Authenticate", std::move(challenge));
    return reply;
  }

  static Reply listing(const std::string& path) {
    return {.body = fmt::format("<!DOCTYPE html>\n<html><head><title>Index of {0}</title></head>"
                                "<body><h1>Index of {0}</h1><hr><pre><a href=\"../\">../</a>\n"
                                "<a href=\"system.log\">system.log</a>  22-Nov-2026 10:00  4096\n"
                                "</pre><hr></body></html>\n",
                                path.find_first_of("<>&\"'") == std::string::npos ? path : "/"),
            .headers = {}};
  }

  bool send(const Request& request, const Reply& reply, bool last) {
    auto text = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
    if (const auto& server = device_.settings.text("web.server"); !server.empty())
      text += fmt::format("Server: {}\r\n", server);
    text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n",
                        reply.type, reply.body.size());
    if (device_.settings.yes("web.headers")) {
      text +=
          "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
          "Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'self'; "
          "frame-ancestors 'none'\r\n";
      if (connection_.tls()) text += "Strict-Transport-Security: max-age=31536000\r\n";
    }
    for (const auto& [name, value] : origin_headers(device_, request))
      text += fmt::format("{}: {}\r\n", name, value);
    for (const auto& [name, value] : reply.headers) text += fmt::format("{}: {}\r\n", name, value);
    if (last) text += "Connection: close\r\n";
    text += "\r\n";
    if (request.method != "HEAD") text += reply.body;
    return connection_.write(text);
  }

  Device& device_;
  Connection& connection_;
};

std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

}  // namespace

void serve_web(Device& device, Connection& connection) { WebApp(device, connection).serve(); }

void serve_redirect(Device&, Connection& connection) {
  const auto request = read_request(connection);
  if (!request) return;
  auto target = request->target;
  if (target.empty() || target.front() != '/') target = "/";
  // The address that was asked, never the Host header, so that nobody can steer where it leads.
  connection.write(
      fmt::format("HTTP/1.1 301 Moved Permanently\r\nLocation: https://{}{}\r\n"
                  "Content-Length: 0\r\nConnection: close\r\n\r\n",
                  in_url(connection.local()), target));
}

void serve_basic(Device& device, Connection& connection) {
  while (const auto request = read_request(connection)) {
    const auto header = request->header("authorization");
    int status = 401;
    if (lower_case(header.substr(0, 6)) == "basic ") {
      const auto pair = from_base64(std::string_view(header).substr(6));
      const auto colon = std::min(pair.find(':'), pair.size());
      const auto result = device.accounts.login("basic", pair.substr(0, colon), connection.peer(),
                                                colon < pair.size() ? pair.substr(colon + 1) : "");
      if (result == LoginResult::accepted) status = 200;
      if (result == LoginResult::blocked) status = 429;
    }
    const std::string body = status == 200 ? "<title>Settings</title>\n" : "Login required.\n";
    const auto sent = connection.write(fmt::format(
        "HTTP/1.1 {} {}\r\n{}Content-Type: text/html\r\nContent-Length: {}\r\n\r\n{}", status,
        reason(status), status == 401 ? "WWW-Authenticate: Basic realm=\"SimCam\"\r\n" : "",
        body.size(), request->method == "HEAD" ? "" : body));
    if (!sent || lower_case(request->header("connection")) == "close") return;
  }
}

}  // namespace haetae::devices
