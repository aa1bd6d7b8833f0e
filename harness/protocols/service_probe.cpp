#include "harness/protocols/service_probe.hpp"

#include <algorithm>
#include <array>

#include "harness/protocols/dns.hpp"
#include "harness/protocols/login.hpp"
#include "harness/protocols/mqtt.hpp"
#include "harness/protocols/telnet.hpp"
#include "harness/protocols/udp_probe.hpp"

namespace haetae::protocols {
namespace {

constexpr std::size_t kMost = 8 * 1024;

Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::uint16_t tag16(ByteView tag) {
  return tag.size() < 2 ? std::uint16_t{0x4854} : static_cast<std::uint16_t>(tag[0] << 8 | tag[1]);
}

Bytes dns_question(ByteView tag) {
  const Bytes query =
      dns::query(tag16(tag), {.name = "version.bind", .type = dns::kTxt, .klass = dns::kChaos});
  Bytes out{static_cast<std::uint8_t>(query.size() >> 8),
            static_cast<std::uint8_t>(query.size() & 0xff)};
  out.insert(out.end(), query.begin(), query.end());
  return out;
}

/// modbus_question() reads the device identification (function 43, MEI type 14, basic).
Bytes modbus_question(ByteView tag) {
  const std::uint16_t id = tag16(tag);
  return {static_cast<std::uint8_t>(id >> 8),
          static_cast<std::uint8_t>(id & 0xff),
          0,
          0,
          0,
          5,
          1,
          0x2b,
          0x0e,
          1,
          0};
}

/// smb_question() is an SMB 1 negotiate that also offers SMB 2 (MS-SMB2, section 4.2).
Bytes smb_question() {
  Bytes body = {0xff, 'S', 'M', 'B', 0x72, 0, 0, 0, 0, 0x18, 0x53, 0xc8, 0, 0, 0, 0,
                0,    0,   0,   0,   0,    0, 0, 0, 0, 0,    0xff, 0xfe, 0, 0, 0, 0};
  Bytes dialects;
  for (const std::string_view name : {"NT LM 0.12", "SMB 2.002", "SMB 2.???"}) {
    dialects.push_back(2);
    dialects.insert(dialects.end(), name.begin(), name.end());
    dialects.push_back(0);
  }
  body.insert(body.end(), {0, static_cast<std::uint8_t>(dialects.size() & 0xff),
                           static_cast<std::uint8_t>(dialects.size() >> 8)});
  body.insert(body.end(), dialects.begin(), dialects.end());
  Bytes out{0, 0, static_cast<std::uint8_t>(body.size() >> 8),
            static_cast<std::uint8_t>(body.size() & 0xff)};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::string host_of(const Endpoint& to) {
  return to.address.v6 ? "[" + to.address.text() + "]" : to.address.text();
}

std::string_view first_line(std::string_view text) {
  return trim(text.substr(0, text.find_first_of("\r\n")));
}

/// header() is the value of one header line of an HTTP-like answer.
std::string_view header(std::string_view text, std::string_view name) {
  std::size_t at = text.find('\n');
  for (int lines = 0; lines < 64 && at != std::string_view::npos; ++lines) {
    text.remove_prefix(at + 1);
    at = text.find('\n');
    const std::string_view line = text.substr(0, at);
    if (trim(line).empty()) return {};
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && lower(trim(line.substr(0, colon))) == name)
      return trim(line.substr(colon + 1));
  }
  return {};
}

ServiceSeen http_like(std::string_view text, std::string_view protocol) {
  std::string_view server = header(text, "server");
  if (server.empty()) server = header(text, "user-agent");
  ServiceSeen seen = name_and_version(server);
  if (seen.product.empty()) seen.product = printable(server);
  seen.protocol = protocol;
  seen.banner = printable(first_line(text));
  return seen;
}

ServiceSeen ssh(std::string_view text) {
  // SSH-protoversion-softwareversion comments (RFC 4253, section 4.2)
  const std::string_view line = first_line(text);
  ServiceSeen seen;
  const std::size_t dash = line.find('-', 4);
  if (dash != std::string_view::npos) {
    std::string_view software = line.substr(dash + 1);
    software = software.substr(0, software.find(' '));
    const std::size_t split = software.find_first_of("_-");
    seen.product = printable(software.substr(0, split));
    if (split != std::string_view::npos) seen.version = printable(software.substr(split + 1));
  }
  seen.protocol = "ssh";
  seen.banner = printable(line);
  return seen;
}

/// ftp_or_smtp() reads a greeting of code 220; without a word of which it stays unknown.
ServiceSeen ftp_or_smtp(std::string_view text) {
  ServiceSeen seen = name_and_version(text.substr(3));
  const bool mail = contains_word(text, "smtp") || contains_word(text, " mail");
  const bool files = contains_word(text, "ftp") || contains_word(text, "filezilla");
  if (mail != files) seen.protocol = mail ? "smtp" : "ftp";
  seen.banner = printable(first_line(text));
  return seen;
}

/// binary() reads answers that only fit the question that was sent.
std::string binary(ByteView bytes, std::string_view asked, ByteView tag) {
  const std::uint16_t id = tag16(tag);
  const auto is_id = [&](std::size_t at) {
    return bytes.size() > at + 1 && bytes[at] == id >> 8 && bytes[at + 1] == (id & 0xff);
  };
  if (asked == "mqtt" && bytes.size() >= 4 && bytes[0] == 0x20 && bytes[1] >= 2 &&
      bytes[1] < 0x80 && bytes[2] <= 1 && (bytes[1] > 2 || bytes[3] <= 5))
    return "mqtt";
  if (asked == "modbus" && is_id(0) && bytes.size() >= 9 && bytes[2] == 0 && bytes[3] == 0 &&
      (bytes[7] == 0x2b || bytes[7] == 0xab))
    return "modbus";
  if (asked == "dns" && is_id(2)) {
    const auto message = dns::decode(bytes.subspan(2));
    if (message && message->response) return "dns";
  }
  if (asked == "smb" && bytes.size() >= 8 && bytes[0] == 0 &&
      (bytes[4] == 0xff || bytes[4] == 0xfe) && as_text(bytes.subspan(5, 3)) == "SMB")
    return "smb";
  return {};
}

}  // namespace

ServiceSeen name_and_version(std::string_view text) {
  text = text.substr(0, std::min<std::size_t>(text.size(), 512));
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!letter(text[at]) || (at > 0 && (letter(text[at - 1]) || digit(text[at - 1])))) continue;
    std::size_t end = at;
    while (end < text.size() &&
           (letter(text[end]) || digit(text[end]) || text[end] == '-' || text[end] == '.'))
      ++end;
    std::size_t number = end;
    if (number < text.size() && std::string_view(" /_").find(text[number]) != std::string::npos)
      ++number;
    if (number < text.size() && (text[number] == 'v' || text[number] == 'V')) ++number;
    std::size_t stop = number;
    bool dotted = false;
    while (stop < text.size() &&
           (letter(text[stop]) || digit(text[stop]) ||
            std::string_view("._-+~").find(text[stop]) != std::string::npos)) {
      dotted = dotted || text[stop] == '.';
      ++stop;
    }
    if (number > end && number < text.size() && digit(text[number]) && dotted) {
      while (stop > number && !letter(text[stop - 1]) && !digit(text[stop - 1])) --stop;
      return {.product = printable(text.substr(at, end - at)),
              .version = printable(text.substr(number, stop - number))};
    }
    at = end;
  }
  return {};
}

Bytes question(std::string_view protocol, const Endpoint& to, ByteView tag) {
  if (protocol == "http")
    return bytes_of("GET / HTTP/1.1\r\nHost: " + host_of(to) +
                    "\r\nUser-Agent: haetae\r\nAccept: */*\r\nConnection: close\r\n\r\n");
  if (protocol == "rtsp")
    return bytes_of("OPTIONS rtsp://" + to.text() + "/ RTSP/1.0\r\nCSeq: 1\r\n\r\n");
  if (protocol == "sip") return sip_options(to, "TCP");
  if (protocol == "mqtt")
    return mqtt::connect_packet(mqtt::Version::v3_1_1,
                                "haetae-" + to_hex(tag.first(std::min<std::size_t>(tag.size(), 4))),
                                std::nullopt);
  if (protocol == "modbus") return modbus_question(tag);
  if (protocol == "smb") return smb_question();
  if (protocol == "dns") return dns_question(tag);
  if (protocol == "telnet") return bytes_of("\r\n");
  return {};
}

ServiceSeen recognise(ByteView bytes, std::string_view asked, ByteView tag) {
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), kMost)));
  if (text.starts_with("SSH-")) return ssh(text);
  if (text.starts_with("HTTP/1.") || text.starts_with("HTTP/2")) return http_like(text, "http");
  if (text.starts_with("RTSP/1.") || text.starts_with("RTSP/2.")) return http_like(text, "rtsp");
  if (text.starts_with("SIP/2.0 ")) return http_like(text, "sip");
  if (text.starts_with("RFB 00"))
    return {.protocol = "vnc",
            .version = printable(first_line(text).substr(4)),
            .banner = printable(first_line(text))};
  if (text.starts_with("220 ") || text.starts_with("220-")) return ftp_or_smtp(text);
  if (text.starts_with("+OK") || text.starts_with("* OK"))
    return {.protocol = "other",
            .product = text[0] == '+' ? "pop3" : "imap",
            .banner = printable(first_line(text))};
  const std::string found = binary(bytes, asked, tag);
  if (!found.empty()) return {.protocol = found};
  telnet::Decoder decoder;
  Bytes reply;
  const std::string clear = decoder.feed(bytes.first(std::min(bytes.size(), kMost)), reply);
  const telnet::Prompt prompt = telnet::prompt_of(clear);
  if (decoder.negotiated() || prompt == telnet::Prompt::user || prompt == telnet::Prompt::password)
    return {.protocol = "telnet", .banner = printable(trim(telnet::without_escapes(clear)))};
  // http/0.9 and answers without a status line: an old web server talks HTML at once.
  if (asked == "http" && (lower(text.substr(0, 64)).find("<html") != std::string::npos ||
                          lower(text.substr(0, 64)).find("<!doctype html") != std::string::npos))
    return {.protocol = "http", .version = "0.9", .banner = printable(first_line(text))};
  return {.banner = printable(trim(text))};
}

std::vector<std::string> candidates(std::uint16_t port, std::string_view expected) {
  static constexpr std::array<std::pair<std::uint16_t, std::string_view>, 14> usual = {
      {{53, "dns"},
       {139, "smb"},
       {445, "smb"},
       {502, "modbus"},
       {554, "rtsp"},
       {8554, "rtsp"},
       {10554, "rtsp"},
       {1883, "mqtt"},
       {8883, "mqtt"},
       {5060, "sip"},
       {5061, "sip"},
       {23, "telnet"},
       {2323, "telnet"},
       {853, "dns"}}};
  std::vector<std::string> out;
  const auto add = [&out](std::string_view name) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
  };
  if (!question(expected, {}, {}).empty()) add(expected);
  for (const auto& [number, name] : usual)
    if (number == port) add(name);
  for (const std::string_view name :
       {"http", "mqtt", "rtsp", "telnet", "dns", "modbus", "sip", "smb"})
    add(name);
  return out;
}

Heard hear(net::Conn& conn, Clock& clock, Duration quiet, SteadyTime deadline) {
  Heard heard;
  std::array<std::uint8_t, 2048> block;
  while (heard.bytes.size() < kMost) {
    const SteadyTime until =
        heard.bytes.empty() ? deadline : std::min(deadline, clock.now() + quiet);
    const auto got = conn.read_some(block, until);
    if (!got || *got == 0) {
      heard.closed = got || got.error().kind != ErrorKind::timed_out;
      return heard;
    }
    const std::size_t room = std::min(*got, kMost - heard.bytes.size());
    heard.bytes.insert(heard.bytes.end(), block.begin(),
                       block.begin() + static_cast<std::ptrdiff_t>(room));
  }
  return heard;
}

}  // namespace haetae::protocols
