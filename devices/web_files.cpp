#include "devices/web_parts.hpp"

namespace haetae::devices {
namespace {

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/sbin/nologin\n"
    "camera:x:100:100:camera:/var/lib/camera:/sbin/nologin\n";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool whole = text[at] == '%' && at + 2 < text.size();
    if (whole && digit(text[at + 1]) >= 0 && digit(text[at + 2]) >= 0) {
      out += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace

std::optional<Reply> serve_files(const Visit& visit) {
  const auto& settings = visit.device.settings;
  const std::string path = visit.request.path();
  if (path == "/debug/vars" && settings.text("web.debug-page") != "none") {
    if (settings.text("web.debug-page") == "signed-in" && !visit.user) return sign_in_first();
    return in_json(200, R"({"cmdline":["camerad"],"memstats":{"Alloc":104857,"Sys":524288}})");
  }
  if (!settings.yes("web.leaves-folder")) return std::nullopt;
  const std::string file = decoded(path);
  if (file.find("/../") == std::string::npos || !file.ends_with("/etc/passwd")) return std::nullopt;
  return Reply{.type = "text/plain", .body = std::string(kPasswd), .headers = {}};
}

}  // namespace haetae::devices
