#include <fmt/format.h>

#include <chrono>

#include "devices/device.hpp"
#include "devices/http.hpp"

namespace haetae::devices {
namespace {

using std::string_view_literals::operator""sv;

/// Field is one BER element with its content and what comes behind it.
struct Field {
  unsigned tag = 0;
  std::string_view content, rest;
};

std::optional<Field> field(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::size_t length = at(1), head = 2;
  if (length >= 0x80) {
    const std::size_t count = length & 0x7f;
    if (count == 0 || count > 3 || bytes.size() < 2 + count) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length * 256 + at(2 + i);
    head += count;
  }
  if (length > bytes.size() - head) return std::nullopt;
  return Field{at(0), bytes.substr(head, length), bytes.substr(head + length)};
}

std::string ber(unsigned tag, std::string_view content) {
  std::string result(1, static_cast<char>(tag));
  const auto length = content.size();
  if (length >= 128) {
    result += '\x82';
    result += static_cast<char>(length >> 8U);
  }
  result += static_cast<char>(length & 0xffU);
  return result.append(content);
}

constexpr auto kEngine = "\x80\x00\x1f\x88\x04simcam"sv;

/// answer_snmp() tells a version 3 manager its engine (RFC 3414, 4), and gives sysDescr.0 for the
/// community of the settings, if there is one.
std::optional<std::string> answer_snmp(Device& device, std::string_view datagram) {
  const auto message = field(datagram);
  const auto version = message && message->tag == 0x30 ? field(message->content) : std::nullopt;
  if (!version || version->tag != 0x02 || version->content.size() != 1) return std::nullopt;
  const auto second = field(version->rest);
  if (!second) return std::nullopt;
  if (version->content[0] == 3) {
    const auto id = field(second->content);
    if (second->tag != 0x30 || !id || id->tag != 0x02) return std::nullopt;
    const auto security = ber(
        0x30, ber(4, kEngine) + ber(2, "\1") + ber(2, "\1") + ber(4, "") + ber(4, "") + ber(4, ""));
    const auto binding =
        ber(0x30, ber(6, "\x2b\x06\x01\x06\x03\x0f\x01\x01\x04\x00"sv) + ber(0x41, "\1"));
    const auto report =
        ber(0xa8, ber(2, "\0"sv) + ber(2, "\0"sv) + ber(2, "\0"sv) + ber(0x30, binding));
    return ber(0x30, ber(2, "\3") +
                         ber(0x30, ber(2, id->content) + ber(2, "\x00\xff\xe3"sv) + ber(4, "\0"sv) +
                                       ber(2, "\3")) +
                         ber(4, security) + ber(0x30, ber(4, kEngine) + ber(4, "") + report));
  }
  const auto& community = device.settings.text("snmp.community");
  if (second->tag != 0x04 || community.empty() || second->content != community) return std::nullopt;
  const auto request = field(second->rest);
  const auto id = request ? field(request->content) : std::nullopt;
  if (!id || id->tag != 0x02) return std::nullopt;
  const auto binding = ber(
      0x30, ber(6, "\x2b\x06\x01\x02\x01\x01\x01\x00"sv) +
                ber(4, device.personality.maker.model + " " + device.personality.maker.firmware));
  return ber(0x30, ber(2, version->content) + ber(4, community) +
                       ber(0xa2, ber(2, id->content) + ber(2, "\0"sv) + ber(2, "\0"sv) +
                                     ber(0x30, binding)));
}

std::optional<std::string> answer_ssdp(Device& device, std::string_view datagram) {
  const auto text = lower_case(datagram);
  if (text.rfind("m-search ", 0) != 0 || text.find("ssdp:discover") == std::string::npos)
    return std::nullopt;
  const bool hostile = device.settings.text("hostile.answer") == "markup";
  return fmt::format(
      "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nLOCATION: https://{}/\r\n"
      "SERVER: {}\r\nST: upnp:rootdevice\r\nUSN: uuid:{}::upnp:rootdevice\r\n\r\n",
      device.personality.addresses().front(),
      hostile ? "\x1b[2J<script>alert(1)</script>" : "SimCam UPnP/1.1",
      device.personality.maker.serial);
}

/// answer_dns() refuses every question (RFC 1035, 4.1.1).
std::optional<std::string> answer_dns(std::string_view datagram) {
  if (datagram.size() < 12 || (static_cast<unsigned char>(datagram[2]) & 0x80U) != 0)
    return std::nullopt;
  std::string result(datagram.substr(0, 12));
  result[2] = '\x81';
  result[3] = '\x05';
  for (std::size_t i = 4; i < 12; ++i) result[i] = '\0';
  return result;
}

/// answer_coap() answers a ping, and every request by 4.04 Not Found (RFC 7252, 3 and 5.9.2.5).
std::optional<std::string> answer_coap(std::string_view datagram) {
  if (datagram.size() < 4) return std::nullopt;
  const auto first = static_cast<unsigned char>(datagram[0]);
  const std::size_t token = first & 0x0fU;
  const unsigned type = first >> 4U & 3U, code = static_cast<unsigned char>(datagram[1]);
  if (first >> 6U != 1 || token > 8 || datagram.size() < 4 + token || type > 1 || code >= 32)
    return std::nullopt;
  const bool ping = code == 0;
  std::string result;
  result += static_cast<char>(0x40U |
                              (ping        ? 3U
                               : type == 0 ? 2U
                                           : 1U)
                                  << 4U |
                              (ping ? 0U : token));
  result += ping ? '\0' : '\x84';
  result.append(datagram.substr(2, 2));
  if (ping) return result;
  return result.append(datagram.substr(4, token));
}

}  // namespace

namespace {

/// overrun() is whether the agent is silent after a datagram that says it is longer than it is.
bool overrun(Device& device, std::string_view datagram) {
  if (!device.settings.yes("snmp.overrun")) return false;
  using std::chrono::milliseconds;
  const auto now =
      std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  if (now < device.agent_silent_until) return true;
  if (datagram.size() < 2 || datagram[0] != '\x30' || field(datagram)) return false;
  device.agent_silent_until = now + 4000;
  return true;
}

}  // namespace

std::optional<std::string> answer_datagram(Device& device, const std::string& kind,
                                           std::string_view datagram) {
  if (device.settings.text("hostile.answer") == "silent") return std::nullopt;
  if (kind == "snmp" && overrun(device, datagram)) return std::nullopt;
  if (kind == "snmp") return answer_snmp(device, datagram);
  if (kind == "ssdp") return answer_ssdp(device, datagram);
  if (kind == "dns") return answer_dns(datagram);
  if (kind == "coap") return answer_coap(datagram);
  return std::nullopt;
}

}  // namespace haetae::devices
