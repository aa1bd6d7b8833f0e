#include "harness/protocols/coap.hpp"
#include "harness/protocols/dns.hpp"
#include "harness/protocols/mqtt.hpp"
#include "harness/protocols/snmp.hpp"
#include "harness/protocols/tls_hello.hpp"
#include "testcases/input/message.hpp"

namespace haetae::testcases::input {
namespace {

using namespace protocols;

constexpr std::uint16_t kId = 0x4854;

bool over_udp(const facts::Service& service) { return service.subject.starts_with("lan:udp/"); }

template <bool datagrams>
bool carried(const facts::Service& service, std::string_view protocol) {
  return service.protocol == protocol && over_udp(service) == datagrams;
}

std::vector<Ordinary> hellos(const Talk& talk) {
  const Bytes random = sha256(Wire().number(talk.seed, 8).bytes());
  ClientHello hello;
  hello.suites = {0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009e, 0x009f, 0xc023, 0xc027,
                  0xc009, 0xc013, 0xc00a, 0xc014, 0x009c, 0x009d, 0x003c, 0x002f, 0x0035, 0x000a};
  hello.groups = {29, 23, 24, 25, 256};
  hello.schemes = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501,
                   0x0603, 0x0806, 0x0601, 0x0807, 0x0203, 0x0201};
  std::vector<Ordinary> out{{encode(hello, random)}};
  ClientHello newer = hello;
  newer.version = TlsVersion::tls1_3;
  newer.suites = {0x1301, 0x1302, 0x1303};
  out.push_back({encode(newer, random)});
  hello.version = TlsVersion::tls1_0;
  out.push_back({encode(hello, random)});
  return out;
}

std::string read_tls(const Talk&, ByteView bytes) {
  const bool hello = bytes.size() > 5 && bytes[0] == 22 && bytes[1] == 3 && bytes[5] == 2;
  return hello ? "ServerHello" : "";
}

std::string read_ssh(const Talk&, ByteView bytes) {
  const std::string_view text = as_text(bytes);
  std::size_t line = 0;
  while (!text.substr(line).starts_with("SSH-")) {
    line = text.find('\n', line);
    if (line == std::string_view::npos) return {};
    ++line;
  }
  const std::size_t end = text.find('\n', line);
  if (end == std::string_view::npos || bytes.size() < end + 7) return {};
  const ByteView packet = bytes.subspan(end + 1);
  return packet[0] == 0 && packet[1] == 0 && packet[5] == 20 ? "KEXINIT" : "";
}

std::vector<Ordinary> connects(const Talk& talk) {
  std::vector<Ordinary> out;
  if (talk.login)
    out.push_back(
        {.question = mqtt::connect_packet(mqtt::Version::v3_1_1, "haetae-input",
                                          mqtt::Credential{talk.login->first, talk.login->second}),
         .opens = "CONNACK 0",
         .only_open = true});
  for (const auto version : {mqtt::Version::v3_1_1, mqtt::Version::v5})
    out.push_back({.question = mqtt::connect_packet(version, "haetae-input", std::nullopt),
                   .opens = "CONNACK 0"});
  return out;
}

std::string read_mqtt(const Talk&, ByteView bytes) {
  if (bytes.size() < 4 || bytes[0] != 0x20 || bytes[1] < 2 || bytes[2] > 1) return {};
  return "CONNACK " + std::to_string(bytes[3]);
}

std::vector<Ordinary> options(const Talk& talk) {
  return {{bytes_of("OPTIONS rtsp://" + talk.to.text() + "/ RTSP/1.0\r\nCSeq: 1\r\n\r\n")}};
}

std::string read_rtsp(const Talk&, ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with("RTSP/") || text.find("\r\n\r\n") == std::string_view::npos) return {};
  const std::size_t blank = text.find(' ');
  return "RTSP " + printable(text.substr(std::min(text.size(), blank + 1), 3));
}

std::vector<Ordinary> gets_of_snmp(const Talk&) {
  return {{snmp::engine_request(1)},
          {snmp::get_request(snmp::Version::v2c, "public", 1)},
          {snmp::get_request(snmp::Version::v1, "public", 1)}};
}

std::string read_snmp(const Talk&, ByteView bytes) {
  const auto message = snmp::decode(bytes);
  if (!message) return {};
  return message->report ? "Report" : "Response " + std::to_string(message->error_status);
}

std::vector<Ordinary> gets_of_coap(const Talk&) {
  return {{coap::get(kId, kId, "/.well-known/core")}, {coap::ping(kId)}};
}

std::string read_coap(const Talk&, ByteView bytes) {
  const auto message = coap::decode(bytes);
  if (!message) return {};
  if (message->type == coap::Type::reset) return "Reset";
  if (message->code_class < 2) return {};  // no response (section 5.9), perhaps our own words
  return std::to_string(message->code_class) + "." + std::to_string(message->code_detail);
}

std::vector<Ordinary> queries(const Talk& talk) {
  std::vector<Ordinary> out;
  for (const dns::Question& one :
       {dns::Question{.name = "version.bind", .type = dns::kTxt, .klass = dns::kChaos},
        dns::Question{.name = "", .type = dns::kNs}}) {
    const Bytes query = dns::query(kId, one);
    out.push_back({talk.datagrams ? query : Wire().u16(query.size()).put(query).bytes()});
  }
  return out;
}

std::string read_dns(const Talk& talk, ByteView bytes) {
  if (!talk.datagrams) {
    if (bytes.size() < 2 || bytes.size() - 2 < static_cast<std::size_t>(bytes[0] << 8 | bytes[1]))
      return {};
    bytes = bytes.subspan(2);
  }
  const auto message = dns::decode(bytes);
  if (!message || !message->response || message->id != kId) return {};
  return "answer " + std::to_string(message->code);
}

std::vector<Ordinary> identification(const Talk&) { return {{bytes_of("SSH-2.0-haetae\r\n")}}; }

}  // namespace

const std::vector<Protocol>& message_protocols() {
  using S = const facts::Service&;
  static const std::vector<Protocol> table{
      {"tls", [](S one) { return one.tls == "yes" && !over_udp(one); }, hellos, read_tls,
       tls_messages},
      {"ssh", [](S one) { return carried<false>(one, "ssh"); }, identification, read_ssh,
       ssh_messages},
      {"mqtt", [](S one) { return carried<false>(one, "mqtt"); }, connects, read_mqtt,
       mqtt_messages},
      {"rtsp", [](S one) { return carried<false>(one, "rtsp"); }, options, read_rtsp,
       rtsp_messages},
      {"snmp", [](S one) { return carried<true>(one, "snmp"); }, gets_of_snmp, read_snmp,
       snmp_messages},
      {"coap", [](S one) { return carried<true>(one, "coap"); }, gets_of_coap, read_coap,
       coap_messages},
      {"dns", [](S one) { return one.protocol == "dns"; }, queries, read_dns, dns_messages},
  };
  return table;
}

}  // namespace haetae::testcases::input
