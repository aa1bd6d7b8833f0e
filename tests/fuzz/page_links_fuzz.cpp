#include <cstddef>
#include <cstdint>

#include "harness/protocols/http_page_links.hpp"

/// Whatever a page holds, links, forms and queries stay within their bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae::protocols;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto links = page_links(text);
  if (links.size() > 256) __builtin_trap();
  for (const auto& link : links)
    if (link.empty() || link.size() > 1024) __builtin_trap();
  const auto forms = page_forms(text);
  if (forms.size() > 32) __builtin_trap();
  for (const auto& form : forms)
    if (form.fields.empty() || form.fields.size() > 64 || form.words.size() > 200) __builtin_trap();
  if (query_of(text).size() > 64) __builtin_trap();
  if (percent_decode(text).size() > size) __builtin_trap();
  return 0;
}
