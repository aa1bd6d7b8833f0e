#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <regex>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "devices/web_parts.hpp"

/// What a careless web application does with input: each carelessness is a setting of its own, and
/// none of them runs anything on this machine.
namespace haetae::devices {
namespace {

using nlohmann::json;

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/sh\ncamera:x:100:100::/:/bin/false\n";
constexpr std::size_t kBuffer = 4096;  // of the application that a longer name breaks

/// shell_output() is what a shell would print for the `echo` of a sum in a command line.
std::string shell_output(const std::string& line) {
  static const std::regex kEcho(R"(echo ([a-z]+)\$\(\((\d{1,9})\*(\d{1,9})\)\)([a-z]+))");
  std::smatch found;
  if (!std::regex_search(line, found, kEcho)) return {};
  return found[1].str() + std::to_string(std::stoull(found[2]) * std::stoull(found[3])) +
         found[4].str();
}

std::string rendered(const std::string& text) {
  static const std::regex kSum(R"(\{\{(\d{1,9})\*(\d{1,9})\}\})");
  std::smatch found;
  if (!std::regex_search(text, found, kSum)) return text;
  return found.prefix().str() + std::to_string(std::stoull(found[1]) * std::stoull(found[2])) +
         found.suffix().str();
}

void wait_as_told(const std::string& line) {
  static const std::regex kSleep(R"(\$\(sleep (\d)\))");
  std::smatch found;
  if (std::regex_search(line, found, kSleep))
    std::this_thread::sleep_for(std::chrono::seconds(std::stoi(found[1])));
}

/// as_condition() is the name where a condition behind it holds, as a query would find it.
std::optional<std::string> as_condition(const std::string& name) {
  static const std::regex kAnd(R"(^(.*)' AND '(\d+)'='(\d+)$)");
  std::smatch found;
  if (!std::regex_match(name, found, kAnd)) return name;
  if (found[2] != found[3]) return std::nullopt;
  return found[1].str();
}

Reply shown(const std::string& name) {
  return in_json(200, json{{"name", name}}.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::optional<Reply> careless_name(const Visit& visit, const std::string& name) {
  const auto& kind = visit.device.settings.text("web.injection");
  if (kind == "command") {
    const std::string output = shell_output(name);
    if (!output.empty()) return shown(output);
  } else if (kind == "blind-command") {
    wait_as_told(name);
  } else if (kind == "template") {
    const std::string text = rendered(name);
    if (text != name) return shown(text);
  } else if (kind == "header" && name.find('\n') != std::string::npos) {
    auto reply = shown("SimCam");
    reply.headers.emplace_back("X-Name", name);
    return reply;
  } else if (kind == "sql") {
    const auto found = as_condition(name);
    if (!found) return in_json(400, R"({"error":"no such name"})");
    if (*found != name) return shown(*found);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reply> serve_careless(const Visit& visit) {
  const auto& settings = visit.device.settings;
  if (settings.text("web.injection") == "path" &&
      visit.request.target.find("/../etc/passwd") != std::string::npos)
    return Reply{.type = "text/plain", .body = std::string(kPasswd), .headers = {}};
  if (visit.request.path() != "/api/settings" || visit.request.method != "POST" ||
      !visit.administrator())
    return std::nullopt;
  if (settings.yes("web.error-details") &&
      !json::parse(visit.request.body, nullptr, false).is_object())
    return Reply{.status = 500,
                 .type = "text/plain",
                 .body =
                     "Traceback (most recent call last):\n  File \"/opt/camera/web/settings.py\", "
                     "line 41, in post\nValueError: no object\n",
                 .headers = {}};
  const auto name = json_member(visit.request, "name");
  if (!name) return std::nullopt;
  if (settings.yes("web.overflow") && name->size() > kBuffer) {
    visit.device.later(visit.device.halt);
    return in_json(500, R"({"error":"failed"})");
  }
  return careless_name(visit, *name);
}

}  // namespace haetae::devices
