#include <cstdlib>
#include <nlohmann/json.hpp>

#include "devices/web_parts.hpp"

namespace haetae::devices {
namespace {

using nlohmann::json;

/// may() is nothing, or the answer to who may not; `who` is administrator, any-account or anybody.
std::optional<Reply> may(const Visit& visit, const std::string& who) {
  if (who == "anybody") return std::nullopt;
  if (!visit.user) return sign_in_first();
  if (who == "administrator" && !visit.administrator()) return administrators_only();
  return std::nullopt;
}

Reply show(const Visit& visit) {
  if (auto refused = may(visit, "administrator")) return *refused;
  return in_json(200, json{{"records", visit.device.journal.entries()}}.dump(
                          -1, ' ', false, json::error_handler_t::replace));
}

Reply erase(const Visit& visit) {
  if (auto refused = may(visit, visit.device.settings.text("records.erase"))) return *refused;
  visit.device.journal.clear();
  visit.device.journal.write({.kind = "erase",
                              .user = visit.user.value_or("nobody"),
                              .text = "record erased",
                              .done = true});
  return in_json(200, R"({"ok":true})");
}

Reply clock(const Visit& visit) {
  if (visit.request.method != "POST") {
    if (!visit.user) return sign_in_first();
    return in_json(200, json{{"time", visit.device.journal.now()}}.dump());
  }
  if (auto refused = may(visit, visit.device.settings.text("time.set"))) return *refused;
  const auto text = json_member(visit.request, "time");
  const auto seconds = text ? std::strtoll(text->c_str(), nullptr, 10) : 0;
  if (seconds <= 0) return in_json(400, R"({"error":"send time in seconds since 1970"})");
  visit.device.journal.set_clock(seconds);
  return in_json(200, R"({"ok":true})");
}

}  // namespace

std::optional<Reply> serve_records(const Visit& visit) {
  const std::string path = visit.request.path();
  const bool reading = visit.request.method == "GET" || visit.request.method == "HEAD";
  const bool sending = visit.request.method == "POST";
  if (path == "/api/log" && reading) return show(visit);
  if (path == "/api/log/clear" && sending) return erase(visit);
  if (path == "/api/time" && (reading || sending)) return clock(visit);
  if (path == "/api/time/ask" && sending) {
    if (auto refused = may(visit, "administrator")) return *refused;
    visit.device.journal.ask_time();
    return in_json(200, R"({"ok":true})");
  }
  return std::nullopt;
}

void note_request(const Visit& visit, const Reply& reply) {
  if (visit.request.method != "POST") return;
  const std::string path = visit.request.path();
  const bool change = path == "/api/settings" || path == "/api/password";
  if (!change && path != "/api/update") return;
  visit.device.journal.write({.kind = change ? "change" : "update",
                              .user = visit.user.value_or("nobody"),
                              .text = change ? "setting changed at " + path : "firmware update",
                              .done = reply.status == 200});
}

}  // namespace haetae::devices
