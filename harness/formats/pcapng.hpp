#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"

/// Captures in the pcapng form (draft-ietf-opsawg-pcapng), as Wireshark opens them.
namespace haetae::formats {

/// LinkType is a value of the registry of link types: Ethernet, or Wireshark's own form of a
/// message that was never seen in a frame (LINKTYPE_WIRESHARK_UPPER_PDU).
enum class LinkType : std::uint16_t { ethernet = 1, upper_pdu = 252 };

/// PcapngWriter writes one section to a stream and keeps nothing in memory. Comments and names are
/// made printable and cut at 4000 bytes. Failure shows in the state of the stream.
class PcapngWriter {
 public:
  /// The stream must outlive the writer. `program` and `comment` stand in the section header.
  PcapngWriter(std::ostream& out, std::string_view program, std::string_view comment);

  /// interface() adds one and returns its number; its clock counts microseconds.
  std::uint32_t interface(LinkType type, std::string_view name, std::string_view description);

  /// packet() adds one; `microseconds` since 1970, UTC.
  void packet(std::uint32_t interface, std::uint64_t microseconds, ByteView bytes,
              const std::vector<std::string>& comments);

 private:
  void block(std::uint32_t type, const Bytes& body);

  std::ostream& out_;
  std::uint32_t interfaces_ = 0;
};

}  // namespace haetae::formats
