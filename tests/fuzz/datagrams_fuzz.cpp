#include <cstddef>
#include <cstdint>

#include "harness/protocols/coap.hpp"
#include "harness/protocols/dns.hpp"
#include "harness/protocols/ike.hpp"
#include "harness/protocols/mdns.hpp"
#include "harness/protocols/ntp.hpp"
#include "harness/protocols/snmp.hpp"
#include "harness/protocols/ssdp.hpp"
#include "harness/protocols/tftp.hpp"
#include "harness/protocols/udp_probe.hpp"

// Every decoder of UDP answers on the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  using namespace haetae::protocols;
  const ByteView bytes(data, size);
  if (const auto message = dns::decode(bytes)) {
    if (message->answers.size() > 64) __builtin_trap();
  }
  (void)mdns::decode(bytes);
  (void)ntp::decode(bytes);
  if (const auto message = snmp::decode(bytes)) {
    if (message->engine_id.size() > 32) __builtin_trap();
  }
  (void)ssdp::decode(bytes);
  (void)ssdp::is_probe_match(bytes);
  (void)coap::decode(bytes);
  (void)tftp::decode(bytes);
  (void)ike::decode(bytes);
  static const auto probes = udp_probes({});
  for (const UdpProbe& probe : probes) {
    const auto seen = probe.read(bytes);
    if (seen && seen->text.size() > 1024) __builtin_trap();
  }
  return 0;
}
