#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "devices/web_parts.hpp"

/// What the camera tells the world, what a user takes out of it, and how it forgets him.
namespace haetae::devices {
namespace {

using nlohmann::json;

std::string date_in(int days) {
  const std::chrono::year_month_day day{
      std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) +
      std::chrono::days(days)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

std::optional<Reply> security_txt(const Visit& visit) {
  const auto& kind = visit.device.settings.text("support.security-txt");
  if (kind == "absent") return std::nullopt;
  const std::string contact =
      kind == "no-contact" ? "http://maker.example/report" : "mailto:security@maker.example";
  return Reply{.status = 200,
               .type = "text/plain; charset=utf-8",
               .body = fmt::format("# Reports in Korean or English\nContact: {}\n"
                                   "Expires: {}T00:00:00Z\nPreferred-Languages: ko, en\n",
                                   contact, date_in(kind == "expired" ? -30 : 180)),
               .headers = {}};
}

Reply support(const Visit& visit) {
  const bool shown = visit.device.settings.text("support.period") == "shown";
  return {.body = fmt::format("<!DOCTYPE html><html lang=\"en\"><head><title>Support</title></head>"
                              "<body><h1>Support</h1><p>Security updates are given{}.</p>"
                              "</body></html>\n",
                              shown ? " until 2031-12-31" : ""),
          .headers = {}};
}

Reply notice(const Visit& visit) {
  if (!visit.user) return sign_in_first();
  if (visit.request.method == "POST") {
    if (!visit.administrator()) return administrators_only();
    visit.device.updater.look(visit.connection.local());
    return in_json(200, R"({"ok":true})");
  }
  const std::string offered = visit.device.updater.offered();
  if (offered.empty() || !visit.device.settings.yes("update.notice"))
    return in_json(200, R"({"update":"none known"})");
  return in_json(200, json{{"update", "new version " + offered}}.dump());
}

Reply exported(const Visit& visit) {
  if (!visit.user) return sign_in_first();
  if (!visit.administrator()) return administrators_only();
  std::string body;
  const std::string content = visit.device.settings.text("export.content");
  if (content != "encrypted") {
    json users = json::array();
    for (const auto& account : visit.device.personality.accounts)
      users.push_back({{"name", account.name}, {"password", account.password}});
    if (content == "clear-large") body.assign(std::size_t{3} << 20U, '\n');
    body += json{{"users", users}}.dump();
  } else {
    // Under a key that the device alone has, so that nobody can tell it from random bytes.
    const std::string digits = random_hex(8192);
    for (std::size_t at = 0; at < digits.size(); at += 2)
      body += static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
  }
  return {.status = 200, .type = "application/octet-stream", .body = body, .headers = {}};
}

Reply reset(const Visit& visit) {
  if (!visit.user) return sign_in_first();
  if (!visit.administrator()) return administrators_only();
  const auto password = json_member(visit.request, "password");
  Device& device = visit.device;
  if (!password || device.accounts.login("web", *visit.user, visit.connection.peer(), *password) !=
                       LoginResult::accepted)
    return in_json(403, R"({"error":"send your password again"})");
  const auto kept = [&](const char* what) { return device.settings.text(what) == "kept"; };
  device.accounts.reset({.accounts = kept("reset.accounts"),
                         .passwords = kept("reset.passwords"),
                         .sessions = kept("reset.sessions")});
  if (!kept("reset.settings")) device.store.clear();
  return in_json(200, R"({"ok":true})");
}

}  // namespace

std::optional<Reply> serve_support(const Visit& visit) {
  const std::string path = visit.request.path();
  const bool reading = visit.request.method == "GET" || visit.request.method == "HEAD";
  const bool posting = visit.request.method == "POST";
  if (reading && path == "/.well-known/security.txt") return security_txt(visit);
  if (reading && path == "/support") return support(visit);
  if ((reading || posting) && path == "/api/update/notice") return notice(visit);
  if (reading && path == "/api/export") return exported(visit);
  if (posting && path == "/api/reset") return reset(visit);
  return std::nullopt;
}

}  // namespace haetae::devices
