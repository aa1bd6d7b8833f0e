#include <cstddef>
#include <cstdint>

#include "harness/protocols/http.hpp"

// The response reader in two cuts (the first byte says where), and all that looks at a page.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  using namespace haetae::protocols;
  if (size == 0) return 0;
  const std::size_t cut = 1 + data[0] % size;
  HttpReader reader(data[0] & 1 ? "GET" : "HEAD", 4096);
  bool good = reader.put(ByteView(data + 1, cut - 1)).has_value();
  if (good && !reader.done()) good = reader.put(ByteView(data + cut, size - cut)).has_value();
  if (!good || (!reader.done() && !reader.end())) return 0;
  const HttpResponse response = reader.take();
  if (response.body.size() > 4096) __builtin_trap();
  (void)cookies_of(response);
  (void)challenges_of(response);
  (void)classify_redirect(response, "127.0.0.1");
  (void)local_target(response.field("Location"), "127.0.0.1");
  (void)login_forms(response.body);
  (void)directory_listing(response.body);
  (void)html_text(response.body);
  (void)json_token(response.body);
  return 0;
}
