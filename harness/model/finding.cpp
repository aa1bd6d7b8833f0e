#include "harness/model/finding.hpp"

#include "harness/model/bytes.hpp"

namespace haetae {

std::string finding_code(std::string_view criterion, std::string_view subject,
                         std::string_view key) {
  std::string name;
  for (const std::string_view part : {criterion, subject, key}) {
    name += part;
    name += '\0';
  }
  return "F-" + to_hex(sha256(as_bytes(name))).substr(0, 12);
}

}  // namespace haetae
