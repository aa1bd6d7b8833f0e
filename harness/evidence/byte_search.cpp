#include "harness/evidence/byte_search.hpp"

#include <string>

namespace haetae::evidence {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};

}  // namespace

void ByteSearch::add(std::string_view pattern, std::uint32_t tag) {
  if (!pattern.empty()) patterns_.push_back({std::string(pattern), tag});
}

void ByteSearch::build() {
  std::array<bool, 256> used{};
  for (const Pattern& pattern : patterns_) {
    for (const std::uint8_t byte : as_bytes(pattern.text)) used[byte] = true;
  }
  // With all 256 in use the last byte shares class 0 with none: 255 classes and "no pattern" fit.
  std::size_t count = 1;
  bool crowded = true;
  for (const bool one : used) crowded = crowded && one;
  for (std::size_t byte = 0; byte < used.size(); ++byte) {
    if (used[byte]) class_[byte] = static_cast<std::uint8_t>(crowded ? byte : count++);
  }
  classes_ = crowded ? 256 : count;
  next_.assign(classes_, kNone);
  found_.assign(1, kNothing);
  for (const Pattern& pattern : patterns_) {
    State state = 0;
    for (const std::uint8_t byte : as_bytes(pattern.text)) {
      if (next(state, byte) == kNone) {
        next(state, byte) = static_cast<State>(found_.size());
        found_.push_back(kNothing);
        next_.resize(next_.size() + classes_, kNone);
      }
      state = next(state, byte);
    }
    if (found_[state] == kNothing) found_[state] = pattern.tag;
  }
  std::vector<State> fails(found_.size(), 0), queue;
  for (std::size_t one = 0; one < classes_; ++one) {
    State& to = next_[one];
    if (to == kNone) {
      to = 0;
    } else {
      queue.push_back(to);
    }
  }
  for (std::size_t at = 0; at < queue.size(); ++at) {
    const State state = queue[at];
    if (found_[state] == kNothing) found_[state] = found_[fails[state]];
    for (std::size_t one = 0; one < classes_; ++one) {
      const State back = next_[std::size_t{fails[state]} * classes_ + one];
      State& to = next_[std::size_t{state} * classes_ + one];
      if (to == kNone) {
        to = back;
      } else {
        fails[to] = back;
        queue.push_back(to);
      }
    }
  }
}

std::uint32_t ByteSearch::find(ByteView bytes, State& state) const {
  State at = state;
  const std::uint32_t* const table = next_.data();
  const std::uint32_t* const found = found_.data();
  for (const std::uint8_t byte : bytes) {
    at = table[std::size_t{at} * classes_ + class_[byte]];
    if (found[at] != kNothing) {
      state = at;
      return found[at];
    }
  }
  state = at;
  return kNothing;
}

}  // namespace haetae::evidence
