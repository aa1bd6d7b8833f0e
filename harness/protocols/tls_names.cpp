#include "harness/protocols/tls_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/protocols/tls_names_table.hpp"

namespace haetae::protocols {
namespace {

const NamedNumber* find(std::span<const NamedNumber> table, std::uint32_t number) {
  const auto at = std::lower_bound(
      table.begin(), table.end(), number,
      [](const NamedNumber& entry, std::uint32_t wanted) { return entry.number < wanted; });
  return at != table.end() && at->number == number ? &*at : nullptr;
}

std::string name_of(std::span<const NamedNumber> table, std::uint32_t number, int digits) {
  const NamedNumber* entry = find(table, number);
  return entry != nullptr ? std::string(entry->name) : fmt::format("0x{:0{}X}", number, digits);
}

}  // namespace

std::string_view word(TlsVersion version) {
  switch (version) {
    case TlsVersion::ssl2: return "ssl2";
    case TlsVersion::ssl3: return "ssl3";
    case TlsVersion::tls1_0: return "tls1.0";
    case TlsVersion::tls1_1: return "tls1.1";
    case TlsVersion::tls1_2: return "tls1.2";
    case TlsVersion::tls1_3: return "tls1.3";
  }
  return "unknown";
}

std::optional<TlsVersion> tls_version_from(std::uint16_t number) {
  if (number == 0x0002 || (number >= 0x0300 && number <= 0x0304)) {
    return static_cast<TlsVersion>(number);
  }
  return std::nullopt;
}

std::span<const NamedNumber> tls_suites() { return table::suites; }
std::span<const NamedNumber> ssl2_cipher_kinds() { return table::ssl2_kinds; }
std::span<const NamedNumber> tls_groups() { return table::groups; }
std::span<const NamedNumber> tls_signature_schemes() { return table::schemes; }

std::string suite_name(std::uint16_t number) { return name_of(table::suites, number, 4); }
std::string ssl2_kind_name(std::uint32_t number) { return name_of(table::ssl2_kinds, number, 6); }
std::string group_name(std::uint16_t number) { return name_of(table::groups, number, 4); }
std::string signature_scheme_name(std::uint16_t number) {
  return name_of(table::schemes, number, 4);
}

int group_bits(std::uint16_t number) {
  const NamedNumber* entry = find(table::groups, number);
  return entry == nullptr
             ? 0
             : table::group_bits[static_cast<std::size_t>(entry - table::groups.data())];
}

bool is_tls13_suite(std::uint16_t number) {
  return (number >= 0x1300 && number <= 0x13ff) || number == 0x00c6 || number == 0x00c7 ||
         number == 0xc0b4 || number == 0xc0b5 || (number >= 0xc103 && number <= 0xc106);
}

}  // namespace haetae::protocols
