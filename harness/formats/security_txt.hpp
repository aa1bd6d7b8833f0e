#pragma once

#include <string>
#include <string_view>
#include <vector>

/// security.txt, where a maker says to whom vulnerabilities are reported (RFC 9116).
namespace haetae::formats {

/// SecurityTxt is what one file says. At most 256 KiB and 2,000 lines are read.
struct SecurityTxt {
  std::vector<std::string> contacts;  ///< URIs that can be used: mailto:, tel:, https:; at most 32
  int odd_contacts = 0;               ///< no URI, or one of the web without TLS (section 2.5.3)
  int expires_fields = 0;             ///< section 2.5.5: exactly one
  std::string expires;                ///< UTC, 2026-12-31T00:00:00Z; empty unless one can be read
  int language_fields = 0;            ///< section 2.5.8: at most one
  int odd_lines = 0;                  ///< neither field, comment nor blank (section 4)
  bool clear_signed = false;          ///< inside an OpenPGP clear-text signature (section 2.3)
  bool cut = false;                   ///< longer than what is read
  bool operator==(const SecurityTxt&) const = default;
};

/// read_security_txt() reads any bytes; names of fields count in any case, unknown ones are passed
/// over. A signature is not verified.
[[nodiscard]] SecurityTxt read_security_txt(std::string_view text);

/// utc_of() turns a date-time of RFC 3339 into UTC without fractions, 2026-12-31T00:00:00Z; empty
/// if it is none, or outside the years 1 to 9999.
[[nodiscard]] std::string utc_of(std::string_view date_time);

}  // namespace haetae::formats
