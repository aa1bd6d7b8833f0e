#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "testcases/authentication/login_client.hpp"

/// What a refused login says, in a form in which two refusals can be compared.
namespace haetae::testcases {

/// Refusal is an answer with both user names taken out, so that a page which quotes the name typed
/// is equal for both.
struct Refusal {
  int status = 0;
  std::string fields;  ///< reason, names of the header fields in order, Location, names of cookies
  std::string text;    ///< at most 64 KiB
  std::int64_t length = 0;
  bool whole = true;  ///< false: it was broken off, and what is missing may be anything
  bool operator==(const Refusal&) const = default;
};

/// refusal_of() reads an attempt that was refused. A protocol without pages tells by its words.
[[nodiscard]] Refusal refusal_of(const Attempt& attempt, std::string_view known,
                                 std::string_view unfamiliar);

/// Turn is one pair: the same number of failures of each name before it.
struct Turn {
  int position = 0;  ///< failures of each name before, in this series
  Refusal known, unfamiliar;
};

enum class Alike { yes, no, unknown };

/// Likeness is what one aspect tells.
struct Likeness {
  std::string aspect;  ///< a word of login_answer.aspect
  Alike alike = Alike::unknown;
  std::string known, unfamiliar;  ///< excerpts from where they differ, printable
  bool operator==(const Likeness&) const = default;
};

/// compare() tells status, fields, text and length apart. What differs among answers of one kind at
/// the same position (clocks, tokens) is taken out, first long tokens, then every number; if they
/// still differ, or no position was seen twice, the aspect stays unknown unless nothing ever
/// differed at all. Text and length of answers that were broken off stay unknown.
[[nodiscard]] std::array<Likeness, 4> compare(const std::vector<Turn>& turns);

}  // namespace haetae::testcases
