#include "harness/formats/pcapng.hpp"

#include <ostream>

namespace haetae::formats {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A, kInterface = 1, kEnhancedPacket = 6;
constexpr std::uint16_t kEnd = 0, kComment = 1, kProgram = 4, kName = 2, kDescription = 3,
                        kResolution = 9;
constexpr std::size_t kLongest = 4000;

/// Numbers are little-endian: the byte-order magic of the section says so.
void put(Bytes& out, std::uint64_t value, int bytes) {
  for (int at = 0; at < bytes; ++at) {
    out.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(8 * at)));
  }
}

void pad(Bytes& out) {
  while (out.size() % 4 != 0) out.push_back(0);
}

void option(Bytes& out, std::uint16_t code, ByteView value) {
  put(out, code, 2);
  put(out, value.size(), 2);
  out.insert(out.end(), value.begin(), value.end());
  pad(out);
}

void option(Bytes& out, std::uint16_t code, std::string_view text) {
  // What printable() writes for a byte has up to four.
  const std::string safe = printable(text, kLongest);
  if (!safe.empty()) option(out, code, as_bytes(safe));
}

}  // namespace

PcapngWriter::PcapngWriter(std::ostream& out, std::string_view program, std::string_view comment)
    : out_(out) {
  Bytes body;
  put(body, 0x1A2B3C4D, 4);
  put(body, 1, 2);
  put(body, 0, 2);
  put(body, ~std::uint64_t{0}, 8);  // the length of the section is not known before its end
  option(body, kComment, comment);
  option(body, kProgram, program);
  put(body, kEnd, 4);
  block(kSectionHeader, body);
}

std::uint32_t PcapngWriter::interface(LinkType type, std::string_view name,
                                      std::string_view description) {
  Bytes body;
  put(body, static_cast<std::uint16_t>(type), 2);
  put(body, 0, 2);
  put(body, 0, 4);  // no limit of length
  option(body, kName, name);
  option(body, kDescription, description);
  const std::uint8_t microseconds = 6;
  option(body, kResolution, ByteView(&microseconds, 1));
  put(body, kEnd, 4);
  block(kInterface, body);
  return interfaces_++;
}

void PcapngWriter::packet(std::uint32_t interface, std::uint64_t microseconds, ByteView bytes,
                          const std::vector<std::string>& comments) {
  Bytes body;
  body.reserve(bytes.size() + 64);
  put(body, interface, 4);
  put(body, microseconds >> 32U, 4);
  put(body, microseconds & 0xFFFFFFFFU, 4);
  put(body, bytes.size(), 4);
  put(body, bytes.size(), 4);
  body.insert(body.end(), bytes.begin(), bytes.end());
  pad(body);
  for (const std::string& comment : comments) option(body, kComment, comment);
  if (!comments.empty()) put(body, kEnd, 4);
  block(kEnhancedPacket, body);
}

void PcapngWriter::block(std::uint32_t type, const Bytes& body) {
  Bytes whole;
  whole.reserve(body.size() + 12);
  put(whole, type, 4);
  put(whole, body.size() + 12, 4);
  whole.insert(whole.end(), body.begin(), body.end());
  put(whole, body.size() + 12, 4);
  out_.write(reinterpret_cast<const char*>(whole.data()),
             static_cast<std::streamsize>(whole.size()));
}

}  // namespace haetae::formats
