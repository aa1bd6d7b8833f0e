#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

/// How much of a value that should be random can be seen not to be. It can show that values are
/// predictable, never that they are not: a generator that is seeded with little looks random too.
namespace haetae::formats {

/// RandomnessTest is one statistical test over all values together.
struct RandomnessTest {
  /// symbols: how often each symbol comes (chi-square); steps: differences of successive values in
  /// the same position (chi-square); neighbours, successive: serial correlation within a value, and
  /// from one to the next (Knuth, The Art of Computer Programming 2, 3.3.2 K); bits, runs: NIST SP
  /// 800-22 2.1 and 2.3, where the number of symbols is a power of two; distance: bits that differ
  /// from one value to the next; order: rises in the row of values.
  std::string name;
  std::size_t observations = 0;
  double statistic = 0;
  double p = 1;  ///< how likely a random source is to look as odd as this, or odder
};

struct Randomness {
  std::size_t samples = 0, different = 0;  ///< number of values, and of different ones
  std::size_t shortest = 0, longest = 0;   ///< bytes
  /// digits, hex, letters-digits, base64, other: the symbols in the places that change.
  std::string alphabet = "other";
  std::size_t symbols = 0;   ///< different symbols in the places that change
  std::size_t fixed = 0;     ///< places with the same symbol in all values
  std::size_t stepping = 0;  ///< places that stay, or go on by about the same step
  std::size_t uneven = 0;    ///< places with clearly fewer symbols than the others
  std::size_t free = 0;      ///< all other places
  /// Bits that a guesser has to find, at most: a free place counts as wholly random, an uneven one
  /// with its collision entropy, a fixed or a stepping one not at all.
  double bits = 0;
  std::vector<RandomnessTest> tests;  ///< over the free places; those that have data enough
};

/// randomness() looks at values in the order in which they were given out. A place counts as
/// stepping or uneven when a random source would look so once in a million of such samples. At most
/// 1,000 values of 512 bytes are looked at.
[[nodiscard]] Randomness randomness(std::span<const std::string> values);

/// chi_square_tail() is the probability that chi-square with `freedom` degrees is `value` or more.
[[nodiscard]] double chi_square_tail(double value, double freedom);

}  // namespace haetae::formats
