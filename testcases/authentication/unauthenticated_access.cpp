#include <algorithm>

#include "testcases/authentication/access_asker.hpp"
#include "testcases/authentication/state_hooks.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// What a client has without logging in: in normal state, and in factory state where hooks bring
/// the device there and back.
namespace haetae::testcases {

void AccessAsker::Part::lost(std::string text, Cause whose) {
  const std::lock_guard lock(*mutex);
  if (!why.empty()) return;
  why = std::move(text);
  cause = whose;
}

std::vector<declaration::Resource> AccessAsker::declared(const Part& part,
                                                         std::string_view protocol) const {
  std::vector<declaration::Resource> out;
  for (const auto& one : context_.device().resources)
    if (one.port == part.target.port && one.protocol == protocol) out.push_back(one);
  return out;
}

void AccessAsker::trial(Part& part, const std::string& target, const std::string& kind,
                        const std::string& outcome, EvidenceId evidence, bool declared) {
  facts::AccessTrial fact;
  fact.evidence = evidence;
  fact.subject = part.subject;
  fact.state = state_;
  fact.target = target;
  fact.kind = kind.empty() ? "unknown" : kind;
  fact.outcome = outcome;
  fact.declared = yes_no(declared);
  // A fact without evidence cannot be kept: what could not even be sent is told by the coverage.
  if (evidence != 0) runner::record(context_, fact);
}

void AccessAsker::control(Part& part, const char* which, const std::string& outcome,
                          EvidenceId evidence) {
  facts::AccessControl fact;
  fact.evidence = evidence;
  fact.subject = part.subject;
  fact.state = state_;
  fact.control = which;
  fact.outcome = outcome;
  if (evidence != 0) runner::record(context_, fact);
}

void AccessAsker::positive(Part& part, const std::string& protocol) {
  if (protocol == "http" || protocol == "onvif") {
    http_positive(part);
    return;
  }
  if (protocol != "rtsp" && protocol != "mqtt" && protocol != "ftp") return;
  for (const auto& login : context_.device().logins) {
    const auto* account = account_for(context_.device(), login.id);
    if (login.port != part.target.port || login.method != protocol || account == nullptr) continue;
    LoginClient client(context_, login);
    const auto made = booked_attempt(context_, client, account->name, account->password,
                                     budget_of(context_, login.port, account->name));
    if (made)
      control(part, "positive",
              made->answer == Answer::accepted  ? "granted"
              : made->answer == Answer::refused ? "refused"
                                                : "unknown",
              made->evidence);
    return;
  }
}

void AccessAsker::ask_all() {
  std::vector<std::pair<Part, std::string>> parts;
  for (const char* protocol : {"http", "onvif", "rtsp", "mqtt", "coap", "ftp", "snmp"})
    for (const Target& target : services(context_, protocol)) {
      Part part;
      part.target = target;
      part.subject = target.subject();
      parts.emplace_back(std::move(part), protocol);
    }
  context_.each(parts.size(), 8, [&](std::size_t i) {
    auto& [part, protocol] = parts[i];
    if (protocol == "http" || protocol == "onvif") http(part);
    if (protocol == "rtsp") rtsp(part);
    if (protocol == "mqtt") mqtt(part);
    if (protocol == "coap") coap(part);
    if (protocol == "ftp") ftp(part);
    if (protocol == "snmp") snmp(part);
  });
  // One after the other: a login that is under way counts like a failure until it is answered.
  for (auto& [part, protocol] : parts)
    if (state_ == "normal") positive(part, protocol);
  const std::string topic = "access." + state_;
  std::string why;
  Cause cause = Cause::none;
  for (auto& [part, protocol] : parts) {
    if (context_.stop().stop_requested()) part.lost("the run was asked to stop", Cause::lab);
    context_.cover(part.why.empty() ? whole(topic, part.subject)
                                    : gap(topic, part.subject, part.cause, part.why));
    if (!part.why.empty() && why.empty()) {
      why = part.subject + ": " + part.why;
      cause = part.cause;
    }
  }
  if (why.empty() && context_.stop().stop_requested()) {
    why = "the run was asked to stop";
    cause = Cause::lab;
  }
  const std::string tried = std::to_string(parts.size()) + " services";
  context_.cover(why.empty() ? whole(topic, "lan", tried) : gap(topic, "lan", cause, why, tried));
}

namespace {

Result<void> ask_normal(runner::Context& context) {
  AccessAsker(context, "normal").ask_all();
  return {};
}

void record_step(runner::Context& context, const char* step, bool done, EvidenceId evidence) {
  facts::FactoryState fact;
  fact.evidence = evidence;
  fact.step = step;
  fact.done = yes_no(done);
  runner::record(context, fact);
}

void no_factory(runner::Context& context, const std::string& why, Cause cause) {
  context.cover(gap("access.factory", "lan", cause, why));
}

Result<void> ask_factory(runner::Context& context) {
  const auto* there = first_hook(context, {"factory-state", "factory-reset"});
  const auto* back = first_hook(context, {"normal-state"});
  if (there == nullptr) {
    no_factory(context, "no hook factory-state is declared", Cause::declaration);
    return {};
  }
  if (back == nullptr) {
    no_factory(context, "no hook normal-state is declared to bring the device back",
               Cause::declaration);
    return {};
  }
  EvidenceId evidence = 0;
  const bool reached = bring_by_hook(context, *there, evidence);
  record_step(context, "to-factory", reached, evidence);
  if (reached) {
    AccessAsker(context, "factory").ask_all();
  } else {
    no_factory(context, "the hook " + there->name + " did not bring the device to factory state",
               Cause::lab);
  }
  const bool returned = bring_by_hook(context, *back, evidence) && normal_again(context);
  record_step(context, "to-normal", returned, evidence);
  if (!returned) context.log("error", "the device was not brought back to its normal state");
  return {};
}

Result<void> back_to_normal(runner::Context& context) {
  const auto* back = first_hook(context, {"normal-state"});
  EvidenceId evidence = 0;
  if (back != nullptr && first_hook(context, {"factory-state", "factory-reset"}) != nullptr &&
      !bring_by_hook(context, *back, evidence))
    return fail(ErrorKind::unreachable, "the hook normal-state did not bring the device back");
  return {};
}

}  // namespace

runner::Procedure access_procedure() {
  runner::Info info;
  info.id = "access";
  info.title = {"로그인 없이 얻을 수 있는 것", "what can be had without login"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"service"};
  info.provides_facts = {"access_trial", "access_control"};
  info.topics = {"access.normal"};
  info.exclusive = {"login"};
  info.connections = 120;
  info.logins = 4;
  info.expected = std::chrono::seconds(4);
  info.deadline = std::chrono::seconds(240);
  return {.info = std::move(info), .run = ask_normal, .recover = {}};
}

runner::Procedure factory_access_procedure() {
  runner::Info info;
  info.id = "factory-access";
  info.title = {"공장 초기 상태에서 로그인 없이 얻을 수 있는 것",
                "what can be had without login in factory state"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"service"};
  info.provides_facts = {"access_trial", "access_control", "factory_state"};
  info.topics = {"access.factory"};
  info.exclusive = {"login", "device-state"};
  info.connections = 120;
  info.logins = 1;
  info.expected = std::chrono::seconds(5);
  info.deadline = std::chrono::seconds(900);
  info.recovery = {"normal-state 훅이 기기를 정상 상태로 되돌린다.",
                   "The hook normal-state brings the device back."};
  return {.info = std::move(info), .run = ask_factory, .recover = back_to_normal};
}

}  // namespace haetae::testcases
