#include "harness/protocols/udp_probe.hpp"

#include <algorithm>

#include "harness/protocols/coap.hpp"
#include "harness/protocols/dns.hpp"
#include "harness/protocols/ike.hpp"
#include "harness/protocols/login.hpp"
#include "harness/protocols/mdns.hpp"
#include "harness/protocols/ntp.hpp"
#include "harness/protocols/snmp.hpp"
#include "harness/protocols/ssdp.hpp"
#include "harness/protocols/syslog.hpp"
#include "harness/protocols/tftp.hpp"

namespace haetae::protocols {
namespace {

std::uint64_t fresh(int bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : random_bytes(static_cast<std::size_t>(bytes)))
    value = value << 8 | byte;
  return value;
}

/// product_of() splits "dnsmasq-2.89" or "Linux/5.10 UPnP/1.0 MiniUPnPd/2.2" at the last name that
/// is followed by a number.
void product_of(std::string_view text, UdpSeen& seen) {
  std::size_t begin = text.find_last_of(' ');
  const std::string_view word = begin == std::string_view::npos ? text : text.substr(begin + 1);
  const std::size_t split = word.find_first_of("-/");
  if (split == std::string_view::npos || split + 1 >= word.size() || word[split + 1] < '0' ||
      word[split + 1] > '9') {
    seen.product = std::string(text);
    return;
  }
  seen.product = std::string(word.substr(0, split));
  seen.version = std::string(word.substr(split + 1));
}

UdpProbe dns_version(std::uint16_t id) {
  return {
      .protocol = "dns",
      .port = 53,
      .label = "DNS version.bind",
      .payload = dns::query(id, {.name = "version.bind", .type = dns::kTxt, .klass = dns::kChaos}),
      .read = [id](ByteView bytes) -> Result<UdpSeen> {
        const auto message = dns::decode(bytes);
        if (!message) return tl::unexpected(message.error());
        if (!message->response || message->id != id)
          return fail(ErrorKind::protocol, "no answer to the DNS question");
        UdpSeen seen{.protocol = "dns"};
        if (!message->answers.empty()) seen.text = message->answers.front().text;
        product_of(seen.text, seen);
        return seen;
      }};
}

UdpProbe dns_root(std::uint16_t id) {
  return {.protocol = "dns",
          .port = 53,
          .label = "DNS root name servers",
          .payload = dns::query(id, {.name = "", .type = dns::kNs, .recursion = true}),
          .read = [id](ByteView bytes) -> Result<UdpSeen> {
            const auto message = dns::decode(bytes);
            if (!message) return tl::unexpected(message.error());
            if (!message->response || message->id != id)
              return fail(ErrorKind::protocol, "no answer to the DNS question");
            return UdpSeen{.protocol = "dns"};
          }};
}

UdpProbe tftp_read() {
  const std::string name = "haetae-" + to_hex(random_bytes(6));
  return {.protocol = "tftp",
          .port = 69,
          .label = "TFTP read of a name that does not exist",
          .payload = tftp::read_request(name),
          .read = [](ByteView bytes) -> Result<UdpSeen> {
            const auto answer = tftp::decode(bytes);
            if (!answer) return tl::unexpected(answer.error());
            return UdpSeen{.protocol = "tftp", .text = answer->text};
          }};
}

UdpProbe ntp_client(std::uint64_t stamp) {
  return {.protocol = "ntp",
          .port = 123,
          .label = "NTP client request",
          .payload = ntp::client_request(stamp),
          .read = [stamp](ByteView bytes) -> Result<UdpSeen> {
            const auto answer = ntp::decode(bytes);
            if (!answer) return tl::unexpected(answer.error());
            if (answer->mode != 4 || answer->origin != stamp)
              return fail(ErrorKind::protocol, "no answer to the NTP request");
            return UdpSeen{.protocol = "ntp",
                           .text = "NTP version " + std::to_string(answer->version) + " stratum " +
                                   std::to_string(answer->stratum)};
          }};
}

UdpProbe ntp_control() {
  return {.protocol = "ntp",
          .port = 123,
          .label = "NTP control READVAR",
          .payload = ntp::readvar_request(1),
          .read = [](ByteView bytes) -> Result<UdpSeen> {
            const auto answer = ntp::decode(bytes);
            if (!answer) return tl::unexpected(answer.error());
            if (answer->mode != 6) return fail(ErrorKind::protocol, "no NTP control answer");
            return UdpSeen{.protocol = "ntp", .text = printable(answer->variables)};
          }};
}

UdpProbe snmp_engine(std::int32_t id) {
  return {.protocol = "snmp",
          .port = 161,
          .label = "SNMPv3 engine discovery",
          .payload = snmp::engine_request(id),
          .read = [](ByteView bytes) -> Result<UdpSeen> {
            const auto message = snmp::decode(bytes);
            if (!message) return tl::unexpected(message.error());
            return UdpSeen{
                .protocol = "snmp", .version = "3", .text = "engine " + to_hex(message->engine_id)};
          }};
}

UdpProbe snmp_public(snmp::Version version, std::int32_t id) {
  return {.protocol = "snmp",
          .port = 161,
          .label = version == snmp::Version::v1 ? "SNMPv1 sysDescr" : "SNMPv2c sysDescr",
          .payload = snmp::get_request(version, "public", id),
          .read = [](ByteView bytes) -> Result<UdpSeen> {
            const auto message = snmp::decode(bytes);
            if (!message) return tl::unexpected(message.error());
            return UdpSeen{.protocol = "snmp", .text = message->description};
          }};
}

UdpProbe ike_probe(bool second_version, std::uint64_t initiator) {
  return {.protocol = "ike",
          .port = 500,
          .label = second_version ? "IKEv2 SA_INIT" : "IKEv1 main mode",
          .payload = second_version ? ike::sa_init(initiator) : ike::main_mode(initiator),
          .read = [initiator](ByteView bytes) -> Result<UdpSeen> {
            const auto answer = ike::decode(bytes);
            if (!answer) return tl::unexpected(answer.error());
            if (answer->initiator != initiator)
              return fail(ErrorKind::protocol, "no answer to the IKE message");
            return UdpSeen{.protocol = "ike", .version = std::to_string(answer->major)};
          }};
}

UdpProbe ssdp_search(const Endpoint& to) {
  return {.protocol = "ssdp",
          .port = 1900,
          .label = "SSDP M-SEARCH",
          .payload = ssdp::search(to.text()),
          .read = [](ByteView bytes) -> Result<UdpSeen> {
            const auto answer = ssdp::decode(bytes);
            if (!answer) return tl::unexpected(answer.error());
            UdpSeen seen{.protocol = "ssdp", .text = answer->server};
            product_of(answer->server, seen);
            return seen;
          }};
}

UdpProbe onvif_probe() {
  std::string id = to_hex(random_bytes(16));
  for (const std::size_t at : {8u, 13u, 18u, 23u}) id.insert(at, 1, '-');
  return {.protocol = "onvif",
          .port = 3702,
          .label = "WS-Discovery probe",
          .payload = ssdp::discovery_probe(id),
          .read = [](ByteView bytes) -> Result<UdpSeen> {
            if (!ssdp::is_probe_match(bytes))
              return fail(ErrorKind::protocol, "no WS-Discovery answer");
            return UdpSeen{.protocol = "onvif"};
          }};
}

UdpProbe sip_probe(const Endpoint& to) {
  return {.protocol = "sip",
          .port = 5060,
          .label = "SIP OPTIONS",
          .payload = sip_options(to, "UDP"),
          .read = [](ByteView bytes) -> Result<UdpSeen> {
            const std::string_view text = as_text(bytes);
            if (!text.starts_with("SIP/2.0 ")) return fail(ErrorKind::protocol, "no SIP answer");
            return UdpSeen{.protocol = "sip", .text = printable(text.substr(0, text.find('\r')))};
          }};
}

UdpProbe mdns_services() {
  return {.protocol = "mdns",
          .port = 5353,
          .label = "mDNS service types",
          .payload = mdns::services_query(),
          .read = [](ByteView bytes) -> Result<UdpSeen> {
            const auto services = mdns::decode(bytes);
            if (!services) return tl::unexpected(services.error());
            std::string text;
            for (const std::string& type : services->types)
              text += (text.empty() ? "" : " ") + type;
            return UdpSeen{.protocol = "mdns", .text = printable(text)};
          }};
}

UdpProbe coap_get(std::uint16_t id, std::uint16_t token) {
  return {.protocol = "coap",
          .port = 5683,
          .label = "CoAP GET /.well-known/core",
          .payload = coap::get(id, token, "/.well-known/core"),
          .read = [id, token](ByteView bytes) -> Result<UdpSeen> {
            const auto message = coap::decode(bytes);
            if (!message) return tl::unexpected(message.error());
            const Bytes name{static_cast<std::uint8_t>(token >> 8),
                             static_cast<std::uint8_t>(token & 0xff)};
            if (message->id != id && message->token != name)
              return fail(ErrorKind::protocol, "no answer to the CoAP request");
            if (message->code_class < 2 && message->type != coap::Type::acknowledgement &&
                message->type != coap::Type::reset)
              return fail(ErrorKind::protocol, "the CoAP message is a request");
            return UdpSeen{.protocol = "coap", .text = printable(message->payload)};
          }};
}

UdpProbe coap_ping(std::uint16_t id) {
  return {.protocol = "coap",
          .port = 5683,
          .label = "CoAP ping",
          .payload = coap::ping(id),
          .read = [id](ByteView bytes) -> Result<UdpSeen> {
            const auto message = coap::decode(bytes);
            if (!message) return tl::unexpected(message.error());
            if (message->id != id || message->type != coap::Type::reset)
              return fail(ErrorKind::protocol, "no answer to the CoAP ping");
            return UdpSeen{.protocol = "coap"};
          }};
}

UdpProbe syslog_probe() {
  return {.protocol = "syslog",
          .port = 514,
          .label = "empty datagram (syslog never answers)",
          .payload = syslog::probe(),
          .read = [](ByteView) -> Result<UdpSeen> {
            return fail(ErrorKind::protocol, "syslog does not answer");
          }};
}

}  // namespace

Bytes sip_options(const Endpoint& to, std::string_view transport) {
  const std::string tag = to_hex(random_bytes(6));
  const std::string host = to.text();
  const std::string text =
      "OPTIONS sip:" + host + " SIP/2.0\r\nVia: SIP/2.0/" + std::string(transport) +
      " haetae.invalid;branch=z9hG4bK" + tag + ";rport\r\nMax-Forwards: 70\r\nTo: <sip:" + host +
      ">\r\nFrom: <sip:haetae@haetae.invalid>;tag=" + tag + "\r\nCall-ID: " + tag +
      "\r\nCSeq: 1 OPTIONS\r\nContact: <sip:haetae@haetae.invalid>\r\nAccept: application/sdp\r\n"
      "Content-Length: 0\r\n\r\n";
  return Bytes(text.begin(), text.end());
}

std::vector<UdpProbe> udp_probes(const Endpoint& to) {
  const auto id = [] { return static_cast<std::uint16_t>(fresh(2)); };
  const auto number = [] { return static_cast<std::int32_t>(fresh(4) & 0x3fffffff); };
  return {dns_version(id()),
          dns_root(id()),
          tftp_read(),
          ntp_client(fresh(8)),
          ntp_control(),
          snmp_engine(number()),
          snmp_public(snmp::Version::v2c, number()),
          snmp_public(snmp::Version::v1, number()),
          ike_probe(true, fresh(8)),
          ike_probe(false, fresh(8)),
          syslog_probe(),
          ssdp_search(to),
          onvif_probe(),
          sip_probe(to),
          mdns_services(),
          coap_get(id(), id()),
          coap_ping(id())};
}

}  // namespace haetae::protocols
