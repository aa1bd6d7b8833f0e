#include <cstdint>
#include <cstdlib>

#include "harness/protocols/x509.hpp"

using namespace haetae;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes der(data, data + size);
  const std::vector<Bytes> chain{der, der};
  const std::vector<Address> addresses{*Address::parse("192.0.2.7")};
  const std::vector<std::string> hosts{"camera.lab.test"};
  for (const auto& values : protocols::read_chain(chain, addresses, hosts)) {
    if (values.subject_name.size() > 2000 || values.sha256.size() != 64) std::abort();
    for (const char letter : values.subject_name + values.issuer_name) {
      if (letter == '\033' || letter == '\n' || letter == '\0') std::abort();
    }
  }
  return 0;
}
