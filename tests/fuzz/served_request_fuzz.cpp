#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "harness/protocols/http_server.hpp"

// The head of a request that a device sends to a server of ours.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  if (size > protocols::kRequestHeadLimit) return 0;
  const auto request = protocols::parse_request_head(as_text(ByteView(data, size)));
  if (!request) return 0;
  if (request->method.empty() || request->target.empty() || request->fields.size() > 64)
    std::abort();
  if (request->method.find('\n') != std::string::npos ||
      request->target.find('\n') != std::string::npos)
    std::abort();
  return 0;
}
