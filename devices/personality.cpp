#include "devices/personality.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <pugixml.hpp>
#include <sstream>

namespace haetae::devices {
namespace {

const std::vector<std::string_view> kKinds = {"web",  "redirect", "ssh",       "rtsp", "mqtt",
                                              "snmp", "ssdp",     "telnet",    "ftp",  "dns",
                                              "coap", "echo",     "http-basic"};

/// Loader carries the file text for line numbers, and the first fault found.
class Loader {
 public:
  Loader(std::filesystem::path file, std::string text)
      : file_(std::move(file)), text_(std::move(text)) {}

  Outcome<Personality> load() {
    pugi::xml_document document;
    const auto parsed = document.load_buffer(text_.data(), text_.size());
    if (!parsed) return tl::unexpected(at(parsed.offset, parsed.description()));
    const auto root = document.child("personality");
    Personality result;
    if (!root || root != document.document_element())
      return tl::unexpected(at(0, "the root element must be <personality>"));
    read_root(root, result);
    if (!fault_.empty()) return tl::unexpected(fault_);
    return result;
  }

 private:
  std::string at(std::ptrdiff_t offset, std::string_view what) const {
    const auto end =
        std::min(static_cast<std::size_t>(std::max<std::ptrdiff_t>(offset, 0)), text_.size());
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    return fmt::format("{}:{}: {}", file_.string(), line, what);
  }
  void fail(pugi::xml_node node, std::string_view what) {
    if (fault_.empty()) fault_ = at(node.offset_debug(), what);
  }
  void only(pugi::xml_node node, std::initializer_list<std::string_view> attributes,
            std::initializer_list<std::string_view> children) {
    for (const auto attribute : node.attributes())
      if (std::find(attributes.begin(), attributes.end(), attribute.name()) == attributes.end())
        fail(node, fmt::format("<{}> has no attribute '{}'; allowed: {}", node.name(),
                               attribute.name(), fmt::join(attributes, ", ")));
    for (const auto child : node.children())
      if (child.type() == pugi::node_element &&
          std::find(children.begin(), children.end(), child.name()) == children.end())
        fail(child, fmt::format("<{}> may not stand in <{}>; allowed: {}", child.name(),
                                node.name(), fmt::join(children, ", ")));
  }
  std::string need(pugi::xml_node node, const char* name) {
    const auto attribute = node.attribute(name);
    if (!attribute) fail(node, fmt::format("<{}> needs the attribute '{}'", node.name(), name));
    return attribute.value();
  }
  bool yes(pugi::xml_node node, const char* name) {
    const std::string value = node.attribute(name).as_string("no");
    if (value != "yes" && value != "no")
      fail(node, fmt::format("{}: '{}' is not allowed; allowed: yes, no", name, value));
    return value == "yes";
  }
  static std::vector<std::string> words(std::string_view text) {
    std::istringstream stream{std::string(text)};
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
  }

  std::pair<std::string, std::uint16_t> port(pugi::xml_node node) {
    const auto text = need(node, "port");
    const auto slash = text.find('/');
    unsigned number = 0;
    const auto* end = text.data() + text.size();
    const auto transport = text.substr(0, slash);
    if (slash == std::string::npos || (transport != "tcp" && transport != "udp") ||
        std::from_chars(text.data() + slash + 1, end, number).ptr != end || number == 0 ||
        number > 65535)
      fail(node, fmt::format("'{}' is no port; write tcp/443 or udp/161", text));
    return {transport, static_cast<std::uint16_t>(number)};
  }
  Port service(pugi::xml_node node) {
    only(node, {"port", "kind", "tls"}, {});
    const auto [transport, number] = port(node);
    const auto kind = need(node, "kind");
    if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end())
      fail(node, fmt::format("unknown kind '{}'; allowed: {}", kind, fmt::join(kKinds, ", ")));
    return {.transport = transport, .number = number, .kind = kind, .tls = yes(node, "tls")};
  }
  std::pair<std::string, std::string> setting(pugi::xml_node node) {
    only(node, {"name", "value"}, {});
    std::pair<std::string, std::string> result{need(node, "name"), need(node, "value")};
    Settings scratch;
    if (const auto set = scratch.set(result.first, result.second); !set) fail(node, set.error());
    return result;
  }
  AccountSpec account(pugi::xml_node node) {
    only(node, {"name", "password", "factory-password", "factory", "surfaces"}, {});
    AccountSpec result{.name = need(node, "name"),
                       .password = need(node, "password"),
                       .factory_password = node.attribute("factory-password").value(),
                       .factory = yes(node, "factory"),
                       .surfaces = {}};
    for (auto& word : words(need(node, "surfaces"))) result.surfaces.insert(std::move(word));
    return result;
  }
  DefectSpec defect(pugi::xml_node node) {
    only(node, {"name", "breaks"}, {"says", "set", "service", "remove", "firmware"});
    DefectSpec result;
    result.defect = {.name = need(node, "name"),
                     .says = node.child("says").text().as_string(),
                     .breaks = words(node.attribute("breaks").value())};
    for (const auto child : node.children("set")) result.change.settings.push_back(setting(child));
    for (const auto child : node.children("service"))
      result.change.services.push_back(service(child));
    for (const auto child : node.children("remove")) {
      only(child, {"port"}, {});
      result.change.removed.push_back(port(child));
    }
    read_firmware(node.child("firmware"), result.change.firmware, fault());
    result.defect.firmware_only = touches_only_firmware(result.change);
    return result;
  }
  FirmwareFault fault() {
    return [this](pugi::xml_node node, const std::string& what) { fail(node, what); };
  }
  static bool touches_only_firmware(const Change& change) {
    const auto of_firmware = [](const auto& one) { return one.first.starts_with("firmware."); };
    return change.services.empty() && change.removed.empty() &&
           std::all_of(change.settings.begin(), change.settings.end(), of_firmware) &&
           !(change.settings.empty() && change.firmware.entries.empty());
  }

  void read_root(pugi::xml_node root, Personality& result) {
    only(root, {"format", "id", "address", "base"},
         {"title", "identity", "services", "accounts", "settings", "firmware", "defects"});
    if (need(root, "format") != "1") fail(root, "format must be 1");
    if (const auto base = root.attribute("base")) {
      if (file_.filename() == base.value()) {
        fail(root, "a personality cannot be its own base");
        return;
      }
      auto loaded = load_personality(file_.parent_path() / base.value());
      if (!loaded) {
        fail(root, loaded.error());
        return;
      }
      result = std::move(*loaded);
      result.defects.clear();
    }
    result.id = need(root, "id");
    if (const auto address = root.attribute("address")) result.address = address.value();
    if (const auto node = root.child("identity")) {
      only(node, {"maker", "model", "serial", "hardware", "firmware"}, {});
      result.maker = {need(node, "maker"), need(node, "model"), need(node, "serial"),
                      need(node, "hardware"), need(node, "firmware")};
    }
    if (result.address.empty()) fail(root, "<personality> needs an address");
    if (result.maker.model.empty()) fail(root, "<identity> is missing");
    read_lists(root, result);
  }
  void read_lists(pugi::xml_node root, Personality& result) {
    only(root.child("services"), {}, {"service"});
    only(root.child("accounts"), {}, {"account"});
    only(root.child("settings"), {}, {"set"});
    only(root.child("defects"), {}, {"defect"});
    for (const auto node : root.child("services").children("service"))
      result.services.push_back(service(node));
    for (const auto node : root.child("accounts").children("account"))
      result.accounts.push_back(account(node));
    for (const auto node : root.child("settings").children("set")) {
      const auto [name, value] = setting(node);
      if (fault_.empty()) (void)result.settings.set(name, value);
    }
    read_firmware(root.child("firmware"), result.firmware, fault());
    std::set<std::string> names;
    for (const auto node : root.child("defects").children("defect")) {
      result.defects.push_back(defect(node));
      if (!names.insert(result.defects.back().defect.name).second)
        fail(node, fmt::format("the defect '{}' stands twice", result.defects.back().defect.name));
    }
  }

  std::filesystem::path file_;
  std::string text_, fault_;
};

void change(Personality& personality, const Change& by) {
  const auto drop = [&](const std::string& transport, std::uint16_t number) {
    std::erase_if(personality.services, [&](const Port& one) {
      return one.transport == transport && one.number == number;
    });
  };
  for (const auto& [transport, number] : by.removed) drop(transport, number);
  for (const auto& service : by.services) {
    drop(service.transport, service.number);
    personality.services.push_back(service);
  }
  change_firmware(personality.firmware, by.firmware);
}

}  // namespace

std::vector<std::string> Personality::addresses() const {
  std::istringstream stream(address);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

Outcome<Personality> load_personality(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return tl::unexpected(fmt::format("{}: cannot be read", file.string()));
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return Loader(file, std::move(text)).load();
}

Outcome<Personality> apply(Personality personality, const Options& options) {
  personality.keys = options.keys;
  if (!options.address.empty()) personality.address = options.address;
  for (const auto& name : options.defects) {
    const auto found = std::find_if(personality.defects.begin(), personality.defects.end(),
                                    [&](const DefectSpec& one) { return one.defect.name == name; });
    if (found == personality.defects.end()) {
      std::vector<std::string> names;
      for (const auto& one : personality.defects) names.push_back(one.defect.name);
      return tl::unexpected(
          fmt::format("unknown defect '{}'; allowed: {}", name, fmt::join(names, ", ")));
    }
    change(personality, found->change);
    for (const auto& [key, value] : found->change.settings)
      if (auto set = personality.settings.set(key, value); !set) return tl::unexpected(set.error());
  }
  for (const auto& [key, value] : options.settings)
    if (auto set = personality.settings.set(key, value); !set) return tl::unexpected(set.error());
  return personality;
}

Outcome<std::vector<Defect>> list_defects(const std::filesystem::path& personality) {
  const auto loaded = load_personality(personality);
  if (!loaded) return tl::unexpected(loaded.error());
  std::vector<Defect> result;
  for (const auto& one : loaded->defects) result.push_back(one.defect);
  return result;
}

}  // namespace haetae::devices
