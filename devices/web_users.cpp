#include <openssl/evp.h>

#include <nlohmann/json.hpp>

#include "devices/web_parts.hpp"

namespace haetae::devices {
namespace {

using nlohmann::json;

constexpr std::string_view kUsers = "/api/users";

std::string in_base64(const std::string& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), int(text.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

Reply user(const Visit& visit, const std::string& name) {
  if (!visit.user) return sign_in_first();
  const bool anybody = visit.device.settings.yes("web.any-object");
  if (!anybody && !visit.administrator() && *visit.user != name) return administrators_only();
  if (!visit.device.accounts.knows(name)) return in_json(404, R"({"error":"no such user"})");
  return in_json(200, json{{"name", name},
                           {"administrator", visit.device.accounts.administers(name)},
                           {"note", visit.device.store.get("note." + name)}}
                          .dump());
}

Reply list(const Visit& visit) {
  if (!visit.user) return sign_in_first();
  if (!visit.administrator() && !visit.device.settings.yes("web.any-role"))
    return administrators_only();
  return in_json(200, json{{"users", visit.device.accounts.names()}}.dump());
}

Reply settings(const Visit& visit) {
  if (!visit.user) return sign_in_first();
  if (visit.request.method == "POST") {
    if (!visit.administrator() && !visit.device.settings.yes("web.any-role"))
      return administrators_only();
    const auto name = json_member(visit.request, "name");
    if (!name || name->empty() || name->size() > 40)
      return in_json(400, R"({"error":"send a name of at most 40 bytes"})");
    visit.device.store.set("name", *name);
  }
  json shown{{"name", visit.device.store.get("name", "SimCam")}};
  const auto& shows = visit.device.settings.text("web.shows-password");
  if (shows != "none") {
    const auto& account = visit.device.personality.accounts.front();
    shown["stream"] =
        shows == "clear" ? account.password : in_base64(account.name + ":" + account.password);
  }
  return in_json(200, shown.dump(-1, ' ', false, json::error_handler_t::replace));
}

Reply recovery(const Visit& visit) {
  if (!visit.user) return sign_in_first();
  if (!visit.administrator()) return administrators_only();
  const bool asks = visit.device.settings.yes("web.needs-proof");
  const auto proof = json_member(visit.request, "password");
  if (asks && (!proof || !visit.device.accounts.is_password(*visit.user, *proof)))
    return in_json(403, R"({"error":"send your password with it"})");
  const auto address = json_member(visit.request, "address");
  if (!address || address->empty() || address->size() > 80)
    return in_json(400, R"({"error":"send an address of at most 80 bytes"})");
  visit.device.store.set("recovery", *address);
  return in_json(200, R"({"ok":true})");
}

}  // namespace

std::optional<Reply> serve_users(const Visit& visit) {
  std::string path = visit.request.path();
  const bool doubled = path.rfind("//", 0) == 0;
  if (doubled && visit.user && visit.device.settings.text("web.path-check") == "as-written") {
    path = path.substr(1);
    if (path == kUsers) return in_json(200, json{{"users", visit.device.accounts.names()}}.dump());
  }
  const bool reading = visit.request.method == "GET" || visit.request.method == "HEAD";
  if (path == "/api/settings" && (reading || visit.request.method == "POST"))
    return settings(visit);
  if (path == "/api/recovery" && visit.request.method == "POST") return recovery(visit);
  if (path.rfind(kUsers, 0) != 0 || !reading) return std::nullopt;
  if (path.size() == kUsers.size()) return list(visit);
  if (path[kUsers.size()] != '/') return std::nullopt;
  return user(visit, path.substr(kUsers.size() + 1));
}

Reply in_json(int status, std::string text) {
  return {
      .status = status, .type = "application/json", .body = std::move(text) + "\n", .headers = {}};
}

Reply sign_in_first() { return in_json(401, R"({"error":"sign in first"})"); }

Reply administrators_only() { return in_json(403, R"({"error":"this needs the administrator"})"); }

std::optional<std::string> json_member(const Request& request, const char* name) {
  const auto body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return std::nullopt;
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace haetae::devices
