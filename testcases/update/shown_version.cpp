#include "testcases/update/shown_version.hpp"

#include <algorithm>

#include "harness/protocols/login.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/software/shown_text.hpp"

namespace haetae::testcases::update {
namespace {

constexpr std::size_t kMostText = 64 * 1024;

}  // namespace

VersionReader::VersionReader(runner::Context& context) : context_(context) {
  const auto& device = context.device();
  for (const auto& image : device.update.images)
    if (!image.version.empty()) known_.push_back(image.version);
  if (!device.identity.firmware.empty()) known_.push_back(device.identity.firmware);
  std::ranges::sort(known_);
  known_.erase(std::unique(known_.begin(), known_.end()), known_.end());
}

bool VersionReader::declared() const {
  const auto& device = context_.device();
  return device.hook("version") != nullptr ||
         std::ranges::any_of(device.product_information,
                             [](const auto& place) { return place.field == "firmware"; });
}

/// version_in() prefers what stands at the field's name: a page may name the newest version too.
std::string VersionReader::version_in(const std::string& text) const {
  const std::string named = printable(protocols::trim(value_after(text, "firmware")), 100);
  std::vector<std::string> held;
  for (const std::string& version : known_) {
    if (holds(named, version)) return version;
    if (holds(text, version)) held.push_back(version);
  }
  if (!named.empty()) return named;
  return held.size() == 1 ? held.front() : std::string();
}

Shown VersionReader::ask(const declaration::ProductInformation& place) const {
  Shown out;
  const auto take = [&](const Result<protocols::HttpResponse>& response) {
    if (!response) {
      out.why = printable(response.error().message());
      return;
    }
    out.alive = true;
    out.evidence = response->evidence;
    if (response->status < 200 || response->status > 299) {
      out.why = place.path + " answered status " + std::to_string(response->status);
      return;
    }
    out.text = shown_text(*response).substr(0, kMostText);
    out.version = version_in(out.text);
    if (out.version.empty()) out.why = "no version is shown at " + place.path;
  };
  if (place.login.empty()) {
    auto client = web_client(context_, {.port = place.port, .tls = place.tls}, "running version");
    const auto response = client.get(place.path, 5s);
    out.evidence = client.evidence();
    take(response);
    return out;
  }
  const auto* login = context_.device().login(place.login);
  const auto* account = login == nullptr ? nullptr : account_for(context_.device(), login->id);
  if (account == nullptr || login->port != place.port) {
    out.why = "no password was handed over for the login " + place.login;
    return out;
  }
  // A device that restarts must not use up the tries of the account: no login is sent before it
  // answers.
  auto probe = web_client(context_, {.port = place.port, .tls = place.tls}, "whether it answers");
  if (const auto there = probe.get(place.path, 5s); !there) {
    out.evidence = probe.evidence();
    out.why = printable(there.error().message());
    return out;
  }
  LoginClient client(context_, *login);
  const auto attempt =
      booked_session(context_, client, *account, budget_of(context_, login->port, account->name),
                     [&](protocols::HttpClient& session) { take(session.get(place.path, 5s)); });
  if (attempt && attempt->answer == Answer::refused) out.alive = true;
  if (!attempt) out.why = printable(attempt.error().message());
  if (out.evidence == 0 && attempt) {
    out.evidence = attempt->evidence;
    out.why = printable(attempt->why);
  }
  return out;
}

Shown VersionReader::run_hook(const declaration::Hook& hook) const {
  Shown out;
  const auto ran = context_.door().run_hook(hook.command, context_.clock().now() + hook.timeout);
  if (!ran) {
    out.why = printable(ran.error().message());
    return out;
  }
  out.evidence = context_.recorder().attach("lan", "output of the hook version", "text/plain",
                                            as_bytes(ran->output));
  if (ran->exit_code != 0) {
    out.why = "the hook version ended with exit code " + std::to_string(ran->exit_code);
    return out;
  }
  out.text = ran->output;
  const std::string line(protocols::trim(ran->output));
  out.version = version_in(out.text);
  if (out.version.empty()) out.version = printable(line.substr(0, line.find('\n')), 100);
  return out;
}

/// answers() is whether any declared service accepts a connection.
bool VersionReader::answers() const {
  for (const auto& service : context_.device().services) {
    if (service.port.transport != "tcp") continue;
    if (context_.connect(service.port, "whether the device answers", 2s)) return true;
  }
  return false;
}

Shown VersionReader::read() const {
  Shown out;
  out.why = "it is not declared where the running version can be read";
  for (const auto& place : context_.device().product_information) {
    if (place.field != "firmware") continue;
    out = ask(place);
    if (!out.version.empty()) return out;
  }
  const bool alive = out.alive || answers();
  if (const auto* hook = context_.device().hook("version")) {
    const Shown by_hook = run_hook(*hook);
    if (!by_hook.version.empty() || out.evidence == 0) out = by_hook;
  }
  // A device that declares no TCP service can be seen by its version alone.
  const auto& services = context_.device().services;
  const bool seen_by_port = std::ranges::any_of(
      services, [](const auto& service) { return service.port.transport == "tcp"; });
  out.alive = alive || (!seen_by_port && !out.version.empty());
  return out;
}

}  // namespace haetae::testcases::update
