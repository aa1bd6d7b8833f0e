#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "harness/formats/security_txt.hpp"

/// security.txt as a web server gives it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto out = haetae::formats::read_security_txt(text);
  if (out.contacts.size() > 32) std::abort();
  if (!out.expires.empty() && haetae::formats::utc_of(out.expires) != out.expires) std::abort();
  return 0;
}
