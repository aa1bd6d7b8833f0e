#include <algorithm>

#include "harness/protocols/coap.hpp"
#include "harness/protocols/ftp.hpp"
#include "harness/protocols/mqtt.hpp"
#include "harness/protocols/rtsp.hpp"
#include "harness/protocols/snmp.hpp"
#include "testcases/authentication/access_asker.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {
namespace {

namespace mqtt_ = protocols::mqtt;

constexpr auto kMqtt = mqtt_::Version::v3_1_1;

// The links of a .well-known/core answer (RFC 6690), at most 16.
std::vector<std::string> links(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0;
       out.size() < 16 && (at = text.find('<', at)) != std::string_view::npos;) {
    const std::size_t end = text.find('>', at);
    if (end == std::string_view::npos) break;
    std::string_view link = text.substr(at + 1, end - at - 1);
    if (link.starts_with('/') && link.size() <= 200 && link != "/.well-known/core")
      out.push_back(printable(link));
    at = end;
  }
  return out;
}

struct CoapAnswer {
  int code = 0;           ///< class * 100 + detail, 0 if nothing came
  bool promised = false;  ///< an empty acknowledgement: the answer comes later (RFC 7252, 5.2.2)
  std::string text;
  EvidenceId evidence = 0;
};

std::vector<CoapAnswer> coap_ask_once(runner::Context& context, const Target& target,
                                      const std::vector<std::string>& paths, Duration wait) {
  std::vector<net::UdpQuestion> questions;
  std::vector<std::uint16_t> ids;
  for (const std::string& path : paths) {
    const Bytes random = random_bytes(2);
    ids.push_back(static_cast<std::uint16_t>(random[0] << 8 | random[1]));
    questions.push_back({.to = {context.address(), target.port.number},
                         .payload = protocols::coap::get(ids.back(), ids.back(), path),
                         .label = "CoAP GET without login",
                         .subject = target.subject()});
  }
  std::vector<CoapAnswer> out(paths.size());
  const auto answers = context.door().ask(questions, wait, context.recorder(), context.stop());
  if (!answers) return out;
  for (std::size_t i = 0; i < out.size() && i < answers->size(); ++i) {
    out[i].evidence = (*answers)[i].evidence;
    for (const net::Datagram& one : (*answers)[i].datagrams) {
      const auto message = protocols::coap::decode(one.bytes);
      if (message && message->token.empty() && message->code_class == 0 &&
          message->code_detail == 0)
        out[i].promised = true;
      if (!message || message->token.size() != 2 ||
          (message->token[0] << 8 | message->token[1]) != ids[i] || message->code_class == 0)
        continue;
      out[i].code = message->code_class * 100 + message->code_detail;
      out[i].text = message->payload;
    }
  }
  return out;
}

// What is answered later is asked for once more, with time for it.
std::vector<CoapAnswer> coap_ask(runner::Context& context, const Target& target,
                                 const std::vector<std::string>& paths) {
  auto out = coap_ask_once(context, target, paths, 1500ms);
  std::vector<std::size_t> open;
  std::vector<std::string> again;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (out[i].code == 0 && out[i].promised) {
      open.push_back(i);
      again.push_back(paths[i]);
    }
  if (open.empty()) return out;
  // The acknowledgement counts as an answer: a quarter of the time is waited behind it.
  const auto late = coap_ask_once(context, target, again, 24s);
  for (std::size_t i = 0; i < open.size(); ++i)
    if (late[i].code != 0) out[open[i]] = late[i];
  return out;
}

std::string coap_outcome(int code) {
  if (code / 100 == 2) return "granted";
  if (code == 401 || code == 403) return "refused";
  if (code == 404) return "absent";
  return "unknown";
}

std::string login_outcome(protocols::LoginOutcome outcome) {
  if (outcome == protocols::LoginOutcome::accepted) return "granted";
  return outcome == protocols::LoginOutcome::refused ? "refused" : "unknown";
}

// Whether a broker delivers on `filter` to a client without login what another such client sends
// to `topic` (empty: whatever comes by itself).
struct Delivery {
  std::string outcome = "unknown";
  EvidenceId evidence = 0;
  std::string why;
};

Delivery listen(runner::Context& context, const Target& target, std::string_view filter,
                const std::string& topic) {
  Delivery out;
  Clock& clock = context.clock();
  auto conn = open(context, target, "MQTT without login");
  if (!conn) {
    out.why = printable(conn.error().message());
    return out;
  }
  out.evidence = (*conn)->evidence();
  const SteadyTime deadline = clock.now() + 5s;
  const auto login = mqtt_::login(**conn, kMqtt, std::nullopt, clock, deadline);
  if (!login || login->outcome != protocols::LoginOutcome::accepted) {
    if (login && login->outcome == protocols::LoginOutcome::refused) out.outcome = "refused";
    out.why = login ? login->why : printable(login.error().message());
    return out;
  }
  protocols::Reader reader(**conn, 1024 * 1024);
  if (!(*conn)->write(mqtt_::subscribe_packet(kMqtt, 1, filter), deadline)) return out;
  const auto acknowledged = mqtt_::read_packet(reader, deadline);
  const auto code = acknowledged ? mqtt_::suback(*acknowledged, kMqtt)
                                 : Result<int>(tl::unexpected(acknowledged.error()));
  if (code && *code >= 0x80) {
    out.outcome = "refused";
    return out;
  }
  if (!topic.empty()) {
    auto sender = open(context, target, "MQTT message without login");
    if (sender && mqtt_::login(**sender, kMqtt, std::nullopt, clock, deadline))
      (void)(*sender)->write(mqtt_::publish_packet(kMqtt, topic, as_bytes("haetae")), deadline);
    if (sender)
      (void)mqtt_::read_packet(reader, clock.now() + 1s).map([&](const auto& packet) {
        if (packet.type == 3) out.outcome = "granted";
      });
    return out;
  }
  const auto packet = mqtt_::read_packet(reader, clock.now() + 300ms);
  out.outcome = packet && packet->type == 3 ? "granted" : "absent";
  return out;
}

}  // namespace

void AccessAsker::rtsp(Part& part) {
  const Endpoint endpoint{context_.address(), part.target.port.number};
  const auto describe = [&](const std::string& path, EvidenceId& evidence) -> std::string {
    auto conn = open(context_, part.target, "RTSP DESCRIBE without login");
    if (!conn) {
      part.lost(printable(conn.error().message()), cause_of(conn.error()));
      return "unknown";
    }
    evidence = (*conn)->evidence();
    protocols::rtsp::Session session(**conn);
    const auto answer = session.request("DESCRIBE", protocols::rtsp::uri(endpoint, path),
                                        {"Accept: application/sdp"}, context_.clock().now() + 5s);
    if (!answer) {
      part.lost(printable(answer.error().message()), cause_of(answer.error()));
      return "unknown";
    }
    if (answer->status >= 200 && answer->status < 300) return "granted";
    if (answer->status == 401 || answer->status == 403) return "refused";
    return answer->status == 404 || answer->status == 454 ? "absent" : "unknown";
  };
  EvidenceId evidence = 0;
  std::string outcome = describe("/haetae-" + to_hex(random_bytes(6)), evidence);
  control(part, "negative", outcome, evidence);
  auto targets = declared(part, "rtsp");
  if (targets.empty())
    for (const char* path : {"/", "/live", "/stream1", "/h264", "/onvif1"})
      targets.push_back({.port = part.target.port,
                         .tls = part.target.tls,
                         .protocol = "rtsp",
                         .target = path,
                         .kind = "view"});
  const bool stated = !declared(part, "rtsp").empty();
  for (const auto& one : targets) {
    outcome = describe(one.target, evidence);
    trial(part, one.target, one.kind, outcome, evidence, stated);
  }
}

void AccessAsker::mqtt(Part& part) {
  const Delivery nothing = listen(context_, part.target, "haetae-" + to_hex(random_bytes(6)), "");
  control(part, "negative", nothing.outcome, nothing.evidence);
  const auto wishes = declared(part, "mqtt");
  const std::string topic = "haetae/" + to_hex(random_bytes(6));
  const Delivery all = listen(context_, part.target, "#", topic);
  if (all.outcome == "unknown")
    part.lost("the broker did not say clearly what it gives (" + all.why + ")", Cause::device);
  const std::string kind = wishes.empty() ? "subscribe" : wishes.front().kind;
  trial(part, "#", kind, all.outcome, all.evidence, !wishes.empty());
  for (const auto& one : wishes)
    if (one.target != "#") {
      // A refused connection refuses every topic; an open one is judged by what it delivers.
      const Delivery made =
          listen(context_, part.target, one.target,
                 one.target.find_first_of("#+") == std::string::npos ? one.target : topic);
      trial(part, one.target, one.kind, made.outcome, made.evidence, true);
    }
}

void AccessAsker::coap(Part& part) {
  if (part.target.tls) {
    part.lost("our side has no CoAP over DTLS", Cause::tool);
    return;
  }
  std::vector<std::string> paths{"/haetae-" + to_hex(random_bytes(4)), "/.well-known/core"};
  for (const auto& one : declared(part, "coap")) paths.push_back(one.target);
  const auto first = coap_ask(context_, part.target, paths);
  const auto answered = [&](const std::vector<CoapAnswer>& answers) {
    for (const CoapAnswer& one : answers)
      if (coap_outcome(one.code) == "unknown")
        part.lost(one.code == 0 ? "a CoAP request was not answered"
                                : "a CoAP request was answered by code " +
                                      std::to_string(one.code) + ", which is neither yes nor no",
                  Cause::device);
  };
  answered(first);
  control(part, "negative", coap_outcome(first[0].code), first[0].evidence);
  for (std::size_t i = 2; i < paths.size(); ++i)
    trial(part, paths[i], declared(part, "coap")[i - 2].kind, coap_outcome(first[i].code),
          first[i].evidence, true);
  // The list itself is public by RFC 6690; what it names may not be.
  const auto named = first[1].code / 100 == 2 ? links(first[1].text) : std::vector<std::string>{};
  const auto second = coap_ask(context_, part.target, named);
  answered(second);
  for (std::size_t i = 0; i < named.size(); ++i)
    if (std::find(paths.begin() + 2, paths.end(), named[i]) == paths.end())
      trial(part, named[i], "data", coap_outcome(second[i].code), second[i].evidence, false);
  if (named.empty())
    trial(part, "/.well-known/core", "data",
          first[1].code / 100 == 2 ? "absent" : coap_outcome(first[1].code), first[1].evidence,
          false);
}

void AccessAsker::ftp(Part& part) {
  auto conn = open(context_, part.target, "FTP without account");
  if (!conn) {
    part.lost(printable(conn.error().message()), cause_of(conn.error()));
    return;
  }
  Clock& clock = context_.clock();
  const EvidenceId evidence = (*conn)->evidence();
  protocols::ftp::Session session(**conn);
  const auto greeting = session.greeting(clock.now() + 10s);
  const auto login =
      greeting ? protocols::ftp::login(session, "anonymous", "haetae@", clock, clock.now() + 12s)
               : Result<protocols::LoginAnswer>(tl::unexpected(greeting.error()));
  if (!login) {
    part.lost(printable(login.error().message()), cause_of(login.error()));
    trial(part, "anonymous", "data", "unknown", evidence, false);
    return;
  }
  // Whoever is let in must still be told that a random file is not there.
  const auto random = session.command("SIZE haetae-" + to_hex(random_bytes(6)), clock.now() + 5s);
  const int code = random ? random->code : 0;
  control(part, "negative",
          code == 530 || code == 332                           ? "refused"
          : code == 550 || code == 450 || code == 502          ? "absent"
          : code == 213                                        ? "granted"
          : login->outcome == protocols::LoginOutcome::refused ? "refused"
                                                               : "unknown",
          evidence);
  trial(part, "anonymous", "data", login_outcome(login->outcome), evidence, false);
}

void AccessAsker::snmp(Part& part) {
  const Endpoint endpoint{context_.address(), part.target.port.number};
  const std::vector<std::string> names{"c" + to_hex(random_bytes(8)), "public"};
  const auto answers = protocols::snmp::try_communities(
      context_.door(), endpoint, part.subject, names, 1s, context_.recorder(), context_.stop());
  const auto engine = protocols::snmp::discover_engine(context_.door(), endpoint, part.subject, 1s,
                                                       context_.recorder(), context_.stop());
  if (!answers) {
    part.lost(printable(answers.error().message()), cause_of(answers.error()));
    return;
  }
  const auto outcome = [&](const std::string& name, EvidenceId& evidence) -> std::string {
    bool any = engine && engine->answered;
    for (const auto& one : *answers) {
      any = any || one.answered;
      if (one.community != name) continue;
      evidence = one.evidence;
      if (one.answered) return "granted";
    }
    return any ? "refused" : "unknown";
  };
  EvidenceId evidence = 0;
  const std::string random = outcome(names[0], evidence);
  control(part, "negative", random, evidence);
  if (random == "unknown")
    part.lost("the agent answered neither a community nor engine discovery", Cause::device);
  const std::string open_read = outcome("public", evidence);
  trial(part, "system group, community public", "management", open_read, evidence, false);
}

}  // namespace haetae::testcases
