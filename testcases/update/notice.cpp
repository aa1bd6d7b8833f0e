#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "testcases/update/own_server.hpp"

/// Whether the device tells of a new version: our update server offers the running version, then a
/// later one without its file, then the running one again, so that no notice stays behind.
namespace haetae::testcases {
namespace {

using namespace update;

constexpr const char* kTopic = "update.notice";
constexpr int kLooks = 4;  // after the device has asked; one a second

struct Gap {
  std::string why;
  Cause cause = Cause::none;
};

std::string version_of(const declaration::Declaration& device, std::string_view role) {
  for (const auto& image : device.update.images)
    if (image.role == role && !image.version.empty()) return image.version;
  // Without a file of the maker a version that ranks above every real one is made up.
  return role == "newer" ? "99.0.0" : device.identity.firmware;
}

class Notice {
 public:
  Notice(runner::Context& context, const declaration::UpdateNotice& notice)
      : context_(context), notice_(notice) {}

  Gap run() {
    const auto& pull = *context_.device().update.pull;
    std::optional<protocols::ServerIdentity> identity;
    if (pull.tls) {
      auto made = identity_of(pull);
      if (!made) return {printable(made.error().message()), Cause::declaration};
      identity = std::move(*made);
    }
    std::size_t done = 0;
    for (const char* offered : {"current", "newer"}) {
      context_.progress(done++, 3, std::string("update server with the version: ") + offered);
      if (Gap gap = offer(identity, offered); !gap.why.empty()) return gap;
    }
    context_.progress(done, 3, "update server with the running version again");
    serve(identity, version_of(context_.device(), "current"));
    return {};
  }

  Visit serve(const std::optional<protocols::ServerIdentity>& identity,
              const std::string& version) {
    return host(context_, identity, {.version = version, .image = {}, .cut = {}},
                "update server that offers " + version, notice_.ask ? &*notice_.ask : nullptr);
  }

 private:
  Gap offer(const std::optional<protocols::ServerIdentity>& identity, const char* offered) {
    const std::string version = version_of(context_.device(), offered);
    const Visit visit = serve(identity, version);
    if (!visit.connected) return {visit.why, visit.cause};
    const bool wanted = std::string_view(offered) == "newer";
    facts::UpdateNotice fact;
    for (int turn = 0; turn < (wanted ? kLooks : 1); ++turn) {
      if (turn > 0 && !context_.clock().sleep(1s, context_.stop())) break;
      if (Gap gap = look(fact); !gap.why.empty()) return gap;
      if (fact.shown == "yes") break;
    }
    fact.subject = notice_.look.port.subject();
    fact.path = notice_.look.path;
    fact.offered = offered;
    fact.version = printable(version, 200);
    fact.asked = yes_no(visit.asked);
    fact.fetched = yes_no(visit.fetched);
    runner::record(context_, fact);
    return {};
  }

  Gap look(facts::UpdateNotice& fact) {
    Gap gap{"", Cause::none};
    const auto done = inside(
        context_, notice_.look, {}, "notice of a new version", [&](protocols::HttpClient& client) {
          const auto response = client.exchange(request_of(notice_.look), 15s);
          if (!response) {
            gap = {
                notice_.look.path + " was not answered: " + printable(response.error().message()),
                cause_of(response.error())};
            return;
          }
          fact.evidence = response->evidence;
          const bool good =
              response->status >= 200 && response->status < 300 && !response->broken_off();
          fact.shown = finds(*response, notice_.look.success_text) ? "yes"
                       : good                                      ? "no"
                                                                   : "unknown";
        });
    if (!done) return {printable(done.error().message()), cause_of(done.error())};
    return gap;
  }

  runner::Context& context_;
  const declaration::UpdateNotice& notice_;
};

Result<void> try_notice(runner::Context& context) {
  const auto& device = context.device();
  Gap gap_found{"", Cause::none};
  if (!device.support.notice)
    gap_found = {"it is not declared where the device tells of a new version", Cause::declaration};
  else if (!device.update.pull)
    gap_found = {"the declaration does not say how the device asks its update server (pull)",
                 Cause::declaration};
  else
    gap_found = Notice(context, *device.support.notice).run();
  context.cover(gap_found.why.empty() ? whole(kTopic, "lan", "the running and a later version")
                                      : gap(kTopic, "lan", gap_found.cause, gap_found.why));
  return {};
}

Result<void> take_back(runner::Context& context) {
  const auto& device = context.device();
  if (!device.support.notice || !device.update.pull) return {};
  std::optional<protocols::ServerIdentity> identity;
  if (device.update.pull->tls) {
    auto made = identity_of(*device.update.pull);
    if (!made) return tl::unexpected(made.error());
    identity = std::move(*made);
  }
  Notice(context, *device.support.notice).serve(identity, version_of(device, "current"));
  return {};
}

}  // namespace

runner::Procedure update_notice_procedure() {
  runner::Info info;
  info.id = "update-notice";
  info.title = {"새 버전 알림", "notice of a new version"};
  // What a device does with an answer of its update server is its own affair.
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"service"};
  info.provides_facts = {"update_notice"};
  info.topics = {kTopic};
  info.exclusive = {"login", "device-state"};
  info.connections = 15;
  info.logins = 9;
  info.expected = std::chrono::seconds(8);
  info.deadline = std::chrono::seconds(1800);
  info.recovery = {"현재 버전을 다시 알려 알림을 없앤다. 파일을 주지 않으므로 설치되는 것은 없다.",
                   "Offers the running version again, so that the notice goes away; no file is "
                   "given, so that nothing is installed."};
  return {.info = std::move(info), .run = try_notice, .recover = take_back};
}

}  // namespace haetae::testcases
