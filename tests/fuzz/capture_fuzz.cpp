#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>

#include "harness/evidence/content.hpp"
#include "harness/formats/conversation.hpp"

/// Every transcript, sound or not, becomes blocks whose lengths fit together; and the reader in
/// pieces finds the same as the reader of the whole.
namespace {

using namespace haetae;

void check_blocks(const std::string& bytes) {
  std::size_t at = 0;
  const auto number = [&](std::size_t from) {
    std::uint32_t value = 0;
    for (std::size_t byte = 4; byte-- > 0;)
      value = value << 8U | static_cast<std::uint8_t>(bytes.at(from + byte));
    return std::size_t{value};
  };
  while (at < bytes.size()) {
    const std::size_t length = number(at + 4);
    if (length < 12 || length % 4 != 0 || number(at + length - 4) != length) std::abort();
    at += length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = 1 + data[0];
  const bool udp = data[1] % 2 != 0;
  const ByteView input(data + 2, size - 2);
  std::ostringstream out;
  formats::PcapngWriter writer(out, "fuzz", "fuzz");
  formats::Conversation talk(writer, formats::add_interfaces(writer),
                             {.transport = udp ? formats::Transport::udp : formats::Transport::tcp,
                              .lab = {*Address::parse("192.0.2.1"), 1024},
                              .device = {*Address::parse("192.0.2.2"), 80},
                              .began = 0,
                              .comments = {"first"}});
  evidence::TranscriptReader reader([&](const evidence::TranscriptPiece& part) {
    talk.add(part.direction, part.microseconds, part.bytes,
             part.last ? formats::Part::last : formats::Part::more);
  });
  bool sound = true;
  for (std::size_t at = 0; sound && at < input.size(); at += piece) {
    sound = reader.feed(input.subspan(at, std::min(piece, input.size() - at))).has_value();
  }
  sound = sound && reader.finish().has_value();
  talk.finish();
  check_blocks(out.str());
  if (sound != evidence::decode_transcript(input).has_value()) std::abort();
  return 0;
}
