#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/formats/frames.hpp"
#include "harness/formats/pcapng.hpp"
#include "harness/model/record.hpp"

/// A recorded conversation as packets. What stood on the wire becomes frames with the endpoints of
/// the conversation; what did not (clear bytes inside TLS or SSH, notes) never does.
namespace haetae::formats {

enum class Transport { tcp, udp };

/// Interfaces are the two of a capture: frames, and what has none.
struct Interfaces {
  std::uint32_t wire = 0, inside = 0;
};

/// add_interfaces() declares them with their explanation.
[[nodiscard]] Interfaces add_interfaces(PcapngWriter& writer);

struct ConversationInfo {
  Transport transport = Transport::tcp;
  Endpoint lab, device;               ///< of one family
  std::uint64_t began = 0;            ///< microseconds since 1970, UTC
  std::vector<std::string> comments;  ///< for its first packet
};

/// Part says which piece of a record this is.
enum class Part { more, last };

/// Conversation writes the packets of one transcript. Payloads are split at 1460 bytes (TCP),
/// 65,000 (UDP) or 16 KiB (inside), so it holds no more than one packet. Times never go backwards
/// and at most a year forwards.
class Conversation {
 public:
  /// `writer` must outlive it.
  Conversation(PcapngWriter& writer, Interfaces interfaces, ConversationInfo info);

  /// add() takes a record in pieces; `microseconds` since the conversation began. An event becomes
  /// a comment of the next packet, at most 20 of them (its first 4000 bytes count).
  void add(Direction direction, std::uint64_t microseconds, ByteView bytes, Part part);

  /// finish() closes a TCP connection that was opened, and writes what is left to say.
  void finish();

 private:
  void open();
  void segments(Direction direction, Part part);
  void datagrams(Direction direction, Part part);
  void inside(Direction direction, Part part);
  void tcp(bool from_lab, std::uint8_t flags, ByteView payload);
  void emit(std::uint32_t interface, const Bytes& frame);
  void note();
  [[nodiscard]] const Endpoint& sender(bool from_lab) const {
    return from_lab ? info_.lab : info_.device;
  }

  PcapngWriter& writer_;
  Interfaces interfaces_;
  ConversationInfo info_;
  std::uint64_t now_;
  std::vector<std::string> comments_;
  std::size_t left_out_ = 0;
  bool opened_ = false;
  Direction direction_ = Direction::event;  ///< of the record that comes in
  bool fresh_ = true;                       ///< nothing of that record was written yet
  Bytes held_;
  std::uint32_t sequence_[2] = {1, 1};  ///< next of the device, of the laboratory
};

}  // namespace haetae::formats
