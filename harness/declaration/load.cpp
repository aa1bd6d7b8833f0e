#include <fmt/format.h>

#include <charconv>

#include "harness/declaration/parts.hpp"

namespace haetae::declaration {
namespace {

using xml::Element;
using xml::Shape;
using xml::Times;

constexpr std::int64_t kDay = 86'400;

const xml::Words kProtocols{"http", "ssh", "telnet", "ftp",  "smtp",  "mqtt", "rtsp",   "snmp",
                            "dns",  "ntp", "ssdp",   "mdns", "coap",  "tftp", "syslog", "ike",
                            "smb",  "vnc", "modbus", "sip",  "onvif", "other"};

int small(std::int64_t value) { return static_cast<int>(value); }

void read_identity(const Element& element, Declaration& out) {
  element.check({.required = {"maker", "model", "category", "firmware"},
                 .optional = {"serial", "hardware"},
                 .children = {}});
  out.identity = {.maker = element.filled("maker"),
                  .model = element.filled("model"),
                  .category = element.filled("category"),
                  .serial = element.attribute("serial"),
                  .hardware = element.attribute("hardware"),
                  .firmware = element.filled("firmware")};
}

void read_addresses(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"address", Times::some}}});
  for (const Element& child : element.children("address")) {
    child.check({.required = {}, .optional = {}, .children = {}, .text = true});
    const auto address = Address::parse(child.text());
    if (!address) {
      child.problem(
          fmt::format("'{}' is no address; allowed: an IPv4 or IPv6 address", child.text()));
    } else {
      out.addresses.push_back(*address);
    }
  }
}

void read_scope(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"network", Times::some}}});
  for (const Element& child : element.children("network")) {
    child.check({.required = {}, .optional = {}, .children = {}, .text = true});
    const auto network = Network::parse(child.text());
    if (!network || network->prefix == 0) {
      child.problem(fmt::format(
          "'{}' is no network; allowed: an address with a prefix of at least 1, 192.0.2.0/24",
          child.text()));
    } else {
      out.scope.networks.push_back(*network);
    }
  }
}

void read_authorisation(const Element& element, Declaration& out) {
  element.check(
      {.required = {"by", "from", "until"}, .optional = {"organisation"}, .children = {}});
  out.authorisation = {.by = element.filled("by"),
                       .organisation = element.attribute("organisation"),
                       .from = element.attribute("from"),
                       .until = element.attribute("until")};
  bool valid = true;
  for (const std::string_view name : {"from", "until"}) {
    if (element.has(name) && !valid_date(element.attribute(name))) {
      valid = false;
      element.problem_at(name, fmt::format("'{}' is no date; allowed: year-month-day, 2026-11-22",
                                           element.attribute(name)));
    }
  }
  if (valid && element.has("from") && element.has("until") &&
      out.authorisation.from > out.authorisation.until) {
    element.problem_at("until", fmt::format("the authorisation ends ({}) before it begins ({})",
                                            out.authorisation.until, out.authorisation.from));
  }
}

void read_permit(const Element& element, Declaration& out) {
  element.check({.required = {"hazard"}, .optional = {}, .children = {}});
  const std::string word = element.word(
      "hazard", {"passive", "safe", "state-changing", "lockout-risk", "disruptive", "may-brick"});
  out.permit = hazard_from(word).value_or(kDefaultPermit);
}

void read_udp_ports(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"port", Times::some}}});
  for (const Element& child : element.children("port")) {
    child.check({.required = {}, .optional = {}, .children = {}, .text = true});
    const auto port = PortName::parse(child.text());
    if (!port || port->transport != "udp") {
      child.problem(fmt::format("'{}' is no UDP port; allowed: udp/1 to udp/65535", child.text()));
    } else {
      out.udp_ports.push_back(*port);
    }
  }
}

void read_services(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"service", Times::many}}});
  out.services_declared = true;
  for (const Element& child : element.children("service")) {
    child.check({.required = {"port", "protocol"},
                 .optional = {"tls", "purpose", "management"},
                 .children = {}});
    out.services.push_back({.port = port_of(child),
                            .protocol = child.word("protocol", kProtocols),
                            .tls = child.flag("tls"),
                            .purpose = child.attribute("purpose"),
                            .management = child.flag("management")});
  }
}

void read_password_policy(const Element& element, Declaration& out) {
  element.check({.required = {"minimum-length", "classes"},
                 .optional = {"maximum-length", "text"},
                 .children = {}});
  out.password_policy = {.declared = true,
                         .minimum_length = small(element.integer("minimum-length", 1, 1024)),
                         .classes = small(element.integer("classes", 1, 4)),
                         .maximum_length = small(element.integer("maximum-length", 1, 4096)),
                         .text = element.attribute("text")};
  const PasswordPolicy& policy = out.password_policy;
  if (policy.maximum_length != 0 && policy.maximum_length < policy.minimum_length) {
    element.problem_at("maximum-length", "the longest password is shorter than the shortest");
  }
}

void read_lockout(const Element& element, Declaration& out) {
  element.check({.required = {"failures", "block-seconds"},
                 .optional = {"counts", "success-resets"},
                 .children = {}});
  out.lockout = {.declared = true,
                 .failures = small(element.integer("failures", 1, 1000)),
                 .block = std::chrono::seconds(element.integer("block-seconds", 1, kDay)),
                 .counts = element.word("counts", {"account", "address", "both"}, "account"),
                 .success_resets = element.flag("success-resets", true)};
}

void read_session(const Element& element, Declaration& out) {
  element.check({.required = {},
                 .optional = {"idle-seconds", "simultaneous", "cookies", "bearer-field", "header",
                              "url-parameter"},
                 .children = {}});
  out.session = {.declared = true,
                 .idle = std::chrono::seconds(element.integer("idle-seconds", 1, 7 * kDay)),
                 .simultaneous = small(element.integer("simultaneous", 1, 100'000)),
                 .cookies = element.words("cookies", {}),
                 .bearer_field = element.attribute("bearer-field"),
                 .header = element.attribute("header"),
                 .url_parameter = element.attribute("url-parameter")};
  // RFC 9110 section 5.1: a field name is a token.
  constexpr std::string_view kToken =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";
  for (const std::string_view name : {"header", "url-parameter"})
    if (element.attribute(name).find_first_not_of(kToken) != std::string::npos)
      element.problem_at(name, "a name has letters, digits, '-' and '_' and no blanks");
}

void read_outbound(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"endpoint", Times::many}}});
  for (const Element& child : element.children("endpoint")) {
    child.check(
        {.required = {"host", "port", "protocol"}, .optional = {"purpose"}, .children = {}});
    out.outbound.push_back({.host = child.filled("host"),
                            .port = static_cast<std::uint16_t>(child.integer("port", 1, 65'535)),
                            .protocol = child.filled("protocol"),
                            .purpose = child.attribute("purpose")});
  }
}

void read_personal_data(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"datum", Times::many}}});
  for (const Element& child : element.children("datum")) {
    child.check(
        {.required = {"name", "purpose"}, .optional = {"stored", "sent-to"}, .children = {}});
    out.personal_data.push_back({.name = child.filled("name"),
                                 .purpose = child.filled("purpose"),
                                 .stored = child.attribute("stored"),
                                 .sent_to = child.attribute("sent-to")});
  }
}

void read_documents(const Element& element, Declaration& out, const std::filesystem::path& folder) {
  element.check({.required = {}, .optional = {}, .children = {{"document", Times::many}}});
  for (const Element& child : element.children("document")) {
    child.check({.required = {"kind", "title", "file"}, .optional = {}, .children = {}});
    out.documents.push_back({.kind = child.filled("kind"),
                             .title = child.filled("title"),
                             .file = file_of(child, folder)});
  }
}

void read_resources(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"resource", Times::many}}});
  for (const Element& child : element.children("resource")) {
    child.check(
        {.required = {"port", "protocol", "target", "kind"}, .optional = {"tls"}, .children = {}});
    out.resources.push_back(
        {.port = port_of(child),
         .tls = child.flag("tls"),
         .protocol = child.word("protocol", {"http", "rtsp", "mqtt", "coap", "ftp"}),
         .target = child.filled("target"),
         .kind = child.word("kind", {"view", "control", "management", "data"})});
  }
}

void read_product_information(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"shown", Times::many}}});
  for (const Element& child : element.children("shown")) {
    child.check(
        {.required = {"field", "port", "path"}, .optional = {"tls", "login"}, .children = {}});
    out.product_information.push_back({.field = child.word("field", {"model", "firmware"}),
                                       .port = port_of(child),
                                       .tls = child.flag("tls"),
                                       .path = child.filled("path"),
                                       .login = child.attribute("login")});
  }
}

void read_hooks(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"hook", Times::many}}});
  for (const Element& child : element.children("hook")) {
    child.check({.required = {"name", "command"}, .optional = {"timeout-seconds"}, .children = {}});
    out.hooks.push_back(
        {.name = child.word("name", {"power-cycle", "factory-reset", "version", "factory-state",
                                     "normal-state", "install", "media", "recover"}),
         .command = child.filled("command"),
         .timeout = std::chrono::seconds(child.integer("timeout-seconds", 1, 3600, 60))});
  }
}

bool item_name(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto number = [](std::string_view digits) {
    return !digits.empty() && digits.size() < 4 &&
           digits.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return dot != std::string_view::npos && number(text.substr(0, dot)) &&
         number(text.substr(dot + 1));
}

void read_statements(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"statement", Times::many}}});
  for (const Element& child : element.children("statement")) {
    child.check({.required = {"item", "applies"}, .optional = {}, .children = {}, .text = true});
    Statement statement{.item = child.attribute("item"),
                        .applies = child.flag("applies", true),
                        .reason = child.text()};
    if (child.has("item") && !item_name(statement.item)) {
      child.problem_at(
          "item", fmt::format("'{}' is no item; allowed: an item number, 3.4", statement.item));
    }
    if (!statement.applies && statement.reason.empty()) {
      child.problem(
          fmt::format("item {} is said not to apply without a reason; needed: the reason "
                      "as text of <statement>",
                      statement.item));
    }
    out.statements.push_back(std::move(statement));
  }
}

const Shape& device_shape() {
  static const Shape shape{.required = {"format"},
                           .optional = {},
                           .children = {{"identity", Times::one},
                                        {"certification", Times::maybe},
                                        {"addresses", Times::one},
                                        {"scope", Times::one},
                                        {"authorisation", Times::one},
                                        {"permit", Times::maybe},
                                        {"udp-ports", Times::maybe},
                                        {"services", Times::maybe},
                                        {"logins", Times::maybe},
                                        {"accounts", Times::maybe},
                                        {"password-change", Times::many},
                                        {"calls", Times::maybe},
                                        {"records", Times::maybe},
                                        {"password-policy", Times::maybe},
                                        {"lockout", Times::maybe},
                                        {"session", Times::maybe},
                                        {"update", Times::maybe},
                                        {"settings", Times::maybe},
                                        {"support", Times::maybe},
                                        {"exports", Times::maybe},
                                        {"wipe", Times::maybe},
                                        {"firmware", Times::maybe},
                                        {"components", Times::maybe},
                                        {"console", Times::maybe},
                                        {"outbound", Times::maybe},
                                        {"personal-data", Times::maybe},
                                        {"documents", Times::maybe},
                                        {"resources", Times::maybe},
                                        {"product-information", Times::maybe},
                                        {"second-unit", Times::maybe},
                                        {"hooks", Times::maybe},
                                        {"statements", Times::maybe}}};
  return shape;
}

void read_children_of(const Element& element, std::string_view name, Declaration& out,
                      void (*read)(const Element&, Declaration&)) {
  element.check({.required = {}, .optional = {}, .children = {{name, Times::many}}});
  for (const Element& child : element.children(name)) read(child, out);
}

void read_device(const Element& root, Declaration& out, const std::filesystem::path& folder) {
  root.check(device_shape());
  (void)root.word("format", {"1"});
  for (const Element& element : root.children()) {
    const std::string name = element.name();
    if (name == "identity") read_identity(element, out);
    if (name == "certification") {
      element.check({.required = {}, .optional = {"type", "profile"}, .children = {}});
      out.certification = {.type = element.word("type", {"lite", "basic", "standard"}, "standard"),
                           .profile = element.attribute("profile")};
    }
    if (name == "addresses") read_addresses(element, out);
    if (name == "scope") read_scope(element, out);
    if (name == "authorisation") read_authorisation(element, out);
    if (name == "permit") read_permit(element, out);
    if (name == "udp-ports") read_udp_ports(element, out);
    if (name == "services") read_services(element, out);
    if (name == "logins") read_children_of(element, "login", out, read_login);
    if (name == "accounts") read_children_of(element, "account", out, read_account);
    if (name == "password-change") read_password_change(element, out);
    if (name == "calls") read_calls(element, out);
    if (name == "records") read_records(element, out);
    if (name == "password-policy") read_password_policy(element, out);
    if (name == "lockout") read_lockout(element, out);
    if (name == "session") read_session(element, out);
    if (name == "update") read_update(element, out, folder);
    if (name == "support") read_support(element, out);
    if (name == "exports") read_exports(element, out);
    if (name == "wipe") read_wipe(element, out);
    if (name == "settings") read_settings(element, out);
    if (name == "firmware") read_firmware(element, out, folder);
    if (name == "components") read_components(element, out);
    if (name == "console") read_console(element, out);
    if (name == "outbound") read_outbound(element, out);
    if (name == "personal-data") read_personal_data(element, out);
    if (name == "documents") read_documents(element, out, folder);
    if (name == "resources") read_resources(element, out);
    if (name == "product-information") read_product_information(element, out);
    if (name == "second-unit") read_second_unit(element, out);
    if (name == "hooks") read_hooks(element, out);
    if (name == "statements") read_statements(element, out);
  }
}

}  // namespace

bool valid_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const auto whole = [](std::string_view digits, auto& value) {
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return code == std::errc() && end == digits.data() + digits.size() && digits[0] != '-';
  };
  return whole(text.substr(0, 4), year) && whole(text.substr(5, 2), month) &&
         whole(text.substr(8, 2), day) &&
         std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                     std::chrono::day(day))
             .ok();
}

PortName port_of(const Element& element) {
  if (!element.has("port")) return {};
  const auto port = PortName::parse(element.attribute("port"));
  if (!port) element.problem_at("port", port.error().text);
  return port.value_or(PortName{});
}

Result<PortName> PortName::parse(std::string_view text) {
  const std::string_view digits = text.substr(std::min<std::size_t>(4, text.size()));
  unsigned number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool known = text.starts_with("tcp/") || text.starts_with("udp/");
  if (!known || code != std::errc() || end != digits.data() + digits.size() || number < 1 ||
      number > 65'535) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("'{}' is no port; allowed: tcp/1 to tcp/65535, udp/1 to udp/65535", text));
  }
  return PortName{.transport = std::string(text.substr(0, 3)),
                  .number = static_cast<std::uint16_t>(number)};
}

std::string PortName::text() const { return fmt::format("{}/{}", transport, number); }
std::string PortName::subject() const { return fmt::format("lan:{}/{}", transport, number); }

const Login* Declaration::login(std::string_view id) const {
  for (const Login& login : logins) {
    if (login.id == id) return &login;
  }
  return nullptr;
}

const Hook* Declaration::hook(std::string_view name) const {
  for (const Hook& hook : hooks) {
    if (hook.name == name) return &hook;
  }
  return nullptr;
}

Result<Loaded> load_text(std::string_view text, const std::filesystem::path& file) {
  xml::Problems problems;
  const auto document = xml::Document::parse(text, file.string(), problems);
  if (!document) return tl::unexpected<Error>(problems.error());
  const Element root = document->root();
  if (root.name() != "device") {
    root.problem(fmt::format("unknown root element <{}>; allowed: device", root.name()));
    return tl::unexpected<Error>(problems.error());
  }
  Declaration value;
  read_device(root, value, file.parent_path());
  check_references(root, value);
  if (!problems.empty()) return tl::unexpected<Error>(problems.error());
  std::string redacted = redact(text, value);
  return Loaded{
      .value = std::move(value), .text = std::string(text), .redacted_text = std::move(redacted)};
}

Result<Loaded> load(const std::filesystem::path& file) {
  auto text = xml::read_file(file);
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  return load_text(*text, file);
}

}  // namespace haetae::declaration
