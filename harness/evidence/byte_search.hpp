#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"

namespace haetae::evidence {

/// ByteSearch finds many patterns in one pass over bytes that come in pieces (Aho and Corasick,
/// 1975). Its memory is about 4 bytes for each byte of a pattern and each different byte in them.
class ByteSearch {
 public:
  /// State is where a stream stands between two pieces; 0 at its start.
  using State = std::uint32_t;

  /// add() takes a pattern before build(); an empty one is ignored. `tag` is what is found.
  void add(std::string_view pattern, std::uint32_t tag);
  void build();

  /// find() goes on from `state` and returns the tag of the first pattern that ends in `bytes`, or
  /// kNothing.
  [[nodiscard]] std::uint32_t find(ByteView bytes, State& state) const;
  /// find() over a whole text.
  [[nodiscard]] std::uint32_t find(ByteView bytes) const {
    State state = 0;
    return find(bytes, state);
  }
  static constexpr std::uint32_t kNothing = ~std::uint32_t{0};

 private:
  [[nodiscard]] std::uint32_t& next(State state, std::uint8_t byte) {
    return next_[std::size_t{state} * classes_ + class_[byte]];
  }

  struct Pattern {
    std::string text;
    std::uint32_t tag;
  };
  std::vector<Pattern> patterns_;
  std::array<std::uint8_t, 256> class_{};  ///< 0: in no pattern
  std::size_t classes_ = 1;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> found_;  ///< of each state
};

}  // namespace haetae::evidence
