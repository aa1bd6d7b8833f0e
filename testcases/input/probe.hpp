#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/protocols/http.hpp"

/// The listed inputs, made ready for one try, and how their effect is told from an echo.
namespace haetae::testcases::input {

/// Probe is a row of the reference table input_probe.
struct Probe {
  std::string name, family, at, shows, text, other, expect;
};
[[nodiscard]] std::vector<Probe> probes(const catalogue::Catalogue& catalogue);

/// Shot is a probe with its places filled in: numbers and letters that no answer holds by chance.
struct Shot {
  std::string text, other, expect, token;
};
/// load() fills in the probe. `url` is an address of ours that ends in '/', `seconds` the delay.
[[nodiscard]] Shot load(const Probe& probe, const std::string& value, const std::string& url,
                        std::int64_t seconds);

/// match() is the first place of the text that the pattern fits; '*' stands for up to 200 bytes
/// within a line. Empty: none.
[[nodiscard]] std::string_view match(std::string_view text, std::string_view pattern);

/// ErrorText is a row of the reference table error_text.
struct ErrorText {
  std::string name, kind, text;
};
[[nodiscard]] std::vector<ErrorText> error_texts(const catalogue::Catalogue& catalogue);
/// reveals() is the first listed text that the answer holds and the ordinary answer does not, with
/// what stands there; null if none. What the request itself held is no text of the device.
struct Revealed {
  const ErrorText* what = nullptr;
  std::string text;
};
[[nodiscard]] Revealed reveals(const std::vector<ErrorText>& list,
                               const protocols::HttpResponse& answer, std::string_view ordinary,
                               std::string_view sent);

/// bare() is status, way and body with the ordinary value in place of the one that was sent,
/// however it was written into the page (as it is, percent-encoded, as HTML or JSON): an echo makes
/// no difference then.
[[nodiscard]] std::string bare(const protocols::HttpResponse& answer, std::string_view sent,
                               std::string_view value);
/// bare_of_numbers() is bare() with every run of digits and blanks as one, for pages with a clock.
[[nodiscard]] std::string bare_of_numbers(const std::string& bare);

}  // namespace haetae::testcases::input
