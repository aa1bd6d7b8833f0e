#include "harness/protocols/mdns.hpp"

#include "harness/protocols/dns.hpp"

namespace haetae::protocols::mdns {

Bytes services_query() {
  return dns::query(0, {.name = "_services._dns-sd._udp.local",
                        .type = dns::kPtr,
                        .klass = dns::kInternet | dns::kUnicastAnswer});
}

Result<Services> decode(ByteView datagram) {
  const auto message = dns::decode(datagram);
  if (!message) return tl::unexpected(message.error());
  if (!message->response || message->code != 0)
    return fail(ErrorKind::protocol, "the datagram is no mDNS answer");
  Services out;
  for (const dns::Record& record : message->answers)
    if (record.type == dns::kPtr) out.types.push_back(record.text);
  if (out.types.empty()) return fail(ErrorKind::protocol, "the mDNS answer names no service");
  return out;
}

}  // namespace haetae::protocols::mdns
