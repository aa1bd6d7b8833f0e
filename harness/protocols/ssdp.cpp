#include "harness/protocols/ssdp.hpp"

#include <algorithm>

#include "harness/protocols/login.hpp"

namespace haetae::protocols::ssdp {

Bytes search(std::string_view host) {
  const std::string text = "M-SEARCH * HTTP/1.1\r\nHOST: " + std::string(host) +
                           "\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n";
  return Bytes(text.begin(), text.end());
}

Result<Answer> decode(ByteView datagram) {
  std::string_view rest = as_text(datagram.first(std::min<std::size_t>(datagram.size(), 8192)));
  if (!rest.starts_with("HTTP/1.") || rest.size() < 12)
    return fail(ErrorKind::protocol, "the datagram is no SSDP answer");
  Answer out;
  for (std::size_t i = 9; i < 12; ++i) {
    if (rest[i] < '0' || rest[i] > '9') return fail(ErrorKind::protocol, "no SSDP status");
    out.status = out.status * 10 + (rest[i] - '0');
  }
  for (int lines = 0; lines < 64 && !rest.empty(); ++lines) {
    const std::size_t end = std::min(rest.size(), rest.find('\n'));
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string name = lower(trim(line.substr(0, colon)));
    const std::string value = printable(trim(line.substr(colon + 1)));
    if (name == "server") out.server = value;
    if (name == "location") out.location = value;
    if (name == "st") out.target = value;
    if (name == "usn") out.name = value;
  }
  return out;
}

Bytes discovery_probe(std::string_view id) {
  const std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\" "
      "xmlns:w=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
      "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><e:Header><w:MessageID>uuid:" +
      std::string(id) +
      "</w:MessageID><w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"
      "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>"
      "<e:Body><d:Probe/></e:Body></e:Envelope>";
  return Bytes(text.begin(), text.end());
}

bool is_probe_match(ByteView datagram) {
  const std::string_view text = as_text(datagram);
  return text.find("ProbeMatches") != std::string_view::npos &&
         text.find("Envelope") != std::string_view::npos;
}

}  // namespace haetae::protocols::ssdp
