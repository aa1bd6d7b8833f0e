#include "harness/cli/replay_environment.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "harness/declaration/declaration.hpp"
#include "harness/evidence/database.hpp"
#include "harness/judge/replay.hpp"
#include "harness/protocols/http.hpp"

namespace haetae::cli {
namespace {

using evidence::Statement;

/// Setter writes NAME=VALUE where the environment does not say otherwise.
using Setter = std::function<void(std::string_view name, std::string_view value)>;

std::string url_of(const declaration::HttpCall& call, const std::string& host) {
  return fmt::format("{}://{}:{}{}", call.tls ? "https" : "http", host, call.port.number,
                     call.path);
}

/// set_calls() names the requests that scripts make beside the login.
void set_calls(const declaration::Declaration& device, const std::string& host, const Setter& set) {
  if (device.records && device.records->read)
    set("RECORDS_URL", url_of(*device.records->read, host));
  if (device.records && device.records->erase) {
    set("ERASE_METHOD", device.records->erase->http.method);
    set("ERASE_URL", url_of(device.records->erase->http, host));
  }
  if (device.records && device.records->show_time && device.records->set_time &&
      device.records->set_time->http.body == "json") {
    const auto& set_time = device.records->set_time->http;
    set("TIME_URL", url_of(*device.records->show_time, host));
    set("TIME_FORM", device.records->time_form);
    set("SET_TIME_METHOD", set_time.method);
    set("SET_TIME_URL", url_of(set_time, host));
    set("SET_TIME_BODY", protocols::json_body(set_time.fields));
  }
  if (device.settings.save && device.settings.restore && device.settings.restore->body == "raw") {
    set("SAVE_URL", url_of(*device.settings.save, host));
    set("RESTORE_METHOD", device.settings.restore->method);
    set("RESTORE_URL", url_of(*device.settings.restore, host));
    set("VALUE_FROM", device.settings.from);
    set("VALUE_TO", device.settings.to);
  }
  if (!device.exports.empty()) {
    set("EXPORT_NAME", device.exports.front().name);
    set("EXPORT_URL", url_of(device.exports.front().http, host));
  }
  // Of a form the person would have to encode the password: then a person resets the device.
  if (device.wipe && device.wipe->reset && device.wipe->reset->body == "json") {
    set("RESET_METHOD", device.wipe->reset->method);
    set("RESET_URL", url_of(*device.wipe->reset, host));
    set("RESET_TYPE", "application/json");
    set("RESET_BODY", protocols::json_body(device.wipe->reset->fields));
  }
}

}  // namespace

std::string replay_environment(const evidence::RunFile& run) {
  std::string out = "# What the maker declared of the device. Passwords are never here.\n";
  const auto set = [&](std::string_view name, std::string_view value) {
    const auto word = judge::shell_word(value);
    if (word && !value.empty())
      out += fmt::format(": \"${{{0}:=}}\"; [ -n \"${0}\" ] || {0}={1}\n", name, *word);
  };
  const std::string all = run.value("addresses");
  const std::string address = all.substr(0, all.find_first_of(" ,"));
  set("ADDRESS", address);
  std::string ports;
  auto rows = Statement::prepare(
      run.handle(),
      "SELECT number FROM port WHERE transport = 'tcp' AND state = 'open' AND EXISTS "
      "(SELECT 1 FROM declared_service d WHERE d.subject = port.subject) LIMIT 8");
  if (rows) {
    while (rows->step() == SQLITE_ROW) ports += fmt::format(" {}", rows->integer(0));
  }
  auto text = Statement::prepare(
      run.handle(), "SELECT text FROM document WHERE kind = 'declaration' ORDER BY id LIMIT 1");
  const bool declared = text && text->step() == SQLITE_ROW;
  const auto loaded = declaration::load_text(declared ? text->text(0) : "", "device.xml");
  // A run of a single item may not have looked for ports: then those that the maker declares.
  if (loaded && ports.empty()) {
    for (const auto& service : loaded->value.services)
      if (service.port.transport == "tcp") ports += fmt::format(" {}", service.port.number);
  }
  set("PORTS", ports);
  if (!loaded) return out;
  const auto& device = loaded->value;
  if (device.console)
    set("CONSOLE", device.console->endpoint ? device.console->endpoint->text()
                                            : device.console->device.string());
  const std::string host = address.find(':') == std::string::npos ? address : "[" + address + "]";
  set_calls(device, host, set);
  for (const auto& login : device.logins) {
    const std::string at = fmt::format("{}:{}", host, login.port.number);
    const std::string web = fmt::format("{}://{}{}", login.tls ? "https" : "http", at, login.path);
    const std::string end =
        login.tls ? fmt::format("OPENSSL:{},verify=0", at) : fmt::format("TCP:{}", at);
    if (login.method == "http-basic") set("BASIC_URL", web);
    if (login.method == "http-digest") set("DIGEST_URL", web);
    if (login.method == "ssh") set("SSH_PORT", fmt::format("{}", login.port.number));
    if (login.method == "mqtt") set("MQTT_AT", end);
    if (login.method == "rtsp") {
      set("RTSP_AT", end);
      set("RTSP_URL", fmt::format("rtsp://{}{}", at, login.path));
    }
  }
  if (device.lockout.declared)
    set("BLOCK_SECONDS", fmt::format("{}", device.lockout.block.count()));
  for (const auto& login : device.logins) {
    if (login.method != "http-json" && login.method != "http-form") continue;
    const std::string base =
        fmt::format("{}://{}:{}", login.tls ? "https" : "http", host, login.port.number);
    set("LOGIN_METHOD", login.method);
    set("LOGIN_URL", base + login.path);
    set("USER_FIELD", login.user_field);
    set("PASSWORD_FIELD", login.password_field);
    set("BASE_URL", base);
    if (!login.check_path.empty()) set("CHECK_URL", base + login.check_path);
    if (!login.logout_path.empty()) set("LOGOUT_URL", base + login.logout_path);
    for (const auto& change : device.password_changes) {
      if (change.login != login.id) continue;
      set("CHANGE_URL", base + change.path);
      set("CHANGE_METHOD", change.http_method);
      set("CHANGE_BODY", change.body);
      set("OLD_FIELD", change.old_field);
      set("NEW_FIELD", change.new_field);
    }
    for (const auto& account : device.accounts) {
      if (std::ranges::find(account.logins, login.id) == account.logins.end()) continue;
      set("ACCOUNT", account.name);
      break;
    }
    break;
  }
  // Where nobody logs in by the web, somebody does by SSH.
  for (const auto& account : device.accounts)
    for (const auto& login : device.logins)
      if (login.method == "ssh" &&
          std::ranges::find(account.logins, login.id) != account.logins.end())
        set("ACCOUNT", account.name);
  return out;
}

}  // namespace haetae::cli
