#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/model/bytes.hpp"

/// Package databases of firmware images. What comes in is hostile: lines and entries are bounded.
namespace haetae::testcases::firmware {

struct Package {
  std::string name, version;
  std::string source;      ///< package that it was built from, empty: the same name
  std::uint64_t at = 0;    ///< byte where its entry begins
  std::uint64_t size = 0;  ///< bytes of the entry
  bool operator==(const Package&) const = default;
};

struct Packages {
  std::vector<Package> installed;
  bool whole = true;  ///< false: more than can be kept, or an entry without name or version
};

/// read_control() reads /var/lib/dpkg/status, a file of status.d, or opkg's and ipkg's status
/// (deb-control(5)); what is not installed is left out.
[[nodiscard]] Packages read_control(ByteView text);

/// read_apk() reads /lib/apk/db/installed (P: and V: lines).
[[nodiscard]] Packages read_apk(ByteView text);

}  // namespace haetae::testcases::firmware
