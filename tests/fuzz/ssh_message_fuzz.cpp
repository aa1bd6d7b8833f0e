#include <cstdint>
#include <cstdlib>

#include "harness/protocols/ssh_message.hpp"

using namespace haetae;
using namespace haetae::protocols;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto lists = parse_kexinit(bytes)) {
    for (const SshNames* names : {&lists->kex, &lists->host_keys, &lists->macs_to_client}) {
      if (names->size() > 256) std::abort();
      for (const std::string& name : *names) {
        if (name.empty() || name.size() > 64) std::abort();
      }
    }
    // What was read can be said again and reads the same.
    if (parse_kexinit(encode_kexinit(*lists, {})) != lists) std::abort();
  }
  if (const auto key = parse_host_key(bytes)) {
    if (key->bits < 0 || key->type.empty()) std::abort();
  }
  static_cast<void>(parse_ssh_banner(as_text(bytes)));
  return 0;
}
