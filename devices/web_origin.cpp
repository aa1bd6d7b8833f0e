#include "devices/web_parts.hpp"

namespace haetae::devices {
namespace {

/// plain() is a text that fits a header line.
bool plain(const std::string& text) {
  for (const char c : text)
    if (c < 0x20 || c > 0x7e) return false;
  return !text.empty() && text.size() <= 200;
}

}  // namespace

bool from_elsewhere(const Device& device, const Request& request) {
  if (request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS")
    return false;
  if (device.settings.text("web.origin") == "ignored") return false;
  const std::string origin = request.header("origin");
  if (origin.empty()) return false;
  const std::size_t at = origin.find("://");
  return at == std::string::npos || origin.substr(at + 3) != request.header("host");
}

Headers origin_headers(const Device& device, const Request& request) {
  const std::string origin = request.header("origin");
  if (device.settings.text("web.cors") != "echo" || !plain(origin)) return {};
  return {{"Access-Control-Allow-Origin", origin},
          {"Access-Control-Allow-Credentials", "true"},
          {"Vary", "Origin"}};
}

}  // namespace haetae::devices
