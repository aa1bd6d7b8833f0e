#include "harness/formats/component_list.hpp"

#include <nlohmann/json.hpp>

namespace haetae::formats {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMost = 20'000;
constexpr std::size_t kLargest = 64U << 20U;
constexpr int kDeepest = 64;

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>().substr(0, 200)
                                                     : std::string();
}

void take(ComponentList& out, const Json& list, const char* version, int depth) {
  if (!list.is_array() || depth > 8) {
    out.whole = false;
    return;
  }
  for (const Json& one : list) {
    if (!one.is_object() || text_of(one, "name").empty() || out.components.size() >= kMost) {
      out.whole = false;
      continue;
    }
    out.components.push_back({text_of(one, "name"), text_of(one, version)});
    if (const auto inner = one.find("components"); inner != one.end())
      take(out, *inner, version, depth + 1);
  }
}

}  // namespace

std::optional<ComponentList> read_component_list(std::string_view json) {
  if (json.size() > kLargest) return std::nullopt;
  const Json::parser_callback_t shallow = [](int depth, Json::parse_event_t, Json&) {
    return depth <= kDeepest;
  };
  const Json root = Json::parse(json, shallow, false);
  if (!root.is_object()) return std::nullopt;
  ComponentList out;
  if (text_of(root, "bomFormat") == "CycloneDX") {
    out.format = "cyclonedx";
    if (root.contains("components")) take(out, root["components"], "version", 0);
    return out;
  }
  if (text_of(root, "spdxVersion").starts_with("SPDX-")) {
    out.format = "spdx";
    if (root.contains("packages")) take(out, root["packages"], "versionInfo", 0);
    return out;
  }
  return std::nullopt;
}

}  // namespace haetae::formats
