#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "harness/evidence/transcript.hpp"

/// What decodes must encode to the same bytes, so no byte of a transcript is ever ignored.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const haetae::ByteView input(data, size);
  const auto records = haetae::evidence::decode_transcript(input);
  if (!records) return 0;
  const haetae::Bytes again = haetae::evidence::encode_transcript(*records);
  if (again != haetae::Bytes(input.begin(), input.end())) std::abort();
  return 0;
}
