#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/declaration/parts.hpp"

namespace haetae::declaration {
namespace {

using xml::Element;

/// grandchildren() are the elements <name> in the element <list> of the root.
std::vector<Element> grandchildren(const Element& root, std::string_view list,
                                   std::string_view name) {
  const auto parent = root.child(list);
  return parent ? parent->children(name) : std::vector<Element>{};
}

template <class Key>
void refuse_doubles(const std::vector<Element>& elements, std::string_view what, Key key) {
  std::set<std::string> seen;
  for (const Element& element : elements) {
    const std::string name = key(element);
    if (!seen.insert(name).second) element.problem(fmt::format("{} '{}' stands twice", what, name));
  }
}

auto by(std::string_view attribute) {
  return [attribute](const Element& element) { return element.attribute(attribute); };
}

std::string login_ids(const Declaration& value) {
  std::vector<std::string_view> ids;
  for (const Login& login : value.logins) ids.push_back(login.id);
  return xml::list(ids);
}

void check_login_name(const Element& element, std::string_view attribute, std::string_view id,
                      const Declaration& value) {
  if (value.login(id) == nullptr) {
    element.problem_at(attribute, fmt::format("no login '{}'; allowed: {}", id, login_ids(value)));
  }
}

void check_logins(const Element& root, const Declaration& value) {
  for (const Element& account : grandchildren(root, "accounts", "account")) {
    for (const std::string& id : xml::split(account.attribute("logins"))) {
      check_login_name(account, "logins", id, value);
    }
  }
  for (const Element& change : root.children("password-change")) {
    if (!change.has("login")) continue;
    const std::string id = change.attribute("login");
    check_login_name(change, "login", id, value);
    const Login* login = value.login(id);
    if (login != nullptr && !login->method.starts_with("http-")) {
      change.problem_at("login", fmt::format("login '{}' is no HTTP login; a password change goes "
                                             "over HTTP",
                                             id));
    }
  }
  for (const Element& shown : grandchildren(root, "product-information", "shown")) {
    if (shown.has("login")) check_login_name(shown, "login", shown.attribute("login"), value);
  }
}

void check_calls(const Element& root, const Declaration& value) {
  const auto calls = grandchildren(root, "calls", "call");
  refuse_doubles(calls, "call", by("id"));
  for (const Element& call : calls) {
    if (call.has("login")) check_login_name(call, "login", call.attribute("login"), value);
    if (call.has("undo") && value.call(call.attribute("undo")) == nullptr)
      call.problem_at("undo", fmt::format("no call '{}'", call.attribute("undo")));
    const auto owner = call.attribute("owner");
    if (!owner.empty() && std::ranges::none_of(value.accounts, [&](const Account& account) {
          return account.name == owner;
        }))
      call.problem_at("owner", fmt::format("no account '{}'", owner));
  }
}

void check_records(const Element& root, const Declaration& value) {
  const auto records = root.child("records");
  if (!records || !value.records) return;
  const auto login = [&](const Element& call) {
    if (call.has("login")) check_login_name(call, "login", call.attribute("login"), value);
  };
  for (const std::string_view name : {"read", "erase", "show-time", "set-time"})
    if (const auto call = records->child(name)) login(*call);
  for (const std::string_view name : {"listen", "time-server"}) {
    const auto own = records->child(name);
    std::optional<Endpoint> declared;
    if (name == "listen" && value.records->listen) declared = value.records->listen->at;
    if (name == "time-server" && value.records->time_server)
      declared = value.records->time_server->at;
    const auto ask = own ? own->child("ask") : std::nullopt;
    if (ask) login(*ask);
    if (own && own->has("address") && declared && !value.scope.networks.empty() &&
        !value.scope.contains(declared->address))
      own->problem_at("address",
                      fmt::format("address {} is outside the scope", declared->address.text()));
  }
  refuse_doubles(records->children("event"), "event", by("kind"));
  for (const Element& event : records->children("event")) {
    if (const auto cause = event.child("cause")) login(*cause);
    if (event.has("call") && value.call(event.attribute("call")) == nullptr)
      event.problem_at("call", fmt::format("no call '{}'", event.attribute("call")));
  }
}

void check_addresses(const Element& root, const Declaration& value) {
  const auto elements = grandchildren(root, "addresses", "address");
  refuse_doubles(elements, "address", [](const Element& element) {
    const auto address = Address::parse(element.text());
    return address ? address->text() : element.text();
  });
  if (value.scope.networks.empty()) return;
  std::string networks;
  for (const Network& network : value.scope.networks) {
    networks += networks.empty() ? network.text() : ", " + network.text();
  }
  for (const Element& element : elements) {
    const auto address = Address::parse(element.text());
    if (address && !value.scope.contains(*address)) {
      element.problem(
          fmt::format("address {} is outside the scope; allowed: {}", address->text(), networks));
    }
  }
}

void check_settings(const Element& root, const Declaration& value) {
  const auto settings = root.child("settings");
  if (!settings) return;
  for (const std::string_view name : {"save", "restore", "shown"}) {
    const auto call = settings->child(name);
    if (call && call->has("login"))
      check_login_name(*call, "login", call->attribute("login"), value);
  }
}

void check_update(const Element& root, const Declaration& value) {
  const auto inside = [&](const Element& element, const std::optional<Endpoint>& endpoint) {
    if (endpoint && element.has("address") && !value.scope.networks.empty() &&
        !value.scope.contains(endpoint->address))
      element.problem_at("address",
                         fmt::format("address {} is outside the scope", endpoint->address.text()));
  };
  if (const auto console = root.child("console"); console && value.console)
    inside(*console, value.console->endpoint);
  const auto update = root.child("update");
  if (!update) return;
  for (const std::string_view name : {"upload", "start", "status", "scp"}) {
    const auto call = update->child(name);
    if (call && call->has("login"))
      check_login_name(*call, "login", call->attribute("login"), value);
  }
  if (const auto pull = update->child("pull"); pull && value.update.pull) {
    inside(*pull, value.update.pull->listen);
    const auto ask = pull->child("ask");
    if (ask && ask->has("login")) check_login_name(*ask, "login", ask->attribute("login"), value);
  }
  if (value.permit < Hazard::may_brick || value.update.images.empty()) return;
  if (value.update.recovery.empty() && value.hook("recover") == nullptr)
    update->problem(
        "may-brick is permitted without a way back; needed: the attribute 'recovery' or "
        "the hook 'recover'");
}

}  // namespace

void check_references(const Element& root, const Declaration& value) {
  refuse_doubles(grandchildren(root, "udp-ports", "port"), "port",
                 [](const Element& element) { return element.text(); });
  refuse_doubles(grandchildren(root, "services", "service"), "service on port", by("port"));
  refuse_doubles(grandchildren(root, "logins", "login"), "login", by("id"));
  refuse_doubles(grandchildren(root, "accounts", "account"), "account", by("name"));
  refuse_doubles(root.children("password-change"), "password change of login", by("login"));
  refuse_doubles(grandchildren(root, "hooks", "hook"), "hook", by("name"));
  refuse_doubles(grandchildren(root, "statements", "statement"), "statement on item", by("item"));
  refuse_doubles(grandchildren(root, "personal-data", "datum"), "personal datum", by("name"));
  refuse_doubles(grandchildren(root, "outbound", "endpoint"), "endpoint",
                 [](const Element& element) {
                   return element.attribute("host") + ":" + element.attribute("port");
                 });
  refuse_doubles(grandchildren(root, "documents", "document"), "document",
                 [](const Element& element) {
                   return element.attribute("kind") + " " + element.attribute("title");
                 });
  refuse_doubles(grandchildren(root, "resources", "resource"), "resource",
                 [](const Element& element) {
                   return element.attribute("port") + " " + element.attribute("target");
                 });
  refuse_doubles(grandchildren(root, "firmware", "file"), "firmware file", by("id"));
  refuse_doubles(grandchildren(root, "components", "component"), "component", by("name"));
  check_logins(root, value);
  check_calls(root, value);
  check_records(root, value);
  check_update(root, value);
  check_wipe(root, value);
  check_settings(root, value);
  check_second_unit(root, value);
  check_addresses(root, value);
}

}  // namespace haetae::declaration
