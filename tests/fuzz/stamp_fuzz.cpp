#include <cstddef>
#include <cstdint>

#include "harness/evidence/stamp.hpp"

// A reply of an authority, or a token out of a run file. The seeds are stamps over this signature.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const ByteView bytes(data, size);
  const Bytes signature(64, 's');
  const auto token = evidence::token_of(bytes, signature);
  const auto checked = evidence::check_stamp(token ? ByteView(*token) : bytes, signature, {});
  if (!checked) {
    if (checked.error().text.empty()) __builtin_trap();
    return 0;
  }
  // No authority is trusted here, and a stamp without a time is none.
  if (checked->known || checked->time.empty()) __builtin_trap();
  return 0;
}
