#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/formats/record_lines.hpp"
#include "harness/protocols/ntp.hpp"
#include "harness/protocols/syslog.hpp"

// The record that a device shows, what it sends as syslog, and how it asks for the time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto records = formats::record_lines(text);
  for (const auto& line : records.lines) {
    if (line.empty() || line.size() > 4096) __builtin_trap();
    if (const auto time = formats::record_time(line, 1'795'392'330))
      if (formats::seconds_apart(*time, 0, 1) < 0) __builtin_trap();
  }
  const auto message = protocols::syslog::parse(text);
  if (message.severity > 7 || message.facility > 23) __builtin_trap();
  protocols::syslog::Stream stream;
  for (const auto& one : stream.feed(text.substr(0, size / 2)))
    if (one.size() > 65'536) __builtin_trap();
  (void)stream.feed(text.substr(size / 2));
  (void)stream.rest();
  const auto answer = protocols::ntp::server_answer(ByteView(data, size), 1'795'392'330);
  if (answer && answer->size() != 48) __builtin_trap();
  return 0;
}
