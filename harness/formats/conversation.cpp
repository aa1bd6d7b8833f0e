#include "harness/formats/conversation.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace haetae::formats {
namespace {

constexpr std::size_t kSegment = 1460, kDatagram = 65000, kInside = 16384, kEvent = 4000;
constexpr std::size_t kMostComments = 20;
constexpr std::uint64_t kYear = 366ULL * 86400 * 1000000;

/// dissector_of() names a dissector only where the bytes leave no doubt: a wrong one would call
/// sound bytes malformed.
std::string_view dissector_of(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  const std::string_view line = text.substr(0, text.find("\r\n"));
  if (line.size() == text.size() || line.size() > 2000) return "data";
  if (line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0") || line.starts_with("HTTP/1.")) {
    return "http";
  }
  if (line.ends_with(" RTSP/1.0") || line.starts_with("RTSP/1.0 ")) return "rtsp";
  return "data";
}

}  // namespace

Interfaces add_interfaces(PcapngWriter& writer) {
  const std::uint32_t wire =
      writer.interface(LinkType::ethernet, "wire",
                       "Payloads as they stood on the wire. Ethernet, IP, TCP and UDP headers, the "
                       "handshake and the close are made from the transcript.");
  const std::uint32_t inside = writer.interface(
      LinkType::upper_pdu, "inside",
      "Not on the wire: clear bytes inside a TLS or SSH channel, and notes of the tester.");
  return {.wire = wire, .inside = inside};
}

Conversation::Conversation(PcapngWriter& writer, Interfaces interfaces, ConversationInfo info)
    : writer_(writer),
      interfaces_(interfaces),
      info_(std::move(info)),
      now_(info_.began),
      comments_(info_.comments) {}

void Conversation::add(Direction direction, std::uint64_t microseconds, ByteView bytes, Part part) {
  now_ = std::max(now_, info_.began + std::min(microseconds, kYear));
  if (direction != direction_) held_.clear();
  direction_ = direction;
  if (direction == Direction::event) {
    const std::size_t room = kEvent - std::min(kEvent, held_.size());
    const ByteView kept = bytes.first(std::min(room, bytes.size()));
    held_.insert(held_.end(), kept.begin(), kept.end());
    if (part == Part::more) return;
    if (comments_.size() < kMostComments) {
      comments_.push_back(fmt::format("event: {}", as_text(held_)));
    } else {
      ++left_out_;
    }
    if (info_.transport == Transport::tcp && as_text(held_).starts_with("connected to ")) open();
    held_.clear();
    return;
  }
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  if (direction == Direction::inside_sent || direction == Direction::inside_received) {
    inside(direction, part);
  } else if (info_.transport == Transport::tcp) {
    segments(direction, part);
  } else {
    datagrams(direction, part);
  }
  if (part == Part::last) fresh_ = true;
}

void Conversation::finish() {
  if (opened_) {
    tcp(true, kFin | kAck, {});
    tcp(false, kFin | kAck, {});
    tcp(true, kAck, {});
  } else if (!comments_.empty()) {
    note();
  }
}

void Conversation::open() {
  if (opened_) return;
  opened_ = true;
  tcp(true, kSyn, {});
  tcp(false, kSyn | kAck, {});
  tcp(true, kAck, {});
}

void Conversation::segments(Direction direction, Part part) {
  open();
  const bool from_lab = direction == Direction::sent;
  std::size_t at = 0;
  while (held_.size() - at > kSegment) {
    tcp(from_lab, kAck, ByteView(held_).subspan(at, kSegment));
    at += kSegment;
  }
  if (part == Part::last && at < held_.size()) {
    tcp(from_lab, kPush | kAck, ByteView(held_).subspan(at));
    at = held_.size();
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Conversation::datagrams(Direction direction, Part part) {
  const bool from_lab = direction == Direction::sent;
  std::size_t at = 0;
  while (held_.size() - at > kDatagram || (part == Part::last && (at < held_.size() || fresh_))) {
    const std::size_t size = std::min(kDatagram, held_.size() - at);
    emit(interfaces_.wire,
         udp_frame(sender(from_lab), sender(!from_lab), ByteView(held_).subspan(at, size)));
    fresh_ = false;
    at += size;
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Conversation::inside(Direction direction, Part part) {
  const bool from_lab = direction == Direction::inside_sent;
  std::size_t at = 0;
  while (held_.size() - at > kInside || (part == Part::last && at < held_.size())) {
    const ByteView piece = ByteView(held_).subspan(at, std::min(kInside, held_.size() - at));
    comments_.emplace_back("inside the channel: these bytes did not stand on the wire like this");
    emit(interfaces_.inside, upper_pdu(sender(from_lab).address, sender(!from_lab).address,
                                       fresh_ ? dissector_of(piece) : "data", piece));
    fresh_ = false;
    at += piece.size();
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Conversation::tcp(bool from_lab, std::uint8_t flags, ByteView payload) {
  std::uint32_t& own = sequence_[from_lab ? 1 : 0];
  const std::uint32_t other = sequence_[from_lab ? 0 : 1];
  emit(interfaces_.wire,
       tcp_frame(
           sender(from_lab), sender(!from_lab),
           {.sequence = own, .acknowledgement = (flags & kAck) != 0 ? other : 0, .flags = flags},
           payload));
  own += static_cast<std::uint32_t>(payload.size()) + ((flags & (kSyn | kFin)) != 0 ? 1U : 0U);
}

void Conversation::note() {
  static constexpr std::string_view kText = "No packet: see the comments.\r\n";
  emit(interfaces_.inside,
       upper_pdu(info_.lab.address, info_.device.address, "data", as_bytes(kText)));
}

void Conversation::emit(std::uint32_t interface, const Bytes& frame) {
  if (left_out_ > 0) {
    comments_.push_back(fmt::format("… and {} more events, left out here", left_out_));
  }
  writer_.packet(interface, now_, frame, comments_);
  comments_.clear();
  left_out_ = 0;
}

}  // namespace haetae::formats
