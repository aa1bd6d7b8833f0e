#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/own_server.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/workbench.hpp"

/// Whether the device speaks to an update server whose certificate nobody has signed. It is told of
/// no newer version and given no file, so that it has nothing to install.
namespace haetae::testcases {
namespace {

using namespace update;

facts::UpdateServer fact_of(const Visit& visit, const char* server) {
  facts::UpdateServer fact;
  fact.evidence = visit.evidence;
  fact.subject = "lan";
  fact.server = server;
  fact.connected = yes_no(visit.connected);
  fact.asked = yes_no(visit.asked);
  fact.fetched = yes_no(visit.fetched);
  fact.message = visit.message;
  return fact;
}

std::string running_version(const declaration::Declaration& device) {
  for (const auto& image : device.update.images)
    if (image.role == "current" && !image.version.empty()) return image.version;
  return device.identity.firmware;
}

Coverage try_servers(runner::Context& context) {
  const char* topic = "update.server";
  const auto& pull = context.device().update.pull;
  if (!pull)
    return gap(topic, "lan", Cause::declaration,
               "the declaration does not say how the device fetches updates (pull)");
  const Wares wares{.version = running_version(context.device()), .image = {}, .cut = {}};
  if (!pull->tls) {
    const Visit visit = host(context, std::nullopt, wares, "update server without TLS");
    if (!visit.connected) return gap(topic, "lan", visit.cause, visit.why);
    runner::record(context, fact_of(visit, "clear"));
    return whole(topic, "lan", "a server without TLS");
  }
  const auto false_one = protocols::made_up_identity("update server");
  if (!false_one) return gap(topic, "lan", Cause::tool, printable(false_one.error().message()));
  context.progress(0, 2, "update server with a certificate that nobody trusts");
  const Visit untrusted = host(context, *false_one, wares, "update server, untrusted certificate");
  if (!untrusted.connected) return gap(topic, "lan", untrusted.cause, untrusted.why);
  runner::record(context, fact_of(untrusted, "untrusted"));
  if (pull->certificate.empty())
    return gap(topic, "lan", Cause::declaration,
               "no certificate that the device trusts was handed over, so that it is not known "
               "whether it would have spoken to the right server");
  const auto right = identity_of(*pull);
  if (!right) return gap(topic, "lan", Cause::declaration, printable(right.error().message()));
  context.progress(1, 2, "update server with the right certificate");
  const Visit trusted = host(context, *right, wares, "update server, the right certificate");
  if (!trusted.connected) return gap(topic, "lan", trusted.cause, trusted.why);
  runner::record(context, fact_of(trusted, "trusted"));
  return whole(topic, "lan", "an untrusted and the right certificate");
}

Result<void> try_server(runner::Context& context) {
  context.cover(try_servers(context));
  return {};
}

}  // namespace

runner::Procedure update_server_procedure() {
  runner::Info info;
  info.id = "update-server";
  info.title = {"가짜 업데이트 서버", "false update server"};
  // What a device does with an answer of its update server is its own affair.
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"service"};
  info.provides_facts = {"update_server"};
  info.topics = {"update.server"};
  info.exclusive = {"login", "device-state"};
  info.connections = 10;
  info.logins = 2;
  info.expected = std::chrono::seconds(15);
  info.deadline = std::chrono::seconds(1800);
  info.recovery = {
      "아무것도 설치하지 않으므로 되돌릴 것이 없다. 다른 버전이 보이면 현재 이미지를 다시 "
      "설치한다.",
      "Nothing is installed; where another version shows, the current image is put "
      "back."};
  return {.info = std::move(info), .run = try_server, .recover = bring_back};
}

}  // namespace haetae::testcases
