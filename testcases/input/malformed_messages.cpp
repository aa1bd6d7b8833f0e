#include "testcases/input/messenger.hpp"
#include "testcases/procedures.hpp"

/// Malformed and overlong messages of TLS, SSH, MQTT, RTSP, SNMP, CoAP and DNS to every service
/// that speaks them; HTTP has a procedure of its own.
namespace haetae::testcases {
namespace {

using namespace input;

constexpr const char* kTopic = "input.messages";

/// Spoken is one service with what it speaks, the outermost first.
struct Spoken {
  Target target;  ///< of the innermost
  std::vector<const Protocol*> protocols{};
};

std::vector<Spoken> spoken_by(const runner::Context& context) {
  std::vector<Spoken> out;
  for (const auto& service : runner::facts<facts::Service>(context)) {
    const auto port = port_of(service.subject);
    if (!port) continue;
    Spoken one{{.port = *port, .tls = service.tls == "yes"}};
    for (const Protocol& protocol : message_protocols())
      if (protocol.spoken_by(service)) one.protocols.push_back(&protocol);
    if (!one.protocols.empty()) out.push_back(std::move(one));
  }
  return out;
}

Messenger messenger(runner::Context& context, const Spoken& spoken, const Protocol& protocol,
                    const Limits& limits) {
  Target target = spoken.target;
  if (protocol.name == "tls") target.tls = false;  // its own records
  return {context, protocol, target, limits};
}

void try_service(runner::Context& context, const Spoken& spoken, const Limits& limits) {
  Shortfall shortfall;
  std::string tried;
  for (const Protocol* protocol : spoken.protocols) {
    if (context.stop().stop_requested()) {
      shortfall.lost("the run was asked to stop", Cause::lab);
      break;
    }
    Messenger one = messenger(context, spoken, *protocol, limits);
    one.run();
    one.settle(tried);
    if (!one.shortfall.why.empty()) shortfall.lost(one.shortfall.why, one.shortfall.cause);
    if (one.gone()) break;
  }
  const std::string subject = spoken.target.subject();
  context.cover(shortfall.why.empty()
                    ? whole(kTopic, subject, tried)
                    : gap(kTopic, subject, shortfall.cause, shortfall.why, tried));
}

Result<void> malform(runner::Context& context) {
  const auto limits = limits_of(context.catalogue());
  for (const Spoken& spoken : spoken_by(context)) {
    if (limits)
      try_service(context, spoken, *limits);
    else
      context.cover(gap(kTopic, spoken.target.subject(), Cause::tool,
                        "the catalogue has no parameters input.*"));
  }
  return {};
}

// A service that an interrupted test left dead is started anew where the declaration says how.
Result<void> revive(runner::Context& context) {
  const auto limits = limits_of(context.catalogue());
  if (!limits) return {};
  for (const Spoken& spoken : spoken_by(context))
    for (const Protocol* protocol : spoken.protocols) {
      Messenger one = messenger(context, spoken, *protocol, *limits);
      if (!one.greet() && !one.wait_back().back)
        return fail(ErrorKind::timed_out, "the service at " + spoken.target.subject() +
                                              " does not answer after the interrupted test");
    }
  return {};
}

}  // namespace

runner::Procedure malformed_messages_procedure() {
  runner::Info info;
  info.id = "input-malformed-messages";
  info.title = {"TLS·SSH·MQTT·RTSP·SNMP·CoAP·DNS의 잘못된 메시지와 지나치게 긴 메시지",
                "malformed and overlong messages of TLS, SSH, MQTT, RTSP, SNMP, CoAP and DNS"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"service"};
  info.provides_facts = {"input_trial", "input_control", "input_crash"};
  info.topics = {kTopic};
  info.exclusive = {"login", "device-state"};
  info.connections = 1000;
  info.logins = 250;  // right ones, where a login to MQTT is declared
  info.expected = std::chrono::seconds(20);
  info.deadline = std::chrono::seconds(1800);
  info.recovery = {"멈춘 서비스는 스스로 돌아오기를 기다리고, 선언되었으면 전원을 다시 넣는다.",
                   "Waits for a service that went away, and switches the power where a hook does."};
  return {.info = std::move(info), .run = malform, .recover = revive};
}

}  // namespace haetae::testcases
