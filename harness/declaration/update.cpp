#include <fmt/format.h>

#include "harness/declaration/parts.hpp"

namespace haetae::declaration {
namespace {

using xml::Element;
using xml::Times;

Endpoint endpoint_of(const Element& element, std::string_view address, std::string_view port) {
  Endpoint endpoint;
  if (!element.has(address)) return endpoint;
  const auto parsed = Address::parse(element.attribute(address));
  if (!parsed) element.problem_at(address, parsed.error().text);
  endpoint.address = parsed.value_or(Address{});
  endpoint.port = static_cast<std::uint16_t>(element.integer(port, 1, 65'535));
  return endpoint;
}

std::chrono::seconds seconds_of(const Element& element, std::string_view name,
                                std::chrono::seconds fallback) {
  return std::chrono::seconds(element.integer(name, 1, 3600, fallback.count()));
}

UpdateImage image_of(const Element& element, const std::filesystem::path& folder) {
  element.check({.required = {"file"}, .optional = {"version", "role"}, .children = {}});
  return {.file = file_of(element, folder),
          .version = element.attribute("version"),
          .role = element.word(
              "role", {"current", "newer", "older", "other-model", "expired-signer"}, "current")};
}

UpdateSignature signature_of(const Element& element) {
  element.check({.required = {"offset", "length"}, .optional = {}, .children = {}});
  constexpr std::int64_t kFar = 1LL << 40;
  return {.offset = element.integer("offset", -kFar, kFar),
          .length = static_cast<std::uint64_t>(element.integer("length", 1, 1 << 20))};
}

UpdatePull pull_of(const Element& element, const std::filesystem::path& folder) {
  element.check(
      {.required = {"address", "port", "image-path"},
       .optional = {"tls", "certificate", "key", "version-path", "version-body", "wait-seconds"},
       .children = {{"ask", Times::maybe}}});
  UpdatePull pull{.listen = endpoint_of(element, "address", "port"),
                  .tls = element.flag("tls"),
                  .certificate = file_of(element, folder, "certificate"),
                  .key = file_of(element, folder, "key"),
                  .version_path = element.attribute("version-path"),
                  .version_body = element.attribute("version-body", "{version}"),
                  .image_path = element.filled("image-path"),
                  .wait = seconds_of(element, "wait-seconds", std::chrono::seconds(300)),
                  .ask = {}};
  if (const auto child = element.child("ask")) pull.ask = call_of(*child, "form");
  if (element.has("certificate") != element.has("key"))
    element.problem("'certificate' and 'key' stand together");
  return pull;
}

}  // namespace

std::filesystem::path file_of(const Element& element, const std::filesystem::path& folder,
                              std::string_view attribute) {
  const std::string name = element.filled(attribute);
  return name.empty() ? std::filesystem::path() : folder / name;
}

void read_update(const Element& element, Declaration& out, const std::filesystem::path& folder) {
  element.check({.required = {"mechanism"},
                 .optional = {"description", "recovery", "settle-seconds"},
                 .children = {{"image", Times::many},
                              {"signature", Times::maybe},
                              {"key", Times::many},
                              {"upload", Times::maybe},
                              {"start", Times::maybe},
                              {"status", Times::maybe},
                              {"tftp", Times::maybe},
                              {"scp", Times::maybe},
                              {"pull", Times::maybe}}});
  Update& update = out.update;
  update.mechanism = element.word(
      "mechanism", {"none", "http-upload", "swupdate", "rauc", "tftp", "scp", "pull", "hook"});
  update.description = element.attribute("description");
  update.recovery = element.attribute("recovery");
  update.settle = seconds_of(element, "settle-seconds", update.settle);
  int current = 0;
  for (const Element& child : element.children("image")) {
    update.images.push_back(image_of(child, folder));
    if (update.images.back().role == "current" && ++current > 1)
      child.problem_at("role",
                       "there is one image of the version under test; allowed here: newer, "
                       "older, other-model, expired-signer");
  }
  if (const auto child = element.child("signature")) update.signature = signature_of(*child);
  for (const Element& child : element.children("key")) {
    child.check({.required = {"file"}, .optional = {}, .children = {}});
    update.keys.push_back(file_of(child, folder));
  }
  if (const auto child = element.child("upload")) update.upload = call_of(*child, "multipart");
  if (const auto child = element.child("start")) update.start = call_of(*child, "form");
  if (const auto child = element.child("status")) update.status = call_of(*child, "none");
  if (const auto child = element.child("tftp")) {
    child->check({.required = {"name"}, .optional = {"port"}, .children = {}});
    update.tftp.emplace().name = child->filled("name");
    if (child->has("port")) update.tftp->port = port_of(*child);
  }
  if (const auto child = element.child("scp")) {
    child->check({.required = {"login", "path"}, .optional = {"command"}, .children = {}});
    update.scp = {.login = child->filled("login"),
                  .path = child->filled("path"),
                  .command = child->attribute("command")};
  }
  if (const auto child = element.child("pull")) update.pull = pull_of(*child, folder);
}

void read_settings(const Element& element, Declaration& out) {
  element.check({.required = {"backup"},
                 .optional = {"settle-seconds"},
                 .children = {{"save", Times::maybe},
                              {"restore", Times::maybe},
                              {"shown", Times::maybe},
                              {"value", Times::maybe}}});
  SettingsBackup& settings = out.settings;
  settings.backup = element.word("backup", {"file", "none"});
  settings.settle = seconds_of(element, "settle-seconds", settings.settle);
  if (const auto child = element.child("save")) settings.save = call_of(*child, "none");
  if (const auto child = element.child("restore")) {
    settings.restore = call_of(*child, "multipart");
    if (settings.restore->body != "multipart" && settings.restore->body != "raw")
      child->problem_at("body", "only multipart and raw hold a file");
  }
  if (const auto child = element.child("shown")) settings.shown = call_of(*child, "none");
  if (const auto child = element.child("value")) {
    child->check({.required = {"from", "to"}, .optional = {}, .children = {}});
    settings.from = child->filled("from");
    settings.to = child->filled("to");
    if (settings.from == settings.to) child->problem("'from' and 'to' are the same");
  }
  if (settings.backup == "file" && (!settings.save || !settings.restore))
    element.problem("settings that are saved to a file need <save> and <restore>");
}

void read_firmware(const Element& element, Declaration& out, const std::filesystem::path& folder) {
  element.check({.required = {},
                 .optional = {},
                 .children = {{"file", Times::some}, {"canary", Times::many}}});
  for (const Element& child : element.children("canary")) {
    child.check({.required = {"name", "value"}, .optional = {}, .children = {}});
    out.canaries.push_back({.name = child.filled("name"), .value = child.filled("value")});
    if (child.has("value") && out.canaries.back().value.size() < 6)
      child.problem_at("value", "a shorter value than 6 characters is found by chance");
  }
  for (const Element& child : element.children("file")) {
    child.check({.required = {"id", "file"}, .optional = {"kind", "version"}, .children = {}});
    out.firmware.push_back({.id = child.filled("id"),
                            .file = file_of(child, folder),
                            .kind = child.word("kind", {"image", "dump", "after-reset"}, "image"),
                            .version = child.attribute("version")});
    if (child.has("id") && !plain_name(out.firmware.back().id))
      child.problem_at("id", "allowed: up to 40 of a-z, 0-9 and '-'");
  }
}

void read_components(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"component", Times::many}}});
  out.components_declared = true;
  for (const Element& child : element.children("component")) {
    child.check({.required = {"name", "version"}, .optional = {}, .children = {}});
    out.components.push_back({.name = child.filled("name"), .version = child.filled("version")});
  }
}

void read_console(const Element& element, Declaration& out) {
  element.check({.required = {"kind"},
                 .optional = {"device", "baud", "address", "port", "login-prompt", "boot-seconds"},
                 .children = {}});
  Console console;
  console.kind = element.word("kind", {"serial", "tcp"});
  console.device = element.attribute("device");
  console.baud = static_cast<int>(element.integer("baud", 300, 4'000'000, console.baud));
  if (console.kind == "serial" && console.device.empty())
    element.problem("a serial console needs 'device', the file of the port: /dev/ttyUSB0");
  if (console.kind == "tcp") {
    if (!element.has("address") || !element.has("port"))
      element.problem("a console server needs 'address' and 'port'");
    else
      console.endpoint = endpoint_of(element, "address", "port");
  }
  console.login_prompt = element.attribute("login-prompt", console.login_prompt);
  console.boot = seconds_of(element, "boot-seconds", console.boot);
  out.console = std::move(console);
}

}  // namespace haetae::declaration
