#include "harness/protocols/swupdate.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/model/bytes.hpp"

namespace haetae::protocols {

std::optional<SwupdateEvent> swupdate_event(std::string_view message) {
  if (message.size() > 64 * 1024) return std::nullopt;
  // Its messages are flat: nesting is bounded before the parser sees it.
  const auto opening = [](char c) { return c == '{' || c == '['; };
  if (std::ranges::count_if(message, opening) > 32) return std::nullopt;
  const nlohmann::json object = nlohmann::json::parse(message, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto member = [&](const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string()
               ? printable(found->get_ref<const std::string&>(), 300)
               : std::string();
  };
  SwupdateEvent out{.type = member("type"), .status = member("status"), .text = member("text")};
  if (out.type.empty()) return std::nullopt;
  return out;
}

}  // namespace haetae::protocols
